import PFArrow
import PFCore
import PFOperations
import Testing

@Suite struct `operations` {
  @Test func `an unknown one is refused with the names that look like it`() throws {
    #expect(try refusal("selct", "{}") == .unknownOperation(name: "selct", nearest: ["select"]))
    #expect(
      try refusal("frobnicate-everything", "{}").description
        == "there is no operation \"frobnicate-everything\"; there are \"read\", \"select\", "
        + "\"rename\", \"drop\", \"transform\", \"filter\", \"limit\", \"concatenate\", \"graph\", \"write\""
    )
  }

  @Test(arguments: TableOperation.relational)
  func `what needs a query processor asks for a handler`(name: String) throws {
    let error = try refusal(name, "{}")
    #expect(error == .needsHandler(name: name))
    #expect(error.asksForHandler)
    #expect(error.description == "\"\(name)\" needs a registered handler")
  }

  @Test func `the original's names of operations are known`() throws {
    for (name, json, canonical) in [
      ("read_parquet", #"{"path": "a"}"#, "read"), ("parquet.read", #"{"path": "a"}"#, "read"),
      ("read_csv", #"{"path": "a", "delimiter": ";"}"#, "read"),
      ("read_avro", #"{"path": "a", "union_layout": "dense"}"#, "read"),
      ("query", #"{"expr": "age >= 30"}"#, "filter"), ("concat", "{}", "concatenate"),
      ("save", #"{"output": "a"}"#, "write"),
    ] {
      #expect(try TableOperation(name, json: json).name == canonical)
    }
    let query = #"{"expr": "name.str.contains('a')"}"#
    #expect(try refusal("query", query).asksForHandler)
  }

  static let missing: [(name: String, json: String, parameter: String)] = [
    ("read", "{}", "path"), ("select", "{}", "columns"), ("rename", "{}", "columns"),
    ("drop", "{}", "columns"), ("filter", "{}", "filters"), ("limit", "{}", "limit"),
    ("graph", "{}", "kernel"), ("write", "{}", "path"), ("write", #"{"path": ""}"#, "path"),
    ("read", #"{"path": "/nowhere/at/all"}"#, "format"),
  ]

  @Test(arguments: missing)
  func `a parameter that is missing is named`(
    name: String, json: String, parameter: String
  ) throws {
    let error = try refusal(name, json)
    #expect(error == .missing(operation: name, parameter: parameter))
    #expect(!error.asksForHandler)
  }

  static let illTyped: [(name: String, json: String, parameter: String)] = [
    ("read", #"{"path": 3}"#, "path"), ("read", #"{"path": []}"#, "path"),
    ("read", #"{"path": ["a.csv", 1]}"#, "path"),
    ("read", #"{"path": "a.csv", "input": "b.csv"}"#, "input"),
    ("read", #"{"path": "a.csv", "format": "xml"}"#, "format"),
    ("read", #"{"path": "a.csv", "limit": -1}"#, "limit"),
    ("read", #"{"path": "a.csv", "columns": "x"}"#, "columns"),
    ("read", #"{"path": "a.csv", "filters": 3}"#, "filters"),
    ("read", #"{"path": "a.csv", "row_groups": [0]}"#, "row_groups"),
    ("read", #"{"path": "a.parquet", "delimiter": ";"}"#, "delimiter"),
    ("read", #"{"path": "a.avro", "columns": ["a.b"], "filters": [["c", ">", 1]]}"#, "columns"),
    ("select", #"{"columns": 3}"#, "columns"), ("select", #"{"columns": ["a", "a"]}"#, "columns"),
    ("select", #"{"columns": {"a": 1}}"#, "columns"),
    ("select", #"{"columns": {"a": "x", "b": "x"}}"#, "columns"),
    ("select", #"{"column": ["a"], "columns": ["b"]}"#, "column"),
    ("rename", #"{"columns": ["a"]}"#, "columns"),
    ("filter", #"{"filters": []}"#, "filters"),
    ("filter", #"{"filters": [["a", ">"]]}"#, "filters"),
    ("filter", #"{"filters": [["a", "><", 1]]}"#, "filters"),
    ("filter", #"{"filters": [[["a", ">", 1]], ["a", ">", 1]]}"#, "filters"),
    ("filter", #"{"query": 3}"#, "query"),
    ("limit", #"{"limit": 1.5}"#, "limit"), ("limit", #"{"limit": 1, "offset": -1}"#, "offset"),
    ("concatenate", #"{"axis": 1}"#, "axis"),
    ("graph", #"{"kernel": "rank"}"#, "kernel"),
    ("graph", #"{"kernel": "bfs", "sources": 3}"#, "sources"),
    ("graph", #"{"kernel": "bfs", "source_colum": "a"}"#, "source_colum"),
    ("graph", #"{"kernel": "pagerank", "alpha": "much"}"#, "alpha"),
    ("graph", #"{"kernel": "pagerank", "personalization": {"a": "b"}}"#, "personalization"),
    ("write", #"{"path": 3}"#, "path"), ("write", #"{"path": "a.parquet"}"#, "format"),
    ("write", #"{"path": "a", "format": "csv"}"#, "format"),
    ("parquet.write", #"{"path": "a"}"#, "format"), ("to_parquet", #"{"path": "a"}"#, "format"),
    ("write", #"{"path": "a", "compression": "zstd"}"#, "compression"),
  ]

  @Test(arguments: illTyped)
  func `a parameter that is wrong or unknown is named`(
    name: String, json: String, parameter: String
  ) throws {
    guard case .option(let error) = try refusal(name, json) else {
      Issue.record("\(try refusal(name, json))")
      return
    }
    #expect(error.option == parameter)
  }

  @Test func `an unknown parameter comes with the nearest one`() throws {
    let error = try refusal("limit", #"{"limit": 3, "ofset": 1}"#)
    #expect(error.description == #"unknown option "ofset"; did you mean "offset"?"#)
  }

  @Test func `the number of inputs is checked`() throws {
    let table = try people()
    let limit = try TableOperation("limit", json: #"{"limit": 1}"#)
    #expect(limit.inputCount == .one)
    #expect(throws: OperationError.wrongInputCount(operation: "limit", expected: .one, found: 0)) {
      _ = try limit.run([])
    }
    #expect(throws: OperationError.wrongInputCount(operation: "limit", expected: .one, found: 2)) {
      _ = try limit.run([table, table])
    }
    let read = try TableOperation("read", json: #"{"path": "a.csv"}"#)
    #expect(read.inputCount == .none)
    #expect(throws: OperationError.wrongInputCount(operation: "read", expected: .none, found: 1)) {
      _ = try read.run([table])
    }
    let concatenate = try TableOperation("concatenate")
    #expect(concatenate.inputCount == .oneOrMore)
    let error = try #require(throws: OperationError.self) { _ = try concatenate.run([]) }
    #expect(error.description == "\"concatenate\" takes one table or more, not 0")
  }

  @Test func `the canonical text does not depend on the order of parameters or on threads`() throws
  {
    let first = try TableOperation("limit", json: #"{"offset": 2, "limit": 1}"#)
    let second = try TableOperation("limit", json: #"{"limit": 1,  "offset": 2}"#)
    let filter = try TableOperation("filter", json: #"{"query": "a > 1", "threads": 2}"#)
    #expect(first.canonicalText == #"["limit",{"limit":1,"offset":2}]"#)
    #expect(second.canonicalText == first.canonicalText)
    #expect(filter.canonicalText == #"["filter",{"query":"a > 1"}]"#)
    // The order of the columns is the order of the result.
    let columns = try TableOperation("select", json: #"{"columns": {"b": "x", "a": "y"}}"#)
    #expect(columns.canonicalText == #"["select",{"columns":{"b":"x","a":"y"}}]"#)
  }

  @Test func `a token that is raised stops every operation`() throws {
    let token = CancellationToken()
    token.cancel()
    let context = OperationContext(cancellation: token)
    try withFolder { folder in
      try write("a,b\n1,2\n", to: "\(folder)/a.csv")
      let table = try people()
      for (name, json, inputs) in [
        ("read", #"{"path": "\#(folder)/a.csv"}"#, []), ("select", #"{"columns": "id"}"#, [table]),
        ("filter", #"{"query": "id > 1"}"#, [table]), ("concatenate", "{}", [table]),
        ("write", #"{"path": "\#(folder)/b.arrow"}"#, [table]),
      ] {
        #expect(try failure(name, json, inputs, context) == .cancelled)
      }
    }
  }

  @Test func `a token that is raised in the middle stops`() throws {
    let edges = try ring(200_000)
    for (name, json) in [
      ("graph", #"{"kernel": "pagerank", "tol": 0, "max_iter": 1000000000}"#),
      ("filter", #"{"query": "source > 1", "threads": 1}"#),
    ] {
      let token = CancellationToken()
      let context = OperationContext(cancellation: token, progress: { _ in token.cancel() })
      var table = edges
      if name == "filter" {
        let batches = [edges, edges].flatMap(\.batches)
        table = Table(schema: edges.schema, batches: batches)
      }
      #expect(try failure(name, json, [table], context) == .cancelled)
    }
  }

  /// A ring of as many edges as nodes, with a chord each.
  private func ring(_ count: Int64) throws -> Table {
    Table(columns: [
      ("source", try ArrowArray(int64: (0..<count).map { $0 })),
      ("target", try ArrowArray(int64: (0..<count).map { ($0 * $0 + 1) % count })),
    ])
  }
}
