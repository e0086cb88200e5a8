import PFCompression
import PFCore
import Testing

@Suite struct `Snappy compression` {
  static let sizes =
    [0, 1, 2, 3, 4, 5, 7, 8, 9, 11, 12, 15, 16, 17, 63, 64, 65, 68, 127, 128, 129, 4095, 4096]
    + [65535, 65536, 65537, 65540, 131_072, 200_000]

  /// What a byte at an index may be; each makes other matches.
  static func sample(_ kind: Int, _ count: Int) -> [UInt8] {
    var generator = SeededGenerator(seed: UInt64(kind))
    switch kind {
    case 0: return [UInt8](repeating: 7, count: count)
    case 1: return generator.bytes(count)
    case 2: return (0..<count).map { UInt8(truncatingIfNeeded: ($0 / 8) >> ($0 % 8 * 8)) }
    default:
      var text: [UInt8] = []
      let words = (0..<50).map { generator.bytes(2 + $0 % 9) }
      while text.count < count { text += words.randomElement(using: &generator) ?? [] }
      return Array(text[..<count])
    }
  }

  @Test(arguments: sizes, 0..<4)
  func `gives back what went in, within the bound`(size: Int, kind: Int) {
    let bytes = Self.sample(kind, size)
    let compressed = Snappy.compress(bytes.span)
    #expect(compressed.count <= 32 + size * 7 / 6)
    #expect(decompressEveryWay(compressed, byteCount: size) == .success(bytes))
  }

  @Test func `finds what repeats`() {
    #expect(Snappy.compress(Self.sample(0, 1 << 20).span).count < 1 << 16)
    #expect(Snappy.compress(Self.sample(2, 1 << 20).span).count < 650_000)
    #expect(Snappy.compress(Self.sample(3, 1 << 20).span).count < 1 << 19)
  }
}
