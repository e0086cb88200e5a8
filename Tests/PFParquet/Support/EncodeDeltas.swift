/// The delta encodings, BYTE_STREAM_SPLIT and BIT_PACKED, written for tests from Encodings.md.
extension Encode {
  static func zigzag(_ value: Int64) -> [UInt8] {
    varint(UInt64(bitPattern: value << 1 ^ value >> 63))
  }

  /// As `bits`, for widths of up to 64.
  static func wideBits(_ values: [UInt64], _ bitWidth: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: (values.count * bitWidth + 7) / 8)
    for (index, value) in values.enumerated() {
      for bit in 0..<bitWidth where value >> UInt64(bit) & 1 == 1 {
        bytes[(index * bitWidth + bit) / 8] |= 1 << UInt8((index * bitWidth + bit) % 8)
      }
    }
    return bytes
  }

  /// DELTA_BINARY_PACKED. What nobody reads is filled with `padding`.
  static func deltas<T: FixedWidthInteger & SignedInteger>(
    _ values: [T], blockSize: Int = 128, miniblockCount: Int = 4, padding: UInt8 = 0
  ) -> [UInt8] {
    var bytes = varint(UInt64(blockSize)) + varint(UInt64(miniblockCount))
    bytes += varint(UInt64(values.count)) + zigzag(Int64(values.first ?? 0))
    let deltas = zip(values.dropFirst(), values).map { $0 &- $1 }
    let size = blockSize / miniblockCount
    let mask = UInt64.max >> UInt64(64 - T.bitWidth)
    for start in stride(from: 0, to: deltas.count, by: blockSize) {
      let block = deltas[start..<min(start + blockSize, deltas.count)]
      let least = block.min() ?? 0
      bytes += zigzag(Int64(least))
      let relative = block.map { UInt64(truncatingIfNeeded: $0 &- least) & mask }
      let miniblocks = stride(from: 0, to: relative.count, by: size).map {
        relative[$0..<min($0 + size, relative.count)]
      }
      let widths = miniblocks.map { 64 - ($0.max() ?? 0).leadingZeroBitCount }
      bytes += widths.map { UInt8($0) }
      bytes += [UInt8](repeating: padding, count: miniblockCount - widths.count)
      for (miniblock, width) in zip(miniblocks, widths) {
        let packed = wideBits(Array(miniblock), width)
        bytes += packed + [UInt8](repeating: padding, count: size * width / 8 - packed.count)
      }
    }
    return bytes
  }

  /// DELTA_LENGTH_BYTE_ARRAY.
  static func deltaLengths(_ values: [[UInt8]]) -> [UInt8] {
    deltas(values.map { Int32($0.count) }) + values.flatMap { $0 }
  }

  /// DELTA_BYTE_ARRAY. Each prefix is as long as can be, or as `prefixLimit` says.
  static func deltaStrings(_ values: [[UInt8]], prefixLimit: Int = .max) -> [UInt8] {
    var prefixes: [Int32] = []
    var suffixes: [[UInt8]] = []
    var last: [UInt8] = []
    for value in values {
      let prefix = min(zip(value, last).prefix { $0 == $1 }.count, prefixLimit)
      prefixes.append(Int32(prefix))
      suffixes.append(Array(value[prefix...]))
      last = value
    }
    return deltas(prefixes) + deltaLengths(suffixes)
  }

  /// BYTE_STREAM_SPLIT of values that are PLAIN in `bytes`.
  static func streams(_ bytes: [UInt8], width: Int) -> [UInt8] {
    (0..<width).flatMap { stream in
      stride(from: stream, to: bytes.count, by: width).map { bytes[$0] }
    }
  }

  /// BIT_PACKED levels.
  static func mostSignificantFirst(_ levels: [UInt32], _ bitWidth: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: (levels.count * bitWidth + 7) / 8)
    for (index, level) in levels.enumerated() {
      for bit in 0..<bitWidth where level >> UInt32(bitWidth - 1 - bit) & 1 == 1 {
        bytes[(index * bitWidth + bit) / 8] |= 0x80 >> UInt8((index * bitWidth + bit) % 8)
      }
    }
    return bytes
  }
}
