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
  /// How they are compressed.
  public internal(set) var codec: AvroCodec

  /// Behind the sync marker.
  var end: Int { dataOffset + byteCount + AvroHeader.syncByteCount }
}

/// Goes from block to block by what their heads say, and checks the sync markers; what is in the
/// blocks is not read.
final class BlockWalker {
  private let source: any ByteSource
  private var header: AvroHeader
  private var syncMarker: SIMD16<UInt8>
  /// Where broken blocks are noted instead of thrown.
  private let rejects: AvroRejects?
  /// Bytes of the file from `windowStart` on.
  private var window: MutableBuffer
  private var windowStart = 0
  /// Where the next block begins.
  private(set) var offset: Int
  /// How many blocks came before.
  private(set) var index = 0

  /// The sync marker of a block and the head of the next: two variable-length integers.
  private static let borderByteCount = AvroHeader.syncByteCount + 20
  /// What is read at once: what is around one border, or where small reads are slow a good piece of
  /// the file.
  private static let smallWindow = 48
  private static let largeWindow = 1 << 20

  /// A walk from the block on that begins at `offset`, which counts as the first; or from the first.
  init(
    _ source: any ByteSource, _ header: AvroHeader, rejects: AvroRejects? = nil,
    at offset: Int? = nil
  ) throws(ReadError) {
    self.source = source
    self.header = header
    self.rejects = rejects
    syncMarker = Self.vector(header.syncMarker)
    self.offset = offset ?? header.byteCount
    let byteCount = source.prefersLargeReads ? Self.largeWindow : Self.smallWindow
    do throws(AllocationError) {
      window = try MutableBuffer(byteCount: min(byteCount, max(64, source.byteCount)))
    } catch { throw ReadError(error) }
  }

  /// The next block; nil at the end of the file.
  ///
  /// - Throws: `ReadError` with the block and its offset, unless there are rejects to note it: then
  ///   the walk goes on behind the next sync marker.
  func next() throws(ReadError) -> AvroBlock? {
    while true {
      do throws(ReadError) {
        return try step()
      } catch {
        let error = error.at(.init(file: source.name, offset: offset, block: index))
        guard let rejects, error.isAboutContent else { throw error }
        if try beginNextFile() { continue }
        rejects.append(error)
        guard try findMarker() else {
          // Nothing more is told of what follows.
          offset = source.byteCount
          return nil
        }
        index += 1
      }
    }
  }

  private static func vector(_ marker: [UInt8]) -> SIMD16<UInt8> {
    var vector = SIMD16<UInt8>.zero
    for index in 0..<AvroHeader.syncByteCount { vector[index] = marker[index] }
    return vector
  }

  /// Goes on with a file that was joined to the one before, if one begins here and has the same
  /// schema.
  private func beginNextFile() throws(ReadError) -> Bool {
    let left = source.byteCount - offset
    guard left > AvroHeader.magic.count else { return false }
    let magic = try source.bytes(at: offset, byteCount: AvroHeader.magic.count)
    guard magic.bytes.starts(with: AvroHeader.magic),
      let next = try? AvroHeader(source, at: offset), next.schema.json == header.schema.json
    else { return false }
    header = next
    syncMarker = Self.vector(next.syncMarker)
    offset += next.byteCount
    return true
  }

  /// Goes on behind the next sync marker; false where there is none.
  private func findMarker() throws(ReadError) -> Bool {
    guard let end = try endOfMarker(from: offset + 1, to: source.byteCount, step: 1 << 20) else {
      return false
    }
    offset = end
    return true
  }

  /// Where the first sync marker ends that lies in a range of the file, which is read in steps; nil
  /// where there is none.
  func endOfMarker(from start: Int, to end: Int, step: Int) throws(ReadError) -> Int? {
    let width = AvroHeader.syncByteCount
    var start = start
    while end - start >= width {
      let count = min(max(step, width), end - start)
      let piece = try source.bytes(at: start, byteCount: count)
      for place in 0...(count - width) {
        // SAFETY: `width` bytes from `place` on lie in the piece.
        if unsafe (piece.address + place).loadUnaligned(as: SIMD16<UInt8>.self) == syncMarker {
          return start + place + width
        }
      }
      start += count - width + 1
    }
    return nil
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
      byteCount: Int(head.dataByteCount), recordCount: Int(head.recordCount), codec: header.codec)
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

extension ReadError {
  /// Whether the bytes are wrong, and not that they cannot be had.
  var isAboutContent: Bool {
    switch reason {
    // The memory of the result is that of all blocks.
    case .limitExceeded(let limit, _, _): limit != AllocationBudget.limitName
    case .malformed, .inconsistent, .invalidText: true
    default: false
    }
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
