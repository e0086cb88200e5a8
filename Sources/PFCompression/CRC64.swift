/// The CRC-64 of ECMA-182, reflected, as .xz files hold it.
struct CRC64: Equatable {
  /// The checksum of `bytes`: eight bytes a step, each through a table of its own.
  static func checksum(of bytes: Span<UInt8>) -> UInt64 {
    let raw = RawSpan(_elements: bytes)
    let tables = tables.span
    var crc = UInt64.max
    var offset = 0
    // SAFETY: the loads are checked against the span's bounds; every bit pattern is an integer.
    while offset <= raw.byteCount - 8 {
      let word =
        UInt64(
          littleEndian: unsafe raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
        ^ crc
      crc = 0
      for byte in 0..<8 {
        let index = (7 - byte) << 8 | Int(UInt8(truncatingIfNeeded: word >> (8 * UInt64(byte))))
        // SAFETY: the index is within the 8 tables of 256.
        crc ^= unsafe tables[unchecked: index]
      }
      offset += 8
    }
    while offset < raw.byteCount {
      let byte = unsafe raw.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
      crc = tables[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ crc >> 8
      offset += 1
    }
    return ~crc
  }

  /// Shape: 8 tables of 256. Table `k` holds the checksum step of a byte with `k` zeros behind it.
  private static let tables: [UInt64] = {
    var tables = [UInt64](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var crc = UInt64(byte)
      for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1) &* 0xC96C_5795_D787_0F42 }
      tables[byte] = crc
    }
    for index in 256..<tables.count {
      let before = tables[index - 256]
      tables[index] = tables[Int(before & 0xFF)] ^ before >> 8
    }
    return tables
  }()
}
