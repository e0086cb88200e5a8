import PFCore
import Testing

@Suite struct `bits behind pointers` {
  static let counts = [0, 1, 2, 7, 8, 9, 15, 16, 17, 56, 57, 58, 63, 64, 65, 127, 128, 129, 200]

  @Test("are set and cleared, and no others", arguments: counts)
  func setAndClear(count: Int) {
    for start in 0..<18 {
      let byteCount = (start + count + 7) / 8 + 1
      for before: UInt8 in [0x00, 0xFF, 0x5A] {
        let bytes = [UInt8](repeating: before, count: byteCount)
        var expected = Self.bits(of: bytes)
        for index in start..<(start + count) { expected[index] = true }
        unsafe #expect(
          Self.changed(bytes) { unsafe Bits.set($0, start: start, count: count) } == expected)
        for index in start..<(start + count) { expected[index] = false }
        unsafe #expect(
          Self.changed(bytes) { unsafe Bits.clear($0, start: start, count: count) } == expected)
      }
    }
  }

  @Test("are read as words and counted", arguments: counts)
  func words(count: Int) {
    var random = SystemRandomNumberGenerator()
    for start in 0..<18 {
      // No byte behind the last bit: the sanitizer sees one that is read.
      let bytes = (0..<max(1, (start + count + 7) / 8)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      let expected = Self.bits(of: bytes)[start..<(start + count)]
      let ones = expected.count { $0 }
      unsafe bytes.withUnsafeBufferPointer { source in
        guard let base = source.baseAddress else { return }
        #expect(unsafe Bits.count(base, start: start, count: count) == ones)
        guard count <= 64 else { return }
        let word = unsafe Bits.word(base, start: start, count: count)
        #expect((0..<64).map { word >> UInt64($0) & 1 == 1 } == expected + Self.zeros(64 - count))
      }
    }
  }

  @Test("are copied from any place to any other, and counted", arguments: counts)
  func copy(count: Int) {
    for sourceStart in [0, 1, 5, 7, 8, 13] {
      for targetStart in [0, 1, 3, 7, 8, 9, 14] {
        let bytes = (0..<max(1, (sourceStart + count + 7) / 8)).map {
          UInt8(truncatingIfNeeded: ($0 &+ 1) &* 0x9D ^ count)
        }
        let source = Self.bits(of: bytes)[sourceStart..<(sourceStart + count)]
        // The target's bits in front and behind are set and stay so.
        let byteCount = (targetStart + count + 7) / 8 + 1
        var expected = [Bool](repeating: true, count: byteCount * 8)
        expected.replaceSubrange(targetStart..<(targetStart + count), with: source)
        let target = Self.bytes(
          of: expected.indices.map { !($0 >= targetStart && $0 < targetStart + count) })
        let copied = unsafe Self.changed(target) { target in
          unsafe bytes.withUnsafeBufferPointer { source in
            guard let base = source.baseAddress else { return }
            let ones = unsafe Bits.copy(
              base, start: sourceStart, to: target, start: targetStart, count: count)
            #expect(ones == expected[targetStart..<(targetStart + count)].count { $0 })
          }
        }
        #expect(copied == expected)
      }
    }
  }

  private static func zeros(_ count: Int) -> [Bool] { [Bool](repeating: false, count: count) }

  private static func bits(of bytes: [UInt8]) -> [Bool] {
    bytes.flatMap { byte in (0..<8).map { byte >> UInt8($0) & 1 == 1 } }
  }

  private static func bytes(of bits: [Bool]) -> [UInt8] {
    stride(from: 0, to: bits.count, by: 8).map { start in
      (0..<8).reduce(0) { $0 | (bits[start + $1] ? 1 << UInt8($1) : 0) }
    }
  }

  private static func changed(
    _ bytes: [UInt8], _ change: (UnsafeMutablePointer<UInt8>) -> Void
  ) -> [Bool] {
    var bytes = bytes
    unsafe bytes.withUnsafeMutableBufferPointer { target in
      if let base = target.baseAddress { unsafe change(base) }
    }
    return bits(of: bytes)
  }
}
