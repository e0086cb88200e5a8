import PFCompression
import PFCore
import Testing

@Suite struct `LZ4 dialects` {
  /// What Tests/Fixtures/make_lz4_fixtures.py packs.
  static let content = Array((0..<40_000).map { "\($0 * $0 % 997)," }.joined().utf8)

  static func frames(_ bytes: [UInt8], byteCount: Int) -> Result<[UInt8], DecodingError>? {
    intoRegion(byteCount, slack: LZ4.outputSlack) { target throws(DecodingError) in
      try LZ4.decompressFrames(bytes.span, into: &target, byteCount: byteCount)
    }
  }

  static func anyDialect(_ bytes: [UInt8], byteCount: Int) -> Result<[UInt8], DecodingError>? {
    intoRegion(byteCount, slack: LZ4.outputSlack) { target throws(DecodingError) in
      try LZ4.decompressAnyDialect(bytes.span, into: &target, byteCount: byteCount)
    }
  }

  static func bigEndian(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  static func littleEndian(_ value: UInt32) -> [UInt8] {
    [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  /// A frame with blocks of at most 64 KiB; a block that is not compressed is `stored`.
  static func frame(
    _ blocks: [(bytes: [UInt8], stored: Bool)], flags: UInt8 = 0x60, extra: [UInt8] = [],
    end: [UInt8] = []
  ) -> [UInt8] {
    let descriptor = [flags, 0x40] + extra
    var bytes = littleEndian(0x184D_2204) + descriptor
    bytes.append(UInt8(truncatingIfNeeded: XXH32.hash(descriptor.span) >> 8))
    for block in blocks {
      bytes += littleEndian(UInt32(block.bytes.count) | (block.stored ? 1 << 31 : 0))
      bytes += block.bytes
      if flags & 1 << 4 != 0 { bytes += littleEndian(XXH32.hash(block.bytes.span)) }
    }
    return bytes + [0, 0, 0, 0] + end
  }

  @Test func `xxHash32 of the published examples`() {
    let examples: [(String, UInt32)] = [
      ("", 0x02CC_5D05), ("a", 0x550D_7456), ("abc", 0x32D1_53FF),
      ("Nobody inspects the spammish repetition", 0xE229_3B2F),
    ]
    for (text, hash) in examples { #expect(XXH32.hash(Array(text.utf8).span) == hash) }
  }

  @Test(arguments: ["independent", "linked", "bare"])
  func `frames of the lz4 tool`(name: String) throws {
    let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    let source = try FileSource(path: "/\(folder)/Fixtures/lz4/\(name).lz4")
    var bytes = [UInt8](repeating: 0, count: source.byteCount)
    var target = bytes.mutableSpan
    try source.read(at: 0, into: &target)
    let size = Self.content.count
    #expect(Self.frames(bytes, byteCount: size) == .success(Self.content))
    #expect(Self.anyDialect(bytes, byteCount: size) == .success(Self.content))
    #expect(
      Self.frames(bytes + bytes, byteCount: 2 * size) == .success(Self.content + Self.content))
    #expect(Self.frames(bytes, byteCount: size + 1) != .success(Self.content))
    for index in stride(from: 0, to: bytes.count, by: 7) {
      var flipped = bytes
      flipped[index] ^= 0x10
      let result = Self.frames(flipped, byteCount: size)
      guard name != "bare" else { continue }  // nothing tells what its literals were
      guard case .failure = result else {
        Issue.record(
          "a flip at \(index) was not noticed: \(String(describing: result?.map(\.count)))")
        return
      }
    }
    for count in stride(from: 0, to: bytes.count, by: 11) {
      guard case .failure(.truncated) = Self.frames(Array(bytes[..<count]), byteCount: size)
      else {
        Issue.record("a prefix of \(count) was read")
        return
      }
    }
  }

  @Test func `frames with stored and linked blocks, skipped ones, and none`() {
    var generator = SeededGenerator(seed: 1)
    let stored = generator.bytes(1000)
    let linked = LZ4Block.random(count: 3000, after: stored, using: &generator)
    let content = linked.decoded
    var size: [UInt8] = []
    for shift in 0..<8 { size.append(UInt8(truncatingIfNeeded: content.count >> (8 * shift))) }
    let blocks = [(stored, true), (linked.bytes, false)]
    let whole = Self.frame(
      blocks, flags: 0x5C, extra: size, end: Self.littleEndian(XXH32.hash(content.span)))
    #expect(Self.frames(whole, byteCount: content.count) == .success(content))

    // The same blocks in a frame that says they are independent.
    let apart = Self.frames(Self.frame(blocks), byteCount: content.count)
    guard case .failure(.invalidValue) = apart else {
      Issue.record("a match across independent blocks: \(String(describing: apart))")
      return
    }
    let skippable = Self.littleEndian(0x184D_2A5F) + [3, 0, 0, 0, 1, 2, 3]
    let empty = Self.frame([])
    #expect(
      Self.frames(skippable + empty + whole + skippable, byteCount: content.count)
        == .success(content))
    #expect(Self.frames(empty, byteCount: 0) == .success([]))
  }

  @Test func `frames that lie`() {
    let block = (bytes: [UInt8](repeating: 7, count: 100), stored: true)
    func refused(_ bytes: [UInt8], _ byteCount: Int = 100) -> DecodingError? {
      guard case .failure(let error) = Self.frames(bytes, byteCount: byteCount) else { return nil }
      return error
    }
    #expect(refused([]) == .truncated(offset: 0, needed: 4))
    #expect(refused([1, 2, 3, 4]) == .invalidValue(offset: 0))
    // A dictionary, another version, a reserved bit, a block size that is none.
    #expect(
      refused(Self.frame([block], flags: 0x61, extra: [0, 0, 0, 0]))
        == .unsupported(.lz4Dictionary, offset: 4))
    #expect(refused(Self.frame([block], flags: 0xA0)) == .invalidValue(offset: 4))
    #expect(refused(Self.frame([block], flags: 0x62)) == .invalidValue(offset: 4))
    #expect(refused([4, 0x22, 0x4D, 0x18, 0x60, 0x30, 0]) == .invalidValue(offset: 4))
    // The checksums of the header, of a block and of the content; the content's size.
    #expect(refused([4, 0x22, 0x4D, 0x18, 0x60, 0x40, 0]) == .invalidValue(offset: 6))
    var wrong = Self.frame([block], flags: 0x70)
    wrong[wrong.count - 5] ^= 1
    #expect(refused(wrong) == .invalidValue(offset: 111))
    #expect(
      refused(Self.frame([block], flags: 0x64, end: [0, 0, 0, 0])) == .invalidValue(offset: 115))
    #expect(
      refused(Self.frame([block], flags: 0x68, extra: [99, 0, 0, 0, 0, 0, 0, 0]))
        == .invalidValue(offset: 123))
    // More than the caller wants, and less; more than the frame's block size.
    #expect(
      refused(Self.frame([block]), 99) == .limitExceeded(offset: 7, declared: 100, limit: 99))
    #expect(refused(Self.frame([block]), 101) == .truncated(offset: 115, needed: 1))
    let large = (bytes: [UInt8](repeating: 7, count: 65_537), stored: true)
    #expect(
      refused(Self.frame([large]), 65_537)
        == .limitExceeded(offset: 7, declared: 65_537, limit: 65_536))
  }

  @Test func `records of Hadoop, of one block and of several`() {
    var generator = SeededGenerator(seed: 5)
    let blocks = (0..<4).map { _ in LZ4Block.random(count: 700, using: &generator) }
    let content = blocks.flatMap(\.decoded)
    func record(_ blocks: [LZ4Block]) -> [UInt8] {
      Self.bigEndian(blocks.reduce(0) { $0 + $1.decoded.count })
        + blocks.flatMap { Self.bigEndian($0.bytes.count) + $0.bytes }
    }
    for split in 1...4 {
      let bytes =
        record(Array(blocks[..<split])) + (split < 4 ? record(Array(blocks[split...])) : [])
      #expect(Self.anyDialect(bytes, byteCount: content.count) == .success(content))
      for count in 0..<bytes.count {
        guard case .failure = Self.anyDialect(Array(bytes[..<count]), byteCount: content.count)
        else {
          Issue.record("a prefix of \(count) was read")
          return
        }
      }
    }
    #expect(
      Self.anyDialect(record(blocks), byteCount: content.count - 1)
        == .failure(.invalidValue(offset: 0)))
    #expect(Self.anyDialect([0, 0, 0, 0], byteCount: 0) == .success([]))
    #expect(Self.anyDialect([0, 0, 0, 0, 0, 0, 0, 1, 0], byteCount: 0) == .success([]))
    // A size that its block does not make.
    #expect(
      Self.anyDialect([0, 0, 0, 2, 0, 0, 0, 2, 0x10, 65], byteCount: 2)
        == .failure(.truncated(offset: 10, needed: 4)))
  }

  @Test func `a raw block under the old name`() {
    var generator = SeededGenerator(seed: 6)
    let block = LZ4Block.random(count: 5000, using: &generator)
    #expect(
      Self.anyDialect(block.bytes, byteCount: block.decoded.count) == .success(block.decoded))
    #expect(
      Self.anyDialect([0x40, 65, 66], byteCount: 4) == .failure(.truncated(offset: 3, needed: 2)))
  }
}
