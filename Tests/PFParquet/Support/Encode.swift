/// Encodings of values, written for tests: short and plain.
enum Encode {
  /// PLAIN values of a fixed width.
  static func plain<T: FixedWidthInteger>(_ values: [T]) -> [UInt8] {
    values.flatMap { value in
      (0..<(T.bitWidth / 8)).map { UInt8(truncatingIfNeeded: value >> T($0 * 8)) }
    }
  }

  /// PLAIN byte arrays.
  static func byteArrays(_ values: [[UInt8]]) -> [UInt8] {
    values.flatMap { plain([UInt32($0.count)]) + $0 }
  }

  static func strings(_ values: [String]) -> [UInt8] { byteArrays(values.map { Array($0.utf8) }) }

  static func varint(_ value: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  /// One RLE run of the hybrid.
  static func run(_ value: UInt32, count: Int, bitWidth: Int) -> [UInt8] {
    varint(UInt64(count) << 1) + plain([value]).prefix((bitWidth + 7) / 8)
  }

  /// One bit-packed run of the hybrid; the last group is filled with zeros.
  static func packed(_ values: [UInt32], bitWidth: Int) -> [UInt8] {
    let groupCount = (values.count + 7) / 8
    return varint(UInt64(groupCount) << 1 | 1)
      + bits(values + [UInt32](repeating: 0, count: groupCount * 8 - values.count), bitWidth)
  }

  /// Values one after the other, least significant bit first.
  static func bits(_ values: [UInt32], _ bitWidth: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: (values.count * bitWidth + 7) / 8)
    for (index, value) in values.enumerated() {
      for bit in 0..<bitWidth where value >> UInt32(bit) & 1 == 1 {
        bytes[(index * bitWidth + bit) / 8] |= 1 << UInt8((index * bitWidth + bit) % 8)
      }
    }
    return bytes
  }

  /// Definition levels of a flat column, bit-packed.
  static func levels(_ valid: [Bool]) -> [UInt8] {
    packed(valid.map { $0 ? 1 : 0 }, bitWidth: 1)
  }

  /// Indices of a dictionary: the width, then one bit-packed run.
  static func indices(_ values: [UInt32], bitWidth: Int) -> [UInt8] {
    [UInt8(bitWidth)] + packed(values, bitWidth: bitWidth)
  }
}

/// SplitMix64: the same numbers on every run.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
