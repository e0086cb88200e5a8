internal import PFCore

extension Bzip2 {
  /// The CRC-32 of bzip2: the polynomial of `CRC32`, but the highest bit of a byte comes first.
  enum Checksum {
    /// Sixteen bytes a step, each through a table of its own.
    static func of(_ bytes: Span<UInt8>) -> UInt32 {
      let raw = RawSpan(_elements: bytes)
      let tables = tables.span
      var crc = UInt32.max
      var offset = 0
      // SAFETY: the loads are checked against the span's bounds; every bit pattern is an integer.
      while offset <= raw.byteCount - 16 {
        let high =
          UInt64(bigEndian: unsafe raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
          ^ UInt64(crc) << 32
        let low = UInt64(
          bigEndian: unsafe raw.unsafeLoadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
        crc = step(high, tables, behind: 8) ^ step(low, tables, behind: 0)
        offset += 16
      }
      while offset < raw.byteCount {
        let byte = unsafe raw.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
        crc = tables[Int(UInt8(truncatingIfNeeded: crc >> 24) ^ byte)] ^ crc << 8
        offset += 1
      }
      return ~crc
    }

    /// The part of eight bytes with `behind` more in the step.
    @inline(__always)
    private static func step(_ word: UInt64, _ tables: Span<UInt32>, behind: Int) -> UInt32 {
      var crc: UInt32 = 0
      for byte in 0..<8 {
        let index =
          (behind + byte) << 8 | Int(UInt8(truncatingIfNeeded: word >> (8 * UInt64(byte))))
        // SAFETY: `behind` is 0 or 8, so the index is within the 16 tables of 256.
        crc ^= unsafe tables[unchecked: index]
      }
      return crc
    }

    /// Shape: 16 tables of 256. Table `k` holds the step of a byte with `k` zeros behind it.
    private static let tables: [UInt32] = {
      var tables = [UInt32](repeating: 0, count: 16 * 256)
      for byte in 0..<256 {
        var crc = UInt32(byte) << 24
        for _ in 0..<8 { crc = crc << 1 ^ (crc >> 31) &* 0x04C1_1DB7 }
        tables[byte] = crc
      }
      for index in 256..<tables.count {
        let before = tables[index - 256]
        tables[index] = tables[Int(before >> 24)] ^ before << 8
      }
      return tables
    }()
  }
}
