public import PFCore

/// LZ4 (lz4/lz4, lz4_Block_format.md): blocks of sequences, each some literals and then a match.
///
/// - `decompress`: one raw block, as Parquet's LZ4_RAW has them.
/// - `decompressFrames`: the frame format (lz4_Frame_format.md).
/// - `decompressHadoop`: the framing of Hadoop's codec, Parquet's old LZ4.
/// - `decompressAnyDialect`: whichever of the three it is, as that old codec has to be read.
///
/// All of them know how many bytes must come out. `LZ4+Block.swift` is the fast decoder of blocks
/// and `LZ4+Checked.swift` its twin over spans; both give the same bytes and the same errors.
public enum LZ4 {
  /// Bytes past the decompressed size which, when the output region has them, let all sequences
  /// take the fast path. They hold rubbish afterwards. With fewer, only the last bytes are slower.
  public static let outputSlack = 64

  /// No block makes more bytes than this of one byte, so that sizes beyond are refused unread.
  public static let greatestRatio = 255

  /// Decompresses the raw block `input`, which must make exactly `byteCount` bytes, to the start
  /// of `output`.
  ///
  /// Shapes: `output.count >= byteCount`; with `outputSlack` more, every sequence takes the fast
  /// path. All of `output` may be overwritten, also on failure. No allocation.
  /// - Throws: with the offset of the sequence's token: `.invalidValue` for a match that begins
  ///   before the start (or at distance 0), `.limitExceeded` where more than `byteCount` bytes
  ///   are made. `.truncated` when the input ends inside a sequence or too early.
  public static func decompress(
    _ input: Span<UInt8>, into output: inout MutableSpan<UInt8>, byteCount: Int
  ) throws(DecodingError) {
    try unsafe output.withUnsafeMutableBytes { target throws(DecodingError) in
      try unsafe input.withUnsafeBytes { source throws(DecodingError) in
        try unsafe decompress(source, into: target, byteCount: byteCount)
      }
    }
  }

  /// `decompress(_:into:byteCount:)` over raw memory, for output that is not initialised yet.
  ///
  /// Unsafe precondition: both regions are valid for the call and do not overlap.
  package static func decompress(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, byteCount: Int
  ) throws(DecodingError) {
    precondition(byteCount >= 0 && byteCount <= output.count, "the output region is too small")
    let written = try unsafe decodeBlock(
      input, into: output, Region(history: 0, start: 0, end: byteCount))
    guard written == byteCount else { throw .truncated(offset: input.count, needed: 1) }
  }
}
