internal import PFCore

/// A forward reader of the RLE / bit-packing hybrid (Encodings.md, "Run Length Encoding /
/// Bit-Packing Hybrid"): definition and repetition levels, dictionary indices, booleans.
///
/// Runs may be longer than what is asked for; a last bit-packed run may be cut by the end of the
/// data, as long as no value behind the cut is asked for.
///
/// SAFETY: whoever makes one promises that the bytes outlive it. It reads only inside them.
@unsafe struct RLEHybridReader {
  private let base: UnsafeRawPointer
  private let byteCount: Int
  let bitWidth: Int
  private var offset = 0

  /// What is left of the current run.
  private var left = 0
  /// The value of an RLE run; nil in a bit-packed one.
  private var repeated: UInt32?
  /// The bit-packed run: where it starts, and the values taken.
  private var packedOffset = 0
  private var packedIndex = 0

  init(_ bytes: UnsafeRawBufferPointer, bitWidth: Int) throws(DecodingError) {
    guard bitWidth >= 0, bitWidth <= 32 else { throw .invalidValue(offset: 0) }
    unsafe base = bytes.baseAddress ?? Buffer.empty.address
    unsafe byteCount = bytes.count
    unsafe self.bitWidth = bitWidth
  }

  /// `count` bit-packed values without a run header.
  ///
  /// - Precondition: `0 <= bitWidth <= 32`, and the bytes hold as many values.
  init(packed bytes: UnsafeRawBufferPointer, count: Int, bitWidth: Int) {
    unsafe base = bytes.baseAddress ?? Buffer.empty.address
    unsafe byteCount = bytes.count
    unsafe self.bitWidth = bitWidth
    unsafe offset = bytes.count
    unsafe left = count
    if bitWidth == 0 { unsafe repeated = 0 }
  }

  /// A stretch of values that the reader hands out at once.
  @unsafe enum Stretch {
    /// `count` times the same value.
    case repeated(UInt32, count: Int)
    /// `count` bit-packed values from value `start` of those at `source`. All bytes up to
    /// `byteCount` may be read: what follows the run lets its last values be unpacked in groups.
    case packed(source: UnsafeRawPointer, byteCount: Int, start: Int, count: Int)
  }

  /// The next values, `limit` at most and one at least. Precondition: `limit > 0`.
  ///
  /// - Throws: `.truncated` when the data ends; `.integerOverflow` in a run header.
  @inline(__always)
  mutating func next(limit: Int) throws(DecodingError) -> Stretch {
    if unsafe left == 0 { try unsafe readRunHeader() }
    let count = unsafe min(left, limit)
    unsafe left -= count
    if let value = unsafe repeated { return unsafe .repeated(value, count: count) }
    let start = unsafe packedIndex
    unsafe packedIndex += count
    return unsafe .packed(
      source: base + packedOffset, byteCount: byteCount - packedOffset, start: start, count: count)
  }

  private mutating func readRunHeader() throws(DecodingError) {
    if unsafe bitWidth == 0 {
      // One value is possible and no byte is needed to say which.
      unsafe repeated = 0
      unsafe left = Int.max
      return
    }
    repeat {
      var header: UInt64 = 0
      var shift: UInt64 = 0
      let start = unsafe offset
      while true {
        guard unsafe offset < byteCount else { throw unsafe .truncated(offset: offset, needed: 1) }
        let byte = unsafe base.load(fromByteOffset: offset, as: UInt8.self)
        unsafe offset += 1
        guard shift < 35 else { throw .integerOverflow(offset: start) }
        header |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { break }
        shift += 7
      }
      let count = Int(header >> 1)
      if header & 1 == 0 {
        let width = unsafe (bitWidth + 7) >> 3
        guard unsafe width <= byteCount - offset else {
          throw unsafe .truncated(offset: offset, needed: width - (byteCount - offset))
        }
        var value: UInt32 = 0
        for index in 0..<width {
          unsafe value |=
            UInt32(base.load(fromByteOffset: offset + index, as: UInt8.self))
            << UInt32(truncatingIfNeeded: index * 8)
        }
        // A value wider than declared would pass for another one.
        guard unsafe bitWidth == 32 || value >> UInt32(bitWidth) == 0 else {
          throw unsafe .invalidValue(offset: offset)
        }
        unsafe offset += width
        unsafe repeated = value
        unsafe left = count
      } else {
        // `count` groups of eight; at most 2^34 * 32, so nothing overflows.
        let wanted = unsafe count * bitWidth
        let bytes = unsafe min(wanted, byteCount - offset)
        unsafe repeated = nil
        unsafe packedOffset = offset
        unsafe packedIndex = 0
        unsafe left = bytes == wanted ? count * 8 : bytes * 8 / bitWidth
        unsafe offset += bytes
        guard unsafe left > 0 || count == 0 else {
          throw unsafe .truncated(offset: offset, needed: wanted - bytes)
        }
      }
    } while unsafe left == 0
  }

  /// Passes over the next `count` values.
  ///
  /// - Throws: as `next(limit:)`.
  mutating func skip(_ count: Int) throws(DecodingError) {
    var done = 0
    while done < count {
      switch try unsafe next(limit: count - done) {
      case .repeated(_, let run): done += run
      case .packed(_, _, _, let run): done += run
      }
    }
  }

  /// Fills `target` with the next `count` values.
  ///
  /// SAFETY: room for `count` values at `target`.
  /// - Throws: as `next(limit:)`.
  mutating func read(
    _ count: Int, into target: UnsafeMutablePointer<UInt32>
  ) throws(DecodingError) {
    var done = 0
    while done < count {
      switch try unsafe next(limit: count - done) {
      case .repeated(let value, let run):
        unsafe (target + done).update(repeating: value, count: run)
        done += run
      case .packed(let source, let byteCount, let start, let run):
        unsafe BitUnpacking.unpack(
          source, byteCount: byteCount, bitWidth: bitWidth, start: start, count: run,
          into: target + done)
        done += run
      }
    }
  }
}
