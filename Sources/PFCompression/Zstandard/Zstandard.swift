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

  /// The most that `byteCount` bytes can decompress to: a block of four bytes, header included,
  /// repeats one byte 128 Ki times.
  package static func maximumDecompressedByteCount(of byteCount: Int) -> Int {
    let (product, overflow) = (byteCount / 4).multipliedReportingOverflow(
      by: maximumBlockByteCount)
    return overflow ? .max : product
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
    var output: MutableBuffer
    do throws(AllocationError) {
      workspace = try Workspace()
      output = try MutableBuffer(byteCount: 2 * maximumBlockByteCount)
    } catch { throw .outOfMemory(byteCount: error.byteCount) }

    var written = 0
    try unsafe input.withUnsafeBytes { source throws(DecodingError) in
      var frames = unsafe Frames(source)
      while let header = try unsafe frames.next() {
        workspace.beginFrame()
        let frameStart = written
        while let block = try unsafe frames.nextBlock() {
          let wanted = written + min(header.blockLimit, limit - written) + outputSlack
          do throws(AllocationError) {
            try output.reserve(wanted)
          } catch { throw .outOfMemory(byteCount: error.byteCount) }
          var target = unsafe Target(
            start: output.start.assumingMemoryBound(to: UInt8.self) + frameStart,
            written: written - frameStart, limit: min(limit, output.capacity) - frameStart,
            capacity: output.capacity - frameStart)
          try unsafe frames.decode(block, workspace, into: &target)
          written = unsafe frameStart + target.written
          output.setByteCount(written)
        }
        // SAFETY: so many bytes were written, and nobody else sees the buffer.
        let content = unsafe Span<UInt8>(
          _unsafeStart: output.start.assumingMemoryBound(to: UInt8.self) + frameStart,
          count: written - frameStart)
        try unsafe frames.finish(content)
      }
    }
    return unsafe [UInt8](unsafeUninitializedCapacity: written) { buffer, initializedCount in
      // SAFETY: both sides have `written` bytes.
      unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(
        from: UnsafeRawBufferPointer(start: output.start, count: written))
      initializedCount = written
    }
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
        var target = unsafe Target(
          start: start + written, written: 0, limit: byteCount - written,
          capacity: output.count - written)
        while let block = try unsafe frames.nextBlock() {
          try unsafe frames.decode(block, workspace, into: &target)
        }
        unsafe written += target.written
        // SAFETY: so many bytes were written.
        try unsafe frames.finish(Span(_unsafeStart: target.start, count: target.written))
      }
    }
    guard written == byteCount else {
      throw .truncated(offset: input.count, needed: byteCount - written)
    }
  }
}
