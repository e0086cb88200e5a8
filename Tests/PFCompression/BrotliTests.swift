import PFCompression
import PFCore
import Testing

@Suite struct `Brotli streams` {
  /// A file of Tests/Fixtures/brotli.
  static func fixture(_ name: String) throws -> [UInt8] {
    let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    let source = try FileSource(path: "/\(folder)/Fixtures/brotli/\(name)")
    var bytes = [UInt8](repeating: 0, count: source.byteCount)
    var target = bytes.mutableSpan
    try source.read(at: 0, into: &target)
    return bytes
  }

  /// With several slacks behind the output; nil where the results differ or the region was left.
  static func decompress(_ bytes: [UInt8], byteCount: Int) -> Result<[UInt8], DecodingError>? {
    let results = [0, 7, Brotli.outputSlack].map { slack in
      intoRegion(byteCount, slack: slack) { target throws(DecodingError) in
        try Brotli.decompress(bytes.span, into: &target, byteCount: byteCount)
      }
    }
    return results.allSatisfy { $0 == results[0] } ? results[0] : nil
  }

  static let streams = ["text", "mixed"].flatMap { name in
    [0, 1, 4, 9, 11].map { (name: name, quality: $0) }
  }

  @Test(arguments: streams)
  func `streams of the reference encoder, whole, cut, and longer`(
    name: String, quality: Int
  ) throws {
    let content = try Self.fixture(name)
    let bytes = try Self.fixture("\(name)-\(quality).br")
    #expect(Self.decompress(bytes, byteCount: content.count) == .success(content))

    for count in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 200)) {
      guard
        case .failure(.truncated) = Self.decompress(
          Array(bytes[..<count]), byteCount: content.count)
      else {
        Issue.record("a prefix of \(count) was read")
        return
      }
    }
    #expect(
      Self.decompress(bytes + [0], byteCount: content.count)
        == .failure(.invalidValue(offset: bytes.count)))
    guard case .failure = Self.decompress(bytes, byteCount: content.count - 1),
      case .failure(.truncated) = Self.decompress(bytes, byteCount: content.count + 1)
    else {
      Issue.record("a wrong size was taken")
      return
    }
  }

  @Test(arguments: streams)
  func `every flip of a bit gives bytes or an error`(name: String, quality: Int) throws {
    let content = try Self.fixture(name)
    let bytes = try Self.fixture("\(name)-\(quality).br")
    for index in bytes.indices.prefix(120) + bytes.indices.dropFirst(120).filter({ $0 % 37 == 0 }) {
      for bit in 0..<8 where index < 40 || bit == index % 8 {
        var flipped = bytes
        flipped[index] ^= 1 << bit
        #expect(Self.decompress(flipped, byteCount: content.count) != nil, "\(index), \(bit)")
      }
    }
  }

  @Test func `a workspace serves streams of all kinds, one after the other`() throws {
    let workspace = Brotli.Workspace()
    for (name, quality) in Self.streams + Self.streams.reversed() {
      let content = try Self.fixture(name)
      let bytes = try Self.fixture("\(name)-\(quality).br")
      var output = [UInt8](repeating: 0, count: content.count + Brotli.outputSlack)
      try unsafe output.withUnsafeMutableBytes { target in
        try unsafe bytes.withUnsafeBytes { source in
          try unsafe Brotli.decompress(source, into: target, byteCount: content.count, workspace)
        }
      }
      #expect(Array(output[..<content.count]) == content)
    }
  }
}

@Suite struct `Brotli's static dictionary` {
  /// The words of `transformed_words` in make_brotli_fixtures.py; how many bits an index has.
  static let words = [
    (length: 4, index: 0, bitCount: 10), (5, 1023, 10), (6, 1500, 11), (8, 900, 10),
    (13, 500, 9), (24, 31, 5),
  ]

  static func word(length: Int, index: Int) -> [UInt8]? {
    var found = false
    let bytes = [UInt8](capacity: 48) { output in
      found = BrotliDictionary.append(length: length, index: index, to: &output)
    }
    return found ? bytes : nil
  }

