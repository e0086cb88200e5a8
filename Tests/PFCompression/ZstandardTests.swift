import PFCompression
import PFCore
import Testing

@Suite struct `Zstandard decompression` {
  static let fixtures =
    [
      "text--fast5", "text-1", "text-3", "text-9", "text-19", "text-ultra", "text-stream",
      "integers-1", "integers-19", "doubles", "letters", "random", "zeros", "far", "empty", "byte",
      "members", "unchecked",
    ] + (0..<24).map { $0 < 10 ? "corpus-0\($0)" : "corpus-\($0)" }

  @Test("of the reference's frames, which check themselves", arguments: fixtures)
  func files(name: String) throws {
    let outcome = decompressZstandard(try zstandardFixture(name))
    #expect(throws: Never.self) { try outcome?.get() }
    #expect(outcome != nil)
  }

  @Test func `the sizes of the plain bytes`() throws {
    let sizes = [("zeros", 400_000), ("integers-1", 12_000), ("members", 1700), ("empty", 0)]
    for (name, size) in sizes {
      let input = try zstandardFixture(name)
      #expect(try Zstandard.decompress(input.span).count == size, "\(name)")
    }
    let nothing: [UInt8] = []
    #expect(try Zstandard.decompress(nothing.span) == [])
  }

  @Test func `raw and run-length blocks, section 3.1.1.2`() {
    let bytes = ZstandardFrame.make(
      9, [.raw([1, 2]), .runLength(7, count: 5), .raw([]), .raw([3, 4])])
    #expect(decompressZstandard(bytes) == .success([1, 2, 7, 7, 7, 7, 7, 3, 4]))
  }

  @Test func `literals alone, section 3.1.1.3.1.1`() {
    // Raw, then repeated, with sizes in one, two and three bytes; no sequences.
    let headers: [[UInt8]] = [[5 << 3], [5 << 4 | 4, 0], [5 << 4 | 12, 0, 0]]
    for header in headers {
      let letters = Array("abcde".utf8)
      let raw = ZstandardFrame.make(5, [.compressed(header + letters + [0])])
      #expect(decompressZstandard(raw) == .success(letters))
      let runLength = [header[0] | 1] + header[1...] + [9, 0]
      let repeated = ZstandardFrame.make(5, [.compressed(runLength)])
      #expect(decompressZstandard(repeated) == .success([9, 9, 9, 9, 9]))
    }
  }

  /// Sequences whose three codes never change: modes of one symbol, so that all bits are extra.
  static func sequences(
    literals: [UInt8], lengthCode: UInt8, offsetCode: UInt8, matchCode: UInt8, count: UInt8,
    bits: [UInt8]
  ) -> [UInt8] {
    [UInt8(literals.count << 3)] + literals + [count, 0x54, lengthCode, offsetCode, matchCode]
      + bits
  }

  @Test func `repeated offsets, section 3.1.1.5`() {
    // Each sequence: two literals, three bytes of match. Offset code 0 takes the last distance, 1.
    let first = Self.sequences(
      literals: Array("abcd".utf8), lengthCode: 2, offsetCode: 0, matchCode: 0, count: 2,
      bits: [1])
    #expect(
      decompressZstandard(ZstandardFrame.make(10, [.compressed(first)]))
        == .success(Array("abbbbcdddd".utf8)))

