import PFCompression
import Testing

@Suite struct `the 64-bit xxHash` {
  static let vectors: [(text: String, hash: UInt64)] = [
    ("", 0xEF46_DB37_51D8_E999), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
    ("message digest", 0x066E_D728_FCEE_B3BE),
    ("abcdefghijklmnopqrstuvwxyz", 0xCFE1_F278_FA89_835C),
    (
      "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
      0xE04A_477F_19EE_145D
    ),
  ]

  @Test(arguments: vectors)
  func `known hashes`(text: String, hash: UInt64) {
    #expect(XXH64.hash(Array(text.utf8).span) == hash)
  }

  /// The sanity buffer of the reference implementation: a multiplicative generator's high bytes.
  static let buffer: [UInt8] = {
    var state: UInt64 = 2_654_435_761
    return (0..<222).map { _ in
      defer { state = state &* 11_400_714_785_074_694_797 }
      return UInt8(truncatingIfNeeded: state >> 56)
    }
  }()

  static let seeded: [(count: Int, seed: UInt64, hash: UInt64)] = [
    (0, 0, 0xEF46_DB37_51D8_E999), (0, 2_654_435_761, 0xAC75_FDA2_929B_17EF),
    (1, 0, 0xE934_A84A_DB05_2768), (1, 2_654_435_761, 0x5014_6076_43A9_B4C3),
    (14, 0, 0x8282_DCC4_994E_35C8), (14, 2_654_435_761, 0xC3BD_6BF6_3DEB_6DF0),
    (222, 0, 0xB641_AE8C_B691_C174), (222, 2_654_435_761, 0x20CB_8AB7_AE10_C14A),
  ]

  @Test(arguments: seeded)
  func `the reference's own checks`(count: Int, seed: UInt64, hash: UInt64) {
    #expect(XXH64.hash(Self.buffer.span.extracting(..<count), seed: seed) == hash)
  }
}