  @Test func `every transform gives what the reference gives`() throws {
    let expected = try `Brotli streams`.fixture("transformed-words")
    var offset = 0
    for transform in 0..<121 {
      for (length, index, bitCount) in Self.words {
        let size = Int(expected[offset])
        let bytes = Array(expected[(offset + 1)...].prefix(size))
        offset += 1 + size
        #expect(
          Self.word(length: length, index: index + transform << bitCount) == bytes,
          "transform \(transform), length \(length)")
      }
    }
    #expect(offset == expected.count)
  }

  @Test func `has the checksum of the RFC, appendix A`() {
    var whole: [UInt8] = []
    for (length, bitCount) in zip(4..<25, Self.bitCounts) {
      for index in 0..<(1 << bitCount) { whole += Self.word(length: length, index: index) ?? [] }
    }
    #expect(whole.count == 122_784)
    #expect(CRC32.checksum(of: whole.span) == 0x5136_CB04)
  }

  static let bitCounts = [
    10, 10, 11, 11, 10, 10, 10, 10, 10, 9, 9, 8, 7, 7, 8, 7, 7, 6, 6, 5, 5,
  ]

  @Test func `has no other words`() {
    for length in [0, 1, 2, 3, 25, 26, 1000] { #expect(Self.word(length: length, index: 0) == nil) }
    for (length, bitCount) in zip(4..<25, Self.bitCounts) {
      #expect(Self.word(length: length, index: 121 << bitCount - 1) != nil)
      #expect(Self.word(length: length, index: 121 << bitCount) == nil)
    }
    #expect(Self.word(length: 4, index: .max) == nil)
  }
}

/// Writes the numbers of a stream, lowest bit first.
struct BrotliWriter {
  private(set) var bytes: [UInt8] = []
  private var bitCount = 0

  mutating func bits(_ value: Int, _ count: Int) {
    for bit in 0..<count {
      if bitCount % 8 == 0 { bytes.append(0) }
      bytes[bytes.count - 1] |= UInt8(value >> bit & 1) << UInt8(bitCount % 8)
      bitCount += 1
    }
  }

  mutating func align() { bitCount = bytes.count * 8 }

  mutating func raw(_ more: [UInt8]) {
    align()
    bytes += more
    align()
  }

  /// The header of a meta-block that is neither the last nor metadata.
  mutating func metaBlock(_ count: Int, uncompressed: Bool) {
    bits(0, 1)
    bits(0, 2)
    bits(count - 1, 16)
    bits(uncompressed ? 1 : 0, 1)
  }

  /// A simple prefix code of one symbol.
  mutating func onlySymbol(_ symbol: Int, _ width: Int) {
    bits(1, 2)
    bits(0, 2)
    bits(symbol, width)
  }

  /// A compressed meta-block with one block of each kind and one symbol in each code.
  mutating func oneSymbols(literal: Int, command: Int, distance: Int) {
    bits(0, 3)  // NBLTYPES
    bits(0, 6)  // NPOSTFIX, NDIRECT
    bits(0, 2)  // the context mode
    bits(0, 2)  // NTREES
    onlySymbol(literal, 8)
    onlySymbol(command, 10)
    onlySymbol(distance, 6)
  }
}

@Suite struct `Brotli by hand` {
  static func decompress(_ bytes: [UInt8], _ byteCount: Int) -> Result<[UInt8], DecodingError>? {
    `Brotli streams`.decompress(bytes, byteCount: byteCount)
  }

  /// The header for a window of `width` bits (section 9.1).
  static func start(_ width: Int) -> BrotliWriter {
    var writer = BrotliWriter()
    switch width {
    case 16: writer.bits(0, 1)
    case 17: writer.bits(1, 7)
    case 18...: writer.bits((width - 17) << 1 | 1, 4)
    default: writer.bits((width - 8) << 4 | 1, 7)
    }
    return writer
  }

