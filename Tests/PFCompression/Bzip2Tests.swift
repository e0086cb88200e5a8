import PFCompression
import PFCore
import Testing

/// The outcome of the array form, of the buffer form with a workspace that was used before, and of
/// limits around the size: all must agree.
private func decompress(_ input: [UInt8], _ workspace: Bzip2.Workspace? = nil) -> Outcome {
  decompressEveryWay(input) { (input, output, limit, slack) throws(DecodingError) in
    try Bzip2.decompress(
      input.span, into: &output, limit: limit, slack: slack,
      workspace: workspace ?? Bzip2.Workspace())
  } array: { (input, limit) throws(DecodingError) in
    try Bzip2.decompress(input.span, limit: limit)
  }
}

@Suite struct `bzip2 decompression` {
  static let fixtures: [(name: String, byteCount: Int)] =
    (1...8).map { ("text-\($0)", 2000) } + [
      ("text-9", 15915), ("doubles", 5600), ("runs", 8324), ("random", 3000), ("bytes", 768),
      ("zeros", 1_000_000), ("byte", 1), ("empty", 0), ("streams", 1201), ("blocks", 302_400),
      ("border-1", 99980), ("border+0", 99981), ("border+1", 99982), ("border-run-1", 99980),
      ("border-run+0", 99981), ("border-run+1", 99982),
    ]

  @Test("of the reference's streams, which check themselves", arguments: fixtures)
  func files(name: String, byteCount: Int) throws {
    let bytes = try decompress(try bzip2Fixture(name)).get()
    #expect(bytes.count == byteCount)
  }

  @Test func `of what is known`() throws {
    #expect(decompress(try bzip2Fixture("byte")) == .success(Array("a".utf8)))
    let all = (0..<768).map { UInt8(truncatingIfNeeded: $0) }
    #expect(decompress(try bzip2Fixture("bytes")) == .success(all))
    let zeros = try decompress(try bzip2Fixture("zeros")).get()
    #expect(zeros.allSatisfy { $0 == 0 })
  }

  @Test(arguments: Array(1...20) + Array(250...270) + [517, 518, 519, 520, 5000])
  func `runs of every length, alone and between others`(count: Int) {
    let run = [UInt8](repeating: 7, count: count)
    for plain in [run, [1, 2] + run + [3], run + [8, 8, 8, 8, 8] + run, [7, 1] + run] {
      var stream = Bzip2Stream()
      stream.block(plain)
      #expect(decompress(stream.end()) == .success(plain))
    }
  }

  @Test(arguments: UInt64(1)...40)
  func `random blocks in random codes`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var stream = Bzip2Stream(level: Int.random(in: 1...9, using: &generator))
    for _ in 0..<Int.random(in: 0...4, using: &generator) {
      let range = UInt8.random(in: 0...(seed & 1 == 0 ? 255 : 6), using: &generator)
      let plain = (0..<Int.random(in: 1...700, using: &generator)).map { _ in
        UInt8.random(in: 0...range, using: &generator)
      }
      let symbolCount = Set(Bzip2Stream.packRuns(plain)).count + 2
      let codeCount = Int.random(in: 2...6, using: &generator)
      let widths = (0..<codeCount).map { _ in
        Bzip2Stream.randomWidths(symbolCount, using: &generator)
      }
      stream.block(plain, .init(widths: widths))
    }
    #expect(decompress(stream.end()) == .success(stream.decoded), "seed \(seed)")
  }

  @Test(arguments: [1, 2, 3, 2047, 2048, 2049, 3000, 4096, 6000])
  func `blocks of many sizes, which lanes walk from 2048 bytes on`(count: Int) {
    var generator = SeededGenerator(seed: UInt64(count))
    var plain = generator.bytes(count)
    // No runs: so the block is as large.
    for index in plain.indices.dropFirst() where plain[index] == plain[index - 1] {
      plain[index] ^= 1
    }
    var stream = Bzip2Stream()
    stream.block(plain)
    #expect(decompress(stream.end()) == .success(plain))
  }

  @Test(arguments: [2, 3, 7, 16, 97])
  func `a block of a period, whose links are many rings`(period: Int) {
    let once = (0..<period).map { UInt8($0 * 7 % 101) }
    let count = 4096 / period
    // The rotations of the period, each as often as it comes.
    let (column, origin) = Bzip2Stream.sortedColumn(of: once)
    let packed = [[UInt8]](repeating: once, count: count).flatMap { $0 }
    let columns = column.flatMap { [UInt8](repeating: $0, count: count) }
    var stream = Bzip2Stream()
    stream.block(column: columns, origin: origin * count, decoding: packed)
    #expect(decompress(stream.end()) == .success(packed))
  }

  @Test func `one long walk that passes no mark, where lanes are of no use`() {
    // Every 32nd row is linked to itself; all others are one ring, from each to the one behind it.
    let count = 2048
    let others = (0..<count).filter { $0 % 32 != 0 }
    var column = [UInt8](repeating: 0, count: count)
    for row in stride(from: 0, to: count, by: 32) { column[row] = UInt8(row / 32 * 2) }
    for (index, row) in others.enumerated() {
      let next = others[(index + 1) % others.count]
      column[next] = index + 1 == others.count ? 255 : UInt8(row / 32 * 2 + 1)
    }
    let expected = Bzip2Stream.rotation(of: column, origin: 1)
    #expect(Set(expected.prefix(1984)).count == 65)
    var stream = Bzip2Stream()
    stream.block(column: column, origin: 1, decoding: unpackRuns(expected))
    #expect(decompress(stream.end()) == .success(stream.decoded))
  }

  /// The definition, byte by byte.
  private func unpackRuns(_ packed: [UInt8]) -> [UInt8] {
    var plain: [UInt8] = []
    var same = 0
    for byte in packed {
      if same == 4 {
        plain += [UInt8](repeating: plain[plain.count - 1], count: Int(byte))
        same = 0
        continue
      }
      same = plain.last == byte && same > 0 ? same + 1 : 1
      plain.append(byte)
    }
    return plain
  }

  @Test(arguments: [2, 3, 6])
  func `every number of codes, and more selectors than symbols`(codeCount: Int) {
    let plain = (0..<500).map { UInt8($0 % 37) }
    for selectorCount in [nil, 100, 18002, 18003, 32767] {
      var stream = Bzip2Stream()
      stream.block(plain, .init(codeCount: codeCount, selectorCount: selectorCount))
      #expect(decompress(stream.end()) == .success(plain), "\(String(describing: selectorCount))")
    }
  }

  @Test func `several streams, with nothing or zeros between and behind`() {
    var input: [UInt8] = []
    var expected: [UInt8] = []
    for count in [0, 1, 5, 0, 700] {
      var stream = Bzip2Stream(level: 1 + count % 9)
      if count > 0 { stream.block((0..<count).map { UInt8($0 % 7) }) }
      input += stream.end() + [UInt8](repeating: 0, count: count % 3)
      expected += stream.decoded
    }
    #expect(decompress(input) == .success(expected))
    #expect(decompress(input + [0, 0, 0]) == .success(expected))
  }
}

