import PFCompression
import PFCore
import Testing

/// The outcome of the array form, of the buffer form with a workspace that was used before, and of
/// limits around the size: all must agree.
private func decompress(_ input: [UInt8], _ workspace: XZ.Workspace? = nil) -> Outcome {
  decompressEveryWay(input) { (input, output, limit, slack) throws(DecodingError) in
    try XZ.decompress(
      input.span, into: &output, limit: limit, slack: slack,
      workspace: workspace ?? XZ.Workspace())
  } array: { (input, limit) throws(DecodingError) in
    try XZ.decompress(input.span, limit: limit)
  }
}

@Suite struct `xz decompression` {
  static let fixtures: [(name: String, byteCount: Int)] =
    ["000", "404", "042", "221", "133", "310"].map { ("text-\($0)", 4000) }
    + ["0", "3", "6", "9"].map { ("text-\($0)", 15874) }
    + ["none", "crc32", "crc64", "sha256"].map { ("check-\($0)", 700) }
    + ["delta-1", "delta-8", "delta-256", "deltas", "integers"].map { ($0, 12000) } + [
      ("check-unknown", 500), ("doubles", 5600), ("random", 3000), ("zeros", 3_000_000),
      ("far", 73568), ("near", 11386), ("large", 98842), ("long", 960_000), ("byte", 1),
      ("empty", 0), ("streams", 550), ("blocks", 1600), ("sizes", 1300), ("unchecked", 1500),
    ]

  @Test("of the reference's streams, which check themselves", arguments: fixtures)
  func files(name: String, byteCount: Int) throws {
    let bytes = try decompress(try xzFixture(name)).get()
    #expect(bytes.count == byteCount)
  }

  @Test func `of what is known`() throws {
    #expect(decompress(try xzFixture("byte")) == .success(Array("a".utf8)))
    #expect(decompress(try xzFixture("empty")) == .success([]))
    let integers = try decompress(try xzFixture("integers")).get()
    for name in ["delta-1", "delta-8", "delta-256", "deltas"] {
      #expect(decompress(try xzFixture(name)) == .success(integers), "\(name)")
    }
    let text = try decompress(try xzFixture("text-6")).get()
    for name in ["text-0", "text-3", "text-9"] {
      #expect(decompress(try xzFixture(name)) == .success(text), "\(name)")
    }
    for name in ["text-000", "text-404", "text-042", "text-221", "text-133", "text-310"] {
      #expect(decompress(try xzFixture(name)) == .success(Array(text[..<4000])), "\(name)")
    }
    #expect(decompress(try xzFixture("unchecked")) == .success(Array(text[..<1500])))
  }

  @Test(arguments: [1, 2, 255, 256, 257, 4095, 65535, 65536])
  func `chunks as they are`(count: Int) {
    var generator = SeededGenerator(seed: UInt64(count))
    let plain = generator.bytes(count)
    var file = XZFile()
    file.block([.first(plain)], decoding: plain)
    file.block([.first(plain), .raw([7]), .first([8])], decoding: plain + [7, 8])
    #expect(decompress(file.end()) == .success(plain + plain + [7, 8]))
  }

  @Test(arguments: 0..<16)
  func `every check, known or not, section 2.1.1.2`(number: Int) {
    var file = XZFile(check: number)
    if number != 10 { file.block([.first([1, 2, 3])], decoding: [1, 2, 3]) }
    #expect(decompress(file.end()) == .success(number == 10 ? [] : [1, 2, 3]))
  }

  @Test func `zeros between streams and behind them, four at a time, section 2.2`() {
    var file = XZFile()
    file.block([.first([5])], decoding: [5])
    let one = file.end()
    let zeros = { [UInt8](repeating: 0, count: $0) }
    #expect(decompress(one + one + zeros(4) + one + zeros(400)) == .success([5, 5, 5]))
    for count in [1, 2, 3, 5] {
      #expect(throws: DecodingError.self) { try decompress(one + zeros(count)).get() }
      #expect(throws: DecodingError.self) { try decompress(one + zeros(count) + one).get() }
    }
  }
}

@Suite struct `xz refuses` {
  private static func file(
    _ chunks: [XZFile.Chunk] = [.first([1, 2, 3, 4, 5])], _ options: XZFile.Options = .init()
  ) -> [UInt8] {
    var file = XZFile()
    file.block(chunks, decoding: [1, 2, 3, 4, 5], options)
    return file.end()
  }

