/// The CRC-32 of ISO-HDLC (ITU-T V.42, RFC 1952 section 8): Parquet page checksums, GZIP, Avro's
/// Snappy blocks.
public struct CRC32: Equatable, Sendable {
  /// The checksum of all bytes so far.
  public private(set) var value: UInt32 = 0

  /// The checksum of no bytes, which is 0.
  public init() {}

  /// The checksum of `bytes`.
  public static func checksum(of bytes: Span<UInt8>) -> UInt32 {
    var crc = CRC32()
    crc.update(bytes)
    return crc.value
  }

  /// Appends `bytes` to what was summed; any split of an input gives the same value.
  ///
  /// - Complexity: O(`bytes.count`), sixteen bytes a step.
  public mutating func update(_ bytes: Span<UInt8>) {
    let tables = Self.tables.span
    let raw = RawSpan(_elements: bytes)
    var crc = ~value
    var offset = 0
    // SAFETY: the loads are checked against the span's bounds; every bit pattern is a UInt64.
    while offset <= raw.byteCount - 16 {
      let low =
        UInt64(
          littleEndian: unsafe raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
        ^ UInt64(crc)
      let high = UInt64(
        littleEndian: unsafe raw.unsafeLoadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
      crc = Self.fold(low, tables, from: 15) ^ Self.fold(high, tables, from: 7)
      offset += 16
    }
    for index in offset..<bytes.count {
      crc = tables[Int(UInt8(truncatingIfNeeded: crc) ^ bytes[index])] ^ crc >> 8
    }
    value = ~crc
  }

  /// The part of eight bytes, the first of which stands `table` bytes before the end of a step.
  @inline(__always)
  private static func fold(_ word: UInt64, _ tables: Span<UInt32>, from table: Int) -> UInt32 {
    var crc: UInt32 = 0
    for byte in 0..<8 {
      let index = (table - byte) << 8 | Int(UInt8(truncatingIfNeeded: word >> (8 * UInt64(byte))))
      // SAFETY: `table` is 7 or 15, so the index is within the 16 tables of 256.
      crc ^= unsafe tables[unchecked: index]
    }
    return crc
  }

  /// Shape: 16 tables of 256. Table `k` holds the checksum step of a byte with `k` zeros behind it.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 16 * 256)
    for byte in 0..<256 {
      var crc = UInt32(byte)
      for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1) &* 0xEDB8_8320 }
      tables[byte] = crc
    }
    for index in 256..<tables.count {
      let before = tables[index - 256]
      tables[index] = tables[Int(before & 0xFF)] ^ before >> 8
    }
    return tables
  }()
}
