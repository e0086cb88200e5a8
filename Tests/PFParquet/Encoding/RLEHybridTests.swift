import PFCore
@testable import PFParquet
import Testing

@Suite struct `bit unpacking` {
  @Test("gives what a naive reader gives, from any start to any end", arguments: 1...32)
  func twin(width: Int) {
    var random = SeededGenerator(seed: UInt64(width))
    let mask = width == 32 ? UInt32.max : (1 << UInt32(width)) - 1
    for total in [1, 7, 8, 9, 63, 64, 65, 130] {
      let values = (0..<total).map { _ in UInt32.random(in: 0...UInt32.max, using: &random) & mask }
      let bytes = Encode.bits(values, width)
      for start in 0..<total {
        for count in [0, 1, 2, 7, 8, 9, 16, 17, total - start] where start + count <= total {
          #expect(unpack(bytes, width, start, count) == Array(values[start..<(start + count)]))
        }
      }
    }
  }

  /// Unpacks from memory that ends with the last byte, into memory that ends with the last value.
  private func unpack(_ bytes: [UInt8], _ width: Int, _ start: Int, _ count: Int) -> [UInt32] {
    unsafe bytes.withUnsafeBytes { source in
      unsafe [UInt32](unsafeUninitializedCapacity: count + 1) { target, initializedCount in
        guard let base = source.baseAddress, let out = target.baseAddress else { return }
        unsafe out[count] = 0xDEAD_BEEF
        unsafe BitUnpacking.unpack(
          base, byteCount: source.count, bitWidth: width, start: start, count: count, into: out)
        #expect(unsafe out[count] == 0xDEAD_BEEF, "a value too many")
        initializedCount = count
      }
    }
  }
}

/// Encodings.md, "Run Length Encoding / Bit-Packing Hybrid".
@Suite struct `the RLE / bit-packing hybrid` {
  @Test func `decodes the worked example of the specification`() throws {
    let bytes: [UInt8] = [0x03, 0b1000_1000, 0b1100_0110, 0b1111_1010]
    #expect(try decode(bytes, width: 3, count: 8) == [0, 1, 2, 3, 4, 5, 6, 7])
  }

  @Test("gives mixed runs however they are asked for", arguments: 0...32)
  func mixed(width: Int) throws {
    var random = SeededGenerator(seed: UInt64(width) + 100)
    let mask = width == 32 ? UInt32.max : (1 << UInt32(width)) - 1
    for _ in 0..<20 {
      var bytes: [UInt8] = []
      var values: [UInt32] = []
      for _ in 0..<6 where width > 0 {
        if Bool.random(using: &random) {
          let value = UInt32.random(in: 0...UInt32.max, using: &random) & mask
          let count = Int.random(in: 0...200, using: &random)
          bytes += Encode.run(value, count: count, bitWidth: width)
          values += [UInt32](repeating: value, count: count)
        } else {
          let count = 8 * Int.random(in: 0...12, using: &random)
          let run = (0..<count).map { _ in UInt32.random(in: 0...UInt32.max, using: &random) & mask
          }
          bytes += Encode.packed(run, bitWidth: width)
          values += run
        }
      }
      if width == 0 { values = [UInt32](repeating: 0, count: 300) }
      #expect(try decode(bytes, width: width, count: values.count) == values)
      #expect(try decode(bytes, width: width, count: values.count, step: 7) == values)
      #expect(
        try decode(bytes, width: width, count: values.count / 2)
          == Array(values.prefix(values.count / 2)))
      if width > 0 {
        #expect(throws: DecodingError.self) {
          try decode(bytes, width: width, count: values.count + 1)
        }
      }
    }
  }

  @Test("may be cut in a bit-packed run behind the last value asked for", arguments: 1...32)
  func cutRun(width: Int) throws {
    let mask = width == 32 ? UInt32.max : (1 << UInt32(width)) - 1
    let values = (0..<24).map { UInt32($0) & mask }
    let bytes = Encode.packed(values, bitWidth: width)
    for byteCount in 1..<bytes.count {
      let cut = Array(bytes[..<byteCount])
      let there = (byteCount - 1) * 8 / width
      #expect(try decode(cut, width: width, count: there) == Array(values.prefix(there)))
      #expect(throws: DecodingError.self) { try decode(cut, width: width, count: there + 1) }
    }
  }

  @Test func `may have runs longer than what is asked for`() throws {
    #expect(try decode([0xFE, 0xFF, 0xFF, 0xFF, 0x7F, 5], width: 3, count: 3) == [5, 5, 5])
    // 2^34 groups of eight, of which one is there.
    #expect(
      try decode([0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0x88, 0xC6, 0xFA], width: 3, count: 8)
        == [0, 1, 2, 3, 4, 5, 6, 7])
  }

  static let broken: [(bytes: [UInt8], width: Int)] = [
    ([], 1), ([0x80], 1), ([0x02], 1), ([0x02, 1], 9), ([0x03], 8),
    // A header above 35 bits.
    ([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 1], 1), ([UInt8](repeating: 0x80, count: 20), 1),
    // A repeated value wider than declared.
    ([0x02, 2], 1), ([0x02, 0, 2], 9), ([0x02, 0xFF, 0xFF, 0xFF, 0xFF], 31),
    // Runs of nothing, then the end.
    ([0, 1, 0, 1, 1, 1, 1], 1),
  ]

  @Test("is an error when broken", arguments: broken)
  func errors(bytes: [UInt8], width: Int) {
    #expect(throws: DecodingError.self) { try decode(bytes, width: width, count: 1) }
  }

  @Test("has no width outside 0 to 32", arguments: [-1, 33, 255, Int.max, Int.min])
  func widths(width: Int) {
    #expect(throws: DecodingError.invalidValue(offset: 0)) {
      try decode([0], width: width, count: 1)
    }
  }

  private func decode(
    _ bytes: [UInt8], width: Int, count: Int, step: Int = .max
  ) throws -> [UInt32] {
    try unsafe bytes.withUnsafeBytes { source in
      var reader = try unsafe RLEHybridReader(source, bitWidth: width)
      var values = [UInt32](repeating: 0, count: count + 1)
      values[count] = 0xDEAD_BEEF
      var done = 0
      try unsafe values.withUnsafeMutableBufferPointer { target in
        while done < count, let base = target.baseAddress {
          let part = min(step, count - done)
          try unsafe reader.read(part, into: base + done)
          done += part
        }
      }
      #expect(values.removeLast() == 0xDEAD_BEEF, "a value too many")
      return values
    }
  }
}
