import PFCore
@testable import PFParquet
import Testing

/// Encodings.md, "Delta-length byte array".
@Suite struct `DELTA_LENGTH_BYTE_ARRAY` {
  @Test func `decodes the worked example`() throws {
    let words = ["Hello", "World", "Foobar", "ABCDEF"].map { Array($0.utf8) }
    let bytes = Encode.deltas([5, 5, 6, 6] as [Int32]) + Array("HelloWorldFoobarABCDEF".utf8)
    #expect(try decode(bytes) == words)
    #expect(try decode(bytes, step: 1) == words)
  }

  @Test func `gives back random byte arrays`() throws {
    var random = SeededGenerator(seed: 5)
    for count in [0, 1, 33, 127, 500, 2047, 2048, 2049, 5000] {
      let values = RandomBytes.arrays(count, using: &random)
      let bytes = Encode.deltaLengths(values)
      #expect(try decode(bytes) == values)
      #expect(try decode(bytes, step: 13) == values)
    }
  }

  @Test func `refuses lengths that are negative or beyond the page`() {
    for lengths: [Int32] in [[-1], [3, -1, 3], [4], [2, 2], [.max, .max, 1], [.max, -.max, 0]] {
      #expect(throws: DecodingError.self) { try decode(Encode.deltas(lengths) + [1, 2, 3]) }
    }
  }

  @Test func `ends in an error wherever it is cut, and somehow whichever bit is changed`() {
    let bytes = Encode.deltaLengths((0..<40).map { [UInt8](repeating: UInt8($0), count: $0 % 5) })
    DecodeValues.checkDamage(bytes) {
      guard try decode($0).count == 40 else { throw DecodingError.truncated(offset: 0, needed: 1) }
    }
  }

  private func decode(_ bytes: [UInt8], step: Int = .max) throws -> [[UInt8]] {
    try unsafe DecodeValues.byteArrays(bytes, step: step) {
      try unsafe DeltaLengthByteArrayDecoder($0, limit: $1)
    }
  }
}

/// Encodings.md, "Delta Strings".
@Suite struct `DELTA_BYTE_ARRAY` {
  @Test func `decodes the worked example`() throws {
    let words = ["axis", "axle", "babble", "babyhood"].map { Array($0.utf8) }
    let bytes =
      Encode.deltas([0, 2, 0, 3] as [Int32]) + Encode.deltas([4, 2, 6, 5] as [Int32])
      + Array("axislebabbleyhood".utf8)
    #expect(try decode(bytes) == words)
    #expect(try decode(bytes, step: 1) == words)
  }

  @Test("gives back random byte arrays", arguments: [0, 10, 33, 70, Int.max])
  func random(prefixLimit: Int) throws {
    var random = SeededGenerator(seed: 6)
    for count in [0, 1, 33, 500, 2047, 2048, 2049, 5000] {
      let values = RandomBytes.arrays(count, using: &random)
      let bytes = Encode.deltaStrings(values, prefixLimit: prefixLimit)
      for spare in [0, 64, 500] {
        #expect(try decode(bytes, spare: spare) == values)
        #expect(try decode(bytes, step: 3, spare: spare) == values)
      }
    }
  }

  @Test func `refuses prefixes that are negative or longer than the value before`() {
    for prefixes: [Int32] in [[1, 0], [0, 4], [0, -1], [0, .min], [0, .max]] {
      let bytes = Encode.deltas(prefixes) + Encode.deltaLengths([[1, 2, 3], []])
      #expect(throws: DecodingError.self) { try decode(bytes) }
    }
    let uneven = Encode.deltas([0, 0] as [Int32]) + Encode.deltaLengths([[1]])
    #expect(throws: DecodingError.self) { try decode(uneven) }
  }

  @Test func `has values of one length where the type asks for it`() throws {
    let values = (0..<3000).map { [UInt8](repeating: 7, count: 4) + [UInt8($0 % 5)] }
    let bytes = Encode.deltaStrings(values)
    for step in [Int.max, 1, 777] {
      let all = try unsafe DecodeValues.fixedWidth(bytes, width: 5, count: 3000, step: step) {
        FixedLengthDecoder(try unsafe DeltaByteArrayDecoder($0, limit: 3000), width: 5)
      }
      #expect(all == values.flatMap { $0 })
    }
    let uneven = Encode.deltaStrings(values + [[1]])
    #expect(throws: DecodingError.self) {
      try unsafe DecodeValues.fixedWidth(uneven, width: 5, count: 3001) {
        FixedLengthDecoder(try unsafe DeltaByteArrayDecoder($0, limit: 3001), width: 5)
      }
    }
  }

  @Test func `ends in an error wherever it is cut, and somehow whichever bit is changed`() {
    let values = (0..<40).map { Array("value \($0 / 3) \($0)".utf8) }
    DecodeValues.checkDamage(Encode.deltaStrings(values)) {
      guard try decode($0).count == 40 else { throw DecodingError.truncated(offset: 0, needed: 1) }
    }
  }

  private func decode(
    _ bytes: [UInt8], step: Int = .max, spare: Int = 64
  ) throws -> [[UInt8]] {
    try unsafe DecodeValues.byteArrays(bytes, step: step, spare: spare) {
      try unsafe DeltaByteArrayDecoder($0, limit: $1)
    }
  }
}

/// Byte arrays that often share a prefix with the one before.
private enum RandomBytes {
  static func arrays(_ count: Int, using random: inout SeededGenerator) -> [[UInt8]] {
    var last: [UInt8] = []
    return (0..<count).map { _ in
      let length = Int.random(in: 0...last.count, using: &random)
      let most = Bool.random(using: &random) ? 12 : 100
      let more = Int.random(in: 0...most, using: &random)
      last = last.prefix(length) + (0..<more).map { _ in UInt8.random(in: 0...3, using: &random) }
      return last
    }
  }
}
