import PFArrow
import PFParquet
import Testing

/// Files of pyarrow with nulls, empty and long lists at each level; `make_fixtures.py` has the
/// same formulas.
@Suite struct `nested columns of another writer` {
  static func numbers(_ n: Int) -> ArrowValue {
    n % 5 == 4
      ? .null : .list((0..<(n % 4)).map { (n + $0) % 3 == 0 ? .null : .int(Int64(n * 10 + $0)) })
  }

  static func item(_ n: Int) -> ArrowValue {
    if n % 4 == 3 { return .null }
    let tags: ArrowValue =
      n % 6 == 5
      ? .null : .map((0..<(n % 3)).map { .init(key: .string("k\($0)"), value: numbers(n + $0)) })
    return .structure([
      .init(name: "n", value: n % 3 == 2 ? .null : .int(Int64(n))),
      .init(name: "tags", value: tags),
    ])
  }

  static func deep(_ n: Int) -> ArrowValue {
    if n % 7 == 6 { return .null }
    let items: ArrowValue = n % 5 == 1 ? .null : .list((0..<(n * 3 % 5)).map { item(n + $0) })
    return .structure([
      .init(name: "items", value: items), .init(name: "id", value: .int(Int64(n))),
    ])
  }

  static func pair(_ n: Int) -> ArrowValue {
    n % 3 == 1
      ? .null
      : .structure([
        .init(name: "a", value: n % 4 == 1 ? .null : .int(Int64(n))),
        .init(name: "b", value: .string("text \(n)")),
      ])
  }

  static func expected(_ n: Int) -> [ArrowValue] {
    [numbers(n), pair(n), .list((0..<(n % 3)).map { numbers(n + $0) }), deep(n)]
  }

  static func check(_ batches: [RecordBatch], rows: Range<Int> = 0..<40) {
    for column in 0..<4 {
      let values = batches.flatMap { $0.values(of: column) }
      #expect(values == rows.map { expected($0)[column] }, "column \(column)")
    }
  }

  @Test("are read, pages of both versions", arguments: ["nested_v1", "nested_v2"])
  func reads(fixture: String) throws {
    let file = try FileBuilder.open(`damaged files`.bytes(of: fixture))
    let table = try file.readChecked()
    #expect(
      table.schema.fields.map(\.type.description) == [
        "list<element: int64>", "struct<a: int32, b: string>",
        "list<element: list<element: int64>>",
        "struct<items: list<element: struct<n: int32, tags: "
          + "map<string, list<element: int64>>>>, id: int32 not null>",
      ])
    #expect(table.schema.fields.map(\.isNullable) == [true, true, false, true])
    Self.check(table.batches)
  }

  @Test("are the same in batches and on any number of threads", arguments: [1, 2, 7, 25, 1000])
  func batches(size: Int) throws {
    for fixture in ["nested_v1", "nested_v2"] {
      let file = try FileBuilder.open(`damaged files`.bytes(of: fixture))
      var options = ParquetReadOptions()
      options.batchSize = size
      options.threads = size == 7 ? 3 : 1
      Self.check(try file.scanChecked(options))
      for limit in [0, 1, 24, 25, 26, 39] {
        options.limit = limit
        Self.check(try file.scanChecked(options), rows: 0..<limit)
        Self.check(try file.readChecked(options).batches, rows: 0..<limit)
      }
    }
  }

  @Test func `print as tables`() throws {
    let file = try FileBuilder.open(`damaged files`.bytes(of: "nested_v1"))
    let text = try file.read().formatted(TableFormat(rowLimit: 3))
    #expect(text.contains("{a: 0, b: \"text 0\"}"), "\(text)")
    #expect(text.contains("[[10]]"), "\(text)")
  }

  @Test func `leave as IPC and come back`() throws {
    let file = try FileBuilder.open(`damaged files`.bytes(of: "nested_v2"))
    var options = ParquetReadOptions()
    options.batchSize = 7
    let batches = try file.scanChecked(options)
    let whole = try file.readChecked().batches
    Self.check(batches)
    // Slices of whole batches, whose lists do not begin at 0.
    var row = 0
    for batch in whole {
      for start in stride(from: 0, to: batch.rowCount, by: 4) {
        let slice = batch.slice(start: start, count: min(4, batch.rowCount - start))
        try slice.checkInvariants()
        Self.check([slice], rows: (row + start)..<(row + start + slice.rowCount))
      }
      row += batch.rowCount
    }
  }
}
