import PFCompression
import PFCore
import Testing

@Suite struct `LZ4 blocks` {
  @Test func `no bytes`() {
    #expect(LZ4.decompressEveryWay([0], byteCount: 0) == .success([]))
  }

  @Test(arguments: Array(0...40) + [254, 255, 269, 270, 271, 524, 525, 526, 1040, 70_000])
  func `literals alone, of each form of their count`(size: Int) {
    var generator = SeededGenerator(seed: UInt64(size))
    var block = LZ4Block()
    block.end(generator.bytes(size))
    #expect(
      LZ4.decompressEveryWay(block.bytes, byteCount: size) == .success(block.decoded))
  }

  @Test(arguments: Array(1...40) + [63, 64, 65, 255, 256, 257, 2047])
  func `matches of every length from one distance`(distance: Int) {
    var generator = SeededGenerator(seed: UInt64(distance))
    for count in Array(4...70) + [273, 274, 275, 528, 529] {
      var block = LZ4Block()
      block.sequence(generator.bytes(distance), distance: distance, count: count)
      block.sequence(generator.bytes(3), distance: distance, count: count)
      // With the end near, and with the same in mid-stream.
      for rest in [5, 200] {
        var whole = block
        whole.end(generator.bytes(rest))
        #expect(
          LZ4.decompressEveryWay(whole.bytes, byteCount: whole.decoded.count)
            == .success(whole.decoded), "\(count)")
      }
    }
  }

  @Test(arguments: [4096, 32768, 65535])
  func `far matches`(distance: Int) {
    var generator = SeededGenerator(seed: UInt64(distance))
    var block = LZ4Block()
    block.sequence(generator.bytes(distance), distance: distance, count: 18)
    for count in 4..<200 { block.sequence([], distance: distance, count: count) }
    block.end(generator.bytes(5))
    #expect(
      LZ4.decompressEveryWay(block.bytes, byteCount: block.decoded.count)
        == .success(block.decoded))
  }

  @Test func `a column of integers, where few literals and near matches take turns`() {
    var block = LZ4Block()
    block.sequence([0, 0, 0, 0, 0, 0, 0, 0], distance: 8, count: 8)
    for value in 0..<3000 {
      let literals = (0..<(value % 10)).map { UInt8(truncatingIfNeeded: value >> $0) }
      block.sequence(literals, distance: 1 + value % 9, count: 4 + (value / 7) % 5)
    }
    block.end([1, 2, 3, 4, 5])
    #expect(
      LZ4.decompressEveryWay(block.bytes, byteCount: block.decoded.count)
        == .success(block.decoded))
  }

  @Test(arguments: UInt64(1)...60)
  func `random blocks`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let block = LZ4Block.random(count: 1 << Int(seed % 15), using: &generator)
    #expect(
      LZ4.decompressEveryWay(block.bytes, byteCount: block.decoded.count)
        == .success(block.decoded), "seed \(seed)")
  }
}

@Suite struct `LZ4 refuses` {
  /// Blocks that must fail at `error`.
  static let malformed: [(name: String, bytes: [UInt8], byteCount: Int, error: DecodingError)] = [
    ("nothing", [], 0, .truncated(offset: 0, needed: 1)),
    ("too few bytes", [0x10, 65], 2, .truncated(offset: 2, needed: 1)),
    ("cut literals", [0x40, 65, 66], 4, .truncated(offset: 3, needed: 2)),
    ("a cut count", [0xF0, 255], 300, .truncated(offset: 2, needed: 1)),
    ("a cut distance", [0x10, 65, 1], 5, .truncated(offset: 3, needed: 1)),
    ("a cut match count", [0x1F, 65, 1, 0, 255], 300, .truncated(offset: 5, needed: 1)),
    ("an end behind a match", [0x10, 65, 1, 0], 5, .truncated(offset: 4, needed: 1)),
    (
      "an end behind a long match", [0x1F, 65, 1, 0, 25], 45, .truncated(offset: 5, needed: 1)
    ),
    ("distance 0", [0x10, 65, 0, 0, 0], 5, .invalidValue(offset: 0)),
    ("a match from before the start", [0x10, 65, 2, 0, 0], 5, .invalidValue(offset: 0)),
    ("a match at the very start", [0x00, 1, 0, 0], 4, .invalidValue(offset: 0)),
    ("literals too long", [0x20, 65, 66], 1, .limitExceeded(offset: 0, declared: 2, limit: 1)),
    (
      "a match too long", [0x10, 65, 1, 0, 0], 4,
      .limitExceeded(offset: 0, declared: 5, limit: 4)
    ),
    (
      "trailing bytes", [0x10, 65, 1, 0, 0x10, 66], 5,
      .limitExceeded(offset: 4, declared: 6, limit: 5)
    ),
  ]

  @Test(arguments: malformed)
  func `malformed blocks, with their place`(
    name: String, bytes: [UInt8], byteCount: Int, error: DecodingError
  ) {
    #expect(
      LZ4.decompressEveryWay(bytes, byteCount: byteCount) == .failure(error), "\(name)")
  }

  @Test(arguments: UInt64(1)...6)
  func `every strict prefix`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let block = LZ4Block.random(count: 400, using: &generator)
    for count in 0..<block.bytes.count {
      let result = LZ4.decompressEveryWay(
        Array(block.bytes[..<count]), byteCount: block.decoded.count)
      guard case .failure(.truncated) = result else {
        Issue.record("seed \(seed), prefix of \(count): \(String(describing: result))")
        return
      }
    }
  }

  @Test(arguments: UInt64(1)...4)
  func `every flip of a bit, or gives the same bytes as the twin`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let block = LZ4Block.random(count: 400, using: &generator)
    for index in block.bytes.indices {
      for bit in 0..<8 {
        var bytes = block.bytes
        bytes[index] ^= 1 << bit
        let result = LZ4.decompressEveryWay(bytes, byteCount: block.decoded.count)
        #expect(result != nil, "seed \(seed), byte \(index), bit \(bit)")
      }
    }
  }

  @Test(arguments: UInt64(1)...60)
  func `random bytes as the twin does`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let bytes = [0x40, 1, 2, 3, 4, 2, 0] + generator.bytes(Int(seed * 10))
    for byteCount in [1, 63, 64, 500, 3000] {
      #expect(LZ4.decompressEveryWay(bytes, byteCount: byteCount) != nil, "seed \(seed)")
    }
  }
}
