internal import PFCore

/// Levels of the deprecated encoding BIT_PACKED, most significant bit first and without runs
/// (Encodings.md, "Bit-packed").
///
/// They are turned around once a page, and then read as one bit-packed run of the hybrid.
@safe struct BitPackedLevels: ~Copyable {
  private var turned: MutableBuffer?

  /// Takes the `count` levels of a page off the front of `bytes`. They can be read until the next
  /// call.
  ///
  /// - Precondition: `0 <= bitWidth <= 32`, `count >= 0`.
  /// - Throws: `.truncated` when there are fewer.
  mutating func read(
    _ bytes: inout UnsafeRawBufferPointer, count: Int, bitWidth: Int
  ) throws(DecodingError) -> RLEHybridReader {
    let byteCount = (count * bitWidth + 7) >> 3
    guard byteCount <= bytes.count else {
      throw unsafe .truncated(offset: bytes.count, needed: byteCount - bytes.count)
    }
    let source = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<byteCount])
    unsafe bytes = UnsafeRawBufferPointer(rebasing: bytes[byteCount...])
    // Each call makes its own: the reader of the page before may still be at hand.
    var buffer = try MutableBuffer.decoding(byteCount: byteCount)
    try buffer.fillForDecoding(upTo: byteCount)
    let target = unsafe UnsafeMutableRawBufferPointer(start: buffer.start, count: byteCount)
    if bitWidth == 1 {
      for index in 0..<byteCount { unsafe target[index] = Self.reversed(source[index]) }
    } else {
      unsafe Self.turn(source, into: target, count: count, bitWidth: bitWidth)
    }
    turned = consume buffer
    return unsafe RLEHybridReader(
      packed: UnsafeRawBufferPointer(target), count: count, bitWidth: bitWidth)
  }

  /// The bits of a byte from the other end.
  private static func reversed(_ byte: UInt8) -> UInt8 {
    var bits = byte
    bits = bits >> 4 | bits << 4
    bits = (bits & 0xCC) >> 2 | (bits & 0x33) << 2
    return (bits & 0xAA) >> 1 | (bits & 0x55) << 1
  }

  /// SAFETY: both hold `count` levels; the target is 0.
  private static func turn(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, count: Int,
    bitWidth: Int
  ) {
    for index in 0..<count {
      for bit in 0..<bitWidth {
        let from = index * bitWidth + bit
        let to = index * bitWidth + bitWidth - 1 - bit
        let value = unsafe source[from >> 3] >> UInt8(truncatingIfNeeded: 7 - from & 7) & 1
        unsafe target[to >> 3] |= value << UInt8(truncatingIfNeeded: to & 7)
      }
    }
  }
}
