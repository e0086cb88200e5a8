import PFCompression
import PFCore

/// Writes DEFLATE elements as asked (RFC 1951), also ones that no compressor would make.
struct DeflateStream {
  enum Token {
    case literal(UInt8)
    case match(length: Int, distance: Int)
  }

  private(set) var bytes: [UInt8] = []
  private var bitCount = 0
  /// What the elements decode to, byte by byte as the specification says.
  private(set) var decoded: [UInt8] = []

  mutating func bits(_ value: Int, _ width: Int) {
    for index in 0..<width {
      if bitCount & 7 == 0 { bytes.append(0) }
      bytes[bytes.count - 1] |= UInt8(value >> index & 1) << UInt8(bitCount & 7)
      bitCount += 1
    }
  }

  mutating func stored(_ content: [UInt8], isLast: Bool = false) {
    bits(isLast ? 1 : 0, 3)
    bitCount = (bitCount + 7) & ~7
    bits(content.count, 16)
    bits(~content.count & 0xFFFF, 16)
    bytes += content
    bitCount += 8 * content.count
    decoded += content
  }

  /// A block of `tokens`, in the fixed codes or in those of the widths given.
  mutating func block(
    _ tokens: [Token], isLast: Bool = false, widths: (literals: [Int], distances: [Int])? = nil
  ) {
    bits(isLast ? 1 : 0, 1)
    bits(widths == nil ? 1 : 2, 2)
    if let widths {
      header(literals: widths.literals, distances: widths.distances)
    }
    let literals = Self.codes(widths?.literals ?? Self.fixedLiterals)
    let distances = Self.codes(widths?.distances ?? [Int](repeating: 5, count: 32))
    for token in tokens {
      switch token {
      case .literal(let byte):
        code(literals[Int(byte)])
        decoded.append(byte)
      case .match(let length, let distance):
        // The shortest way to write it, as 258 has a symbol of its own.
        let symbol = Self.lengths.lastIndex { $0.base <= length } ?? 0
        code(literals[257 + symbol])
        bits(length - Self.lengths[symbol].base, Self.lengths[symbol].extra)
        let other = Self.distances.lastIndex { $0.base <= distance } ?? 0
        code(distances[other])
        bits(distance - Self.distances[other].base, Self.distances[other].extra)
        for _ in 0..<length {
          guard distance <= decoded.count else { break }
          decoded.append(decoded[decoded.count - distance])
        }
      }
    }
    code(literals[256])
  }

  /// RFC 1951, section 3.2.7, every width in four bits of its own.
  mutating func header(literals: [Int], distances: [Int]) {
    bits(literals.count - 257, 5)
    bits(distances.count - 1, 5)
    bits(15, 4)
    for symbol in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] {
      bits(symbol < 16 ? 4 : 0, 3)
    }
    for width in literals + distances { code((width, 4)) }
  }

  /// A Huffman code, which stands with its highest bit first.
  mutating func code(_ code: (value: Int, width: Int)) {
    for index in (0..<code.width).reversed() { bits(code.value >> index & 1, 1) }
  }

  static let fixedLiterals =
    [Int](repeating: 8, count: 144) + [Int](repeating: 9, count: 112)
    + [Int](repeating: 7, count: 24) + [Int](repeating: 8, count: 8)
  static let lengths = bases(from: 3, (0..<28).map { $0 < 8 ? 0 : $0 / 4 - 1 }) + [(258, 0)]
  static let distances = bases(from: 1, (0..<30).map { $0 < 4 ? 0 : $0 / 2 - 1 })

  private static func bases(from first: Int, _ extra: [Int]) -> [(base: Int, extra: Int)] {
    var base = first
    return extra.map { bits in
      defer { base += 1 << bits }
      return (base, bits)
    }
  }

  /// RFC 1951, section 3.2.2.
  static func codes(_ widths: [Int]) -> [(value: Int, width: Int)] {
    var next = 0
    var codes = widths.map { (0, $0) }
    for width in 1...15 {
      next <<= 1
      for symbol in widths.indices where widths[symbol] == width {
        codes[symbol] = (next, width)
        next += 1
      }
    }
    return codes
  }

  /// The widths of a complete code of `count >= 2` symbols, by splitting leaves at random.
  static func randomWidths(
    _ count: Int, using generator: inout some RandomNumberGenerator
  ) -> [Int] {
    var leaves = [0]
    while leaves.count < count {
      // Mostly the leaf that was split last, so that the code gets deep.
      let index =
        Bool.random(using: &generator)
        ? leaves.count - 1 : leaves.indices.randomElement(using: &generator) ?? 0
      guard leaves[index] < 15 else { continue }
      leaves[index] += 1
      leaves.append(leaves[index])
    }
    return leaves.shuffled(using: &generator)
  }

  /// A stream of blocks of all kinds, with about `count` bytes.
  static func random(count: Int, using generator: inout SeededGenerator) -> DeflateStream {
    var stream = DeflateStream()
    repeat {
      var tokens: [Token] = []
      var size = stream.decoded.count
      for _ in 0..<Int.random(in: 0...1 + count / 2, using: &generator) {
        if size == 0 || Bool.random(using: &generator) {
          tokens.append(.literal(UInt8.random(in: 0...255, using: &generator)))
          size += 1
        } else {
          let far = min(size, Bool.random(using: &generator) ? 20 : 32768)
          let length = Int.random(
            in: 3...(Bool.random(using: &generator) ? 10 : 258), using: &generator)
          tokens.append(
            .match(length: length, distance: Int.random(in: 1...far, using: &generator)))
          size += length
        }
      }
      switch Int.random(in: 0..<6, using: &generator) {
      case 0: stream.stored(generator.bytes(min(count, 65535)))
      case 1, 2: stream.block(tokens)
      default:
        stream.block(
          tokens,
          widths: (
            randomWidths(286, using: &generator), randomWidths(30, using: &generator)
          ))
      }
    } while stream.decoded.count < count
    stream.block([], isLast: true)
    return stream
  }

  /// The stream as a GZIP member; `fields` stands behind the fixed part of the header.
  func gzip(flags: UInt8 = 0, fields: [UInt8] = []) -> [UInt8] {
    var header: [UInt8] = [0x1F, 0x8B, 8, flags, 1, 2, 3, 4, 0, 255] + fields
    if flags & 2 != 0 {
      header += Self.littleEndian(CRC32.checksum(of: header.span)).prefix(2)
    }
    return header + bytes + Self.littleEndian(CRC32.checksum(of: decoded.span))
      + Self.littleEndian(UInt32(truncatingIfNeeded: decoded.count))
  }

  /// The stream in the zlib format.
  var zlib: [UInt8] {
    var low: UInt32 = 1
    var high: UInt32 = 0
    for byte in decoded {
      low = (low + UInt32(byte)) % 65521
      high = (high + low) % 65521
    }
    return [0x78, 0x9C] + bytes + Self.littleEndian((high << 16 | low).byteSwapped)
  }

  static func littleEndian(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}

