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
final class BlockWalker {
  private let source: any ByteSource
  private let header: AvroHeader
  private let syncMarker: SIMD16<UInt8>
  /// Bytes of the file from `windowStart` on.
  private var window: MutableBuffer
  private var windowStart = 0
  /// Where the next block begins.
  private(set) var offset: Int
  private var index = 0

  /// The sync marker of a block and the head of the next: two variable-length integers.
  private static let borderByteCount = AvroHeader.syncByteCount + 20
  /// What is read at once: what is around one border, or where small reads are slow a good piece of
  /// the file.
  private static let smallWindow = 48
  private static let largeWindow = 1 << 20

  init(_ source: any ByteSource, _ header: AvroHeader) throws(ReadError) {
    self.source = source
    self.header = header
    var marker = SIMD16<UInt8>.zero
    for index in 0..<AvroHeader.syncByteCount { marker[index] = header.syncMarker[index] }
    syncMarker = marker
    offset = header.byteCount
    let byteCount = source.prefersLargeReads ? Self.largeWindow : Self.smallWindow
    do throws(AllocationError) {
      window = try MutableBuffer(byteCount: min(byteCount, max(64, source.byteCount)))
    } catch { throw ReadError(error) }
  }

  /// The next block; nil at the end of the file.
  ///
  /// - Throws: `ReadError` with the block and its offset.
  func next() throws(ReadError) -> AvroBlock? {
    do throws(ReadError) {
      return try step()
    } catch { throw error.at(.init(offset: offset, block: index)) }
  }

  private func step() throws(ReadError) -> AvroBlock? {
    let left = source.byteCount - offset
    guard left > 0 else { return nil }
    // Some writers end the file with an empty line.
    if left <= 2, try isLineEnd(left) { return nil }
    let head = try self.head(left)
    let room = left - head.byteCount - AvroHeader.syncByteCount
    guard head.dataByteCount <= room else {
      throw ReadError(
        .malformed(
          .truncated(
            offset: offset, needed: Int(clamping: head.dataByteCount) - max(0, room))))
    }
    let block = AvroBlock(
      index: index, offset: offset, dataOffset: offset + head.byteCount,
      byteCount: Int(head.dataByteCount), recordCount: Int(head.recordCount))
    let marker = block.end - AvroHeader.syncByteCount
    try load(marker, atLeast: AvroHeader.syncByteCount)
    guard unsafe bytes(at: marker).loadUnaligned(as: SIMD16<UInt8>.self) == syncMarker else {
      throw ReadError(.inconsistent("no sync marker behind the block"))
    }
    offset = block.end
    index += 1
    return block
  }

  private func isLineEnd(_ left: Int) throws(ReadError) -> Bool {
    try load(offset, atLeast: left)
    for place in 0..<left {
      let byte = unsafe bytes(at: offset + place).load(as: UInt8.self)
      if byte != 0x0A, byte != 0x0D { return false }
    }
    return true
  }

  private func head(
    _ left: Int
  ) throws(ReadError) -> (recordCount: Int64, dataByteCount: Int64, byteCount: Int) {
    let readable = min(left, Self.borderByteCount - AvroHeader.syncByteCount)
    try load(offset, atLeast: readable)
    // SAFETY: so many bytes were loaded.
    let start = unsafe bytes(at: offset).assumingMemoryBound(to: UInt8.self)
    let head = unsafe Span<UInt8>(_unsafeStart: start, count: readable)
    var reader = ByteReader(head)
    let counts: (Int64, Int64)
    do throws(DecodingError) {
      counts = (try reader.readZigZag(), try reader.readZigZag())
    } catch { throw ReadError(error, base: offset) }
    guard counts.0 >= 0, counts.1 >= 0 else {
      if head.starts(with: AvroHeader.magic) {
        throw ReadError(
          .inconsistent("another Avro file begins here; files cannot be joined byte by byte"))
      }
      throw ReadError(.inconsistent("a block of \(counts.0) records in \(counts.1) bytes"))
    }
    return (counts.0, counts.1, reader.offset)
  }

  /// SAFETY: `load` was called for what is read there.
  @unsafe private func bytes(at offset: Int) -> UnsafeRawPointer {
    unsafe UnsafeRawPointer(window.start) + (offset - windowStart)
  }

  /// Makes the window hold `byteCount` bytes of the file from `start` on, which are in it.
  @inline(__always)
  private func load(_ start: Int, atLeast byteCount: Int) throws(ReadError) {
    if start < windowStart || start + byteCount > windowStart + window.byteCount {
      try fill(start)
    }
  }

  private func fill(_ start: Int) throws(ReadError) {
    let byteCount = min(window.capacity, source.byteCount - start)
    do throws(SourceError) {
      // SAFETY: so many writable bytes, which nobody else has.
      var target = unsafe MutableSpan<UInt8>(
        _unsafeStart: window.start.assumingMemoryBound(to: UInt8.self), count: byteCount)
      try source.read(at: start, into: &target)
    } catch { throw ReadError(error) }
    window.setByteCount(byteCount)
    windowStart = start
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
