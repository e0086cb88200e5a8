import PFArrow
import PFCore
import PFParquet
import Testing

/// Legal files that ask for too much.
@Suite struct `limits of a read` {
  typealias Page = FileBuilder.Page
  typealias Column = FileBuilder.Column
  typealias Encoding = FileBuilder.Encoding

  /// A zstd frame of `count` blocks, each of which repeats a byte 128 KiB times.
  static func zeros(blocks count: Int) -> [UInt8] {
    var frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x38]  // a window of 128 KiB
    for index in 0..<count {
      let header = UInt32(index == count - 1 ? 1 : 0) | 1 << 1 | 131_072 << 3
      frame += Encode.plain([header]).prefix(3) + [0]
    }
    return frame
  }

  /// `rowCount` nulls, or as many times the first of the dictionary.
  static func run(_ rowCount: Int, pages: [Page], level: UInt32, type: PhysicalType) -> Column {
    let levels = Encode.run(level, count: rowCount, bitWidth: 1)
    let values: [UInt8] = level == 0 ? [0] : [1] + Encode.run(0, count: rowCount, bitWidth: 1)
    let page = Page(
      count: Int64(rowCount), encoding: Encoding.rleDictionary, levels: levels, values: values)
    return Column(type: type, isOptional: true, pages: pages + [page])
  }

  static func expect(
    _ file: ParquetFile, _ options: ParquetReadOptions, passes limit: String, maximum: Int
  ) throws {
    for error in [
      try ReadError.thrown { _ = try file.read(options) },
      try ReadError.thrown { _ = try file.scanChecked(options) },
    ] {
      guard case .limitExceeded(let name, let declared, maximum) = error.reason else {
        Issue.record("\(error)")
        return
      }
      #expect(name.contains(limit))
      #expect(declared > maximum)
      #expect(error.place.column == "c")
    }
  }

  @Test func `a page that claims more than the limit is refused before it is read`() throws {
    var page = Page(count: 100, values: Encode.plain((0..<100).map { Int64($0) }))
    var options = ParquetReadOptions()
    options.limits.pageByteCount = 800
    let file = try FileBuilder(Column(pages: [page]), rowCount: 100).open()
    #expect(try file.readChecked(options).rowCount == 100)
    options.limits.pageByteCount = 799
    try Self.expect(file, options, passes: "page_byte_limit", maximum: 799)

    page.uncompressedByteCount = (1 << 30) + 1
    let bomb = try FileBuilder(Column(codec: 1, pages: [page]), rowCount: 100).open()
    try Self.expect(bomb, ParquetReadOptions(), passes: "page_byte_limit", maximum: 1 << 30)
  }

  @Test func `a page that grows too much is refused`() throws {
    let rowCount = 160 * 131_072 / 8
    var page = Page(count: Int64(rowCount), values: [])
    page.uncompressedByteCount = 160 * 131_072
    page.storedBytes = Self.zeros(blocks: 160)
    let file = try FileBuilder(Column(codec: 6, pages: [page]), rowCount: Int64(rowCount)).open()
    var options = ParquetReadOptions()
    options.threads = 1
    #expect(try file.read(options).rowCount == rowCount)
    options.limits.compressionRatio = 1000
    try Self.expect(file, options, passes: "compression_ratio_limit", maximum: 1000)
  }

  @Test func `of BROTLI not all is let through that its format allows`() throws {
    var page = Page(count: 1, values: [])
    page.uncompressedByteCount = 1 << 29
    page.storedBytes = [UInt8](repeating: 0, count: 5000)
    let file = try FileBuilder(Column(codec: 4, pages: [page]), rowCount: 1).open()
    try Self.expect(
      file, ParquetReadOptions(), passes: "compression_ratio_limit", maximum: 100_000)
  }

  @Test func `small pages may grow as they like`() throws {
    let rowCount = 64 * 131_072 / 8
    var page = Page(count: Int64(rowCount), values: [])
    page.uncompressedByteCount = 64 * 131_072
    page.storedBytes = Self.zeros(blocks: 64)
    let file = try FileBuilder(Column(codec: 6, pages: [page]), rowCount: Int64(rowCount)).open()
    var options = ParquetReadOptions()
    options.limits.compressionRatio = 1
    #expect(try file.read(options).rowCount == rowCount)
  }

  @Test(
    "a few bytes that are gigabytes of nulls, strings or dictionary values end at the limit",
    arguments: [
      run(
        (1 << 31) - 1, pages: [.dictionary(1, Encode.plain([7 as Int64]))], level: 0, type: .int64),
      run(
        1 << 28,
        pages: [.dictionary(1, Encode.byteArrays([[UInt8](repeating: 65, count: 1 << 16)]))],
        level: 1, type: .byteArray),
      run(1 << 30, pages: [.dictionary(1, Encode.plain([7 as Int64]))], level: 1, type: .int64),
    ])
  func bomb(column: Column) throws {
    var options = ParquetReadOptions()
    options.limits.allocationByteCount = 100 << 20
    options.batchSize = .max
    let rowCount = try #require(column.pages.last?.count)
    let file = try FileBuilder(column, rowCount: rowCount).open()
    try Self.expect(file, options, passes: "allocation_limit", maximum: 100 << 20)
  }

  /// Two megabytes in each of ten row groups.
  static func tenGroups() throws -> ParquetFile {
    let values = Encode.plain((0..<262_144).map { Int64($0 % 1000) })
    return try FileBuilder(
      [Column(pages: [Page(count: 262_144, values: values)])],
      rowCounts: [Int64](repeating: 262_144, count: 10)
    ).open()
  }

  @Test(arguments: [1, 2]) func `the limit is for all of a read, but for one batch of a scan`(
    threads: Int
  ) throws {
    let file = try Self.tenGroups()
    var options = ParquetReadOptions()
    options.threads = threads
    options.limits.allocationByteCount = 20 * 262_144 * 8
    #expect(try file.read(options).rowCount == 2_621_440)
    options.limits.allocationByteCount = 9 * 262_144 * 8
    _ = try ReadError.thrown { _ = try file.read(options) }
    options.limits.allocationByteCount = 2 * 65_536 * 8
    #expect(try file.scanChecked(options).count == 40)
    options.limits.allocationByteCount = 65_536 * 8 - 1
    _ = try ReadError.thrown { _ = try file.scanChecked(options) }
  }

  @Test func `rows that a condition drops are not counted`() throws {
    let file = try Self.tenGroups()
    var options = ParquetReadOptions()
    options.filter = .comparison(column: "c", .equal, .integer(999))
    options.limits.allocationByteCount = 9 * 262_144 * 8 / 4
    #expect(try file.read(options).rowCount == 2620)
    options.limits.allocationByteCount = 1000
    _ = try ReadError.thrown { _ = try file.read(options) }
  }
}
