public import PFCore

/// Zstandard (RFC 8878), as Parquet pages and `.zst` files hold it: frames of blocks, each block
/// literals and sequences that copy from what was decoded before.
///
/// Frames that need a dictionary are refused by name, as are the formats before version 0.8.
public enum Zstandard {
  /// Bytes past the decompressed size which, when the output region has them, let all copies take
  /// the fast path. They hold rubbish afterwards. With fewer, only the last copies are slower.
  public static let outputSlack = 64

  /// What no block is larger than, before or after decompression (section 3.1.1.2.4).
  static let maximumBlockByteCount = 128 << 10

  /// The most bytes that `input` can decompress to, by the headers of its blocks.
  ///
  /// Broken input gives what comes before the break. SAFETY: `input` is valid for the call.
  /// - Complexity: O(blocks); a frame has one for each 128 KiB.
  package static func greatestByteCount(of input: UnsafeRawBufferPointer) -> Int {
    var sum = 0
    var frames = unsafe Frames(input)
    do throws(DecodingError) {
      while let header = try unsafe frames.next() {
        while let block = try unsafe frames.nextBlock() {
          sum += block.kind == .compressed ? header.blockLimit : block.size
          unsafe frames.skip(block)
        }
        try unsafe frames.skipChecksum()
      }
    } catch {}
    return sum
  }

  /// Decompresses all frames of `input` into a new array of at most `limit` bytes.
  ///
  /// Memory grows with what was decompressed, whatever sizes the frames declare.
  /// - Throws: as `decompress(_:into:byteCount:workspace:)`; `.limitExceeded` when there is more
  ///   than `limit`; `.outOfMemory`.
  public static func decompress(
    _ input: Span<UInt8>, limit: Int = .max
  ) throws(DecodingError) -> [UInt8] {
    let workspace: Workspace
    do throws(AllocationError) {
      workspace = try Workspace()
    } catch { throw .outOfMemory(byteCount: error.byteCount) }
    var output = try MutableBuffer.decompressing(byteCount: 2 * maximumBlockByteCount)
    try decompress(input, into: &output, limit: limit, slack: 0, workspace: workspace)
    return output.array()
  }

  /// How often its input's size a frame gets at once, where it says that it needs so much.
  private static let trustedRatio = 32

  /// Decompresses all frames of `input` into `output`, in the place of what it holds.
  ///
  /// The buffer grows with what was decompressed, whatever sizes the frames declare (at once up to
  /// 32 times the input), and has `slack` bytes of room behind it at the end. Its content is
  /// unspecified on failure.
  /// - Throws: as `decompress(_:limit:)`.
  package static func decompress(
    _ input: Span<UInt8>, into output: inout MutableBuffer, limit: Int, slack: Int,
    workspace: Workspace
  ) throws(DecodingError) {
    output.setByteCount(0)
    var written = 0
    try unsafe input.withUnsafeBytes { source throws(DecodingError) in
      let trusted = source.count.multipliedReportingOverflow(by: trustedRatio)
      var frames = unsafe Frames(source)
      while let header = try unsafe frames.next() {
        workspace.beginFrame()
        let frameStart = written
        if let declared = header.contentByteCount {
          let expected = min(declared, limit - written, trusted.overflow ? 0 : trusted.partialValue)
          try output.reserveForDecompression(written + expected, slack: outputSlack)
        }
        while let block = try unsafe frames.nextBlock() {
          // A block is decoded whole, and then held against the limit.
          let (wanted, overflow) = written.addingReportingOverflow(header.blockLimit)
          guard !overflow else { throw .outOfMemory(byteCount: .max) }
          try output.reserveForDecompression(wanted, slack: outputSlack)
          var target = unsafe Target(
            start: output.start.assumingMemoryBound(to: UInt8.self) + frameStart,
            written: written - frameStart, limit: wanted - frameStart,
            capacity: output.capacity - frameStart)
          try unsafe frames.decode(block, workspace, into: &target)
          written = unsafe frameStart + target.written
          guard written <= limit else {
            throw .limitExceeded(offset: source.count, declared: written, limit: limit)
          }
          output.setByteCount(written)
        }
        // SAFETY: so many bytes were written, and nobody else sees the buffer.
        let content = unsafe Span<UInt8>(
          _unsafeStart: output.start.assumingMemoryBound(to: UInt8.self) + frameStart,
          count: written - frameStart)
        try unsafe frames.finish(content)
      }
    }
    try output.reserveForDecompression(written, slack: slack)
  }

  /// Decompresses all frames of `input`, which hold exactly `byteCount` bytes, to the start of
  /// `output`.
  ///
  /// Shapes: `output.count >= byteCount`; with `outputSlack` more, every copy takes the fast path.
  /// All of `output` may be overwritten, also on failure. No allocation.
  /// - Throws: `.truncated` when the input ends inside a frame or makes fewer bytes;
  ///   `.limitExceeded` at a block that makes more than `byteCount`; `.invalidValue` where the
  ///   format is broken, a checksum or a declared size is not met; `.unsupported` for a dictionary.
  package static func decompress(
    _ input: Span<UInt8>, into output: inout MutableSpan<UInt8>, byteCount: Int,
    workspace: Workspace
  ) throws(DecodingError) {
    try unsafe output.withUnsafeMutableBytes { target throws(DecodingError) in
      try unsafe input.withUnsafeBytes { source throws(DecodingError) in
        try unsafe decompress(source, into: target, byteCount: byteCount, workspace: workspace)
      }
    }
  }

  /// The same over raw memory, for output that is not initialised yet.
  ///
  /// Unsafe precondition: both regions are valid for the call and do not overlap.
  package static func decompress(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, byteCount: Int,
    workspace: Workspace
  ) throws(DecodingError) {
    precondition(byteCount >= 0 && byteCount <= output.count, "the output region is too small")
    var written = 0
    if let start = unsafe output.baseAddress?.assumingMemoryBound(to: UInt8.self) {
      var frames = unsafe Frames(input)
      while try unsafe frames.next() != nil {
        workspace.beginFrame()
        let frameStart = unsafe start + written
        var target = unsafe Target(
          start: frameStart, written: 0, limit: byteCount - written,
          capacity: output.count - written)
        while let block = try unsafe frames.nextBlock() {
          try unsafe frames.decode(block, workspace, into: &target)
        }
        let frameByteCount = unsafe target.written
        written += frameByteCount
        // SAFETY: so many bytes were written. A span of what `target` says would need it on the heap.
        try unsafe frames.finish(Span(_unsafeStart: frameStart, count: frameByteCount))
      }
    }
    guard written == byteCount else {
      throw .truncated(offset: input.count, needed: byteCount - written)
    }
  }
}
