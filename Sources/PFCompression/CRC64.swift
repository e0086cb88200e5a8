/// The CRC-64 of ECMA-182, reflected, as .xz files hold it.
enum CRC64 {
  /// The checksum of `bytes`.
  static func checksum(of bytes: Span<UInt8>) -> UInt64 {
    let raw = RawSpan(_elements: bytes)
    let tables = tables.span
    var crc = UInt64.max
    var offset = 0
    if raw.byteCount >= 4 * stripe { crc = sumByStripes(raw, after: crc, tables, &offset) }
    while offset <= raw.byteCount - 8 {
      crc = step(crc ^ word(raw, offset), tables)
      offset += 8
    }
    while offset < raw.byteCount {
      // SAFETY: the load is checked against the span's bounds.
      let byte = unsafe raw.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
      crc = tables[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ crc >> 8
      offset += 1
    }
    return ~crc
  }

  /// Bytes of each of the four stretches that are summed at the same time.
  private static var stripe: Int { 2048 }

  /// Sums four stretches side by side, as often as there are four, and joins their sums.
  ///
  /// WHY: each step looks up what the one before made, and waits for it. The sum of two stretches
  /// is that of the first, moved on by as many zeros as the second has bytes, and that of the
  /// second from 0 on.
  @inline(never)
  private static func sumByStripes(
    _ raw: RawSpan, after crc: UInt64, _ tables: Span<UInt64>, _ offset: inout Int
  ) -> UInt64 {
    let moves = moves.span
    var first = crc
    while offset <= raw.byteCount - 4 * stripe {
      var (second, third, fourth) = (UInt64(0), UInt64(0), UInt64(0))
      let end = offset + stripe
      while offset < end {
        first = step(first ^ word(raw, offset), tables)
        second = step(second ^ word(raw, offset + stripe), tables)
        third = step(third ^ word(raw, offset + 2 * stripe), tables)
        fourth = step(fourth ^ word(raw, offset + 3 * stripe), tables)
        offset += 8
      }
      second ^= step(first, moves)
      third ^= step(second, moves)
      first = fourth ^ step(third, moves)
      offset += 3 * stripe
    }
    return first
  }

  @inline(__always)
  private static func word(_ raw: RawSpan, _ offset: Int) -> UInt64 {
    // SAFETY: the load is checked against the span's bounds; every bit pattern is an integer.
    UInt64(littleEndian: unsafe raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  /// What becomes of a sum whose bytes each go through a table of their own.
  @inline(__always)
  private static func step(_ sum: UInt64, _ tables: Span<UInt64>) -> UInt64 {
    var crc: UInt64 = 0
    for byte in 0..<8 {
      let index = (7 - byte) << 8 | Int(UInt8(truncatingIfNeeded: sum >> (8 * UInt64(byte))))
      // SAFETY: the index is within the 8 tables of 256.
      crc ^= unsafe tables[unchecked: index]
    }
    return crc
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

  /// As `tables`, for a sum that moves on by `stripe` zeros: table `7 - k` is of its byte `k`.
  private static let moves: [UInt64] = {
    var moves = [UInt64](repeating: 0, count: 8 * 256)
    for bit in 0..<64 {
      var crc = UInt64(1) << UInt64(bit)
      for _ in 0..<(stripe / 8) { crc = step(crc, tables.span) }
      let table = (7 - bit / 8) << 8
      for byte in 0..<256 where byte >> (bit % 8) & 1 == 1 { moves[table + byte] ^= crc }
    }
    return moves
  }()
}
