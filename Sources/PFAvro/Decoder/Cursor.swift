/// Where a decoder is in the bytes of a block.
///
/// Invariant: `next <= end` after every step that did not fail. `slack` bytes behind `end` may be
/// read, which lets a step look before it checks: a value of bounded size is read first, and the
/// step fails where it went beyond the end.
@safe struct Cursor {
  /// Bytes behind the end that must be readable.
  static let slack = 16

  // SAFETY: points into, or up to `slack` bytes behind, memory that its maker keeps alive.
  var next: UnsafeRawPointer
  let end: UnsafeRawPointer

  /// SAFETY: `count + slack` bytes are readable at `start` as long as the cursor is used.
  @unsafe init(_ start: UnsafeRawPointer, count: Int) {
    unsafe next = start
    unsafe end = start + count
  }

  var left: Int {
    @inline(__always) get { unsafe end - next }
  }

  /// Fails where the last read went beyond the end.
  @inline(__always)
  func check() throws(DecodeFailure) {
    if unsafe next > end { throw .truncated }
  }

  /// A variable-length integer without its zigzag, of 64 bits at most (Avro specification,
  /// "Primitive Types").
  @inline(__always)
  mutating func unsigned() throws(DecodeFailure) -> UInt64 {
    let word = unsafe UInt64(littleEndian: next.loadUnaligned(as: UInt64.self))
    if word & 0x80 == 0 {
      unsafe next += 1
      try check()
      return word & 0x7F
    }
    return try longer(word)
  }

  /// An integer of more than one byte, the first eight of which are `word`.
  ///
  /// WHY without a loop: the lengths of integers come in no order, and a branch that is guessed
  /// wrong costs more than all of this.
  @inline(__always)
  private mutating func longer(_ word: UInt64) throws(DecodeFailure) -> UInt64 {
    let stops = ~word & 0x8080_8080_8080_8080
    guard stops != 0 else {
      let (value, byteCount) = unsafe Self.longest(next)
      unsafe next += byteCount
      try check()
      guard byteCount > 0 else { throw left < 10 ? .truncated : .integerOverflow }
      return value
    }
    // All bits up to the first stop bit, without the top bits of the bytes.
    var bits = word & (stops ^ (stops &- 1)) & 0x7F7F_7F7F_7F7F_7F7F
    bits = (bits & 0x7F00_7F00_7F00_7F00) >> 1 | bits & 0x007F_007F_007F_007F
    bits = (bits & 0x3FFF_0000_3FFF_0000) >> 2 | bits & 0x0000_3FFF_0000_3FFF
    bits = (bits & 0x0FFF_FFFF_0000_0000) >> 4 | bits & 0x0000_0000_0FFF_FFFF
    unsafe next += stops.trailingZeroBitCount &>> 3 &+ 1
    try check()
    return bits
  }

  /// The value and the length of an integer of nine or ten bytes; length 0 for more than 64 bits.
  ///
  /// SAFETY: ten bytes are readable.
  @inline(never)
  private static func longest(_ bytes: UnsafeRawPointer) -> (value: UInt64, byteCount: Int) {
    var value: UInt64 = 0
    for index in 0..<10 {
      let byte = unsafe bytes.load(fromByteOffset: index, as: UInt8.self)
      if index == 9, byte > 1 { break }
      value |= UInt64(byte & 0x7F) << UInt64(7 * index)
      if byte < 0x80 { return (value, index + 1) }
    }
    return (0, 0)
  }

  /// An Avro `long`.
  @inline(__always)
  mutating func long() throws(DecodeFailure) -> Int64 {
    let raw = try unsigned()
    return Int64(bitPattern: raw &>> 1) ^ (0 &- Int64(bitPattern: raw & 1))
  }

  /// An Avro `int`.
  @inline(__always)
  mutating func int() throws(DecodeFailure) -> Int32 {
    let raw = try unsigned()
    guard raw <= UInt64(UInt32.max) else { throw .integerOverflow }
    return Int32(
      truncatingIfNeeded: Int64(bitPattern: raw &>> 1) ^ (0 &- Int64(bitPattern: raw & 1)))
  }

  /// The length of `bytes` or a `string`, which lie within the bytes that are left.
  @inline(__always)
  mutating func length() throws(DecodeFailure) -> Int {
    let raw = try unsigned()
    // Even numbers are the positive ones; of a negative one the half is too long as well.
    guard raw & 1 == 0, raw &>> 1 <= UInt64(truncatingIfNeeded: left) else {
      let length = Int64(bitPattern: raw &>> 1) ^ (0 &- Int64(bitPattern: raw & 1))
      throw length < 0 ? .negativeLength(length) : .tooLong(declared: length, left: left)
    }
    return Int(truncatingIfNeeded: raw &>> 1)
  }

  /// Moves past `count` bytes. Precondition: `count >= 0`.
  @inline(__always)
  mutating func skip(_ count: Int) throws(DecodeFailure) {
    guard count <= left else { throw .truncated }
    unsafe next += count
  }

  /// The head of a block of an array or a map: how many items follow, and how many bytes they have
  /// where that is said; no items end it. An item has `least` bytes or more.
  @inline(__always)
  mutating func blockHead(least: Int) throws(DecodeFailure) -> (count: Int, byteCount: Int?) {
    var count = try long()
    var byteCount: Int?
    if count < 0 {
      guard count != .min else { throw .negativeLength(count) }
      count = -count
      byteCount = try length()
    }
    if least > 0, count > left / least { throw .tooLong(declared: count, left: left) }
    return (Int(count), byteCount)
  }
}
