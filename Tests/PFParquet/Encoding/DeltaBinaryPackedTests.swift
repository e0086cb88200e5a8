import PFCore
@testable import PFParquet
import Testing

/// Encodings.md, "Delta Encoding".
@Suite struct `DELTA_BINARY_PACKED` {
  @Test func `decodes the worked examples, in blocks that the specification allows`() throws {
    // Block size 128, one miniblock, five values from 1 on; least delta 1, width 0.
    let first: [UInt8] = [0x80, 0x01, 1, 5, 2, 2, 0]
    #expect(try decode(first, as: Int32.self, count: 5) == [1, 2, 3, 4, 5])
    // Eight values from 7 on; least delta -2, width 2, and 0, 0, 0, 3, 3, 3, 3 on two bits each.
    let second = [0x80, 0x01, 1, 8, 14, 3, 2, 0b1100_0000, 0b0011_1111] as [UInt8]
    let padded = second + [UInt8](repeating: 0, count: 30)
    #expect(try decode(padded, as: Int64.self, count: 8) == [7, 5, 3, 1, 2, 3, 4, 5])
    // Cut behind the last value.
    #expect(try decode(second, as: Int64.self, count: 8) == [7, 5, 3, 1, 2, 3, 4, 5])
    #expect(throws: DecodingError.self) {
      try decode(Array(second.dropLast()), as: Int64.self, count: 8)
    }
  }

  static let shapes = [
    (128, 1), (128, 2), (128, 4), (256, 8), (384, 3), (1024, 32), (4096, 2),
  ]

  @Test("gives back random integers of every width and shape", arguments: shapes)
  func random(blockSize: Int, miniblockCount: Int) throws {
    var random = SeededGenerator(seed: UInt64(blockSize + miniblockCount))
    for width in 0...64 {
      let count = [0, 1, 2, 31, 32, 33, 128, 129, 300, 1500].randomElement(using: &random) ?? 0
      let mask = width == 0 ? 0 : UInt64.max >> UInt64(64 - width)
      let wide = (0..<count).map { _ in
        Int64(bitPattern: UInt64.random(in: 0...UInt64.max, using: &random) & mask)
      }
      let narrow = wide.map { Int32(truncatingIfNeeded: $0) }
      let padding = UInt8.random(in: 0...255, using: &random)
      let step = Int.random(in: 1...70, using: &random)
      let wideBytes = Encode.deltas(
        wide, blockSize: blockSize, miniblockCount: miniblockCount, padding: padding)
      let narrowBytes = Encode.deltas(
        narrow, blockSize: blockSize, miniblockCount: miniblockCount, padding: padding)
      for step in [Int.max, step] {
        #expect(try decode(wideBytes, as: Int64.self, count: count, step: step) == wide)
        #expect(try decode(narrowBytes, as: Int32.self, count: count, step: step) == narrow)
      }
      #expect(try end(of: wideBytes + [1, 2, 3]) == wideBytes.count)
    }
  }

  @Test func `wraps around where deltas overflow`() throws {
    let wide: [Int64] = [.min, .max, 0, .max, .min, -1, .min, 1, .max]
    #expect(try decode(Encode.deltas(wide), as: Int64.self, count: 9) == wide)
    let narrow: [Int32] = [.min, .max, 0, .max, .min, -1, .min, 1, .max]
    #expect(try decode(Encode.deltas(narrow), as: Int32.self, count: 9) == narrow)
    // Writers that count in 64 bits pack INT32 in 33.
    let long = Encode.deltas(narrow.map { Int64($0) })
    #expect(try decode(long, as: Int32.self, count: 9) == narrow)
  }

  @Test func `needs no bytes for no values`() throws {
    #expect(try decode([], as: Int32.self, count: 0) == [])
    #expect(try decode([0x80, 0x01, 4, 0, 0], as: Int32.self, count: 0) == [])
    #expect(throws: DecodingError.self) { try decode([], as: Int32.self, count: 1) }
  }

  static let badHeaders: [[UInt8]] = [
    [0, 1, 1, 0], [0x80, 0x01, 0, 1, 0], [100, 1, 1, 0], [0x80, 0x01, 3, 1, 0],
    [0x80, 0x01, 8, 1, 0], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 1, 1, 0],
    [0x80, 0x01, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0],
    [UInt8](repeating: 0xFF, count: 11),
  ]

  @Test("refuses headers that the specification does not allow", arguments: badHeaders)
  func headers(bytes: [UInt8]) {
    #expect(throws: DecodingError.self) { try decode(bytes, as: Int64.self, count: 1) }
  }

  @Test func `refuses more values than there can be, and bit widths above 64`() {
    let bytes = Encode.deltas([1, 2, 3, 4] as [Int64])
    #expect(throws: DecodingError.limitExceeded(offset: 0, declared: 4, limit: 3)) {
      try decode(bytes, as: Int64.self, count: 3, limit: 3)
    }
    #expect(throws: DecodingError.invalidValue(offset: 6)) {
      try decode([0x80, 0x01, 1, 5, 2, 2, 65], as: Int64.self, count: 5)
    }
    // The widths of miniblocks that nobody needs may be anything.
    #expect(
      (try? decode([0x80, 0x01, 4, 5, 2, 2, 0, 255, 255, 255], as: Int64.self, count: 5))
        == [1, 2, 3, 4, 5])
  }

  @Test func `ends in an error wherever it is cut, and somehow whichever bit is changed`() {
    let values = (0..<100).map { Int64($0 * $0 % 37) }
    let bytes = Encode.deltas(values)
    // The last miniblock is cut behind its last value, so that no byte is padding.
    let used = bytes.count - 28 * 6 / 8
    DecodeValues.checkDamage(Array(bytes[..<used])) {
      _ = try decode($0, as: Int64.self, count: 100)
    }
  }

  private func decode<Value: FixedWidthInteger>(
    _ bytes: [UInt8], as type: Value.Type, count: Int, step: Int = .max, limit: Int = 1 << 20
  ) throws -> [Value] {
    try unsafe DecodeValues.fixedWidth(bytes, as: type, count: count, step: step) {
      try unsafe DeltaBinaryPackedDecoder($0, width: Value.bitWidth / 8, limit: limit)
    }
  }

  private func end(of bytes: [UInt8]) throws -> Int {
    try unsafe bytes.withUnsafeBytes {
      try unsafe DeltaBinaryPackedDecoder($0, width: 8, limit: 1 << 20).endOffset()
    }
  }
}

@Suite struct `unpacking of wide integers` {
  @Test("gives what a naive reader gives, from any start to any end", arguments: 1...64)
  func twin(width: Int) {
    var random = SeededGenerator(seed: UInt64(width))
    let values = (0..<90).map { _ in
      UInt64.random(in: 0...UInt64.max, using: &random) >> UInt64(64 - width)
    }
    let bytes = Encode.wideBits(values, width)
    for start in 0..<values.count {
      for count in [0, 1, 7, 8, 9, 17, values.count - start] where start + count <= values.count {
        let unpacked = unsafe bytes.withUnsafeBytes { source in
          unsafe [UInt64](unsafeUninitializedCapacity: count + 1) { target, initializedCount in
            guard let base = source.baseAddress, let out = target.baseAddress else { return }
            var numbers = PackedNumbers<UInt64>()
            unsafe BitUnpacking.unpack(
              base, byteCount: source.count, bitWidth: width, start: start, count: count,
              into: out, through: &numbers)
            initializedCount = count
          }
        }
        #expect(unpacked == Array(values[start..<(start + count)]))
      }
    }
  }
}