@Suite struct `bzip2 refuses` {
  private static func stream(
    _ plain: [UInt8] = Array("hello hello hello".utf8), level: Int = 9,
    _ options: Bzip2Stream.Options = .init(), sum: UInt32? = nil
  ) -> [UInt8] {
    var stream = Bzip2Stream(level: level)
    stream.block(plain, options)
    return stream.end(checksum: sum) + [UInt8](repeating: 0, count: 8)
  }

  /// Widths for "hello hello hello": a blank, e, h, l, o and the other three symbols.
  private static func widths(_ all: Int, _ first: Int? = nil) -> [[Int]] {
    let code = [first ?? all] + [Int](repeating: all, count: 6)
    return [code, code]
  }

  static let malformed: [(name: String, bytes: [UInt8])] = [
    ("another magic number", [0x42, 0x5A, 0x67] + stream()[3...]),
    ("the format of version 0", [0x42, 0x5A, 0x30] + stream()[3...]),
    ("level 0", [0x42, 0x5A, 0x68, 0x30] + stream()[4...]),
    ("level 10", [0x42, 0x5A, 0x68, 0x3A] + stream()[4...]),
    ("another magic number of a block", stream()[..<4] + [0x30] + stream()[5...]),
    ("a checksum of a block", stream(.init(checksum: 1))),
    ("a checksum of the stream", stream(sum: 1)),
    ("an origin behind the block", stream(.init(origin: 17))),
    ("the last origin", stream(.init(origin: 0xFF_FFFF))),
    ("one code", stream(.init(widths: [widths(3)[0]]))),
    ("seven codes", stream(.init(codeCount: 7))),
    ("no selectors", stream(.init(selectorCount: 0))),
    ("too few selectors", stream((0..<100).map { UInt8($0) }, .init(selectorCount: 2))),
    ("a code of width 0", stream(.init(widths: widths(3, 0)))),
    ("a code of width 21", stream(.init(widths: widths(3, 21)))),
    ("too many codes of one width", stream(.init(widths: widths(2)))),
    ("one code too many", stream(.init(widths: widths(3, 1)))),
    ("no end of the block", stream(.init(hasEnd: false))),
    ("a block of nothing", stream([])),
    ("a block above its level", large(count: 100_001)),
    ("a run above its level", large(count: 100_001, isRun: true)),
  ]

  private static func large(count: Int, isRun: Bool = false) -> [UInt8] {
    var stream = Bzip2Stream(level: 1)
    let column = (0..<count).map { isRun ? 0 : UInt8($0 & 1) }
    stream.block(column: column, origin: 0, decoding: [])
    return stream.end()
  }

  private static func stream(_ options: Bzip2Stream.Options) -> [UInt8] {
    stream(Array("hello hello hello".utf8), options)
  }

  private static func stream(_ plain: [UInt8], _ options: Bzip2Stream.Options) -> [UInt8] {
    stream(plain, level: 9, options)
  }

