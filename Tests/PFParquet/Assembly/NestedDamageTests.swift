import Foundation
import PFArrow
import PFCore
import PFParquet
import Testing

/// Levels that make no rows, and schemas that nest without end.
@Suite struct `nested columns that are wrong` {
  typealias Sketch = SchemaSketch
  typealias Page = FileBuilder.Page

  /// `optional group c (LIST) { repeated group list { optional int64 element } }`
  static let node = Sketch.group(
    "c", .optional, .list, [.group("list", .repeated, [.leaf("element", .optional)])])

  static func page(_ repetitions: [UInt32], _ definitions: [UInt32]) -> Page {
    let count = definitions.count { $0 == 3 }
    return Page(
      count: Int64(definitions.count), repetitions: Encode.packed(repetitions, bitWidth: 1),
      levels: Encode.packed(definitions, bitWidth: 2),
      values: Encode.plain((0..<count).map { Int64($0) }))
  }

  static func builder(_ pages: [Page], rowCount: Int64) -> FileBuilder {
    var column = FileBuilder.Column(pages: pages)
    column.numValues = pages.reduce(0) { $0 + $1.count }
    var builder = FileBuilder([column], rowCounts: [rowCount])
    builder.nodes = [node]
    return builder
  }

  @Test func `are read where they are right`() throws {
    let pages = [Self.page([0, 1, 0, 0], [3, 2, 0, 1]), Self.page([0, 1], [2, 3])]
    let table = try Self.builder(pages, rowCount: 4).open().readChecked()
    #expect(
      table.column() == [
        .list([.int(0), .null]), .null, .list([]), .list([.null, .int(0)]),
      ])
    // A row may span pages.
    let spanning = [Self.page([0], [3]), Self.page([1, 1], [3, 2]), Self.page([1], [3])]
    #expect(
      try Self.builder(spanning, rowCount: 1).open().readChecked().column()
        == [.list([.int(0), .int(0), .null, .int(0)])])
  }

  static let wrong: [(String, [UInt32], [UInt32], Int64)] = [
    ("begin in mid-row", [1, 0], [3, 3], 1),
    ("go on in a null list", [0, 1], [0, 3], 1),
    ("go on in an empty list", [0, 1], [1, 3], 1),
    ("go on with no element", [0, 1], [3, 1], 1),
    ("make too few rows", [0, 1, 1], [3, 3, 3], 2),
    ("make too many rows", [0, 0, 0], [3, 3, 3], 2),
  ]

  @Test("end in an error where the levels", arguments: wrong)
  func levels(what: String, repetitions: [UInt32], definitions: [UInt32], rows: Int64) throws {
    let page = Self.page(repetitions, definitions)
    let file = try Self.builder([page], rowCount: rows).open()
    let error = try ReadError.thrown { _ = try file.read() }
    #expect(error.place.column == "c.list.element")
    #expect(error.place.rowGroup == 0)
    // Cut into pages, they are as wrong.
    let pages = repetitions.indices.map { Self.page([repetitions[$0]], [definitions[$0]]) }
    #expect(throws: ReadError.self) { try Self.builder(pages, rowCount: rows).open().read() }
  }

  @Test func `end in an error where a level is above what the schema has`() throws {
    // A list of required elements has definition levels up to 2, in two bits.
    let node = Sketch.group(
      "c", .optional, .list, [.group("list", .repeated, [.leaf("element", .required)])])
    for levels in [
      Encode.packed([2, 3, 2], bitWidth: 2), Encode.run(3, count: 3, bitWidth: 2),
    ] {
      var builder = Self.builder([Self.page([0, 0, 0], [3, 3, 3])], rowCount: 3)
      builder.nodes = [node]
      builder.columns[0].pages[0].levels = levels
      #expect(throws: ReadError.self) { try builder.open().read() }
    }
    // So has an optional number in two optional structs, were it not for the third.
    let deep = Sketch.group(
      "c", .optional, [.group("d", .required, [.leaf("e", .optional)])])
    for levels in [
      Encode.packed([2, 3, 2], bitWidth: 2), Encode.run(3, count: 3, bitWidth: 2),
    ] {
      var builder = FileBuilder(
        .init(pages: [Page(count: 3, levels: levels, values: Encode.plain([1, 2, 3] as [Int64]))]),
        rowCount: 3)
      builder.nodes = [deep]
      #expect(throws: ReadError.self) { try builder.open().read() }
    }
  }

  @Test func `end in an error where a page of version 2 counts other rows or nulls`() throws {
    for (rows, nulls) in [(2, 2), (3, 1), (4, 2), (0, 0)] as [(Int64, Int64)] {
      var page = Self.page([0, 1, 0, 0], [3, 2, 0, 3])
      page.kind = .dataV2
      page.numRows = rows
      page.numNulls = nulls
      #expect(throws: ReadError.self) { try Self.builder([page], rowCount: 3).open().read() }
    }
    var page = Self.page([0, 1, 0, 0], [3, 2, 0, 3])
    page.kind = .dataV2
    page.numRows = 3
    page.numNulls = 2
    #expect(try Self.builder([page], rowCount: 3).open().readChecked().rowCount == 3)
  }

  @Test func `end in an error where a chunk counts fewer values than rows`() throws {
    var builder = Self.builder([Self.page([0, 0], [3, 3])], rowCount: 2)
    builder.columns[0].numValues = 1
    #expect(throws: ReadError.self) { try builder.open().read() }
    builder.columns[0].numValues = 3
    #expect(throws: ReadError.self) { try builder.open().read() }
  }

  /// The leaves of a struct of a list: lists of other lengths, nulls at other places.
  @Test func `end in an error where their leaves disagree`() throws {
    let node = Sketch.group(
      "c", .optional, .list,
      [
        .group(
          "list", .repeated,
          [.group("element", .optional, [.leaf("x", .required), .leaf("y", .required)])])
      ])
    func file(_ right: ([UInt32], [UInt32])) throws -> ParquetFile {
      var builder = Self.builder([Self.page([0, 1, 0, 0], [3, 2, 3, 0])], rowCount: 3)
      var other = builder.columns[0]
      other.pages = [Self.page(right.0, right.1)]
      builder.columns.append(other)
      builder.nodes = [node]
      return try builder.open()
    }
    let table = try file(([0, 1, 0, 0], [3, 2, 3, 0])).readChecked()
    #expect(table.column()[2] == .null)
    for right in [
      ([0, 0, 1, 0], [3, 3, 2, 0]), ([0, 1, 0, 0], [3, 3, 3, 0]), ([0, 1, 0, 0], [3, 2, 3, 1]),
      ([0, 1, 0, 0], [3, 2, 2, 0]),
    ] as [([UInt32], [UInt32])] {
      let file = try file(right)
      let error = try ReadError.thrown { _ = try file.read() }
      guard case .inconsistent = error.reason else {
        Issue.record("\(error)")
        return
      }
      #expect(error.place.column == "c")
      var options = ParquetReadOptions()
      options.batchSize = 1
      // A scan does not go on with the rows behind those that fail.
      for ahead in [false, true] {
        (options.threads, options.readsAhead) = (2, ahead)
        let scanner = try ParquetScanner(file, options)
        let first = try ReadError.thrown { while try scanner.next() != nil {} }
        for _ in 0..<3 { #expect(try ReadError.thrown { _ = try scanner.next() } == first) }
      }
    }
  }

  @Test func `end in an error where a map has a null key`() throws {
    let node = Sketch.group(
      "m", .optional, .map,
      [.group("key_value", .repeated, [.leaf("key", .optional), .leaf("value", .optional)])])
    func file(_ keys: [UInt32]) throws -> ParquetFile {
      var builder = Self.builder([Self.page([0, 1, 0, 0], keys)], rowCount: 3)
      var values = builder.columns[0]
      values.pages = [Self.page([0, 1, 0, 0], [3, 2, 0, 2])]
      builder.columns.append(values)
      builder.nodes = [node]
      return try builder.open()
    }
    #expect(try file([3, 3, 0, 3]).readChecked().column()[1] == .null)
    #expect(throws: ReadError.self) { try file([3, 2, 0, 3]).read() }
  }

  // MARK: Depth

  /// A column `depth` groups deep: a null at each level.
  static func file(depth: Int) throws -> (ParquetFile, rowCount: Int) {
    var node = Sketch.leaf("x", .optional)
    for level in 0..<depth {
      node = .group("g", level.isMultiple(of: 2) ? .repeated : .optional, [node])
    }
    let (maxRepetition, maxDefinition) = ((depth + 1) / 2, depth + 1)
    let rowCount = maxDefinition + 1
    let definitions = (0...maxDefinition).map { UInt32($0) }
    let page = Page(
      count: Int64(rowCount),
      repetitions: Encode.levels(
        [UInt32](repeating: 0, count: rowCount), maximum: maxRepetition),
      levels: Encode.levels(definitions, maximum: maxDefinition),
      values: Encode.plain([7] as [Int64]))
    var builder = FileBuilder(.init(pages: [page]), rowCount: Int64(rowCount))
    builder.nodes = [node]
    return (try builder.open(), rowCount)
  }

  /// The stack of a task on some platforms.
  static func onSmallStack(_ body: @escaping @Sendable () throws -> Void) throws {
    let done = DispatchSemaphore(value: 0)
    nonisolated(unsafe) var failure: (any Error)?
    let thread = Thread {
      do { try body() } catch { unsafe failure = error }
      done.signal()
    }
    // Without optimization, frames are several times as large.
    #if DEBUG
      thread.stackSize = 4 << 20
    #else
      thread.stackSize = 512 << 10
    #endif
    thread.start()
    done.wait()
    if let error = unsafe failure { throw error }
  }

  @Test("are read as deep as the limit lets them, on a small stack", arguments: [1, 50, 100, 126])
  func deep(depth: Int) throws {
    try Self.onSmallStack {
      let (file, rowCount) = try Self.file(depth: depth)
      var options = ParquetReadOptions()
      options.threads = 1
      options.limits.nesting = 127
      let table = try file.readChecked(options)
      #expect(table.rowCount == rowCount)
      var value = table.column()[rowCount - 1]
      var found = 0
      while true {
        if case .list(let values) = value, values.count == 1 {
          value = values[0]
        } else if case .structure(let fields) = value {
          value = fields[0].value
          found += 1
        } else {
          break
        }
      }
      #expect(value == .int(7))
      #expect(found == depth)
      #expect(!table.formatted(TableFormat()).isEmpty)
      #expect(!table.schema.fields[0].type.description.isEmpty)
      options.batchSize = 2
      #expect(try file.scanChecked(options).reduce(0) { $0 + $1.rowCount } == rowCount)
    }
  }

  @Test("are refused where they are deeper", arguments: [101, 128, 400, 900])
  func tooDeep(depth: Int) throws {
    let (file, _) = try Self.file(depth: depth)
    let error = try ReadError.thrown { _ = try file.read() }
    #expect(
      error.reason
        == .limitExceeded(
          limit: "the nesting of a column (option nesting_limit)", declared: depth, maximum: 100))
    #expect(error.place.column == "g")
    var options = ParquetReadOptions()
    options.limits.nesting = 1000
    guard depth > 127 else {
      #expect(try file.readChecked(options).rowCount > 0)
      return
    }
    #expect(throws: ReadError.self) { try file.read(options) }
  }
}