    // No literals: code 0 takes the second distance, 4, then the first again, which is now second.
    let second = Self.sequences(
      literals: [], lengthCode: 0, offsetCode: 0, matchCode: 0, count: 2, bits: [1])
    #expect(
      decompressZstandard(
        ZstandardFrame.make(11, [.raw(Array("abcde".utf8)), .compressed(second)]))
        == .success(Array("abcdebcdddd".utf8)))

    // No literals, code 1: bit 0 takes the third distance, 8; bit 1 the first less one, 0: refused.
    func third(_ bit: UInt8) -> [UInt8] {
      ZstandardFrame.make(
        11,
        [
          .raw(Array("abcdefgh".utf8)),
          .compressed(
            Self.sequences(
              literals: [], lengthCode: 0, offsetCode: 1, matchCode: 0, count: 1, bits: [2 | bit])),
        ])
    }
    #expect(decompressZstandard(third(0)) == .success(Array("abcdefghabc".utf8)))
    guard case .failure = decompressZstandard(third(1)) else {
      Issue.record("a distance of 0 was taken")
      return
    }
  }

  @Test(arguments: 1...70)
  func `matches from every small distance, near the end and far from it`(distance: Int) {
    var generator = SeededGenerator(seed: UInt64(distance))
    let literals = generator.bytes(distance)
    let code = (distance + 3).bitWidth - 1 - (distance + 3).leadingZeroBitCount
    let extra = UInt(distance + 3 - 1 << code)
    for matchCode in 0..<32 {
      // The one sequence of a block takes all literals: they stand in a block before.
      let mark = extra | 1 << UInt(code)
      let bits = mark < 256 ? [UInt8(mark)] : [UInt8(truncatingIfNeeded: mark), UInt8(mark >> 8)]
      let block = Self.sequences(
        literals: [], lengthCode: 0, offsetCode: UInt8(code), matchCode: UInt8(matchCode), count: 1,
        bits: bits)
      var expected = literals
      for _ in 0..<(matchCode + 3) { expected.append(expected[expected.count - distance]) }
      for tail in [[], [UInt8](repeating: 5, count: 100)] {
        let frame = ZstandardFrame.make(
          expected.count + tail.count, [.raw(literals), .compressed(block), .raw(tail)])
        #expect(
          decompressZstandard(frame, pieces: [(100, 100)]) == .success(expected + tail))
      }
    }
  }

  @Test func `no more than asked for, and no less`() throws {
    let input = try zstandardFixture("doubles")
    let workspace = try Zstandard.Workspace()
    for byteCount in [0, 1, 3999, 4001, 5000] {
      var output = [UInt8](repeating: 0, count: byteCount)
      #expect(throws: DecodingError.self) {
        var target = output.mutableSpan
        try Zstandard.decompress(
          input.span, into: &target, byteCount: byteCount, workspace: workspace)
      }
    }
    #expect(throws: DecodingError.self) { try Zstandard.decompress(input.span, limit: 3999) }
    #expect(try Zstandard.decompress(input.span, limit: 4000).count == 4000)
  }

  @Test func `a stream slides its window`() throws {
    // A window of 1 KiB: blocks of 1 KiB, each a match of the block before.
    var blocks: [ZstandardFrame.Block] = [
      .raw((0..<1024).map { UInt8(truncatingIfNeeded: $0 / 3) })
    ]
    let match = Self.sequences(
      literals: [], lengthCode: 0, offsetCode: 10, matchCode: 45, count: 1,
      bits: [0xFB, 0x07, 0x08])
    for _ in 0..<3000 { blocks.append(.compressed(match)) }
    let frame = ZstandardFrame.magic + [0, 0] + ZstandardFrame.bytes(of: blocks)
    let outcome = decompressZstandard(
      frame, slacks: [64], pieces: [(500, 900), (1 << 20, 1 << 20)])
    #expect(try outcome?.get().count == 1024 + 3000 * 1022)
  }
}

@Suite struct `Zstandard refuses` {
  static let malformed: [(name: String, bytes: [UInt8])] = [
    ("another magic number", [0x28, 0xB5, 0x2F, 0xFE, 0x20, 0, 1, 0, 0]),
    ("a reserved bit", ZstandardFrame.magic + [0x28, 0, 1, 0, 0]),
    ("a reserved block", ZstandardFrame.make(0, [.reserved])),
    ("another size than declared", ZstandardFrame.make(3, [.raw([1, 2])])),
    ("a block above the window", ZstandardFrame.magic + [0x20, 1, 17, 0, 0, 1, 2]),
    ("a run above 128 KiB", ZstandardFrame.make(1 << 18, [.runLength(0, count: 1 << 18)])),
    ("bytes behind the last frame", ZstandardFrame.make(1, [.raw([1])]) + [0]),
    ("a compressed block of nothing", ZstandardFrame.make(1, [.compressed([])])),
    ("no sequences, yet bytes of them", ZstandardFrame.make(1, [.compressed([8, 1, 0, 0])])),
    (
      "treeless literals without a tree",
      ZstandardFrame.make(9, [.compressed([0x93, 0x40, 0, 1, 0])])
    ),
    (
      "repeated tables that are not there",
      ZstandardFrame.make(9, [.compressed([8, 1, 1, 0xFC, 1])])
    ),
    (
      "reserved bits of the modes",
      ZstandardFrame.make(9, [.compressed([8, 1, 1, 0x55, 0, 0, 0, 1])])
    ),
    ("a code that is none", ZstandardFrame.make(9, [.compressed([8, 1, 1, 0x54, 36, 0, 0, 1])])),
    ("no end mark", ZstandardFrame.make(9, [.compressed([8, 1, 1, 0x54, 1, 0, 0, 0])])),
    ("bits left over", ZstandardFrame.make(9, [.compressed([8, 1, 1, 0x54, 1, 0, 0, 2])])),
    ("too few literals", ZstandardFrame.make(9, [.compressed([8, 1, 1, 0x54, 2, 0, 0, 1])])),
    (
      "a match from before the start",
      ZstandardFrame.make(9, [.compressed([0, 1, 0x54, 0, 0, 0, 1])])
    ),
  ]

