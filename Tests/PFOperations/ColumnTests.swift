import PFArrow
import PFCore
import PFOperations
import Testing

@Suite struct `operations on columns and rows` {
  static let selections: [(json: String, names: [String])] = [
    (#"{"columns": ["age", "id"]}"#, ["age", "id"]), (#"{"columns": "age, id"}"#, ["age", "id"]),
    (#"{"columns": {"age": "years", "id": "number"}}"#, ["years", "number"]),
    (#"{"columns": []}"#, []),
  ]

  @Test(arguments: selections)
  func `select gives columns in the order wanted and shares their memory`(
    json: String, names: [String]
  ) throws {
    let table = try people()
    let result = try TableOperation("select", json: json).run([table])
    #expect(result.names == names)
    #expect(result.rowCount == 6)
    for (batch, original) in zip(result.batches, table.batches) where !names.isEmpty {
      #expect(addresses(batch.columns[0]) == addresses(original.columns[2]))
      #expect(addresses(batch.columns[1]) == addresses(original.columns[0]))
    }
  }

  @Test func `drop leaves the others`() throws {
    let result = try TableOperation("drop", json: #"{"columns": ["name", "member"]}"#).run([
      people()
    ])
    #expect(result.names == ["id", "age"])
  }

  @Test func `rename changes names and nothing else`() throws {
    let table = try people()
    let result = try TableOperation("rename", json: #"{"columns": {"id": "name", "name": "id"}}"#)
      .run([table])
    #expect(result.names == ["name", "id", "age", "member"])
    #expect(addresses(result.batches[2].columns[1]) == addresses(table.batches[2].columns[1]))
    let error = try failure("rename", #"{"columns": {"id": "age"}}"#, [table])
    #expect(error.description == #"option "columns": two columns would be called "age""#)
  }

  @Test func `transform renames and drops, and asks for a handler for the rest`() throws {
    let table = try people()
    let rename = #"{"column": "id", "operation": "rename", "to": "number"}"#
    let drop = #"{"column": "age", "operation": "drop"}"#
    let both = try TableOperation("transform", json: #"{"transforms": [\#(rename), \#(drop)]}"#)
    let result = try both.run([table])
    #expect(result.names == ["number", "name", "member"])
    #expect(addresses(result.batches[0].columns[0]) == addresses(table.batches[0].columns[0]))
    let one = try TableOperation("transform", json: #"{"transforms": \#(drop)}"#)
    #expect(try one.run([table]).names == ["id", "name", "member"])
    for other in [
      #"{"function": "normalize_columns"}"#, #"{"transforms": [\#(drop), {"column": "a"}]}"#,
      #"{"transforms": {"column": "a", "operation": "log"}}"#, #"{"transforms": 3}"#,
    ] {
      #expect(try refusal("transform", other) == .needsHandler(name: "transform"))
    }
  }

  @Test(arguments: ["select", "drop"])
  func `a column that is not there is named with the nearest`(name: String) throws {
    let error = try failure(name, #"{"columns": ["nam"]}"#, [people()])
    #expect(error == .read(ReadError(.unknownColumn(name: "nam", nearest: ["name"]))))
  }

  @Test func `a name that two columns have is refused`() throws {
    let twice = Table(columns: [
      ("x", try ArrowArray(int64: [1])), ("x", try ArrowArray(int64: [2])),
    ])
    for name in ["select", "drop"] {
      let error = try failure(name, #"{"columns": ["x"]}"#, [twice])
      #expect(error.description == #"option "columns": column "x" is there 2 times"#)
    }
    #expect(
      try failure("filter", #"{"query": "x > 1"}"#, [twice]).description
        == #"option "filters": column "x" is there 2 times"#)
  }

  static let limits: [(json: String, ids: [Int])] = [
    (#"{"limit": 3}"#, [1, 2, 3]), (#"{"limit": 0}"#, []), (#"{"limit": 99}"#, [1, 2, 3, 4, 5, 6]),
    (#"{"limit": 2, "offset": 1}"#, [2, 3]), (#"{"offset": 4}"#, [5, 6]),
    (#"{"limit": 9223372036854775807, "offset": 9223372036854775807}"#, []),
  ]

  @Test(arguments: limits)
  func `limit cuts rows and shares memory`(json: String, ids: [Int]) throws {
    let table = try people()
    let ofIDs = try TableOperation("select", json: #"{"columns": ["id"]}"#).run([table])
    let result = try TableOperation("limit", json: json).run([ofIDs])
    #expect(result.rows == "[" + ids.map { #"{"id":\#($0)}"# }.joined(separator: ",") + "]")
    if let first = ids.first, first == 1 {
      #expect(addresses(result.batches[0].columns[0]) == addresses(table.batches[0].columns[0]))
    }
  }

  @Test func `concatenate puts batches behind one another and shares memory`() throws {
    let table = try people()
    let result = try TableOperation("concat").run([table, table, table])
    #expect(result.rowCount == 18)
    #expect(result.batches.count == 9)
    #expect(addresses(result.batches[8].columns[1]) == addresses(table.batches[2].columns[1]))
    #expect(
      result.rows == "["
        + [table, table, table].map { $0.rows.dropFirst().dropLast() }
        .joined(separator: ",") + "]")
  }

  @Test func `concatenate says which table differs and where`() throws {
    let table = try people()
    let fewer = try TableOperation("select", json: #"{"columns": ["id"]}"#).run([table])
    #expect(
      try failure("concatenate", "{}", [table, table, fewer])
        == .differentSchemas(input: 2, why: "1 columns in place of 4"))
    let other = try TableOperation("rename", json: #"{"columns": {"age": "years"}}"#).run([table])
    #expect(
      try failure("concatenate", "{}", [table, other]).description
        == "input 2 differs from the first: column 3 is \"years\" of type int32 in place of "
        + "\"age\" of type int32")
  }

  @Test func `a column that may be null in one table may be so in the result`() throws {
    let column = try ArrowArray(int64: [1])
    let schema = Schema([Field("x", .int64, isNullable: false)])
    let strict = Table(
      schema: schema, batches: [RecordBatch(schema: schema, columns: [column], rowCount: 1)])
    let loose = Table(columns: [("x", try ArrowArray(int64: [nil]))])
    let result = try TableOperation("concatenate").run([strict, loose])
    #expect(result.schema.fields[0].isNullable)
    #expect(result.rows == #"[{"x":1},{"x":null}]"#)
  }
}