/// The outcome of the exact form with and without slack, of the array form and of the stream reader
/// with pieces of several sizes: all must agree on whether, and on the bytes.
func inflateEveryWay(
  _ input: [UInt8], _ frame: Deflate.Frame, byteCount: Int
) -> Result<[UInt8], DecodingError> {
  var outcomes = [0, 7, Deflate.outputSlack].map { slack in
    inflate(input, frame, byteCount: byteCount, slack: slack)
  }
  let whole = Result { () throws(DecodingError) in
    switch frame {
    case .raw: try Deflate.decompress(input.span, limit: byteCount)
    case .openEnded: try Deflate.decompress(input.span, frame: frame, limit: byteCount)
    case .zlib: try Zlib.decompress(input.span, limit: byteCount)
    case .gzip: try Gzip.decompress(input.span, limit: byteCount)
    }
  }
  // These cannot know that more was wanted.
  if case .success(let bytes) = whole, bytes.count < byteCount {
    outcomes.append(.failure(.truncated(offset: input.count, needed: byteCount - bytes.count)))
  } else {
    outcomes.append(whole)
  }
  for size in [1, 3, 64, 1000] where input.count < 2000 * size {
    let pieces = inflateInPieces(input, frame, size: size)
    switch (whole, pieces) {
    case (.success(let all), .success(let bytes)): if bytes != all { return .failure(disagreement) }
    case (.failure(.limitExceeded), _), (.failure, .failure): break
    default: return .failure(disagreement)
    }
  }
  for other in outcomes.dropFirst() {
    switch (outcomes[0], other) {
    case (.success(let first), .success(let second)):
      if first != second { return .failure(disagreement) }
    case (.failure, .failure): break
    default: return .failure(disagreement)
    }
  }
  return outcomes[0]
}

/// What the forms of the decoder never throw.
private let disagreement = DecodingError.missingField(id: -1, offset: -1)

private func inflate(
  _ input: [UInt8], _ frame: Deflate.Frame, byteCount: Int, slack: Int
) -> Result<[UInt8], DecodingError> {
  var output = [UInt8](repeating: 0xA5, count: byteCount + slack)
  return Result { () throws(DecodingError) in
    var target = output.mutableSpan
    switch frame {
    case .raw: try Deflate.decompress(input.span, into: &target, byteCount: byteCount)
    case .openEnded:
      try Deflate.decompress(input.span, frame: frame, into: &target, byteCount: byteCount)
    case .zlib: try Zlib.decompress(input.span, into: &target, byteCount: byteCount)
    case .gzip: try Gzip.decompress(input.span, into: &target, byteCount: byteCount)
    }
    return Array(output[..<byteCount])
  }
}

/// Feeds `input` in pieces of `size` bytes.
func inflateInPieces(
  _ input: [UInt8], _ frame: Deflate.Frame, size: Int
) -> Result<[UInt8], DecodingError> {
  Result { () throws(DecodingError) in
    var reader = Deflate.StreamReader(frame)
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: input.count, by: size) {
      let piece = input.span.extracting(start..<min(start + size, input.count))
      var taken = 0
      while true {
        let batch = try reader.read(piece.extracting(taken...), taken: &taken)
        if batch.isEmpty { break }
        for index in batch.indices { bytes.append(batch[index]) }
      }
    }
    try reader.finish()
    return bytes
  }
}
