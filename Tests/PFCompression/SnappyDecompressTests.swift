import PFCompression
import PFCore
import Testing

@Suite struct `Snappy decompression` {
  static let sizes = [1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 60, 61, 63, 64, 65, 255, 256, 257]

  @Test func `the preambles of the specification, section 1`() throws {
    #expect(try Snappy.readPreamble(of: [0x40]) == 64)
    #expect(try Snappy.readPreamble(of: [0xFE, 0xFF, 0x7F]) == 2_097_150)
  }

  @Test func `the run of the specification, section 2.2, "xababab"`() {
    var stream = SnappyStream()
    stream.literal(Array("xab".utf8))
    stream.copy(distance: 2, count: 4, width: 1)
    #expect(stream.bytes == [7, 2 << 2, 0x78, 0x61, 0x62, 1, 2])
    #expect(decompressEveryWay(stream.bytes, byteCount: 7) == .success(Array("xababab".utf8)))
  }

  @Test func `no bytes`() {
    #expect(decompressEveryWay([0], byteCount: 0) == .success([]))
  }

  @Test(arguments: sizes + [65535, 65536, 65537])
  func `a literal of every length field that can hold it`(size: Int) {
    var generator = SeededGenerator(seed: UInt64(size))
    let bytes = generator.bytes(size)
    for width in 0...4 where size <= (width == 0 ? 60 : 1 << (8 * width)) {
      var stream = SnappyStream()
      stream.literal(bytes, width: width)
      #expect(decompressEveryWay(stream.bytes, byteCount: size) == .success(bytes))
    }
  }

  @Test(arguments: Array(1...40) + [63, 64, 65, 255, 256, 257, 2047])
  func `copies of every length from one distance`(distance: Int) {
    var generator = SeededGenerator(seed: UInt64(distance))
    for width in [1, 2, 4] {
      for count in width == 1 ? 4...11 : 1...64 {
        var stream = SnappyStream()
        stream.literal(generator.bytes(distance), width: 2)
        stream.copy(distance: distance, count: count, width: width)
        stream.literal(generator.bytes(3))
        stream.copy(distance: distance, count: count, width: width)
        let expected = Result<[UInt8], DecodingError>.success(stream.decoded)
        #expect(decompressEveryWay(stream.bytes, byteCount: stream.decoded.count) == expected)
        // The same in mid-stream, where nothing is near the ends.
        for _ in 0..<4 { stream.literal(generator.bytes(60)) }
        #expect(
          decompressEveryWay(stream.bytes, byteCount: stream.decoded.count)
            == .success(stream.decoded))
      }
    }
  }

  @Test(arguments: [2048, 65535, 65536, 70000])
  func `far copies`(distance: Int) {
    var generator = SeededGenerator(seed: UInt64(distance))
    var stream = SnappyStream()
    stream.literal(generator.bytes(distance), width: 3)
    for _ in 0..<50 {
      stream.copy(distance: distance, count: 64, width: distance < 65536 ? 2 : 4)
    }
    #expect(
      decompressEveryWay(stream.bytes, byteCount: stream.decoded.count)
        == .success(stream.decoded))
  }

  @Test func `a column of integers, where short literals and near copies take turns`() {
    var stream = SnappyStream()
    stream.literal([0, 0, 0, 0, 0, 0, 0, 0])
    for value in 0..<3000 {
      let size = 1 + value % 4
      stream.literal((0..<size).map { UInt8(truncatingIfNeeded: value >> $0) })
      stream.copy(distance: 1 + value % 9, count: 4 + (value / 7) % 5, width: 1 + value % 2)
    }
    #expect(
      decompressEveryWay(stream.bytes, byteCount: stream.decoded.count)
        == .success(stream.decoded))
  }

  @Test(arguments: UInt64(1)...40)
  func `random streams`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let stream = SnappyStream.random(count: 1 << Int(seed % 14), using: &generator)
    #expect(
      decompressEveryWay(stream.bytes, byteCount: stream.decoded.count)
        == .success(stream.decoded), "seed \(seed)")
  }

  @Test func `the array form`() throws {
    var generator = SeededGenerator(seed: 3)
    let stream = SnappyStream.random(count: 5000, using: &generator)
    #expect(try Snappy.decompressedByteCount(of: stream.bytes.span) == stream.decoded.count)
    #expect(try Snappy.decompress(stream.bytes.span) == stream.decoded)
    #expect(
      throws: DecodingError.limitExceeded(
        offset: 0, declared: stream.decoded.count, limit: 10)
    ) { try Snappy.decompress(stream.bytes.span, limit: 10) }
  }
}

