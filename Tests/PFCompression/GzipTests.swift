import Foundation
import PFCompression
import PFCore
import Testing

@Suite struct `GZIP decompression` {
  static let fixtures = [
    "text-level0", "text-level1", "text-level6", "text-level9", "text-huffman", "integers-rle",
    "text-fixed", "text-filtered", "integers", "doubles", "zeros", "far", "flushed", "empty",
  ]

  /// A file of Tests/Fixtures/gzip.
  static func fixture(_ name: String) throws -> [UInt8] {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return try [UInt8](Data(contentsOf: tests.appending(path: "Fixtures/gzip/\(name).gz")))
  }

  /// The size that the last member says.
  static func size(_ input: [UInt8]) -> Int {
    input.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  @Test("of zlib's streams, which check themselves", arguments: fixtures)
  func files(name: String) throws {
    let input = try Self.fixture(name)
    let outcome = inflateEveryWay(input, .gzip, byteCount: Self.size(input))
    #expect(throws: Never.self) { try outcome.get() }
  }

  @Test("of zlib's streams refuses every flipped bit", arguments: ["text-fixed", "flushed"])
  func damagedFiles(name: String) throws {
    let input = try Self.fixture(name)
    let byteCount = Self.size(input)
    let expected = try inflateEveryWay(input, .gzip, byteCount: byteCount).get()
    for position in stride(from: 0, to: 8 * input.count, by: 3) {
      var damaged = input
      damaged[position / 8] ^= 1 << UInt8(position % 8)
      var output = [UInt8](repeating: 0, count: byteCount + Gzip.outputSlack)
      var target = output.mutableSpan
      do throws(DecodingError) {
        try Gzip.decompress(damaged.span, into: &target, byteCount: byteCount)
      } catch { continue }
      #expect(Array(output[..<byteCount]) == expected, "bit \(position)")
    }
  }

  static let headers: [(name: String, flags: UInt8, fields: [UInt8])] = [
    ("text", 1, []), ("a header checksum", 2, []),
    ("an extra field", 4, [3, 0, 7, 0, 7]), ("an empty extra field", 4, [0, 0]),
    ("a long extra field", 4, [0, 4] + [UInt8](repeating: 9, count: 1024)),
    ("a name", 8, Array("a.csv".utf8) + [0]), ("an empty name", 8, [0]),
    ("a comment", 16, Array("of ours".utf8) + [0]),
    ("all", 31, [1, 0, 7, 65, 0, 66, 0]),
  ]

  @Test(arguments: headers)
  func `fields of the header, section 2.3`(name: String, flags: UInt8, fields: [UInt8]) {
    var stream = DeflateStream()
    stream.block("abcabc".utf8.map { .literal($0) }, isLast: true)
    let input = stream.gzip(flags: flags, fields: fields)
    #expect(
      inflateEveryWay(input, .gzip, byteCount: 6) == .success(stream.decoded), "\(name)")
    for end in 0..<input.count {
      guard
        case .failure(.truncated) = inflateEveryWay(Array(input[..<end]), .gzip, byteCount: 6)
      else {
        Issue.record("\(name), \(end) of \(input.count) bytes")
        return
      }
    }
  }

  @Test func `several members, with nothing or zeros between and behind`() {
    var generator = SeededGenerator(seed: 8)
    var input: [UInt8] = []
    var expected: [UInt8] = []
    for count in [0, 1, 500, 40000, 0, 70000] {
      let stream = DeflateStream.random(count: count, using: &generator)
      input += stream.gzip() + [UInt8](repeating: 0, count: count % 3)
      expected += stream.decoded
    }
    #expect(inflateEveryWay(input, .gzip, byteCount: expected.count) == .success(expected))
    input += [UInt8](repeating: 0, count: 512)
    #expect(inflateEveryWay(input, .gzip, byteCount: expected.count) == .success(expected))
  }

  @Test func `a member does not see the one before`() {
    var first = DeflateStream()
    first.stored([1, 2, 3], isLast: true)
    var second = DeflateStream()
    second.block([.match(length: 3, distance: 3)], isLast: true)
    let input = first.gzip() + second.gzip()
    guard
      case .failure(.invalidValue) = inflateEveryWay(input, .gzip, byteCount: 6)
    else {
      Issue.record("it was read")
      return
    }
  }

  static let member: [UInt8] = {
    var stream = DeflateStream()
    stream.stored(Array("hello".utf8), isLast: true)
    return stream.gzip(flags: 2)
  }()

  static let damages: [(name: String, offset: Int, value: UInt8)] = [
    ("the magic", 0, 0x1E), ("the second byte of it", 1, 0x8C), ("the method", 2, 7),
    ("a flag of the future", 3, 0x22), ("the header's checksum", 10, 0), ("the checksum", 22, 0),
    ("the last byte of the checksum", 25, 0), ("the size", 26, 6),
    ("the last byte of the size", 29, 1),
  ]

  @Test(arguments: damages)
  func `refuses a wrong byte behind its place`(name: String, offset: Int, value: UInt8) {
    var input = Self.member
    #expect(inflateEveryWay(input, .gzip, byteCount: 5) == .success(Array("hello".utf8)))
    input[offset] = input[offset] == value ? value ^ 1 : value
    guard
      case .failure(.invalidValue(let place)) = inflateEveryWay(input, .gzip, byteCount: 5)
    else {
      Issue.record("\(name) was read")
      return
    }
    #expect(place > offset && place <= offset + 4, "\(name)")
  }

  @Test(arguments: [[1], [0, 0, 1], [0x1F, 1], [0x1F, 0x8B, 8]] as [[UInt8]])
  func `refuses what follows and is neither a member nor zeros`(behind: [UInt8]) {
    #expect(throws: DecodingError.self) {
      try inflateEveryWay(Self.member + behind, .gzip, byteCount: 5).get()
    }
  }

  @Test func `bounds its output, whatever the input says`() {
    var stream = DeflateStream()
    stream.block(
      [.literal(0)]
        + [DeflateStream.Token](
          repeating: .match(length: 258, distance: 1), count: 4000), isLast: true)
    #expect(throws: DecodingError.self) { try Gzip.decompress(stream.gzip().span, limit: 1 << 16) }
  }
}

@Suite struct `zlib decompression` {
  static let headers: [(name: String, bytes: [UInt8])] = [
    ("another method", [0x77, 0x85]), ("a window of 64 KiB", [0x88, 0x1C]),
    ("a wrong check", [0x78, 0x9D]), ("a preset dictionary", [0x78, 0xBB]),
  ]

  @Test(arguments: headers)
  func `refuses headers, RFC 1950 section 2.2`(name: String, bytes: [UInt8]) {
    var stream = DeflateStream()
    stream.stored([1, 2, 3], isLast: true)
    let input = bytes + stream.zlib[2...]
    #expect(
      inflateEveryWay(input, .zlib, byteCount: 3) == .failure(.invalidValue(offset: 2)),
      "\(name)")
  }

  @Test func `refuses a wrong checksum`() {
    var stream = DeflateStream()
    stream.stored([1, 2, 3], isLast: true)
    var input = stream.zlib
    input[input.count - 1] ^= 1
    #expect(
      inflateEveryWay(input, .zlib, byteCount: 3) == .failure(.invalidValue(offset: input.count)))
  }
}
