public import PFCore

/// Brotli (RFC 7932): meta-blocks of commands — some literals, then a copy — in prefix codes.
///
/// All of the format but large windows, which the RFC does not have.
public enum Brotli {
  /// Bytes past the decompressed size which, when the output region has them, let all copies take
  /// the fast path. They hold rubbish afterwards. With fewer, only the last bytes are slower.
  public static let outputSlack = 64

  /// No stream makes more bytes than this of one byte: 16 MiB are the most of a meta-block.
  public static let greatestRatio = 1 << 24

  /// Decompresses `input`, one stream that must make exactly `byteCount` bytes, to the start of
  /// `output`.
  ///
  /// Shapes: `output.count >= byteCount`, better by `outputSlack`. All of `output` may be
  /// overwritten, also on failure. Memory: a workspace of at most 2.9 MB.
  /// - Throws: `.invalidValue` for what the RFC forbids, and for bytes behind the stream;
  ///   `.unsupported` for a large window; `.limitExceeded` at a meta-block that makes more than `byteCount`
  ///   bytes; `.truncated` when the input ends inside the stream or the stream too early;
  ///   `.outOfMemory`.
  public static func decompress(
    _ input: Span<UInt8>, into output: inout MutableSpan<UInt8>, byteCount: Int
  ) throws(DecodingError) {
    try decompress(input, into: &output, byteCount: byteCount, Workspace())
  }

  /// `decompress(_:into:byteCount:)` in a workspace that is kept for the next stream.
  package static func decompress(
    _ input: Span<UInt8>, into output: inout MutableSpan<UInt8>, byteCount: Int,
    _ workspace: Workspace
  ) throws(DecodingError) {
    try unsafe output.withUnsafeMutableBytes { target throws(DecodingError) in
      try unsafe input.withUnsafeBytes { source throws(DecodingError) in
        try unsafe decompress(source, into: target, byteCount: byteCount, workspace)
      }
    }
  }

  /// `decompress(_:into:byteCount:)` over raw memory, for output that is not initialised yet.
  ///
  /// Unsafe precondition: both regions are valid for the call and do not overlap.
  package static func decompress(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, byteCount: Int,
    _ workspace: Workspace
  ) throws(DecodingError) {
    precondition(byteCount >= 0 && byteCount <= output.count, "the output region is too small")
    guard let bits = unsafe BrotliBits(input) else { throw .truncated(offset: 0, needed: 1) }
    var decoder = unsafe Decoder(
      bits: bits, tables: try workspace.tables(), output: output, byteCount: byteCount)
    try decoder.decodeStream()
  }
}
