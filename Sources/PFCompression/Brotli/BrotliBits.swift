internal import PFCore

/// Reads numbers of a few bits, from the lowest bit of each byte on (RFC 7932, section 1.5).
///
/// Behind the input come zeros: who reads asks `isOverrun` from time to time, and at the end.
/// Invariant: at least `bitCount` bits of `bits` are input; those above are input too, or zero.
@safe struct BrotliBits {
  private let input: UnsafeRawPointer
  private let byteCount: Int
  /// Of the next byte that is not in `bits`; beyond `byteCount` where zeros were added.
  private var offset = 0
  private var bits: UInt64 = 0
  private(set) var bitCount = 0

  /// Unsafe precondition: `input` outlives the reader.
  init?(_ input: UnsafeRawBufferPointer) {
    guard let start = input.baseAddress else { return nil }
    unsafe self.input = start
    byteCount = input.count
  }

  /// Bits read so far.
  private var position: Int { offset &* 8 &- bitCount }
  var isOverrun: Bool { position > byteCount &* 8 }
  /// The byte that the next bit is in, for errors.
  var byteOffset: Int { min(position >> 3, byteCount) }
  var isAtEnd: Bool { position == byteCount &* 8 }

  func truncated() -> DecodingError { .truncated(offset: byteCount, needed: 1) }
  func invalid() -> DecodingError { isOverrun ? truncated() : .invalidValue(offset: byteOffset) }

  /// Makes `bitCount` 56 or more.
  @inline(__always)
  mutating func refill() {
    if _fastPath(offset &+ 8 <= byteCount) {
      // SAFETY: `offset` is never negative, and eight bytes follow it.
      bits |=
        UInt64(
          littleEndian: unsafe input.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        &<< UInt64(truncatingIfNeeded: bitCount)
      offset &+= (63 &- bitCount) &>> 3
      bitCount |= 56
    } else {
      (bits, bitCount, offset) = unsafe Self.refillAtEnd(
        input, byteCount, bits, bitCount, offset)
    }
  }

  /// Makes `bitCount` 56 or more, unless it is `count`.
  @inline(__always)
  mutating func refill(atLeast count: Int) { if bitCount < count { refill() } }

  @inline(never)
  private static func refillAtEnd(
    _ input: UnsafeRawPointer, _ byteCount: Int, _ bits: UInt64, _ bitCount: Int, _ offset: Int
  ) -> (UInt64, Int, Int) {
    // What a fast refill left above `bitCount` is read again.
    var bits = bits & (1 &<< UInt64(truncatingIfNeeded: bitCount) &- 1)
    var (bitCount, offset) = (bitCount, offset)
    while bitCount < 56 {
      if offset < byteCount {
        bits |= UInt64(unsafe input.load(fromByteOffset: offset, as: UInt8.self)) << bitCount
      }
      offset &+= 1
      bitCount &+= 8
    }
    return (bits, bitCount, offset)
  }

  /// The next `count` bits, of which `bitCount` is not less. `count` is at most 32.
  @inline(__always)
  mutating func take(_ count: Int) -> Int {
    let value = bits & (1 &<< UInt64(truncatingIfNeeded: count) &- 1)
    drop(count)
    return Int(truncatingIfNeeded: value)
  }

  /// The next `count` bits, at most 32.
  mutating func read(_ count: Int) -> Int {
    refill()
    return take(count)
  }

  @inline(__always)
  private mutating func drop(_ count: Int) {
    bits &>>= UInt64(truncatingIfNeeded: count)
    bitCount &-= count
  }

  /// The next symbol of the code whose table is at `table`. `bitCount` is not less than 15.
  ///
  /// Unsafe precondition: `table` was made by `BrotliPrefixCode`.
  @inline(__always)
  mutating func symbol(_ table: UnsafePointer<UInt32>) -> Int {
    var entry = unsafe table[Int(truncatingIfNeeded: bits & 0xFF)]
    var width = Int(truncatingIfNeeded: entry & 0xFF)
    if width > BrotliPrefixCode.rootBitCount {
      drop(BrotliPrefixCode.rootBitCount)
      let mask: UInt64 =
        1 &<< UInt64(truncatingIfNeeded: width &- BrotliPrefixCode.rootBitCount) &- 1
      entry = unsafe table[
        Int(truncatingIfNeeded: entry &>> 16) &+ Int(truncatingIfNeeded: bits & mask)]
      width = Int(truncatingIfNeeded: entry & 0xFF)
    }
    drop(width)
    return Int(truncatingIfNeeded: entry &>> 16)
  }

  /// The next symbol of a code over bytes; as `symbol`.
  @inline(__always)
  mutating func literal(_ table: UnsafePointer<UInt32>) -> UInt8 {
    UInt8(truncatingIfNeeded: unsafe symbol(table))
  }

  /// Goes on at the next whole byte.
  ///
  /// - Throws: `.invalidValue` when a bit before it is set.
  mutating func alignToByte() throws(DecodingError) {
    refill()
    let start = byteOffset
    guard take(bitCount & 7) == 0 else { throw .invalidValue(offset: start) }
  }

  /// The next `count` bytes of the input, past which it moves. Precondition: aligned to a byte.
  ///
  /// - Throws: `.truncated`.
  mutating func readBytes(_ count: Int) throws(DecodingError) -> UnsafeRawBufferPointer {
    let start = position >> 3
    let left = byteCount - start
    guard count <= left else { throw .truncated(offset: byteCount, needed: count - left) }
    offset = start + count
    bits = 0
    bitCount = 0
    return unsafe UnsafeRawBufferPointer(start: input + start, count: count)
  }
}
