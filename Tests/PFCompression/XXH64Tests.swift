import PFCompression
import Testing

@Suite struct `XXH64 hashes` {
  /// Of the reference implementation's own check: bytes of its generator, two seeds.
  static let vectors: [(text: String, seed: UInt64, hash: UInt64)] = [
    ("", 0, 0xEF46_DB37_51D8_E999), ("a", 0, 0xD24E_C4F1_A98C_6E5B),
    ("abc", 0, 0x44BC_2CF5_AD77_0999), ("", 0x9E37_79B1, 0xAC75_FDA2_929B_17EF),
    ("Nobody inspects the spammish repetition", 0, 0xFBCE_A83C_8A37_8BF1),
    ("xxhash", 0, 0x32DD_3895_2C4B_C720), ("xxhash", 20_141_025, 0xB559_B98D_844E_0635),
  ]

  @Test(arguments: vectors)
  func `known hashes`(text: String, seed: UInt64, hash: UInt64) {
    #expect(XXH64.hash(Array(text.utf8).span, seed: seed) == hash)
  }

  @Test(arguments: Array(0...100) + [1000, 4096])
  func `the same for every split`(size: Int) {
    var generator = SeededGenerator(seed: UInt64(size))
    let bytes = generator.bytes(size)
    let expected = XXH64.hash(bytes.span, seed: 5)
    for split in stride(from: 0, through: size, by: 3) {
      var hash = XXH64(seed: 5)
      hash.update(bytes.span.extracting(..<split))
      hash.update(bytes.span.extracting(split...))
      #expect(hash.value == expected)
      #expect(hash.value == expected)
    }
  }

  @Test func `integers as their bytes`() {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<100 {
      let value = generator.next()
      let bytes = (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      let seed = generator.next()
      #expect(XXH64.hash(value, seed: seed) == XXH64.hash(bytes.span, seed: seed))
      #expect(
        XXH64.hash(UInt32(truncatingIfNeeded: value), seed: seed)
          == XXH64.hash(Array(bytes[..<4]).span, seed: seed))
    }
  }
}
