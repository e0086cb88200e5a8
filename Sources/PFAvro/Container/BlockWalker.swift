internal import PFCore

/// A block of a file: records, compressed together.
public struct AvroBlock: Sendable {
  /// The place among the blocks of the file, from 0.
  public internal(set) var index: Int
  /// Where the block begins, with its two counts.
  public internal(set) var offset: Int
  /// Where its bytes begin.
  public internal(set) var dataOffset: Int
  /// The bytes of its records, as they are stored.
  public internal(set) var byteCount: Int
  /// The records that it claims to have.
  public internal(set) var recordCount: Int

  /// Behind the sync marker.
  var end: Int { dataOffset + byteCount + AvroHeader.syncByteCount }
}

/// Goes from block to block by what their heads say, and checks the sync markers; what is in the
/// blocks is not read.
struct BlockWalker {
  private let source: any ByteSource
  private let header: AvroHeader
  private var window: Buffer = .empty
  private var windowStart = 0
  /// Where the next block begins.
  private(set) var offset: Int
  private var index = 0

  /// A block's head: two variable-length integers.
  private static let headByteCount = 20
  /// What is read at once: around one head, or where small reads are slow a good piece of the file.
  private static let smallWindow = 512
  private static let largeWindow = 1 << 20

  init(_ source: any ByteSource, _ header: AvroHeader) {
    self.source = source
    self.header = header
    offset = header.byteCount
  }

  /// The next block; nil at the end of the file.
  ///
  /// - Throws: `ReadError` with the block and its offset.
  mutating func next() throws(ReadError) -> AvroBlock? {
    do throws(ReadError) {
      return try step()
    } catch { throw error.at(.init(offset: offset, block: index)) }
  }

  private mutating func step() throws(ReadError) -> AvroBlock? {
    let left = source.byteCount - offset
    guard left > 0 else { return nil }
    let head = try bytes(at: offset, byteCount: min(left, Self.headByteCount))
    // Some writers end the file with an empty line.
    if left <= 2, Self.isLineEnd(head.bytes) { return nil }
    if left >= 4, head.bytes.starts(with: AvroHeader.magic) {
      throw ReadError(
        .inconsistent("another Avro file begins here; files cannot be joined byte by byte"))
    }
    var reader = ByteReader(head.bytes)
    let count: Int64
    let byteCount: Int64
    do throws(DecodingError) {
      count = try reader.readZigZag()
      byteCount = try reader.readZigZag()
    } catch { throw ReadError(error, base: offset) }
    guard count >= 0, byteCount >= 0 else {
      throw ReadError(
        .inconsistent("a block of \(count) records in \(byteCount) bytes"))
    }
    let room = left - reader.offset - AvroHeader.syncByteCount
    guard byteCount <= room else {
      throw ReadError(
        .malformed(
          .truncated(offset: offset, needed: Int(clamping: byteCount.subtractingClamped(Int64(room)))))
      )
    }
    let block = AvroBlock(
      index: index, offset: offset, dataOffset: offset + reader.offset, byteCount: Int(byteCount),
      recordCount: Int(count))
    let sync = try bytes(
      at: block.end - AvroHeader.syncByteCount, byteCount: AvroHeader.syncByteCount)
    guard sync.bytes.starts(with: header.syncMarker) else {
      throw ReadError(.inconsistent("no sync marker behind the block"))
    }
    offset = block.end
    index += 1
    return block
  }

  private static func isLineEnd(_ bytes: Span<UInt8>) -> Bool {
    for index in bytes.indices where bytes[index] != 0x0A && bytes[index] != 0x0D { return false }
    return true
  }

  /// A few bytes of the file.
  private mutating func bytes(at start: Int, byteCount: Int) throws(ReadError) -> Buffer {
    if start < windowStart || start + byteCount > windowStart + window.byteCount {
      // What follows is the head of the next block.
      let wanted = source.prefersLargeReads ? Self.largeWindow : Self.smallWindow
      window = try source.bytes(
        at: start, byteCount: min(max(byteCount, wanted), source.byteCount - start))
      windowStart = start
    }
    return window.slice(offset: start - windowStart, byteCount: byteCount)
  }
}

extension Int64 {
  fileprivate func subtractingClamped(_ other: Int64) -> Int64 {
    let (difference, overflow) = subtractingReportingOverflow(other)
    return overflow ? .max : difference
  }
}

extension Span<UInt8> {
  /// Whether these bytes come first.
  func starts(with prefix: [UInt8]) -> Bool {
    guard count >= prefix.count else { return false }
    for index in prefix.indices where self[index] != prefix[index] { return false }
    return true
  }
}
