internal import PFCore

/// Integers as deltas in bit-packed miniblocks (Encodings.md, "Delta Encoding").
///
/// Sums wrap around, as the specification wants. A last miniblock may be cut behind its last value.
@safe final class DeltaBinaryPackedDecoder: FixedWidthDecoder {
  private let base: UnsafeRawPointer
  private let byteCount: Int
  let width: Int
  private let miniblockCount: Int
  private let miniblockSize: Int
  /// Values in all.
  let valueCount: Int
  private(set) var valuesLeft: Int

  /// Behind what has been read: block headers and miniblocks.
  private var offset = 0
  /// The value before the next one; in front of the first, the first.
  private var last: UInt64
  private var minDelta: UInt64 = 0
  /// Miniblocks of the block that are not begun, and where their bit widths are.
  private var miniblocksLeft = 0
  private var widthOffset = 0

  // The current miniblock.
  private var bitWidth = 0
  private var packedOffset = 0
  private var packedByteCount = 0
  private var taken: Int

  /// - Parameters:
  ///   - width: 4 for INT32, 8 for INT64.
  ///   - limit: the most values that there can be.
  /// - Throws: `.invalidValue` for a header that the specification does not allow,
  ///   `.limitExceeded` for a value count above `limit`.
  init(_ bytes: UnsafeRawBufferPointer, width: Int, limit: Int) throws(DecodingError) {
    unsafe base = bytes.baseAddress ?? Buffer.empty.address
    byteCount = bytes.count
    self.width = width
    guard byteCount > 0 else {
      // Some writers store nothing at all for a page of nulls.
      (miniblockCount, miniblockSize, valueCount, valuesLeft, last, taken) = (1, 32, 0, 0, 0, 32)
      return
    }
    var offset = 0
    let header = unsafe UnsafeRawBufferPointer(start: base, count: byteCount)
    let blockSize = try unsafe LEB128.read(header, at: &offset)
    let miniblocks = try unsafe LEB128.read(header, at: &offset)
    let count = try unsafe LEB128.read(header, at: &offset)
    last = try unsafe LEB128.zigzag(LEB128.read(header, at: &offset))
    guard blockSize > 0, blockSize <= 1 << 31, blockSize % 128 == 0, miniblocks > 0,
      blockSize % miniblocks == 0, (blockSize / miniblocks) % 32 == 0
    else { throw .invalidValue(offset: 0) }
    guard count <= limit else {
      throw .limitExceeded(
        offset: 0, declared: Int(truncatingIfNeeded: count), limit: limit)
    }
    miniblockCount = Int(miniblocks)
    miniblockSize = Int(blockSize / miniblocks)
    valueCount = Int(count)
    valuesLeft = Int(count)
    taken = miniblockSize
    self.offset = offset
  }

  func decode(_ count: Int, into target: UnsafeMutableRawPointer) throws(DecodingError) {
    guard count <= valuesLeft else {
      throw .truncated(offset: byteCount, needed: count - valuesLeft)
    }
    guard count > 0 else { return }
    if width == 8 {
      try unsafe decode(count, into: target.assumingMemoryBound(to: UInt64.self))
    } else {
      try unsafe decode(count, into: target.assumingMemoryBound(to: UInt32.self))
    }
  }