  @Test(arguments: 10...24)
  func `every window, no bytes`(width: Int) {
    var writer = Self.start(width)
    writer.bits(3, 2)
    #expect(Self.decompress(writer.bytes, 0) == .success([]))
    #expect(
      Self.decompress(writer.bytes, 1)
        == .failure(.truncated(offset: writer.bytes.count, needed: 1))
    )
  }

  @Test func `meta-blocks of all kinds`() {
    var writer = Self.start(22)
    writer.metaBlock(3, uncompressed: true)
    writer.raw([1, 2, 3])
    writer.bits(0b0_0_11_0, 5)  // metadata of no bytes
    writer.raw([])
    writer.bits(0b01_0_11_0, 6)  // metadata of two bytes
    writer.bits(1, 8)
    writer.raw([9, 9])
    // Insert two, copy four from distance code 16, with an extra bit for 1 or 2.
    writer.metaBlock(6, uncompressed: false)
    writer.oneSymbols(literal: 7, command: 128 + 2 << 3 + 2, distance: 16)
    writer.bits(1, 1)
    writer.bits(3, 2)
    #expect(Self.decompress(writer.bytes, 9) == .success([1, 2, 3, 7, 7, 7, 7, 7, 7]))
    for count in 0..<writer.bytes.count {
      guard case .failure(.truncated) = Self.decompress(Array(writer.bytes[..<count]), 9) else {
        Issue.record("a prefix of \(count) was read")
        return
      }
    }
  }

  @Test func `a word of the dictionary, and one that is cut by the end of its meta-block`() {
    // At the start no byte is in the window, so that distance 1 is the first word: "time".
    for (count, expected) in [(4, Array("time".utf8)), (3, nil)] {
      var writer = Self.start(16)
      writer.metaBlock(count, uncompressed: false)
      writer.oneSymbols(literal: 7, command: 128 + 2, distance: 16)
      writer.bits(0, 1)
      writer.bits(3, 2)
      let result = Self.decompress(writer.bytes, count)
      if let expected {
        #expect(result == .success(expected))
      } else {
        guard case .failure(.invalidValue) = result else {
          Issue.record("\(String(describing: result))")
          return
        }
      }
    }
  }

  @Test func `malformed streams, with their place`() {
    func refused(_ write: (inout BrotliWriter) -> Void, _ byteCount: Int = 4) -> DecodingError? {
      var writer = Self.start(16)
      write(&writer)
      guard case .failure(let error) = Self.decompress(writer.bytes, byteCount) else { return nil }
      return error
    }
    #expect(Self.decompress([], 0) == .failure(.truncated(offset: 0, needed: 1)))
    // A large window; bits behind the end; bytes behind the end.
    #expect(
      Self.decompress([0x11, 3], 0) == .failure(.unsupported(.brotliLargeWindow, offset: 0)))
    #expect(Self.decompress([0x0E], 0) == .failure(.invalidValue(offset: 0)))
    #expect(Self.decompress([0x06, 0], 0) == .failure(.invalidValue(offset: 1)))
    // The reserved bit of metadata; a size with a zero in front.
    #expect(refused { $0.bits(0b11_11_0, 5) } == .invalidValue(offset: 0))
    #expect(
      refused {
        $0.bits(0b01_0, 3)
        $0.bits(5, 20)
        $0.bits(0, 8)
      } == .invalidValue(offset: 3))
    // More than the caller wants; an uncompressed meta-block that is cut.
    #expect(
      refused { $0.metaBlock(5, uncompressed: true) }
        == .limitExceeded(offset: 0, declared: 5, limit: 4))
    #expect(
      refused {
        $0.metaBlock(4, uncompressed: true)
        $0.raw([1, 2, 3])
      } == .truncated(offset: 6, needed: 1))
    // More literals, and a longer copy, than the meta-block has.
    #expect(
      refused {
        $0.metaBlock(4, uncompressed: false)
        $0.oneSymbols(literal: 7, command: 128 + 5 << 3 + 2, distance: 16)
        $0.bits(3, 16)
      } == .limitExceeded(offset: 8, declared: 5, limit: 4))
    #expect(
      refused {
        $0.metaBlock(4, uncompressed: false)
        $0.oneSymbols(literal: 7, command: 128 + 1 << 3 + 2, distance: 16)
        $0.bits(0, 16)
      } == .limitExceeded(offset: 8, declared: 4, limit: 3))
    // A simple code with the same symbol twice, and with one that is not in the alphabet.
    #expect(
      refused {
        $0.metaBlock(4, uncompressed: false)
        $0.bits(0, 13)
        $0.bits(0b01_01, 4)
        $0.bits(7, 8)
        $0.bits(7, 8)
        $0.bits(0, 64)
      } == .invalidValue(offset: 6))
    #expect(
      refused {
        $0.metaBlock(4, uncompressed: false)
        $0.bits(0, 13)
        $0.onlySymbol(7, 8)
        $0.onlySymbol(704, 10)
        $0.bits(0, 64)
      } == .invalidValue(offset: 7))
  }
}
