import PFCompression
import PFCore
import Testing

@Suite struct `Blocks of unknown size` {
  /// Blocks of all codecs with what they decompress to.
  static func blocks() throws -> [(codec: BlockCodec, packed: [UInt8], byteCount: Int)] {
    var made: [(codec: BlockCodec, packed: [UInt8], byteCount: Int)] = []
    var generator = SeededGenerator(seed: 3)
    for count in [0, 1, 100, 5000, 70000, 400_000] {
      let deflated = DeflateStream.random(count: count, using: &generator)
      made.append((.deflate, deflated.bytes, deflated.decoded.count))
      let plain = (0..<count).map { UInt8(truncatingIfNeeded: $0 * $0 >> 9) }
      made.append((.snappy, Snappy.compress(plain.span), count))
    }
    var zeros = DeflateStream()
    zeros.block(
      [.literal(0)]
        + [DeflateStream.Token](repeating: .match(length: 258, distance: 1), count: 9000),
      isLast: true)
    made.append((.deflate, zeros.bytes, zeros.decoded.count))
    for name in ["text-3", "zeros", "integers-1", "members", "empty", "random", "far"] {
      let packed = try zstandardFixture(name)
      made.append((.zstandard, packed, try Zstandard.decompress(packed.span).count))
    }
    for name in ["text-9", "zeros", "streams", "empty", "random", "blocks"] {
      let packed = try bzip2Fixture(name)
      made.append((.bzip2, packed, try Bzip2.decompress(packed.span).count))
    }
    for name in ["text-6", "zeros", "streams", "empty", "random", "long", "deltas"] {
      let packed = try xzFixture(name)
      made.append((.xz, packed, try XZ.decompress(packed.span).count))
    }
    return made
  }

  private static func whole(_ codec: BlockCodec, _ packed: [UInt8]) throws -> [UInt8] {
    switch codec {
    case .deflate: try Deflate.decompress(packed.span)
    case .snappy: try Snappy.decompress(packed.span)
    case .zstandard: try Zstandard.decompress(packed.span)
    case .bzip2: try Bzip2.decompress(packed.span)
    case .xz: try XZ.decompress(packed.span)
    }
  }

  @Test func `are the same as in the form for arrays, in one buffer for all`() throws {
    let workspace = BlockCodec.Workspace()
    var output = try MutableBuffer(byteCount: 0)
    for (codec, packed, byteCount) in try Self.blocks() {
      for slack in [0, 16, 4096] {
        try codec.decompress(packed.span, into: &output, limit: 1 << 23, slack: slack, workspace)
        #expect(output.byteCount == byteCount, "\(codec)")
        #expect(output.capacity - output.byteCount >= slack)
        #expect(content(of: output) == (try Self.whole(codec, packed)), "\(codec)")
      }
    }
  }

  @Test func `fill a buffer that is as large as needed, and take no other memory`() throws {
    let workspace = BlockCodec.Workspace()
    var output = try MutableBuffer(byteCount: 1 << 23)
    let start = unsafe output.start
    for (codec, packed, byteCount) in try Self.blocks() {
      try codec.decompress(packed.span, into: &output, limit: 1 << 23, slack: 64, workspace)
      #expect(output.byteCount == byteCount, "\(codec)")
      #expect(unsafe output.start == start, "\(codec)")
    }
  }

  @Test func `stop at the limit, exactly, and take memory for no more`() throws {
    let workspace = BlockCodec.Workspace()
    for (codec, packed, byteCount) in try Self.blocks() {
      for limit in Set([byteCount, byteCount + 1]) {
        var output = try MutableBuffer(byteCount: 0)
        try codec.decompress(packed.span, into: &output, limit: limit, slack: 0, workspace)
        #expect(output.byteCount == byteCount, "\(codec)")
      }
      for limit in Set([0, 1, 1000, byteCount / 2, byteCount - 1])
      where limit >= 0 && limit < byteCount {
        var output = try MutableBuffer(byteCount: 0)
        do throws(DecodingError) {
          try codec.decompress(packed.span, into: &output, limit: limit, slack: 0, workspace)
          Issue.record("\(codec), \(byteCount) bytes: \(limit) were not enough")
        } catch {
          guard case .limitExceeded = error else {
            Issue.record("\(codec), \(byteCount) bytes, \(limit): \(error)")
            continue
          }
        }
        #expect(output.capacity <= 2 * limit + 4 * packed.count + 1 << 18, "\(codec)")
      }
    }
  }

  @Test func `do not believe a size that is declared`() throws {
    // A frame that says 1 TiB, and has five bytes.
    let frame: [UInt8] =
      ZstandardFrame.magic + [0xC0, 0x40] + ZstandardFrame.little(1 << 40, 8)
      + ZstandardFrame.bytes(of: [.raw([1, 2, 3, 4, 5])])
    var output = try MutableBuffer(byteCount: 0)
    #expect(throws: DecodingError.self) {
      try BlockCodec.zstandard.decompress(
        frame.span, into: &output, limit: .max, slack: 0, BlockCodec.Workspace())
    }
    #expect(output.capacity <= 1 << 18)
  }

  @Test func `are refused when cut`() throws {
    let workspace = BlockCodec.Workspace()
    var output = try MutableBuffer(byteCount: 0)
    for (codec, packed, byteCount) in try Self.blocks() where packed.count > 8 && byteCount > 0 {
      // Where a stream ends before, another would have to follow.
      for count in [packed.count - 1, packed.count / 3] where !(codec == .zstandard && count == 0) {
        #expect(throws: DecodingError.self, "\(codec), \(count) of \(packed.count)") {
          try codec.decompress(
            packed.span.extracting(first: count), into: &output, limit: 1 << 23, slack: 0,
            workspace)
        }
      }
    }
  }
}
