import PFArrow
import PFCore
@testable import PFOperations
import Testing

@Suite struct `filter` {
  static let conditions: [(json: String, ids: [Int])] = [
    (#"{"filters": [["age", ">", 30]]}"#, [1, 3, 5, 6]),
    (#"{"filters": [["age", ">", 30], ["name", "!=", "Ann"]]}"#, [5, 6]),
    (#"{"filters": [[["age", "<", 20]], [["name", "in", ["Bob", null]]]]}"#, [2, 3, 4]),
    (#"{"filters": {"column": "age", "op": "is null"}}"#, [2]),
    (#"{"filters": {"not": {"column": "age", "op": "==", "value": 31}}}"#, [3, 4, 5]),
    (#"{"query": "age >= 31 and name in ['Ann', \"Eve\"]"}"#, [1, 5]),
    (#"{"query": "member"}"#, [1, 3, 5]), (#"{"query": "not member"}"#, [2, 6]),
    (#"{"query": "~(member == True) | id == 4"}"#, [2, 4, 6]),
    (#"{"query": "18 <= age < 45"}"#, [1, 4, 6]),
    (#"{"query": "31 == age & `id` != 1"}"#, [6]),
    (#"{"query": "name not in ('Ann', 'Bob')"}"#, [3, 4, 5, 6]),
    (#"{"query": "id == [1, 2,]"}"#, [1, 2]), (#"{"query": "id != [1, 2]"}"#, [3, 4, 5, 6]),
    (#"{"query": "id > -1.5e0 and id < 2.5"}"#, [1, 2]),
    (#"{"query": "id > 1_0 or id == +6"}"#, [6]),
    (#"{"query": "age == None"}"#, []),
    (#"{"query": "id > 2", "filters": [["id", "<", 5]]}"#, [3, 4]),
  ]

  @Test(arguments: conditions)
  func `rows for which the condition is true stay`(json: String, ids: [Int]) throws {
    let result = try TableOperation("filter", json: json).run([people()])
    let column = try TableOperation("select", json: #"{"columns": ["id"]}"#).run([result])
    #expect(column.rows == "[" + ids.map { #"{"id":\#($0)}"# }.joined(separator: ",") + "]")
  }

  @Test func `batches of which all rows stay share memory`() throws {
    let table = try people()
    let result = try TableOperation("filter", json: #"{"query": "id >= 3"}"#).run([table])
    #expect(result.batches.map(\.rowCount) == [1, 3])
    for column in 0..<4 {
      #expect(
        addresses(result.batches[1].columns[column]) == addresses(table.batches[2].columns[column]))
    }
  }

  static let queries: [(query: String, offset: Int)] = [
    ("", 0), ("age >", 5), ("age > 3 and", 11), ("(age > 3", 8), ("age > 3)", 7),
    ("age + 1 > 3", 4), ("age > id", 4), ("1 < 2", 2), ("name.str.startswith('A')", 19),
    ("name == 'Ann", 8), ("age in 3", 4), ("age not 3", 8), ("age > @limit", 6), ("age = 3", 4),
    ("name == 'a\\q'", 8), ("3", 1), ("id > 0x1F", 5), ("id > 1e999", 5), ("id > .", 5),
    ("id in " + String(repeating: "[", count: 1_000_000), 7),
    (String(repeating: "(", count: 5000), 100), (String(repeating: "not ", count: 5000), 400),
  ]

  @Test(arguments: queries)
  func `a query that is no condition is refused with the place`(query: String, offset: Int) throws {
    let error = try #require(throws: OperationError.self) { _ = try RowPredicate(query: query) }
    guard case .badQuery(query, let found, _) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(found == offset, "\(error)")
    #expect(error.asksForHandler)
  }

  static let refusals: [(query: String, message: String)] = [
    ("agee > 3", #"no column "agee"; the nearest are "age""#),
    (
      "name > 3",
      #"option "filters": column "name" of type string cannot be compared with the integer 3"#
    ),
  ]

  @Test(arguments: refusals)
  func `a condition that does not fit the table is refused`(query: String, message: String) throws {
    let error = try failure("filter", #"{"query": "\#(query)"}"#, [people()])
    #expect(error.description == message)
    #expect(!error.asksForHandler)
  }

  @Test func `a path leads into structs, whose nulls are nulls of their fields`() throws {
    let inner = try ArrowArray(int64: [10, nil, 30, 40])
    let type = DataType.structure([Field("x", .int64)])
    let bits: [UInt8] = [0b0111]
    let outer = ArrowArray(
      type: type, length: 4, nullCount: 1, buffers: [try Buffer(copying: bits.span)],
      children: [inner])
    let table = Table(columns: [("s", outer), ("id", try ArrowArray(int64: [1, 2, 3, 4]))])
    for (query, ids) in [
      ("s.x >= 10", [1, 3]), ("s.x in [None]", [2, 4]), ("s.x != 10", [3]),
    ] {
      // Also behind an offset.
      let rows = table.slice(offset: 0, length: 4)
      let result = try TableOperation("filter", json: #"{"query": "\#(query)"}"#).run([rows])
      let kept = try TableOperation("select", json: #"{"columns": "id"}"#).run([result])
      #expect(kept.rows == "[" + ids.map { #"{"id":\#($0)}"# }.joined(separator: ",") + "]")
    }
    let tail = table.slice(offset: 2, length: 2)
    let result = try TableOperation("filter", json: #"{"query": "s.x in [None]"}"#).run([tail])
    #expect(result.rowCount == 1)
    #expect(
      try failure("filter", #"{"query": "s.y > 1"}"#, [table]).description.hasPrefix("no column"))
    #expect(try failure("filter", #"{"query": "s > 1"}"#, [table]).description.contains("struct"))
  }

  @Test(arguments: 0..<200)
  func `filters agree with a look at row after row`(seed: Int) throws {
    var random = Seeded(UInt64(seed))
    let rows = RandomRows(&random)
    let (predicate, twin) = rows.predicate(&random, depth: 3)
    let table = try rows.table(&random)
    let wanted = (0..<rows.count).filter { twin($0) == true }
    for threads in [1, 2, 5] {
      let context = OperationContext(threads: threads)
      let result = try table.filtered(predicate, context)
      let ids = try TableOperation("select", json: #"{"columns": "id"}"#).run([result])
      #expect(
        ids.rows == "[" + wanted.map { #"{"id":\#($0)}"# }.joined(separator: ",") + "]",
        "\(predicate)")
    }
  }
}

/// Rows of a random table as Swift values.
private struct RandomRows {
  let count: Int
  let numbers: [Int64?]
  let floats: [Double?]
  let texts: [String?]
  let flags: [Bool?]

  init(_ random: inout Seeded) {
    let count = Int.random(in: 0...700, using: &random)
    self.count = count
    func column<T>(_ random: inout Seeded, _ make: (inout Seeded) -> T) -> [T?] {
      let nulls = Int.random(in: 0...3, using: &random)
      return (0..<count).map { _ in
        Int.random(in: 0..<4, using: &random) < nulls ? nil : make(&random)
      }
    }
    numbers = column(&random) { Int64.random(in: -5...5, using: &$0) }
    floats = column(&random) { (random: inout Seeded) -> Double in
      [Double.nan, 0, -1.5, 2.5, .infinity].randomElement(using: &random) ?? 0
    }
    texts = column(&random) { ["", "a", "b", "bb", "ç"].randomElement(using: &$0) ?? "" }
    flags = column(&random) { Bool.random(using: &$0) }
  }

  /// The rows in batches of any length.
  func table(_ random: inout Seeded) throws -> Table {
    let whole = Table(columns: [
      ("id", try ArrowArray(int64: (0..<Int64(count)).map { $0 })),
      ("n", try ArrowArray(int64: numbers)), ("f", try ArrowArray(float64: floats)),
      ("t", try ArrowArray(strings: texts)), ("b", try ArrowArray(booleans: flags)),
    ])
    var batches: [RecordBatch] = []
    var start = 0
    while start < count {
      let length = min(count - start, Int.random(in: 1...200, using: &random))
      batches.append(whole.batches[0].slice(start: start, count: length))
      start += length
    }
    return Table(schema: whole.schema, batches: batches)
  }

  typealias Twin = (Int) -> Bool?

  /// A condition, and what it says of a row.
  func predicate(_ random: inout Seeded, depth: Int) -> (RowPredicate, Twin) {
    let kind = Int.random(in: 0..<(depth == 0 ? 6 : 9), using: &random)
    let comparison = ComparisonOperator.allCases.randomElement(using: &random) ?? .equal
    func compared<T: Comparable>(_ values: [T?], _ other: T) -> Twin {
      { row in values[row].map { comparison.holds(between: $0, and: other) } }
    }
    switch kind {
    case 0:
      let value = Int64.random(in: -6...6, using: &random)
      let predicate = RowPredicate.comparison(column: "n", comparison, .integer(Int128(value)))
      return (predicate, compared(numbers, value))
    case 1:
      let value: Double = [0.0, 2.5, -7].randomElement(using: &random) ?? 0
      return (.comparison(column: "f", comparison, .double(value)), compared(floats, value))
    case 2:
      let value = ["", "a", "b", "c"].randomElement(using: &random) ?? ""
      return (
        .comparison(column: "t", comparison, .string(value)),
        { row in
          texts[row].map { comparison.holds(between: Bytes($0), and: Bytes(value)) }
        }
      )
    case 3:
      return (
        .comparison(column: "b", .equal, .boolean(true)), { row in flags[row].map { $0 } }
      )
    case 4:
      let hasNull = Bool.random(using: &random)
      let list: [Literal] = [.integer(1), .integer(3)] + (hasNull ? [.null] : [])
      return (
        .isIn(column: "n", list), { row in numbers[row].map { $0 == 1 || $0 == 3 } ?? hasNull }
      )
    case 5: return (.isNull(column: "t"), { row in texts[row] == nil })
    case 6:
      let (inner, twin) = predicate(&random, depth: depth - 1)
      return (.not(inner), { row in twin(row).map { !$0 } })
    default:
      let parts = (0..<Int.random(in: 0...3, using: &random)).map { _ in
        predicate(&random, depth: depth - 1)
      }
      let decisive = kind == 8
      let twin: Twin = { row in
        let outcomes = parts.map { $0.1(row) }
        if outcomes.contains(decisive) { return decisive }
        return outcomes.contains(nil) ? nil : !decisive
      }
      return (decisive ? .or(parts.map(\.0)) : .and(parts.map(\.0)), twin)
    }
  }
}

/// Text that is compared byte by byte.
private struct Bytes: Comparable {
  let bytes: [UInt8]
  init(_ text: String) { bytes = Array(text.utf8) }

  static func < (left: Bytes, right: Bytes) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }
}
