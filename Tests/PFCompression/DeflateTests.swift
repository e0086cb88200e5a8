import PFCompression
import PFCore
import Testing

@Suite struct `DEFLATE decompression` {
  static func check(_ stream: DeflateStream, _ comment: Comment? = nil) {
    let count = stream.decoded.count
    #expect(
      inflateEveryWay(stream.bytes, .raw, byteCount: count) == .success(stream.decoded), comment)
    #expect(
      inflateEveryWay(stream.gzip(), .gzip, byteCount: count) == .success(stream.decoded), comment)
    #expect(
      inflateEveryWay(stream.zlib, .zlib, byteCount: count) == .success(stream.decoded), comment)
  }

  @Test(arguments: [0, 1, 7, 8, 9, 63, 64, 65, 1000, 65535])
  func `stored blocks, section 3.2.4`(size: Int) {
    var generator = SeededGenerator(seed: UInt64(size))
    var stream = DeflateStream()
    stream.stored(generator.bytes(size))
    stream.stored([])
    stream.stored(generator.bytes(size / 2), isLast: true)
    Self.check(stream)
  }

  @Test func `a block without bytes`() {
    var stream = DeflateStream()
    stream.block([], isLast: true)
    #expect(stream.bytes == [3, 0])
    Self.check(stream)
  }

  @Test func `all literals of the fixed code, section 3.2.6`() {
    var stream = DeflateStream()
    stream.block((0...255).map { .literal(UInt8($0)) }, isLast: true)
    Self.check(stream)
  }

  @Test(arguments: Array(1...40) + [255, 256, 257, 4095, 32767, 32768])
  func `matches of every length from one distance`(distance: Int) {
    var generator = SeededGenerator(seed: UInt64(distance))
    var stream = DeflateStream()
    stream.stored(generator.bytes(distance))
    stream.block(
      (3...258).flatMap { length -> [DeflateStream.Token] in
        [.match(length: length, distance: distance), .literal(UInt8(length & 255))]
      }, isLast: true)
    Self.check(stream)
  }

  @Test func `length 258 has two ways to be written`() {
    // Symbol 284 with the extra bits 31 is what no compressor writes, but all read.
    var stream = DeflateStream()
    stream.bits(3, 3)
    let codes = DeflateStream.codes(DeflateStream.fixedLiterals)
    stream.code(codes[65])
    stream.code(codes[284])
    stream.bits(31, 5)
    stream.code((0, 5))
    stream.code(codes[256])
    #expect(
      inflateEveryWay(stream.bytes, .raw, byteCount: 259)
        == .success([UInt8](repeating: 65, count: 259)))
  }

  @Test(arguments: UInt64(1)...60)
  func `random blocks in random codes`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    Self.check(
      .random(count: 1 << Int(2 + seed % 13), using: &generator), "seed \(seed)")
  }

  @Test func `a code of one distance may be incomplete`() {
    var stream = DeflateStream()
    var literals = [Int](repeating: 0, count: 258)
    literals[65] = 1
    literals[256] = 2
    literals[257] = 2
    stream.block(
      [.literal(65), .match(length: 3, distance: 1)], isLast: true,
      widths: (literals: literals, distances: [1]))
    Self.check(stream)
  }

  @Test func `there may be no distances`() {
    var literals = [Int](repeating: 0, count: 257)
    literals[65] = 1
    literals[256] = 1
    var stream = DeflateStream()
    stream.block([.literal(65)], isLast: true, widths: (literals: literals, distances: [0]))
    Self.check(stream)
    // And no literals either, which is incomplete.
    literals[65] = 0
    var empty = DeflateStream()
    empty.block([], isLast: true, widths: (literals: literals, distances: [0]))
    Self.check(empty)
  }

  @Test func `zeros may follow`() {
    var stream = DeflateStream()
    stream.block([.literal(65)], isLast: true)
    #expect(inflateEveryWay(stream.bytes + [0, 0, 0], .raw, byteCount: 1) == .success([65]))
    #expect(inflateEveryWay(stream.zlib + [0], .zlib, byteCount: 1) == .success([65]))
  }

  @Test func `anything may follow an open-ended stream`() {
    var stream = DeflateStream()
    stream.block([.literal(65)], isLast: true)
    for rest: [UInt8] in [[], [0], [7, 0, 255, 1]] {
      #expect(inflateEveryWay(stream.bytes + rest, .openEnded, byteCount: 1) == .success([65]))
    }
    #expect(
      inflateEveryWay([3], .openEnded, byteCount: 0)
        == .failure(.truncated(offset: 1, needed: 1)))
  }
}

@Suite struct `DEFLATE refuses` {
  private static func stream(_ write: (inout DeflateStream) -> Void) -> [UInt8] {
    var stream = DeflateStream()
    write(&stream)
    return stream.bytes + [UInt8](repeating: 0, count: 30)
  }

  private static func widths(_ counts: [Int: Int], of count: Int) -> [Int] {
    (0..<count).map { counts[$0] ?? 0 }
  }

