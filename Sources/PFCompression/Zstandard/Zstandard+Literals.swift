internal import PFCore

extension Zstandard {
  /// What the literals section of a block says (RFC 8878, section 3.1.1.3.1).
  struct LiteralsHeader {
    enum Kind { case raw, runLength, compressed, treeless }

    var kind: Kind
    /// Bytes of literals.
    var count: Int
    /// Bytes of the section behind this header.
    var byteCount: Int
    var hasFourStreams: Bool

    /// - Throws: `.truncated`; `.limitExceeded` when there are more than `limit` literals.
    init(_ reader: inout ByteReader, limit: Int) throws(DecodingError) {
      let start = reader.offset
      let first = Int(try reader.readByte())
      let format = first >> 2 & 3
      hasFourStreams = format != 0
      switch first & 3 {
      case 0, 1:
        kind = first & 1 == 0 ? .raw : .runLength
        switch format {
        case 1: count = first >> 4 | Int(try reader.readByte()) << 4
        case 3: count = first >> 4 | Int(try reader.readLittleEndian(UInt16.self)) << 4
        default: count = first >> 3
        }
        byteCount = kind == .raw ? count : 1
      default:
        kind = first & 1 == 0 ? .compressed : .treeless
        var bits = first >> 4 | Int(try reader.readLittleEndian(UInt16.self)) << 4
        let width: Int
        switch format {
        case 2:
          bits |= Int(try reader.readByte()) << 20
          width = 14
        case 3:
          bits |= Int(try reader.readLittleEndian(UInt16.self)) << 20
          width = 18
        default: width = 10
        }
        count = bits & (1 << width - 1)
        byteCount = bits >> width
      }
      guard count <= limit else {
        throw .limitExceeded(offset: start, declared: count, limit: limit)
      }
      guard byteCount <= reader.remaining else {
        throw .truncated(offset: reader.bytes.count, needed: byteCount - reader.remaining)
      }
    }
  }

  /// Literals, with `literalSlack` readable bytes behind them.
  @unsafe struct Literals {
    var start: UnsafePointer<UInt8>
    var count: Int
  }
}

extension Zstandard.Workspace {
  /// Reads the section behind `header` and moves past it.
  ///
  /// Literals that stand in the input as they are stay there where enough follows. Those that
  /// make the block alone go to `target` at once, where that is given.
  /// SAFETY: `reader` is over `source`; eight bytes before it are readable; `target` is writable
  /// for `header.count` bytes.
  func readLiterals(
    _ header: Zstandard.LiteralsHeader, _ reader: inout ByteReader,
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutablePointer<UInt8>?
  ) throws(DecodingError) -> Zstandard.Literals {
    let start = reader.offset
    try reader.skip(header.byteCount)
    guard let base = source.baseAddress else { throw .invalidValue(offset: start) }
    let bytes = unsafe base + start
    let literals = unsafe target ?? self.literals
    switch header.kind {
    case .raw:
      if unsafe target == nil, header.count <= reader.bytes.count - start - Zstandard.literalSlack {
        return unsafe Zstandard.Literals(
          start: bytes.assumingMemoryBound(to: UInt8.self), count: header.count)
      }
      unsafe UnsafeMutableRawPointer(literals).copyMemory(from: bytes, byteCount: header.count)
    case .runLength:
      unsafe literals.update(
        repeating: bytes.load(as: UInt8.self), count: header.count)
    case .compressed, .treeless:
      var body = ByteReader(
        reader.bytes.extracting(start..<(start + header.byteCount)))
      let huffman = huffman
      if header.kind == .compressed {
        hasHuffmanTable = false
        do throws(DecodingError) {
          try huffman.read(&body)
        } catch { throw error.shifted(by: start) }
        hasHuffmanTable = true
        hasDoubles = false
      }
      guard hasHuffmanTable else { throw .invalidValue(offset: start) }
      let streams = unsafe bytes + body.offset
      let byteCount = body.remaining
      let isDecoded: Bool
      if header.hasFourStreams {
        let inPairs = Self.prefersDoubles(header.count, byteCount)
        if inPairs, !hasDoubles {
          huffman.makeDoubles()
          hasDoubles = true
        }
        isDecoded = unsafe huffman.decodeFourStreams(
          streams, byteCount: byteCount, into: literals, count: header.count, inPairs: inPairs)
      } else {
        isDecoded = unsafe huffman.decodeStream(
          streams, byteCount: byteCount, into: literals, count: header.count)
      }
      guard isDecoded else { throw .invalidValue(offset: start + body.offset) }
    }
    return unsafe Zstandard.Literals(start: UnsafePointer(literals), count: header.count)
  }

  /// Whether two codes fit a look-up often enough, over enough symbols to pay for the table.
  private static func prefersDoubles(_ count: Int, _ byteCount: Int) -> Bool {
    count >= 4096 && byteCount * 8 < count * 6
  }
}
