public import PFCore

/// DEFLATE (RFC 1951), the raw stream without a frame, as Avro blocks hold it.
///
/// What follows the stream must be zeros, if anything. The decoder is one for all forms: see
/// `Deflate.Decoder` for the frames and `Deflate.Inflater` for the blocks.
public enum Deflate {
  /// What stands around a DEFLATE stream.
  package enum Frame: Sendable {
    case raw
    /// The raw stream; whatever follows it is passed over. Some writers of Avro leave a part of a
    /// zlib checksum there.
    case openEnded
    case zlib
    case gzip
  }

  /// Bytes past the decompressed size which, when the output region has them, let all elements
  /// take the fast path. They hold rubbish afterwards. With fewer, only the last bytes are slower.
  public static let outputSlack = Inflater.outputSlack

  /// The most bytes that one byte makes: a match of 258 in two bits.
  public static let greatestRatio = 1032

  /// Decompresses `input` into a new array of at most `limit` bytes.
  ///
  /// - Throws: `.truncated` when the stream does not end, `.invalidValue` at what is malformed,
  ///   `.limitExceeded` when there are more than `limit` bytes.
  public static func decompress(
    _ input: Span<UInt8>, limit: Int = .max
  ) throws(DecodingError) -> [UInt8] {
    try decompress(input, frame: .raw, limit: limit)
  }

  /// Decompresses `input`, which must hold exactly `byteCount` bytes, to the start of `output`.
  ///
  /// Shapes: `output.count >= byteCount`; with `outputSlack` more, every element takes the fast
  /// path. All of `output` may be overwritten, also on failure.
  /// - Throws: as `decompress(_:limit:)`; `.truncated` when there are fewer than `byteCount` bytes.
  public static func decompress(
    _ input: Span<UInt8>, into output: inout MutableSpan<UInt8>, byteCount: Int
  ) throws(DecodingError) {
    try decompress(input, frame: .raw, into: &output, byteCount: byteCount)
  }

  /// `decompress(_:into:byteCount:)` over raw memory, for output that is not initialised yet.
  ///
  /// Unsafe precondition: both regions are valid for the call and do not overlap.
  package static func decompress(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, byteCount: Int
  ) throws(DecodingError) {
    try unsafe decompress(input, frame: .raw, into: output, byteCount: byteCount)
  }
}

// MARK: - Any frame

extension Deflate {
  /// `decompress(_:limit:)` for any frame.
  package static func decompress(
    _ input: Span<UInt8>, frame: Frame, limit: Int
  ) throws(DecodingError) -> [UInt8] {
    var reader = StreamReader(frame)
    var bytes: [UInt8] = []
    var offset = 0
    while true {
      let piece = try reader.read(input.extracting(offset...), taken: &offset)
      if piece.isEmpty { break }
      guard piece.count <= limit - bytes.count else {
        throw .limitExceeded(
          offset: offset, declared: bytes.count + piece.count, limit: limit)
      }
      unsafe piece.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }
    try reader.finish()
    return bytes
  }

  /// `decompress(_:into:byteCount:)` for any frame.
  package static func decompress(
    _ input: Span<UInt8>, frame: Frame, into output: inout MutableSpan<UInt8>, byteCount: Int
  ) throws(DecodingError) {
    try unsafe output.withUnsafeMutableBytes { target throws(DecodingError) in
      try unsafe input.withUnsafeBytes { source throws(DecodingError) in
        try unsafe decompress(source, frame: frame, into: target, byteCount: byteCount)
      }
    }
  }

  static func decompress(
    _ input: UnsafeRawBufferPointer, frame: Frame, into output: UnsafeMutableRawBufferPointer,
    byteCount: Int
  ) throws(DecodingError) {
    precondition(byteCount >= 0 && byteCount <= output.count, "the output region is too small")
    // Output without memory takes no byte, so any address will do.
    var nothing: UInt8 = 0
    try unsafe withUnsafeMutableBytes(of: &nothing) { empty throws(DecodingError) in
      guard let start = unsafe output.baseAddress ?? empty.baseAddress else { return }
      var target = unsafe Output(
        start: start, capacity: output.count, count: 0, limit: byteCount, history: 0)
      var reader = BitReader()
      unsafe reader.supply(input)
      var decoder = Decoder(frame)
      let pause = try decoder.run(&reader, &target)
      guard target.count <= byteCount, pause != .needsOutput else {
        throw .limitExceeded(
          offset: reader.offset, declared: max(target.count, byteCount + 1), limit: byteCount)
      }
      try decoder.finish(reader)
      guard target.count == byteCount else {
        throw .truncated(offset: reader.offset, needed: byteCount - target.count)
      }
    }
  }
}