  private static func ended(_ end: (inout XZFile) -> [UInt8]) -> [UInt8] {
    var file = XZFile()
    file.block([.first([1, 2, 3, 4, 5])], decoding: [1, 2, 3, 4, 5])
    return end(&file)
  }

  private static func replacing(_ offset: Int, _ byte: UInt8) -> [UInt8] {
    var bytes = file()
    bytes[offset] = byte
    return bytes
  }

  static let malformed: [(name: String, bytes: [UInt8])] = [
    ("another magic number", replacing(2, 0x7B)),
    ("flags of the future", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0] + XZFile.summed([1, 1])),
    ("a check of the future", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0] + XZFile.summed([0, 17])),
    ("a checksum of the flags", replacing(8, 0)),
    ("a checksum of a header", file([.first([1, 2, 3, 4, 5])], .init(headerChecksum: 1))),
    ("reserved flags of a block", file([.first([1, 2, 3, 4, 5])], .init(flags: 4))),
    ("two filters of which there is one", file([.first([1, 2, 3, 4, 5])], .init(flags: 1))),
    ("a filter without number", file([.first([1])], .init(fields: [0, 1, 0x16]))),
    ("LZMA2 without properties", file([.first([1])], .init(fields: [0x21, 0]))),
    ("a dictionary above 4 GiB", file([.first([1])], .init(fields: [0x21, 1, 41]))),
    ("the delta filter alone", file([.first([1])], .init(fields: [3, 1, 0]))),
    ("LZMA2 twice", file([.first([1])], .init(flags: 1, fields: [0x21, 1, 0, 0x21, 1, 0]))),
    ("bytes behind the filters", file([.first([1])], .init(fields: [0x21, 1, 0x16, 9]))),
    (
      "a number of more bytes than it needs",
      file([.first([1])], .init(fields: [0xA1, 0, 1, 0x16]))
    ),
    (
      "another packed size",
      file([.first([1, 2, 3, 4, 5])], .init(flags: 0x40, fields: [8, 0x21, 1, 0]))
    ),
    (
      "a packed size of 0",
      file([.first([1, 2, 3, 4, 5])], .init(flags: 0x40, fields: [0, 0x21, 1, 0]))
    ),
    (
      "another size", file([.first([1, 2, 3, 4, 5])], .init(flags: 0x80, fields: [6, 0x21, 1, 0]))
    ),
    ("a check", file([.first([1, 2, 3, 4, 5])], .init(check: [1, 2, 3, 4]))),
    ("padding that is not zero", file([.first([1, 2, 3, 4, 5])], .init(padding: [0, 0, 1]))),
    ("no dictionary", file([.raw([1, 2, 3, 4, 5])])),
    ("a reserved chunk", file([.bytes([3, 0, 0, 1])])),
    ("the last reserved chunk", file([.first([1]), .bytes([0x7F, 0, 0, 1])])),
    (
      "a packed chunk first, without a dictionary",
      file([.bytes([0xC0, 0, 0, 0, 5, 0x5D] + zeros)])
    ),
    (
      "a packed chunk without properties", file([.first([1]), .bytes([0x80, 0, 0, 0, 5] + zeros)])
    ),
    (
      "a state reset without properties",
      file([.first([1]), .bytes([0xA0, 0, 0, 0, 5] + zeros)])
    ),
    ("properties above all", file([.bytes([0xE0, 0, 0, 0, 5, 225] + zeros)])),
    ("five bits of literal context", file([.bytes([0xE0, 0, 0, 0, 5, 5] + zeros)])),
    ("a range coder that begins with 1", file([.bytes([0xE0, 0, 0, 0, 5, 93, 1] + zeros)])),
    ("four bytes of a range coder", file([.bytes([0xE0, 0, 0, 0, 3, 93, 0, 0, 0, 0])])),
    ("a match from before the start", file([.bytes([0xE0, 0, 9, 0, 9, 93, 0] + ones)])),
    ("another number of blocks", ended { $0.end(count: 2) }),
    ("no blocks", ended { $0.end(count: 0) }),
    ("another packed size in the index", ended { $0.end(first: (24, 5)) }),
    ("another size in the index", ended { $0.end(first: (25, 6)) }),
    ("another size of the index", ended { $0.end(backward: 7) }),
    ("another check at the end", ended { $0.end(flags: 4) }),
    ("another magic number at the end", ended { $0.end(magic: [0x59, 0x59]) }),
    ("bytes behind the stream", file() + [1, 0, 0, 0]),
  ]
  private static let zeros = [UInt8](repeating: 0, count: 30)
  private static let ones = [UInt8](repeating: 0xFF, count: 30)

  @Test(arguments: malformed)
  func `malformed input`(name: String, bytes: [UInt8]) {
    let padded = bytes + [UInt8](repeating: 0, count: 100)
    guard case .failure(.invalidValue) = decompress(padded) else {
      Issue.record("\(name): \(decompress(padded))")
      return
    }
  }

  @Test func `what the table is made of, if nothing is wrong`() {
    #expect(decompress(Self.file()) == .success([1, 2, 3, 4, 5]))
    let sizes = XZFile.Options(flags: 0xC0, fields: [9, 5, 0x21, 1, 0])
    #expect(decompress(Self.file([.first([1, 2, 3, 4, 5])], sizes)) == .success([1, 2, 3, 4, 5]))
    #expect(decompress(Self.ended { $0.end(first: (25, 5)) }) == .success([1, 2, 3, 4, 5]))
  }

  @Test func `filters for machine code by name`() throws {
    #expect(
      decompress(try xzFixture("x86")) == .failure(.unsupported(.xzFilter(4), offset: 14)))
    for number in [5, 11, 12, 4000] {
      let fields = XZFile.number(number) + [0, 0x21, 1, 0]
      #expect(
        decompress(Self.file([.first([1])], .init(flags: 1, fields: fields)))
          == .failure(.unsupported(.xzFilter(UInt64(number)), offset: 14)))
    }
    let name = "\(DecodingError.unsupported(.xzFilter(4), offset: 0))"
    #expect(name == "the xz filter for x86 is not supported")
  }

  @Test(
    "every strict prefix", arguments: ["unchecked", "blocks", "sizes", "check-sha256", "empty"])
  func prefixes(name: String) throws {
    let input = try xzFixture(name)
    let workspace = XZ.Workspace()
    var output = try MutableBuffer(byteCount: 0)
    for count in input.indices {
      do throws(DecodingError) {
        try XZ.decompress(
          input.span.extracting(first: count), into: &output, limit: .max, slack: 0,
          workspace: workspace)
        Issue.record("\(count) bytes were taken")
      } catch {
        guard case .truncated = error else {
          Issue.record("\(count) bytes: \(error)")
          continue
        }
      }
    }
  }

  @Test(
    "every flipped bit, or gives the same bytes",
    arguments: ["unchecked", "blocks", "sizes", "check-sha256", "check-crc64", "text-221", "empty"])
  func flips(name: String) throws {
    let input = try xzFixture(name)
    let workspace = XZ.Workspace()
    var output = try MutableBuffer(byteCount: 0)
    let whole = try XZ.decompress(input.span)
    for position in 0..<(8 * input.count) {
      var damaged = input
      damaged[position / 8] ^= 1 << UInt8(position % 8)
      do throws(DecodingError) {
        try XZ.decompress(
          damaged.span, into: &output, limit: 1 << 22, slack: 0, workspace: workspace)
      } catch { continue }
      #expect(name == "unchecked" || content(of: output) == whole, "bit \(position)")
    }
  }

  @Test func `more than its limit, and takes no memory for it`() throws {
    let input = try xzFixture("zeros")
    let workspace = XZ.Workspace()
    for limit in [0, 1, 1000, 2_999_999] {
      var output = try MutableBuffer(byteCount: 0)
      #expect(throws: DecodingError.self) {
        try XZ.decompress(
          input.span, into: &output, limit: limit, slack: 0, workspace: workspace)
      }
      #expect(output.capacity <= 2 * limit + 1 << 16, "\(limit)")
    }
    let sized = try xzFixture("sizes")
    #expect(throws: DecodingError.limitExceeded(offset: 12, declared: 500, limit: 499)) {
      try XZ.decompress(sized.span, limit: 499)
    }
  }
}