  @Test(arguments: malformed)
  func `malformed input`(name: String, bytes: [UInt8]) {
    guard case .failure = decompressZstandard(bytes, byteCount: 9) else {
      Issue.record("\(name) was taken")
      return
    }
  }

  @Test func `dictionaries and old formats by name`() {
    for (flag, id) in [(1, [7]), (2, [7, 0]), (3, [0, 0, 0, 7])] as [(UInt8, [UInt8])] {
      let bytes = ZstandardFrame.magic + [0x20 | flag] + id + [1, 9, 0, 0, 5]
      #expect(decompressZstandard(bytes) == .failure(.unsupported(.zstandardDictionary, offset: 5)))
      let none = ZstandardFrame.magic + [0x20 | flag] + id.map { _ in 0 } + [1, 9, 0, 0, 5]
      #expect(decompressZstandard(none) == .success([5]))
    }
    for first in [0x22, 0x25, 0x27] as [UInt8] {
      let bytes = [first] + ZstandardFrame.magic[1...] + [0, 0, 0]
      #expect(decompressZstandard(bytes) == .failure(.unsupported(.legacyZstandard, offset: 0)))
    }
  }

  @Test func `a window above the limit, in a stream alone`() throws {
    let bytes = ZstandardFrame.magic + [0, 17 << 3 | 1] + ZstandardFrame.bytes(of: [.raw([5])])
    #expect(try Zstandard.decompress(bytes.span) == [5])
    #expect(
      decompressPieces(bytes, of: 9, into: 9)
        == .failure(.limitExceeded(offset: 0, declared: 9 << 24, limit: 128 << 20)))
    #expect(decompressPieces(bytes, of: 9, into: 9, windowLimit: 9 << 24) == .success([5]))
  }

  @Test("every strict prefix", arguments: ["doubles", "random", "corpus-03", "zeros"])
  func prefixes(name: String) throws {
    let input = try zstandardFixture(name)
    let whole = try Zstandard.decompress(input.span)
    let workspace = try Zstandard.Workspace()
    var output = [UInt8](repeating: 0, count: whole.count)
    for count in 0..<input.count {
      let prefix = Array(input[..<count])
      #expect(throws: DecodingError.self, "\(count) bytes") {
        var target = output.mutableSpan
        try Zstandard.decompress(
          prefix.span, into: &target, byteCount: whole.count, workspace: workspace)
      }
    }
  }

  @Test(
    "every flipped bit, or gives the same bytes every way",
    arguments: ["unchecked", "doubles", "corpus-00", "corpus-11", "corpus-17"])
  func flips(name: String) throws {
    let input = try zstandardFixture(name)
    let whole = try Zstandard.decompress(input.span)
    for position in stride(from: 0, to: 8 * input.count, by: 5) {
      var damaged = input
      damaged[position / 8] ^= 1 << UInt8(position % 8)
      let outcome = decompressZstandard(
        damaged, byteCount: nil, slacks: [0, 64], pieces: [(1 << 20, 1 << 20)])
      // A stream refuses a large window, and only that makes it differ.
      if position < 8 * 6, outcome == nil { continue }
      #expect(outcome != nil, "bit \(position)")
      if name != "unchecked", position >= 8 * 14,
        case .success(let bytes) = outcome
      {
        #expect(bytes == whole, "bit \(position)")
      }
    }
  }

  @Test func `a damaged checksum`() throws {
    var input = try zstandardFixture("doubles")
    input[input.count - 1] ^= 0x80
    guard case .failure(.invalidValue) = decompressZstandard(input) else {
      Issue.record("the checksum was not looked at")
      return
    }
  }

  @Test(arguments: UInt64(1)...40)
  func `random blocks, or gives the same bytes every way`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<20 {
      var content = generator.bytes(Int.random(in: 1...80, using: &generator))
      content[0] &= 0x0F  // few literals, so that something follows
      let frame = ZstandardFrame.make(5000, [.raw(generator.bytes(40)), .compressed(content)])
      #expect(
        decompressZstandard(frame, byteCount: 5000, pieces: [(9, 100)]) != nil, "seed \(seed)")
    }
  }
}
