/// By count: as many low bits. From memory, because a shift by a variable costs three times as much.
private let lowBitMasks: InlineArray<32, Int> = [
  0, 1, 3, 7, 0xF, 0x1F, 0x3F, 0x7F, 0xFF, 0x1FF, 0x3FF, 0x7FF, 0xFFF, 0x1FFF, 0x3FFF, 0x7FFF,
  0xFFFF, 0x1_FFFF, 0x3_FFFF, 0x7_FFFF, 0xF_FFFF, 0x1F_FFFF, 0x3F_FFFF, 0x7F_FFFF, 0xFF_FFFF,
  0x1FF_FFFF, 0x3FF_FFFF, 0x7FF_FFFF, 0xFFF_FFFF, 0x1FFF_FFFF, 0x3FFF_FFFF, 0x7FFF_FFFF,
]

/// Bits from the last to the first (RFC 8878, section 4.1, "Bitstream"): the end of a stream is
/// marked by its highest set bit.
///
/// `word` is loaded from `position`; its low `left` bits are still to be read, then those before
/// `position`. Invariant: `position >= start - 8`, and eight bytes before `start` are readable —
/// every stream follows at least that many bytes of headers. What is read from there is rubbish;
/// `isExhausted` is then false.
@unsafe struct BackwardBits {
  let start: UnsafeRawPointer
  var position: UnsafeRawPointer
  var word: UInt64
  var left: Int

  /// Nil when `count` is 0 or the last byte has no mark.
  ///
  /// SAFETY: the `count` bytes from `start` on and the eight before them are readable.
  @inline(__always)
  init?(_ start: UnsafeRawPointer, count: Int) {
    guard count > 0 else { return nil }
    unsafe self.start = start
    unsafe position = start + (count &- 8)
    unsafe word = UInt64(littleEndian: position.loadUnaligned(as: UInt64.self))
    let last = unsafe UInt8(truncatingIfNeeded: word &>> 56)
    guard last != 0 else { return nil }
    unsafe left = 63 &- last.leadingZeroBitCount
  }

  /// Makes 56 bits available. False when more than all were read.
  @inline(__always)
  mutating func refill() -> Bool {
    let next = unsafe position - ((left ^ 63) &>> 3)
    guard unsafe next >= start - 8 else { return false }
    unsafe position = next
    unsafe left |= 56
    unsafe word = UInt64(littleEndian: next.loadUnaligned(as: UInt64.self))
    return true
  }

  /// The next `count` bits. Precondition: `count <= left`.
  @inline(__always)
  mutating func read(_ count: Int) -> Int {
    unsafe left &-= count
    // SAFETY: the precondition; `left` is never above 63.
    return unsafe Int(truncatingIfNeeded: word &>> UInt64(truncatingIfNeeded: left))
      & lowBitMasks[unchecked: count]
  }

  /// The bits that are left in all; negative when rubbish was read.
  var remaining: Int { unsafe (position - start) &* 8 &+ left }
}
