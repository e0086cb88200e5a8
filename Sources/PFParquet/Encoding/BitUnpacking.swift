internal import PFCore

/// Bit-packed unsigned integers, least significant bit first (Encodings.md, "Run Length Encoding /
/// Bit-Packing Hybrid").
enum BitUnpacking {
  /// Unpacks values `start ..< start + count` of a packed sequence.
  ///
  /// SAFETY: the caller promises `byteCount` readable bytes at `source`, that they hold
  /// `start + count` values of `bitWidth` bits (1...32), and room for `count` values at `target`.
  static func unpack(
    _ source: UnsafeRawPointer, byteCount: Int, bitWidth: Int, start: Int, count: Int,
    into target: UnsafeMutablePointer<UInt32>
  ) {
    var index = 0
    // Up to the next group of eight, which starts on a byte.
    while index < count, (start + index) & 7 != 0 {
      unsafe target[index] = value(source, byteCount, bitWidth, at: start + index)
      index += 1
    }
    // Whole groups, as long as an 8-byte load of their last value stays inside.
    let group = (start + index) >> 3
    let overhang = (7 * bitWidth) >> 3 + 8
    let loadable = byteCount < overhang ? 0 : (byteCount - overhang) / bitWidth + 1
    let groupCount = min((count - index) >> 3, max(0, loadable - group))
    if groupCount > 0 {
      unsafe unpackGroups(
        source + group * bitWidth, bitWidth: bitWidth, groupCount: groupCount,
        into: target + index)
      index += groupCount * 8
    }
    while index < count {
      unsafe target[index] = value(source, byteCount, bitWidth, at: start + index)
      index += 1
    }
  }

  /// One value; loads no byte behind `byteCount`.
  private static func value(
    _ source: UnsafeRawPointer, _ byteCount: Int, _ bitWidth: Int, at index: Int
  ) -> UInt32 {
    let bit = index * bitWidth
    return unsafe UInt32(
      truncatingIfNeeded: Bits.word(
        source.assumingMemoryBound(to: UInt8.self), start: bit, count: bitWidth))
  }

  // WHY a case for each width: with a constant width the shifts and offsets of a group are
  // constants too, four times the speed of the loop with a variable one.
  private static func unpackGroups(
    _ source: UnsafeRawPointer, bitWidth: Int, groupCount: Int,
    into target: UnsafeMutablePointer<UInt32>
  ) {
    switch bitWidth {
    case 1: unsafe groups(of: 1, source, groupCount, target)
    case 2: unsafe groups(of: 2, source, groupCount, target)
    case 3: unsafe groups(of: 3, source, groupCount, target)
    case 4: unsafe groups(of: 4, source, groupCount, target)
    case 5: unsafe groups(of: 5, source, groupCount, target)
    case 6: unsafe groups(of: 6, source, groupCount, target)
    case 7: unsafe groups(of: 7, source, groupCount, target)
    case 8: unsafe groups(of: 8, source, groupCount, target)
    case 9: unsafe groups(of: 9, source, groupCount, target)
    case 10: unsafe groups(of: 10, source, groupCount, target)
    case 11: unsafe groups(of: 11, source, groupCount, target)
    case 12: unsafe groups(of: 12, source, groupCount, target)
    case 13: unsafe groups(of: 13, source, groupCount, target)
    case 14: unsafe groups(of: 14, source, groupCount, target)
    case 15: unsafe groups(of: 15, source, groupCount, target)
    case 16: unsafe groups(of: 16, source, groupCount, target)
    case 17: unsafe groups(of: 17, source, groupCount, target)
    case 18: unsafe groups(of: 18, source, groupCount, target)
    case 19: unsafe groups(of: 19, source, groupCount, target)
    case 20: unsafe groups(of: 20, source, groupCount, target)
    default: unsafe groups(of: bitWidth, source, groupCount, target)
    }
  }

  @inline(__always)
  private static func groups(
    of width: Int, _ source: UnsafeRawPointer, _ groupCount: Int,
    _ target: UnsafeMutablePointer<UInt32>
  ) {
    let mask = UInt64(1) << UInt64(truncatingIfNeeded: width) &- 1
    var input = unsafe source
    var output = unsafe target
    for _ in 0..<groupCount {
      for index in 0..<8 {
        let bit = index &* width
        let word = unsafe input.loadUnaligned(fromByteOffset: bit >> 3, as: UInt64.self)
        unsafe output[index] = UInt32(
          truncatingIfNeeded: (word >> UInt64(truncatingIfNeeded: bit & 7)) & mask)
      }
      unsafe input += width
      unsafe output += 8
    }
  }
}
