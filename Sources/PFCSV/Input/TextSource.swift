internal import PFCore

/// Where the text of a file comes from: the bytes of a source in any order, or what is
/// decompressed and transcoded of them, from the begin on.
enum TextSource: Sendable {
  case ranges(any ByteSource)
  case stream(Stream)

  /// What it takes to read a stream again from its begin.
  struct Stream: Sendable {
    let source: any ByteSource
    let encoding: NamedEncoding?
    let wrongBytes: CSVInput.WrongBytes

    func open() throws(ReadError) -> CSVInput {
      try CSVInput(source, encoding: encoding, wrongBytes: wrongBytes)
    }
  }

  /// Looks at the first bytes of `source`.
  ///
  /// - Throws: `.invalidOption` for an encoding that is not known; what reading throws.
  init(_ source: any ByteSource, _ options: CSVReadOptions) throws(ReadError) {
    var encoding: NamedEncoding?
    if let name = options.encoding {
      guard let named = NamedEncoding(name) else {
        throw ReadError(.invalidOption(name: "encoding", why: "\"\(name)\" is not known"))
      }
      encoding = named
    }
    let input = try CSVInput(source, encoding: encoding, wrongBytes: .pass)
    guard input.prefersSequential else {
      self = .ranges(source)
      return
    }
    let replaces = options.replacesInvalidText && input.encoding != .utf8
    self = .stream(
      Stream(
        source: source, encoding: encoding, wrongBytes: replaces ? .replace : .pass))
  }

  /// The text in ranges, or its begin, as a source, and whether that is all of it.
  func front() throws(ReadError) -> (source: any ByteSource, isWhole: Bool) {
    switch self {
    case .ranges(let source): return (source, true)
    case .stream(let stream):
      let producer = try SegmentProducer(stream, skipping: 0, chunkByteCount: Self.frontByteCount)
      let (bytes, isWhole) = try producer.front()
      return (MemorySource(bytes, name: stream.source.name), isWhole)
    }
  }

  private static let frontByteCount = 1 << 20
}

/// A stretch of a text in memory, under the offsets that it has in the whole.
///
/// Invariant: `Window.spare` zeros stand behind its bytes.
@safe final class SegmentSource: ByteSource {
  let name: String
  let base: Int
  let byteCount: Int
  private let buffer: Buffer

  /// The first `count` bytes of a buffer. Precondition: there are as many, and the zeros.
  init(_ buffer: Buffer, count: Int, base: Int, name: String) {
    precondition(count >= 0 && count <= buffer.byteCount - Window.spare, "no room for zeros")
    self.buffer = buffer
    self.base = base
    self.name = name
    byteCount = base + count
  }

  /// The first byte. Valid as long as the segment.
  @unsafe var start: UnsafePointer<UInt8> {
    unsafe buffer.address.assumingMemoryBound(to: UInt8.self)
  }

  func read(at offset: Int, into target: inout MutableSpan<UInt8>) throws(SourceError) {
    guard offset >= base, target.count <= byteCount - offset else {
      throw .truncated(offset: offset, needed: target.count)
    }
    let piece = buffer.slice(offset: offset - base, byteCount: target.count)
    // SAFETY: both sides hold `target.count` bytes and do not overlap.
    unsafe target.withUnsafeMutableBytes { bytes in
      unsafe bytes.copyMemory(
        from: UnsafeRawBufferPointer(start: piece.address, count: piece.byteCount))
    }
  }
}

/// A text whose begin was looked at.
struct OpenedText: Sendable {
  let text: TextSource
  let head: CSVHead
  /// The text, or its begin.
  let front: any ByteSource
  /// Whether that is all of it.
  let isWhole: Bool

  /// - Throws: `ReadError` where the begin of the file is not as the options say.
  init(_ source: any ByteSource, _ options: CSVReadOptions) throws(ReadError) {
    text = try TextSource(source, options)
    (front, isWhole) = try text.front()
    head = try CSVHead(of: front, options)
  }
}