  /// SAFETY: room for `count` values at `target`. Precondition: `0 < count <= valuesLeft`.
  private func decode<Value: FixedWidthInteger & BitwiseCopyable>(
    _ count: Int, into target: UnsafeMutablePointer<Value>
  ) throws(DecodingError) {
    var done = 0
    if valuesLeft == valueCount {
      unsafe target[0] = Value(truncatingIfNeeded: last)
      done = 1
    }
    while done < count {
      if taken == miniblockSize { try beginMiniblock() }
      let run = min(miniblockSize - taken, count - done)
      var deltas = Deltas<Value>(last: last, minDelta: minDelta)
      if bitWidth == 0 {
        for index in done..<(done + run) { unsafe target[index] = deltas.value(of: 0) }
      } else {
        // The bytes may end early: at most 2^31 values of 64 bits, so nothing overflows.
        let needed = ((taken + run) * bitWidth + 7) >> 3
        guard needed <= packedByteCount else {
          throw .truncated(offset: byteCount, needed: needed - packedByteCount)
        }
        // WHY up to the end of all: whole words can then be loaded behind a small miniblock.
        unsafe BitUnpacking.unpack(
          base + packedOffset, byteCount: byteCount - packedOffset, bitWidth: bitWidth,
          start: taken,
          count: run, into: target + done, through: &deltas)
      }
      last = deltas.last
      taken += run
      done += run
    }
    valuesLeft -= count
  }

  private struct Deltas<Value: FixedWidthInteger & BitwiseCopyable>: UnpackedSink {
    var last: UInt64
    let minDelta: UInt64

    @inline(__always)
    mutating func value(of packed: UInt64) -> Value {
      last &+= packed &+ minDelta
      return Value(truncatingIfNeeded: last)
    }
  }

  private func beginMiniblock() throws(DecodingError) {
    if miniblocksLeft == 0 {
      (minDelta, widthOffset) = try readBlockHeader(at: &offset)
      miniblocksLeft = miniblockCount
    }
    bitWidth = try bitWidth(at: widthOffset)
    widthOffset += 1
    miniblocksLeft -= 1
    packedOffset = offset
    packedByteCount = min(miniblockSize / 8 * bitWidth, byteCount - offset)
    offset += packedByteCount
    taken = 0
  }

  /// The least delta of a block and where its bit widths are; moves behind them.
  private func readBlockHeader(
    at offset: inout Int
  ) throws(DecodingError) -> (minDelta: UInt64, widthOffset: Int) {
    let bytes = unsafe UnsafeRawBufferPointer(start: base, count: byteCount)
    let minDelta = try unsafe LEB128.zigzag(LEB128.read(bytes, at: &offset))
    guard miniblockCount <= byteCount - offset else {
      throw .truncated(offset: offset, needed: miniblockCount - (byteCount - offset))
    }
    defer { offset += miniblockCount }
    return (minDelta, offset)
  }

  /// SAFETY: `offset` is behind a block header, among its bit widths.
  private func bitWidth(at offset: Int) throws(DecodingError) -> Int {
    let width = unsafe base.load(fromByteOffset: offset, as: UInt8.self)
    guard width <= 64 else { throw .invalidValue(offset: offset) }
    return Int(width)
  }

  /// Where the last miniblock ends, and what follows begins; found by the block headers alone.
  ///
  /// - Precondition: nothing is decoded yet.
  func endOffset() throws(DecodingError) -> Int {
    var end = offset
    var left = valueCount - 1
    while left > 0 {
      let (_, widths) = try readBlockHeader(at: &end)
      for index in widths..<(widths + miniblockCount) where left > 0 {
        let packed = miniblockSize / 8 * (try bitWidth(at: index))
        guard packed <= byteCount - end else {
          throw .truncated(offset: end, needed: packed - (byteCount - end))
        }
        end += packed
        left -= miniblockSize
      }
    }
    return end
  }
}

/// Integers of seven bits a byte (Encodings.md, "Delta Encoding").
private enum LEB128 {
  /// The unsigned integer at `offset`, which moves behind it.
  static func read(
    _ bytes: UnsafeRawBufferPointer, at offset: inout Int
  ) throws(DecodingError) -> UInt64 {
    let start = offset
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      guard offset < bytes.count else { throw .truncated(offset: offset, needed: 1) }
      let byte = unsafe bytes[offset]
      guard shift < 63 || byte <= 1 else { throw .integerOverflow(offset: start) }
      offset += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
  }

  /// The signed integer that was mapped to `value`, in two's complement.
  static func zigzag(_ value: UInt64) -> UInt64 { (value >> 1) ^ (0 &- (value & 1)) }
}
