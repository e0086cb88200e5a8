import PFArrow
import PFCore
import PFParquet
import Synchronization
import Testing

/// What is asked of sources where each read has its price.
@Suite struct `merged range reads` {
  typealias Page = FileBuilder.Page
  typealias Column = FileBuilder.Column

  /// A source that notes its reads; above `failsFrom` they fail.
  final class Counting: ByteSource {
    let name = "counting"
    let bytes: [UInt8]
    let failsFrom: Int
    let reads = Mutex<[Range<Int>]>([])

    init(_ bytes: [UInt8], failsFrom: Int = .max) {
      self.bytes = bytes
      self.failsFrom = failsFrom
    }

    var byteCount: Int { bytes.count }
    var prefersLargeReads: Bool { true }

    func read(at offset: Int, into target: inout MutableSpan<UInt8>) throws(SourceError) {
      try check(offset: offset, byteCount: target.count)
      let range = offset..<(offset + target.count)
      reads.withLock { $0.append(range) }
      // The footer is read; data is not.
      guard failsFrom == .max || offset > failsFrom else { throw .callbackFailed(status: 7) }
      for index in target.indices { target[index] = bytes[offset + index] }
    }

    /// The reads since the last call, in the order of the file.
    func taken() -> [Range<Int>] {
      reads.withLock { reads in
        defer { reads = [] }
        return reads.sorted { $0.lowerBound < $1.lowerBound }
      }
    }
  }

  /// `columnCount` columns of `rowCount` rows in each of two row groups.
  static func builder(columns columnCount: Int, rows rowCount: Int) -> FileBuilder {
    let columns = (0..<columnCount).map { column in
      let values = (0..<rowCount).map { Int64($0 * columnCount + column) }
      return Column(
        name: "c\(column)", pages: [Page(count: Int64(rowCount), values: Encode.plain(values))])
    }
    return FileBuilder(columns, rowCounts: [Int64(rowCount), Int64(rowCount)])
  }

  static func options(threads: Int = 1) -> ParquetReadOptions {
    var options = ParquetReadOptions()
    options.threads = threads
    return options
  }

  @Test(arguments: [1, 2, 8]) func `neighbouring chunks are read together, once`(
    threads: Int
  ) throws {
    let bytes = Self.builder(columns: 20, rows: 10_000).build()
    let source = Counting(bytes)
    let file = try ParquetFile(source)
    let expected = try FileBuilder.open(bytes).read()
    _ = source.taken()
    let table = try file.readChecked(Self.options(threads: threads))
    #expect(source.taken().count == 1)
    for column in 0..<20 { #expect(table.column(column) == expected.column(column)) }
    // Each row group of a scan is one read.
    #expect(
      try file.scanChecked(Self.options(threads: threads)).map(\.rowCount) == [10_000, 10_000])
    #expect(source.taken().count == 2)
  }

  @Test func `what lies far apart is read apart, and nothing between`() throws {
    let source = Counting(Self.builder(columns: 12, rows: 10_000).build())
    let file = try ParquetFile(source)
    _ = source.taken()
    var options = Self.options()
    options.columns = ["c0", "c1", "c9", "c10"]
    let table = try file.readChecked(options)
    #expect(table.column(2).last == .int(9999 * 12 + 9))
    // Two neighbours of 80 kB; 560 kB between them. The second pair lies near to the next first.
    let reads = source.taken()
    #expect(reads.count == 3)
    #expect(reads.allSatisfy { $0.count < 5 * 81_000 + 600 })
    options.columns = ["c5"]
    _ = try file.readChecked(options)
    #expect(source.taken().allSatisfy { $0.count < 81_000 })
  }

  @Test func `pieces have no more than 32 MiB`() throws {
    let source = Counting(Self.builder(columns: 6, rows: 1 << 20).build())
    let file = try ParquetFile(source)
    _ = source.taken()
    let table = try file.read(Self.options(threads: 2))
    #expect(table.rowCount == 2 << 20)
    let reads = source.taken()
    #expect(reads.count == 4)
    #expect(reads.allSatisfy { $0.count <= 32 << 20 + 1024 })
  }

  @Test func `a limit reads no more than it needs`() throws {
    let source = Counting(Self.builder(columns: 4, rows: 1 << 17).build())
    let file = try ParquetFile(source)
    _ = source.taken()
    var options = Self.options()
    options.limit = 10
    #expect(try file.readChecked(options).rowCount == 10)
    #expect(source.taken().reduce(0) { $0 + $1.count } < 5 << 20)
  }

  @Test func `a chunk that is longer than the footer says is read on`() throws {
    var builder = Self.builder(columns: 3, rows: 1000)
    for column in 0..<3 {
      let value = Int64(column)
      builder.columns[column].pages = [
        .dictionary(1, Encode.plain([value])),
        Page(
          count: 1000, encoding: FileBuilder.Encoding.rleDictionary,
          values: [1] + (0..<500).flatMap { _ in Encode.run(0, count: 2, bitWidth: 1) }),
      ]
      builder.columns[column].totalCompressedSize = 60
    }
    let source = Counting(builder.build())
    let table = try ParquetFile(source).readChecked(Self.options())
    for column in 0..<3 {
      #expect(table.column(column) == [ArrowValue](repeating: .int(Int64(column)), count: 2000))
    }
  }

  @Test(arguments: [1, 4]) func `a read that fails is told by all that wanted it`(
    threads: Int
  ) throws {
    let bytes = Self.builder(columns: 20, rows: 10_000).build()
    let file = try ParquetFile(Counting(bytes, failsFrom: bytes.count - 100_000))
    let error = try ReadError.thrown { _ = try file.read(Self.options(threads: threads)) }
    #expect(error.reason == .source(.callbackFailed(status: 7)))
    #expect(error.place.file == "counting")
  }
}
