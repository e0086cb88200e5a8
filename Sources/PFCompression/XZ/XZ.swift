public import PFCore

/// The .xz format (version 1.2.0), as Avro blocks and `.xz` files hold it: streams one after the
/// other, each of blocks that LZMA2 packed, and an index of them.
///
/// Checks are verified where they are CRC-32, CRC-64 or SHA-256, and passed where they are none of
/// those that the format names. Of the filters there is the delta filter; those for machine code
/// are refused by name. All that the index and the headers say of the blocks must be true.
public enum XZ {
  /// Decompresses all streams of `input` into a new array of at most `limit` bytes.
  ///
  /// - Throws: `.truncated` when the input ends too early, `.invalidValue` at what is malformed,
  ///   `.unsupported` for a filter, `.limitExceeded` when there are more than `limit` bytes,
  ///   `.outOfMemory`.
  public static func decompress(
    _ input: Span<UInt8>, limit: Int = .max
  ) throws(DecodingError) -> [UInt8] {
    var output = try MutableBuffer.decompressing(byteCount: 0)
    try decompress(input, into: &output, limit: limit, slack: 0, workspace: Workspace())
    return output.array()
  }

  /// Decompresses all streams of `input` into `output`, in the place of what it holds.
  ///
  /// The buffer grows with what was decompressed, and has `slack` bytes of room behind it at the
  /// end. Its content is unspecified on failure.
  /// - Throws: as `decompress(_:limit:)`.
  package static func decompress(
    _ input: Span<UInt8>, into output: inout MutableBuffer, limit: Int, slack: Int,
    workspace: Workspace
  ) throws(DecodingError) {
    output.setByteCount(0)
    var reader = ByteReader(input)
    repeat {
      try decodeStream(&reader, into: &output, limit: limit, workspace)
    } while try passPadding(&reader)
    try output.reserveForDecompression(output.byteCount, slack: slack)
  }

  /// Passes the zeros behind a stream, four at a time (section 2.2); false at the end of the input.
  private static func passPadding(_ reader: inout ByteReader) throws(DecodingError) -> Bool {
    let start = reader.offset
    while reader.remaining > 0, reader.bytes[reader.offset] == 0 { try reader.skip(1) }
    guard (reader.offset - start) % 4 == 0 else { throw .invalidValue(offset: reader.offset) }
    return reader.remaining > 0
  }
}
