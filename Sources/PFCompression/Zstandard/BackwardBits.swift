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
    return unsafe Int(truncatingIfNeeded: word &>> UInt64(truncatingIfNeeded: left))
      & ((1 &<< count) &- 1)
  }

  /// The bits that are left in all; negative when rubbish was read.
  var remaining: Int { unsafe (position - start) &* 8 &+ left }
}