  static let malformed: [(name: String, bytes: [UInt8])] = [
    ("block type 3", [7, 0, 0, 0, 0, 0, 0, 0]),
    ("a stored size without its complement", [1, 1, 0, 0xFE, 0xFE, 65]),
    (
      "a distance before the start",
      stream { $0.block([.literal(65), .match(length: 3, distance: 2)], isLast: true) }
    ),
    (
      "a distance before the start, far from the ends",
      stream {
        $0.block([.match(length: 3, distance: 1)])
        $0.stored([UInt8](repeating: 0, count: 1000), isLast: true)
      }
    ),
    (
      "literal symbol 286",
      stream {
        $0.bits(3, 3)
        $0.code(DeflateStream.codes(DeflateStream.fixedLiterals)[286])
      }
    ),
    (
      "distance symbol 30",
      stream {
        $0.bits(3, 3)
        $0.code(DeflateStream.codes(DeflateStream.fixedLiterals)[65])
        $0.code(DeflateStream.codes(DeflateStream.fixedLiterals)[257])
        $0.code((30, 5))
      }
    ),
    (
      "287 literals",
      stream {
        $0.bits(5, 3)
        $0.bits(30, 5)
        $0.bits(0, 9)
      }
    ),
    (
      "31 distances",
      stream {
        $0.bits(5, 3)
        $0.bits(0, 5)
        $0.bits(30, 5)
      }
    ),
    (
      "no code lengths",
      stream {
        $0.bits(5, 3)
        $0.bits(0, 14)
      }
    ),
    (
      "an incomplete code of code lengths",
      stream {
        $0.bits(5, 3)
        $0.bits(0, 14)
        $0.bits(1, 3)
      }
    ),
    (
      "a repeat of what is not there",
      stream {
        $0.bits(5, 3)
        $0.bits(0, 14)
        $0.bits(1, 3)
        $0.bits(1, 3)
      }
    ),
    (
      "more widths than were told",
      stream {
        $0.bits(5, 3)
        $0.bits(0, 14)
        $0.bits(0, 6)
        $0.bits(1, 3)
        $0.bits(1, 3)
        for _ in 0..<3 { $0.bits(0b1111_1111, 8) }
      }
    ),
    (
      "no end of block",
      stream { $0.block([], widths: (widths([65: 1, 66: 1], of: 257), [1, 1])) }
    ),
    (
      "too many codes of one width",
      stream { $0.block([], widths: (widths([65: 1, 66: 1, 256: 1], of: 257), [1, 1])) }
    ),
    (
      "an incomplete code of literals",
      stream { $0.block([], widths: (widths([65: 2, 256: 2], of: 257), [1, 1])) }
    ),
    (
      "an incomplete code of distances",
      stream { $0.block([], widths: (widths([65: 1, 256: 1], of: 257), [2, 2])) }
    ),
    (
      "a single distance of two bits",
      stream { $0.block([], widths: (widths([65: 1, 256: 1], of: 257), [2])) }
    ),
    (
      "a distance of no code",
      stream {
        $0.block(
          [.match(length: 3, distance: 1)],
          widths: (widths([65: 2, 66: 2, 256: 2, 257: 2], of: 258), [0]))
      }
    ),
    (
      "the other half of an incomplete code",
      stream {
        let codes = widths([65: 1, 256: 2, 257: 2], of: 258)
        $0.bits(5, 3)
        $0.header(literals: codes, distances: [1])
        $0.code((0, 1))
        $0.code((3, 2))
        $0.bits(1, 1)
      }
    ),
  ]

  @Test(arguments: malformed)
  func `malformed input`(name: String, bytes: [UInt8]) {
    for count in [0, 1, 4, 300] {
      let outcome = inflateEveryWay(bytes, .raw, byteCount: count)
      if count == 300 {
        guard case .failure(.invalidValue) = outcome else {
          Issue.record("\(name): \(outcome)")
          return
        }
      } else {
        #expect(throws: DecodingError.self, "\(name)") { try outcome.get() }
      }
    }
  }

  @Test func `what follows the stream, if it is not zeros`() {
    let bytes: [UInt8] = [3, 0, 1]
    #expect(
      inflateEveryWay(bytes, .raw, byteCount: 0) == .failure(.invalidValue(offset: 3)))
  }

  @Test func `more bytes than were wanted, or fewer`() {
    var stream = DeflateStream()
    stream.block([.literal(65), .match(length: 258, distance: 1)], isLast: true)
    for count in [0, 1, 2, 258] {
      guard
        case .failure(.limitExceeded(_, _, limit: count)) =
          inflateEveryWay(stream.bytes, .raw, byteCount: count)
      else {
        Issue.record("\(count) bytes")
        continue
      }
    }
    #expect(
      inflateEveryWay(stream.bytes, .raw, byteCount: 260)
        == .failure(.truncated(offset: stream.bytes.count, needed: 1)))
  }

  @Test func `every prefix`() {
    var generator = SeededGenerator(seed: 5)
    let stream = DeflateStream.random(count: 300, using: &generator)
    for (input, frame) in [
      (stream.bytes, Deflate.Frame.raw), (stream.zlib, .zlib), (stream.gzip(), .gzip),
    ] {
      for end in input.indices {
        let outcome = inflateEveryWay(
          Array(input[..<end]), frame, byteCount: stream.decoded.count)
        guard case .failure(.truncated) = outcome else {
          Issue.record("\(frame), \(end) of \(input.count) bytes: \(outcome)")
          return
        }
      }
    }
  }

  @Test func `every flipped bit, or gives the same bytes`() {
    var generator = SeededGenerator(seed: 6)
    let stream = DeflateStream.random(count: 120, using: &generator)
    let input = stream.gzip()
    for position in 0..<(8 * input.count) {
      var damaged = input
      damaged[position / 8] ^= 1 << UInt8(position % 8)
      let outcome = inflateEveryWay(damaged, .gzip, byteCount: stream.decoded.count)
      switch outcome {
      case .success(let bytes): #expect(bytes == stream.decoded, "bit \(position)")
      case .failure(.missingField): Issue.record("the forms disagree at bit \(position)")
      case .failure: break
      }
    }
  }
}
