internal import PFCore

/// What becomes of numbers as they are unpacked.
protocol UnpackedSink {
  associatedtype Value: BitwiseCopyable
  mutating func value(of packed: UInt64) -> Value
}

/// Numbers as they are packed.
struct PackedNumbers<Value: FixedWidthInteger & BitwiseCopyable>: UnpackedSink {
  @inline(__always)
  func value(of packed: UInt64) -> Value { Value(truncatingIfNeeded: packed) }
}

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
    var numbers = PackedNumbers<UInt32>()
    unsafe unpack(
      source, byteCount: byteCount, bitWidth: bitWidth, start: start, count: count, into: target,
      through: &numbers)
  }

  /// As `unpack`, for widths of 1...64; each value goes through `sink`, in order.
  ///
  /// SAFETY: as `unpack`.
  static func unpack<Sink: UnpackedSink>(
    _ source: UnsafeRawPointer, byteCount: Int, bitWidth: Int, start: Int, count: Int,
    into target: UnsafeMutablePointer<Sink.Value>, through sink: inout Sink
  ) {
    let bits = unsafe source.assumingMemoryBound(to: UInt8.self)
    var index = 0
    // Up to the next group of eight, which starts on a byte.
    while index < count, (start + index) & 7 != 0 {
      let packed = unsafe Bits.word(bits, start: (start + index) * bitWidth, count: bitWidth)
      unsafe target[index] = sink.value(of: packed)
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
        into: target + index, through: &sink)
      index += groupCount * 8
    }
    while index < count {
      let packed = unsafe Bits.word(bits, start: (start + index) * bitWidth, count: bitWidth)
      unsafe target[index] = sink.value(of: packed)
      index += 1
    }
  }

  // WHY a case for each width: with a constant width the shifts and offsets of a group are
  // constants too, four times the speed of the loop with a variable one.
  private static func unpackGroups<Sink: UnpackedSink>(
    _ source: UnsafeRawPointer, bitWidth: Int, groupCount: Int,
    into target: UnsafeMutablePointer<Sink.Value>, through sink: inout Sink
  ) {
    switch bitWidth {
    case 1: unsafe groups(of: 1, source, groupCount, target, &sink)
    case 2: unsafe groups(of: 2, source, groupCount, target, &sink)
    case 3: unsafe groups(of: 3, source, groupCount, target, &sink)
    case 4: unsafe groups(of: 4, source, groupCount, target, &sink)
    case 5: unsafe groups(of: 5, source, groupCount, target, &sink)
    case 6: unsafe groups(of: 6, source, groupCount, target, &sink)
    case 7: unsafe groups(of: 7, source, groupCount, target, &sink)
    case 8: unsafe groups(of: 8, source, groupCount, target, &sink)
    case 9: unsafe groups(of: 9, source, groupCount, target, &sink)
    case 10: unsafe groups(of: 10, source, groupCount, target, &sink)
    case 11: unsafe groups(of: 11, source, groupCount, target, &sink)
    case 12: unsafe groups(of: 12, source, groupCount, target, &sink)
    case 13: unsafe groups(of: 13, source, groupCount, target, &sink)
    case 14: unsafe groups(of: 14, source, groupCount, target, &sink)
    case 15: unsafe groups(of: 15, source, groupCount, target, &sink)
    case 16: unsafe groups(of: 16, source, groupCount, target, &sink)
    case 17: unsafe groups(of: 17, source, groupCount, target, &sink)
    case 18: unsafe groups(of: 18, source, groupCount, target, &sink)
    case 19: unsafe groups(of: 19, source, groupCount, target, &sink)
    case 20: unsafe groups(of: 20, source, groupCount, target, &sink)
    case 21: unsafe groups(of: 21, source, groupCount, target, &sink)
    case 22: unsafe groups(of: 22, source, groupCount, target, &sink)
    case 23: unsafe groups(of: 23, source, groupCount, target, &sink)
    case 24: unsafe groups(of: 24, source, groupCount, target, &sink)
    case 25: unsafe groups(of: 25, source, groupCount, target, &sink)
    case 26: unsafe groups(of: 26, source, groupCount, target, &sink)
    case 27: unsafe groups(of: 27, source, groupCount, target, &sink)
    case 28: unsafe groups(of: 28, source, groupCount, target, &sink)
    case 29: unsafe groups(of: 29, source, groupCount, target, &sink)
    case 30: unsafe groups(of: 30, source, groupCount, target, &sink)
    case 31: unsafe groups(of: 31, source, groupCount, target, &sink)
    case 32: unsafe groups(of: 32, source, groupCount, target, &sink)
    case 33: unsafe groups(of: 33, source, groupCount, target, &sink)
    case 34: unsafe groups(of: 34, source, groupCount, target, &sink)
    case 35: unsafe groups(of: 35, source, groupCount, target, &sink)
    case 36: unsafe groups(of: 36, source, groupCount, target, &sink)
    case 37: unsafe groups(of: 37, source, groupCount, target, &sink)
    case 38: unsafe groups(of: 38, source, groupCount, target, &sink)
    case 39: unsafe groups(of: 39, source, groupCount, target, &sink)
    case 40: unsafe groups(of: 40, source, groupCount, target, &sink)
    case 41: unsafe groups(of: 41, source, groupCount, target, &sink)
    case 42: unsafe groups(of: 42, source, groupCount, target, &sink)
    case 43: unsafe groups(of: 43, source, groupCount, target, &sink)
    case 44: unsafe groups(of: 44, source, groupCount, target, &sink)
    case 45: unsafe groups(of: 45, source, groupCount, target, &sink)
    case 46: unsafe groups(of: 46, source, groupCount, target, &sink)
    case 47: unsafe groups(of: 47, source, groupCount, target, &sink)
    case 48: unsafe groups(of: 48, source, groupCount, target, &sink)
    case 49: unsafe groups(of: 49, source, groupCount, target, &sink)
    case 50: unsafe groups(of: 50, source, groupCount, target, &sink)
    case 51: unsafe groups(of: 51, source, groupCount, target, &sink)
    case 52: unsafe groups(of: 52, source, groupCount, target, &sink)
    case 53: unsafe groups(of: 53, source, groupCount, target, &sink)
    case 54: unsafe groups(of: 54, source, groupCount, target, &sink)
    case 55: unsafe groups(of: 55, source, groupCount, target, &sink)
    case 56: unsafe groups(of: 56, source, groupCount, target, &sink)
    case 57: unsafe groups(of: 57, source, groupCount, target, &sink)
    case 58: unsafe groups(of: 58, source, groupCount, target, &sink)
    case 59: unsafe groups(of: 59, source, groupCount, target, &sink)
    case 60: unsafe groups(of: 60, source, groupCount, target, &sink)
    case 61: unsafe groups(of: 61, source, groupCount, target, &sink)
    case 62: unsafe groups(of: 62, source, groupCount, target, &sink)
    case 63: unsafe groups(of: 63, source, groupCount, target, &sink)
    case 64: unsafe groups(of: 64, source, groupCount, target, &sink)
    default: break
    }
  }

  @inline(__always)
  private static func groups<Sink: UnpackedSink>(
    of width: Int, _ source: UnsafeRawPointer, _ groupCount: Int,
    _ target: UnsafeMutablePointer<Sink.Value>, _ sink: inout Sink
  ) {
    let mask = ~UInt64(0) >> UInt64(truncatingIfNeeded: 64 &- width)
    var input = unsafe source
    var output = unsafe target
    // A copy, so that it stays in registers between the stores.
    var local = sink
    for _ in 0..<groupCount {
      for index in 0..<8 {
        let bit = index &* width
        let shift = UInt64(truncatingIfNeeded: bit & 7)
        var word = unsafe input.loadUnaligned(fromByteOffset: bit >> 3, as: UInt64.self) >> shift
        if bit & 7 &+ width > 64 {
          let next = unsafe input.load(fromByteOffset: bit >> 3 &+ 8, as: UInt8.self)
          word |= UInt64(next) << (64 &- shift)
        }
        unsafe output[index] = local.value(of: word & mask)
      }
      unsafe input += width
      unsafe output += 8
    }
    sink = local
  }
}
