internal import PFCore

/// Where the text of a file comes from: the bytes of a source in any order, or what is
/// decompressed and transcoded of them, from the begin on.
enum TextSource: Sendable {
  case ranges(any ByteSource)
  case stream(Stream)

  /// What it takes to read a stream again from its begin.
  struct Stream: Sendable {
    let source: any ByteSource
    let named: NamedEncoding?
    /// What the text is transcoded from.
    let encoding: TextEncoding
    let wrongBytes: CSVInput.WrongBytes

    func open() throws(ReadError) -> CSVInput {
      try CSVInput(source, encoding: named, wrongBytes: wrongBytes)
    }
  }

  /// Looks at the first bytes of `source`.
  ///
  /// - Throws: `.invalidOption` for an encoding that is not known; what reading throws.
  init(_ source: any ByteSource, _ options: CSVReadOptions) throws(ReadError) {
    var named: NamedEncoding?
    if let name = options.encoding {
      named = NamedEncoding(name)
      guard named != nil else {
        throw ReadError(.invalidOption(name: "encoding", why: "\"\(name)\" is not known"))
      }
    }
    let input = try CSVInput(source, encoding: named, wrongBytes: .pass)
    guard input.prefersSequential else {
      self = .ranges(source)
      return
    }
    let replaces = options.replacesInvalidText && input.encoding != .utf8
    self = .stream(
      Stream(
        source: source, named: named, encoding: input.encoding,
        wrongBytes: replaces ? .replace : .pass))
  }

  /// What the text is in the source.
  var encoding: TextEncoding {
    switch self {
    case .ranges: .utf8
    case .stream(let stream): stream.encoding
    }
  }

  /// An error of the text with the offset that it has in the source, decompressed.
  func inSource(_ error: ReadError) -> ReadError {
    var error = error
    if let offset = error.place.offset { error.place.offset = inSource([offset])[0] }
    return error
  }

  /// Offsets of the source, decompressed, for offsets of the text; as they are where it cannot be
  /// read again.
  func inSource(_ offsets: [Int]) -> [Int] {
    guard case .stream(let stream) = self, stream.encoding != .utf8 else { return offsets }
    return (try? stream.sourceOffsets(of: offsets)) ?? offsets
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

extension TextSource.Stream {
  /// The offsets, before they were transcoded, of bytes of the text.
  ///
  /// The text tells them itself: a character has as many bytes in the source as its encoding says,
  /// and what stands for an ill-formed sequence as many as one of its units.
  fileprivate func sourceOffsets(of offsets: [Int]) throws(ReadError) -> [Int] {
    let input = try open()
    let isWide = encoding == .utf16LittleEndian || encoding == .utf16BigEndian
    var found: [Int: Int] = [:]
    let bytes: MutableBuffer
    do throws(AllocationError) {
      bytes = try MutableBuffer(byteCount: 64 << 10)
    } catch { throw ReadError(error) }
    let start = unsafe bytes.start
    var (read, source) = (0, input.markByteCount)
    for offset in Set(offsets).sorted() {
      while read < offset {
        // SAFETY: the buffer has room for the bytes, of which `count` are then written.
        let count = try unsafe input.read(
          into: UnsafeMutableRawBufferPointer(
            start: start, count: min(offset - read, bytes.capacity)))
        guard count > 0 else { break }
        for index in 0..<count {
          let byte = unsafe start.load(fromByteOffset: index, as: UInt8.self)
          guard byte & 0xC0 != 0x80 else { continue }
          source += isWide ? (byte >= 0xF0 && byte != 0xFF ? 4 : 2) : 1
        }
        read += count
      }
      found[offset] = source
    }
    return offsets.map { found[$0] ?? $0 }
  }
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
    do throws(ReadError) {
      head = try CSVHead(of: front, encoding: text.encoding, options)
    } catch { throw text.inSource(error) }
  }
}