  @Test(arguments: malformed)
  func `malformed input`(name: String, bytes: [UInt8]) {
    guard case .failure(.invalidValue) = decompress(bytes) else {
      Issue.record("\(name): \(decompress(bytes))")
      return
    }
  }

  @Test func `a code that is left over`() {
    // Eight codes of three bits, of which the last is not given.
    var stream = Bzip2Stream()
    stream.block(Array("hello hello hello".utf8), .init(widths: Self.widths(3)))
    #expect(decompress(stream.end()) == .success(stream.decoded))
    for width in [3, 12, 20] {
      var other = Bzip2Stream()
      other.block(
        Array("hello hello hello".utf8), .init(widths: Self.widths(width), hasEnd: false))
      other.bits((1 << width) - 1, width)
      other.bits(0, 100)
      guard case .failure(.invalidValue) = decompress(other.bytes) else {
        Issue.record("a code of \(width) bits was taken")
        continue
      }
    }
  }

  @Test func `a block without bytes in its list, and symbols for none`() {
    var stream = Bzip2Stream()
    stream.bits(Bzip2Stream.blockMagic, 48)
    stream.bits(0, 32 + 1 + 24 + 16)
    stream.bits(2, 3)
    stream.bits(0, 200)
    guard case .failure(.invalidValue) = decompress(stream.bytes) else {
      Issue.record("it was taken")
      return
    }
  }

  @Test func `a run without its count`() {
    let packed: [UInt8] = [1, 2, 3, 9, 9, 9, 9]
    let (column, origin) = Bzip2Stream.sortedColumn(of: packed)
    var stream = Bzip2Stream()
    stream.block(column: column, origin: origin, decoding: packed)
    guard case .failure(.invalidValue) = decompress(stream.end()) else {
      Issue.record("it was taken")
      return
    }
  }

  @Test func `a number that no block has, in digits`() {
    // One byte in the list: three symbols of two bits. Thirty digits of a run.
    for digitCount in [10, 25, 30, 70] {
      var stream = Bzip2Stream()
      stream.block(
        column: [5], origin: 0, decoding: [5],
        .init(widths: [[2, 2, 2], [2, 2, 2]], hasEnd: false))
      for _ in 0..<digitCount { stream.bits(1, 2) }
      stream.bits(2, 2)
      stream.bits(0, 100)
      guard case .failure(.invalidValue) = decompress(stream.bytes) else {
        Issue.record("\(digitCount) digits were taken")
        continue
      }
    }
  }

  @Test func `randomised blocks by name`() {
    #expect(
      decompress(Self.stream(.init(isRandomised: true)))
        == .failure(.unsupported(.bzip2Randomised, offset: 15)))
  }

  @Test(arguments: [[1], [0, 0, 1], [0x42], [0x42, 0x5A, 0x68]] as [[UInt8]])
  func `what follows and is neither a stream nor zeros`(behind: [UInt8]) throws {
    let input = try bzip2Fixture("byte") + behind
    #expect(throws: DecodingError.self) { try decompress(input).get() }
  }

  @Test("every strict prefix", arguments: ["text-1", "runs", "bytes", "empty", "streams"])
  func prefixes(name: String) throws {
    let input = try bzip2Fixture(name)
    let workspace = Bzip2.Workspace()
    var output = try MutableBuffer(byteCount: 0)
    for count in input.indices {
      do throws(DecodingError) {
        try Bzip2.decompress(
          input.span.extracting(first: count), into: &output, limit: .max, slack: 0,
          workspace: workspace)
        // Streams end in it, too.
        #expect(name == "streams", "\(count) bytes")
      } catch {
        guard case .truncated = error else {
          Issue.record("\(count) bytes: \(error)")
          continue
        }
      }
    }
  }

  @Test(
    "every flipped bit, or gives the same bytes", arguments: ["text-1", "runs", "bytes", "empty"])
  func flips(name: String) throws {
    let input = try bzip2Fixture(name)
    let workspace = Bzip2.Workspace()
    var output = try MutableBuffer(byteCount: 0)
    let whole = try Bzip2.decompress(input.span)
    for position in stride(from: 0, to: 8 * input.count, by: 3) {
      var damaged = input
      damaged[position / 8] ^= 1 << UInt8(position % 8)
      do throws(DecodingError) {
        try Bzip2.decompress(
          damaged.span, into: &output, limit: 1 << 20, slack: 0, workspace: workspace)
      } catch { continue }
      #expect(content(of: output) == whole, "bit \(position)")
    }
  }

  @Test func `more than its limit, and takes no memory for it`() throws {
    let input = try bzip2Fixture("zeros")
    let workspace = Bzip2.Workspace()
    var output = try MutableBuffer(byteCount: 0)
    for limit in [0, 1, 1000, 999_999] {
      #expect(throws: DecodingError.self) {
        try Bzip2.decompress(
          input.span, into: &output, limit: limit, slack: 0, workspace: workspace)
      }
      #expect(output.capacity <= 2 * limit + 1 << 18, "\(limit)")
    }
  }
}
