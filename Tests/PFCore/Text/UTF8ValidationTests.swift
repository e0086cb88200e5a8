import PFCore
import Testing

/// Unicode, table 3-7, "Well-Formed UTF-8 Byte Sequences".
@Suite struct `UTF-8 validation` {
  /// Nil for ill-formed bytes.
  static func content(_ bytes: [UInt8]) -> UTF8Validation.Content? {
    unsafe bytes.withUnsafeBytes { source in
      // A null pointer is no place to read from.
      guard let base = source.baseAddress else { return .ascii }
      return try? unsafe UTF8Validation.check(base, byteCount: source.count)
    }
  }

  static func isValid(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }

  @Test func `agrees with the standard library on all sequences of two bytes and borders of more`()
  {
    // Every lead byte, and the borders of what may follow.
    let borders: [UInt8] = [
      0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xDF, 0xE0, 0xED, 0xEF,
      0xF0, 0xF4, 0xF5, 0xFF,
    ]
    var wrong: [[UInt8]] = []
    func compare(_ bytes: [UInt8]) {
      if (Self.content(bytes) != nil) != Self.isValid(bytes) { wrong.append(bytes) }
    }
    for first in UInt8.min...UInt8.max {
      compare([first])
      for second in UInt8.min...UInt8.max { compare([first, second]) }
      for second in borders {
        for third in borders {
          compare([first, second, third])
          guard first >= 0xE0 else { continue }
          for fourth in borders { compare([first, second, third, fourth]) }
        }
      }
    }
    #expect(wrong.isEmpty)
  }

  @Test("finds an ill-formed byte wherever it is", arguments: [1, 7, 8, 9, 63, 64, 65, 200])
  func position(count: Int) {
    let good = [UInt8](repeating: 0x61, count: count)
    #expect(Self.content(good) == .ascii)
    for index in 0..<count {
      var bad = good
      bad[index] = 0x80
      _ = unsafe bad.withUnsafeBytes { source in
        #expect(throws: DecodingError.invalidValue(offset: index)) {
          guard let base = source.baseAddress else { return }
          _ = try unsafe UTF8Validation.check(base, byteCount: source.count)
        }
      }
      // A character that is cut by the end.
      var cut = Array(good[..<index])
      cut += [0xE2, 0x82]
      #expect(Self.content(cut) == nil)
      cut.append(0xAC)
      #expect(Self.content(cut) == .multibyte)
    }
  }

  @Test func `agrees with the standard library on random text and on text with a changed byte`() {
    var random = SystemRandomNumberGenerator()
    let characters = Array("aZ0 żéßЖ中文😀𐍈\u{10FFFF}\u{D7FF}\u{E000}\u{7FF}\u{800}\u{FFFF}\u{10000}")
    for _ in 0..<2000 {
      let count = Int.random(in: 0...60, using: &random)
      var bytes = Array(
        String((0..<count).compactMap { _ in characters.randomElement(using: &random) }).utf8)
      #expect(Self.content(bytes) != nil)
      guard let index = bytes.indices.randomElement(using: &random) else { continue }
      bytes[index] ^= 1 << UInt8.random(in: 0...7, using: &random)
      #expect((Self.content(bytes) != nil) == Self.isValid(bytes), "\(bytes)")
    }
  }
}