@Suite struct `Snappy refuses` {
  /// Streams that must fail at `error`, whatever comes before and behind.
  static let malformed: [(name: String, bytes: [UInt8], byteCount: Int, error: DecodingError)] = [
    ("nothing", [], 0, .truncated(offset: 0, needed: 1)),
    ("a cut preamble", [0x80], 0, .truncated(offset: 1, needed: 1)),
    ("a preamble of 33 bits", [0xFF, 0xFF, 0xFF, 0xFF, 0x1F], 1, .integerOverflow(offset: 0)),
    ("a preamble of six bytes", [0x80, 0x80, 0x80, 0x80, 0x80, 0], 0, .integerOverflow(offset: 0)),
    ("another size than expected", [3, 0, 65], 1, .invalidValue(offset: 0)),
    ("no elements", [1], 1, .truncated(offset: 1, needed: 1)),
    ("too few bytes", [2, 0, 65], 2, .truncated(offset: 3, needed: 1)),
    ("a cut literal", [4, 3 << 2, 65, 66], 4, .truncated(offset: 4, needed: 2)),
    ("a cut length", [200, 1, 61 << 2, 5], 200, .truncated(offset: 4, needed: 1)),
    (
      "a literal of 4 GiB", [200, 1, 63 << 2, 255, 255, 255, 255], 200,
      .truncated(offset: 7, needed: 1 << 32)
    ),
    ("a cut copy", [5, 0, 65, 1], 5, .truncated(offset: 4, needed: 1)),
    ("a cut copy of two bytes", [5, 0, 65, 14, 1], 5, .truncated(offset: 5, needed: 1)),
    ("a cut copy of four bytes", [5, 0, 65, 15, 1], 5, .truncated(offset: 5, needed: 3)),
    ("distance 0", [5, 0, 65, 1, 0], 5, .invalidValue(offset: 3)),
    ("distance 0 in two bytes", [5, 0, 65, 14, 0, 0], 5, .invalidValue(offset: 3)),
    ("distance 0 in four bytes", [5, 0, 65, 15, 0, 0, 0, 0], 5, .invalidValue(offset: 3)),
    ("a copy from before the start", [5, 0, 65, 1, 2], 5, .invalidValue(offset: 3)),
    ("a copy at the very start", [4, 1, 1], 4, .invalidValue(offset: 1)),
    (
      "a copy from 4 GiB back", [5, 0, 65, 15, 255, 255, 255, 255], 5, .invalidValue(offset: 3)
    ),
    (
      "a literal too long", [1, 1 << 2, 65, 66], 1,
      .limitExceeded(offset: 1, declared: 2, limit: 1)
    ),
    ("a copy too long", [4, 0, 65, 1, 1], 4, .limitExceeded(offset: 3, declared: 5, limit: 4)),
    ("trailing bytes", [1, 0, 65, 0, 66], 1, .invalidValue(offset: 3)),
    ("a trailing copy", [1, 0, 65, 1, 1], 1, .invalidValue(offset: 3)),
  ]

  @Test(arguments: malformed)
  func `malformed input, with its place`(
    name: String, bytes: [UInt8], byteCount: Int, error: DecodingError
  ) {
    #expect(decompressEveryWay(bytes, byteCount: byteCount) == .failure(error), "\(name)")
  }

  @Test func `a size that the input could not expand to`() {
    let bytes: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0, 65]
    #expect(throws: DecodingError.limitExceeded(offset: 0, declared: 0xFFFF_FFFF, limit: 42)) {
      try Snappy.decompress(bytes.span)
    }
  }

  @Test(arguments: UInt64(1)...6)
  func `every strict prefix`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let stream = SnappyStream.random(count: 400, using: &generator)
    for count in 0..<stream.bytes.count {
      let result = decompressEveryWay(
        Array(stream.bytes[..<count]), byteCount: stream.decoded.count)
      guard case .failure(.truncated) = result else {
        Issue.record("seed \(seed), prefix of \(count): \(String(describing: result))")
        return
      }
    }
  }

  @Test(arguments: UInt64(1)...4)
  func `every flip of a bit, or gives the same bytes as the twin`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let stream = SnappyStream.random(count: 400, using: &generator)
    for index in stream.bytes.indices {
      for bit in 0..<8 {
        var bytes = stream.bytes
        bytes[index] ^= 1 << bit
        let result = decompressEveryWay(bytes, byteCount: stream.decoded.count)
        #expect(result != nil, "seed \(seed), byte \(index), bit \(bit)")
      }
    }
  }

  @Test(arguments: UInt64(1)...60)
  func `random bytes as the twin does`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let size = Int.random(in: 0...600, using: &generator)
    for byteCount in [1, 63, 64, 500, 3000] {
      let bytes = SnappyStream.preamble(byteCount) + [0x0C, 1, 2, 3, 4] + generator.bytes(size)
      #expect(decompressEveryWay(bytes, byteCount: byteCount) != nil, "seed \(seed)")
    }
  }
}

extension Snappy {
  fileprivate static func readPreamble(of bytes: [UInt8]) throws -> Int {
    // Enough elements behind it to make the size believable.
    try decompressedByteCount(of: (bytes + [UInt8](repeating: 0, count: 1 << 17)).span)
  }
}
