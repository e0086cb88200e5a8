public import PFCore

/// bzip2, as Avro blocks and `.bz2` files hold it: streams one after the other, each of blocks that
/// were sorted by Burrows and Wheeler's transform.
///
/// The format has no specification but its reference, bzip2 1.0.8, and is read as there: incomplete
/// codes are taken, and selectors above 18 002 ignored. What no writer makes since 1997, blocks
/// that were randomised, is refused by name. Zeros may stand behind a stream; anything else that is
/// no stream is refused.
public enum Bzip2 {
  /// Decompresses all streams of `input` into a new array of at most `limit` bytes.
  ///
  /// - Throws: `.truncated` when the last stream does not end, `.invalidValue` at what is malformed
  ///   or behind a checksum that is wrong, `.unsupported` for a randomised block, `.limitExceeded`
  ///   when there are more than `limit` bytes, `.outOfMemory`.
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
    try unsafe input.withUnsafeBytes { bytes throws(DecodingError) in
      var reader = unsafe BitReader(bytes)
      do throws(DecodingError) {
        repeat {
          try decodeStream(&reader, into: &output, limit: limit, workspace)
        } while reader.passZeros()
      } catch {
        // Behind the end come zeros, and these may be what was malformed.
        if case .invalidValue = error, reader.isOverdrawn { throw reader.truncation }
        throw error
      }
    }
    try output.reserveForDecompression(output.byteCount, slack: slack)
  }

  /// A stream: its header, its blocks, and the checksum of their checksums.
  private static func decodeStream(
    _ reader: inout BitReader, into output: inout MutableBuffer, limit: Int,
    _ workspace: Workspace
  ) throws(DecodingError) {
    guard try reader.take(24) == 0x425A68 else { throw .invalidValue(offset: reader.offset) }
    let level = try reader.take(8) - 0x30
    guard (1...9).contains(level) else { throw .invalidValue(offset: reader.offset) }
    try workspace.begin(blockLimit: level * 100_000)
    var checksum: UInt32 = 0
    while true {
      let magic = try reader.take(24) << 24 | reader.take(24)
      let stored = UInt32(truncatingIfNeeded: try reader.take(32))
      switch magic {
      case 0x3141_5926_5359:
        let start = output.byteCount
        let count = try workspace.decodeBlock(&reader)
        let offset = reader.offset
        try unsafe expandRuns(
          workspace.block, count: count, into: &output, limit: limit, offset: offset)
        guard Checksum.of(output.bytes(from: start)) == stored else {
          throw .invalidValue(offset: offset)
        }
        checksum = (checksum << 1 | checksum >> 31) ^ stored
      case 0x1772_4538_5090:
        guard stored == checksum else { throw .invalidValue(offset: reader.offset) }
        reader.alignToByte()
        return
      default: throw .invalidValue(offset: reader.offset)
      }
    }
  }
}
