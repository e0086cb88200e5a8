import PFCore
@testable import PFParquet
import Testing

/// Encodings.md, "Byte Stream Split".
@Suite struct `BYTE_STREAM_SPLIT` {
  @Test func `decodes the worked example`() throws {
    let bytes: [UInt8] = [0xAA, 0x00, 0xA3, 0xBB, 0x11, 0xB4, 0xCC, 0x22, 0xC5, 0xDD, 0x33, 0xD6]
    #expect(
      try decode(bytes, width: 4, count: 3)
        == [0xAA, 0xBB, 0xCC, 0xDD, 0x00, 0x11, 0x22, 0x33, 0xA3, 0xB4, 0xC5, 0xD6])
  }

  @Test(
    "gives back values of any width",
    arguments: [1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 31, 32, 33, 10_000])
  func widths(width: Int) throws {
    var random = SeededGenerator(seed: UInt64(width))
    for count in [0, 1, 7, 15, 16, 17, 63, 64, 65, 2049, 5000] where count * width < 1 << 20 {
      let values = (0..<(count * width)).map { _ in UInt8.random(in: 0...255, using: &random) }
      let bytes = Encode.streams(values, width: width)
      for step in [Int.max, 1 + count / 3, 1] where step > 1 || count < 100 {
        #expect(try decode(bytes, width: width, count: count, step: step) == values)
      }
      #expect(throws: DecodingError.self) { try decode(bytes, width: width, count: count + 1) }
    }
  }

  @Test func `refuses streams that differ in length or are too long`() {
    #expect(throws: DecodingError.invalidValue(offset: 0)) {
      try decode([1, 2, 3, 4, 5], width: 4, count: 1)
    }
    #expect(throws: DecodingError.limitExceeded(offset: 0, declared: 2, limit: 1)) {
      try unsafe DecodeValues.fixedWidth([1, 2, 3, 4], width: 2, count: 1) {
        try unsafe ByteStreamSplitDecoder($0, width: 2, limit: 1)
      }
    }
  }

  private func decode(
    _ bytes: [UInt8], width: Int, count: Int, step: Int = .max
  ) throws -> [UInt8] {
    try unsafe DecodeValues.fixedWidth(bytes, width: width, count: count, step: step) {
      try unsafe ByteStreamSplitDecoder($0, width: width, limit: 1 << 20)
    }
  }
}
