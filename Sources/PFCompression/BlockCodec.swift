package import PFCore

/// The codecs of blocks that do not say how large they are when decompressed, as those of Avro.
package enum BlockCodec: Hashable, Sendable, CaseIterable {
  /// A raw DEFLATE stream; what follows it is passed over.
  case deflate
  /// The raw Snappy format, without the checksum that Avro puts behind it.
  case snappy
  case zstandard
  case bzip2
  case xz

  /// The memory that decompressors keep between two calls, each from its first use on.
  ///
  /// For one thread at a time.
  package final class Workspace {
    fileprivate var zstandard: Zstandard.Workspace?
    fileprivate let bzip2 = Bzip2.Workspace()
    fileprivate let xz = XZ.Workspace()

    /// Takes no memory before its first use.
    package init() {}

    fileprivate func zstandardWorkspace() throws(DecodingError) -> Zstandard.Workspace {
      if let zstandard { return zstandard }
      do throws(AllocationError) {
        let made = try Zstandard.Workspace()
        zstandard = made
        return made
      } catch { throw .outOfMemory(byteCount: error.byteCount) }
    }
  }

  /// Decompresses `input` into `output`, in the place of what it holds.
  ///
  /// `output` may be used for one block after the other: it keeps its memory, and nothing of it is
  /// zeroed. It grows with what was decompressed, never on the input's word alone, and has `slack`
  /// bytes of room behind `byteCount` at the end. Its content is unspecified on failure.
  /// - Throws: `.limitExceeded` when there are more than `limit` bytes; what the codec throws.
  package func decompress(
    _ input: Span<UInt8>, into output: inout MutableBuffer, limit: Int, slack: Int,
    _ workspace: Workspace
  ) throws(DecodingError) {
    switch self {
    case .deflate:
      try Deflate.decompress(input, into: &output, limit: limit, slack: slack)
    case .snappy:
      try Snappy.decompress(input, into: &output, limit: limit, slack: slack)
    case .zstandard:
      try Zstandard.decompress(
        input, into: &output, limit: limit, slack: slack,
        workspace: workspace.zstandardWorkspace())
    case .bzip2:
      try Bzip2.decompress(
        input, into: &output, limit: limit, slack: slack, workspace: workspace.bzip2)
    case .xz:
      try XZ.decompress(input, into: &output, limit: limit, slack: slack, workspace: workspace.xz)
    }
  }
}
