package import PFCore

/// The text of a source as a stream of UTF-8: decompressed, without its byte order mark, and
/// transcoded where it is of another encoding.
package final class CSVInput: ByteStream {
  /// What is done about bytes that are no character of the encoding.
  package enum WrongBytes: Sendable {
    /// An error with their offset.
    case refuse
    /// U+FFFD stands for them.
    case replace
    /// Those of UTF-8 are given as they are; for sequences of other encodings stands a byte that no
    /// UTF-8 has.
    case pass

    var treatment: Transcoder.Treatment {
      switch self {
      case .refuse: .refuse
      case .replace: .replace
      case .pass: .mark
      }
    }
  }

  /// How the source is compressed.
  package let compression: FileCompression?
  /// The encoding of the source.
  package let encoding: TextEncoding
  /// The bytes of the byte order mark that was passed, 0 where there is none.
  package let markByteCount: Int
  /// Whether the text is not the bytes of the source behind the mark, so that it can be read only
  /// from its start on.
  package let prefersSequential: Bool
  private let stream: any ByteStream
  /// Bytes that were read to recognise the encoding, where no transcoder takes them.
  private var first: [UInt8]

  /// Looks at the first bytes of `source`: for a compression where `decompresses` is set, and for a
  /// byte order mark, which tells the encoding where the caller does not. Without both it is UTF-8.
  ///
  /// - Throws: what the source says; an error of its compression.
  package init(
    _ source: any ByteSource, encoding named: NamedEncoding? = nil,
    wrongBytes: WrongBytes = .refuse, decompresses: Bool = true
  ) throws(ReadError) {
    let head = try source.bytes(at: 0, byteCount: min(4, source.byteCount))
    compression = decompresses ? FileCompression.recognise(head.bytes) : nil
    let base: any ByteStream =
      switch compression {
      case .gzip: try GzipStream(source)
      case .zstandard: try ZstandardStream(source)
      case nil: SourceStream(source)
      }

    var first: [UInt8] = []
    while first.count < 3 {
      var byte: UInt8 = 0
      let count = try unsafe withUnsafeMutableBytes(of: &byte) { bytes throws(ReadError) in
        try unsafe base.read(into: bytes)
      }
      guard count == 1 else { break }
      first.append(byte)
    }
    let mark = TextEncoding.mark(of: first.span)
    let encoding = named?.encoding(with: mark) ?? mark?.encoding ?? .utf8
    self.encoding = encoding
    markByteCount = mark?.encoding == encoding ? mark?.byteCount ?? 0 : 0
    first.removeFirst(markByteCount)

    if encoding == .utf8, wrongBytes == .pass {
      self.first = first
      stream = base
    } else {
      self.first = []
      stream = try TranscodingStream(
        base, encoding, wrongBytes.treatment, first: first, offset: markByteCount,
        name: source.name)
    }
    prefersSequential = compression != nil || encoding != .utf8 || wrongBytes == .replace
  }

  /// Fills the start of `target`, which is not empty, with UTF-8. A character may be cut by its end.
  ///
  /// SAFETY: the caller promises that `target` is writable during the call.
  /// - Returns: the bytes written; 0 at the end, and from then on.
  /// - Throws: what the source says; a damaged or cut compression, with its offset in the source;
  ///   bytes that are no character, with their offset before transcoding. Nothing may be read
  ///   afterwards.
  package func read(into target: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int {
    guard !first.isEmpty else { return try unsafe stream.read(into: target) }
    let count = min(first.count, target.count)
    for index in 0..<count { unsafe target[index] = first[index] }
    first.removeFirst(count)
    return count
  }
}
