import PFCore
@testable import PFParquet
import Testing

/// AlpEncoding.md. No file of other writers is at hand: the encoder of these tests follows the
/// specification alone.
@Suite struct `ALP` {
  /// "Worked Example: Exceptions and Non-Zero Factor", byte by byte.
  static let example: [UInt8] =
    [0, 0, 10, 4, 0, 0, 0] + [4, 0, 0, 0]
    + [4, 3, 1, 0] + [0x07, 0x0D, 0, 0, 0, 0, 0, 0, 15]
    + Encode.bits([11665, 11665, 21665, 0], 15)
    + [1, 0] + Encode.plain([Double.nan.bitPattern])

  @Test func `decodes the worked example`() throws {
    #expect(Self.example.count == 7 + 4 + 31)
    let values: [Double] = [1500, .nan, 2500, 333.5]
    #expect(try decode(Self.example, count: 4) == values.map(\.bitPattern))
    #expect(try decode(Self.example, count: 4, step: 1) == values.map(\.bitPattern))
    #expect(Encode.alp(values, exponent: 4, factor: 3) == Self.example)
  }

  @Test func `has powers of ten that are rounded right`() {
    #expect(Double.powersOfTen == (0...18).map { Double("1e\($0)") })
    #expect(Double.negativePowersOfTen == (0...18).map { Double("1e-\($0)") })
    #expect(Float.powersOfTen == (0...10).map { Float("1e\($0)") })
    #expect(Float.negativePowersOfTen == (0...10).map { Float("1e-\($0)") })
  }

  @Test("gives back doubles to the bit, whatever the exponent", arguments: 0...18)
  func doubles(exponent: Int) throws {
    var random = SeededGenerator(seed: UInt64(exponent))
    for factor in Set([0, exponent / 2, exponent]) {
      for (count, logarithm) in [(0, 10), (1, 3), (8, 3), (9, 3), (1500, 10), (5000, 12)] {
        let values = (0..<count).map { index -> Double in
          switch index % 29 {
          case 7: Double(bitPattern: UInt64.random(in: 0...UInt64.max, using: &random))
          case 11: -0.0
          case 13: -.infinity
          default: Double(Int.random(in: -9999...99999, using: &random)) / 100
          }
        }
        let bytes = Encode.alp(values, exponent: exponent, factor: factor, sizeLogarithm: logarithm)
        for step in [Int.max, 100] {
          #expect(try decode(bytes, count: count, step: step) == values.map(\.bitPattern))
        }
      }
    }
  }

  @Test("gives back floats to the bit, whatever the exponent", arguments: 0...10)
  func floats(exponent: Int) throws {
    var random = SeededGenerator(seed: UInt64(exponent))
    for factor in 0...exponent {
      let values = (0..<700).map { index -> Float in
        index % 17 == 3
          ? Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &random))
          : Float(Int.random(in: -999...9999, using: &random)) / 10
      }
      let bytes = Encode.alp(values, exponent: exponent, factor: factor, sizeLogarithm: 8)
      let decoded = try unsafe DecodeValues.fixedWidth(bytes, as: UInt32.self, count: 700, step: 90)
      {
        try unsafe ALPDecoder($0, width: 4, limit: 700)
      }
      #expect(decoded == values.map(\.bitPattern))
    }
  }

  @Test func `wraps around where deltas are as wide as the type`() throws {
    // Frame of reference Int64.min, deltas of 64 bits.
    let deltas: [UInt64] = [0, .max, 1 << 63, 5]
    let bytes: [UInt8] =
      [0, 0, 3, 4, 0, 0, 0] + [4, 0, 0, 0] + [0, 0, 0, 0] + Encode.plain([Int64.min]) + [64]
      + Encode.plain(deltas)
    let values = deltas.map { Double(Int64.min &+ Int64(bitPattern: $0)).bitPattern }
    #expect(try decode(bytes, count: 4) == values)
  }

  static let broken: [(String, @Sendable (inout [UInt8]) -> Void)] = [
    ("a vector of 4", { $0[2] = 2 }), ("a vector of 65536", { $0[2] = 16 }),
    ("a negative count", { $0[6] = 0x80 }), ("a value more", { $0[3] = 5 }),
    ("an offset into the offsets", { $0[7] = 3 }), ("an offset behind the end", { $0[8] = 1 }),
    ("an exponent of 19", { $0[11] = 19 }), ("a factor above the exponent", { $0[12] = 5 }),
    ("more exceptions than values", { $0[13] = 5 }),
    ("a bit width of 65", { $0[23] = 65 }), ("an exception behind the values", { $0[32] = 4 }),
    ("a byte less", { $0.removeLast() }),
  ]

  @Test("refuses what the specification does not allow", arguments: broken)
  func errors(what: String, change: @Sendable (inout [UInt8]) -> Void) {
    var bytes = Self.example
    change(&bytes)
    #expect(throws: DecodingError.self, "\(what)") { try decode(bytes, count: 4) }
  }

  @Test func `ends in an error wherever it is cut, and somehow whichever bit is changed`() {
    let values = (0..<20).map { $0 % 6 == 1 ? Double.pi : Double($0) / 4 }
    let bytes = Encode.alp(values, exponent: 2, factor: 0, sizeLogarithm: 3)
    DecodeValues.checkDamage(bytes) { _ = try decode($0, count: 20) }
  }

  private func decode(_ bytes: [UInt8], count: Int, step: Int = .max) throws -> [UInt64] {
    try unsafe DecodeValues.fixedWidth(bytes, as: UInt64.self, count: count, step: step) {
      try unsafe ALPDecoder($0, width: 8, limit: max(count, 4))
    }
  }
}
