import PFCompression
import Testing

@Suite struct `CRC-32` {
  static let vectors: [(text: String, checksum: UInt32)] = [
    ("", 0), ("a", 0xE8B7_BE43), ("abc", 0x3524_41C2), ("123456789", 0xCBF4_3926),
    ("message digest", 0x2015_9D7F),
    ("abcdefghijklmnopqrstuvwxyz", 0x4C27_50BD),
    ("The quick brown fox jumps over the lazy dog", 0x414F_A339),
  ]

  @Test(arguments: vectors)
  func `known checksums`(text: String, checksum: UInt32) {
    #expect(CRC32.checksum(of: Array(text.utf8).span) == checksum)
  }

  /// The definition: one bit after the other.
  static func bitwise(_ bytes: [UInt8]) -> UInt32 {
    var crc = ~UInt32(0)
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 0 ? 0 : 0xEDB8_8320) }
    }
    return ~crc
  }

  @Test(
    arguments: Array(0...70) + [
      127, 128, 129, 1000, 14399, 14400, 14401, 14415, 14416, 24000, 24016, 50001,
    ])
  func `as the definition, and for every split`(size: Int) {
    var generator = SeededGenerator(seed: UInt64(size))
    let bytes = generator.bytes(size)
    let expected = Self.bitwise(bytes)
    #expect(CRC32.checksum(of: bytes.span) == expected)
    for split in stride(from: 0, through: size, by: 7 + size / 50) {
      var crc = CRC32()
      crc.update(bytes.span.extracting(..<split))
      crc.update(bytes.span.extracting(split...))
      #expect(crc.value == expected)
    }
  }
}
