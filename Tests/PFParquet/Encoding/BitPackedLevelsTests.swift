import PFCore
@testable import PFParquet
import Testing

/// Encodings.md, "Bit-packed (Deprecated)".
@Suite struct `BIT_PACKED levels` {
  @Test func `decode the worked example`() throws {
    let bytes: [UInt8] = [0b0000_0101, 0b0011_1001, 0b0111_0111]
    #expect(try read(bytes, count: 8, bitWidth: 3) == [0, 1, 2, 3, 4, 5, 6, 7])
  }

  @Test("of any width come back, and leave what follows", arguments: 0...32)
  func widths(width: Int) throws {
    var random = SeededGenerator(seed: UInt64(width))
    for count in [0, 1, 7, 8, 9, 63, 64, 65, 300] {
      let levels = (0..<count).map { _ in
        width == 0 ? 0 : UInt32.random(in: 0...UInt32.max, using: &random) >> UInt32(32 - width)
      }
      let bytes = Encode.mostSignificantFirst(levels, width)
      #expect(try read(bytes + [1, 2, 3], count: count, bitWidth: width, rest: 3) == levels)
      guard width > 0, count > 0 else { continue }
      #expect(throws: DecodingError.self) {
        try read(Array(bytes.dropLast()), count: count, bitWidth: width)
      }
    }
  }

  private func read(
    _ bytes: [UInt8], count: Int, bitWidth: Int, rest: Int = 0
  ) throws -> [UInt32] {
    var packed = BitPackedLevels()
    return try unsafe bytes.withUnsafeBytes { source in
      var bytes = unsafe source
      var reader = try unsafe packed.read(&bytes, count: count, bitWidth: bitWidth)
      #expect(bytes.count == rest)
      var levels = [UInt32](repeating: 0, count: count)
      try unsafe levels.withUnsafeMutableBufferPointer {
        if let base = $0.baseAddress { try unsafe reader.read(count, into: base) }
      }
      return levels
    }
  }
}
