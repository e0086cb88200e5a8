import PFCore
import Testing

@Suite struct `bytes in Base64` {
  /// RFC 4648, section 10, and both last digits.
  static let examples: [(text: String, bytes: [UInt8]?)] = [
    ("", []), ("Zg==", Array("f".utf8)), ("Zm8=", Array("fo".utf8)), ("Zm9v", Array("foo".utf8)),
    ("Zm9vYg==", Array("foob".utf8)), ("Zm9vYmE=", Array("fooba".utf8)),
    ("Zm9vYmFy", Array("foobar".utf8)), ("Zm9vYg", Array("foob".utf8)),
    ("+/8=", [0xFB, 0xFF]), ("Z", nil), ("Zm9vZ", nil), ("Zm=v", nil), ("Zm9\n", nil),
    ("Zm9-", nil), ("é", nil),
  ]

  @Test("gives the bytes, or nil for what is none", arguments: examples)
  func decodes(text: String, bytes: [UInt8]?) { #expect(Base64.decode(text) == bytes) }
}
