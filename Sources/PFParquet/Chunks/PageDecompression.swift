internal import PFCompression
internal import PFCore

/// Turns the stored bytes of a page into its plain bytes (Compression.md).
enum PageDecompression {
  /// Fails for a codec that this version does not read, before any page is.
  static func check(_ codec: CompressionCodec) throws(ReadError) {
    switch codec {
    case .uncompressed, .snappy, .gzip, .zstd, .lz4, .lz4Raw, .brotli: return
    default: throw ReadError(.unsupported(feature: "compression codec \(codec)"))
    }
  }

  /// Decompresses into `scratch.page`; the result has exactly `byteCount` bytes and is valid until
  /// the next call.
  ///
  /// - Throws: `.malformed` with an offset in `source`; `.limitExceeded` when the size that is
  ///   declared is more than the codec can make of the bytes.
  static func decompress(
    _ source: UnsafeRawBufferPointer, codec: CompressionCodec, byteCount: Int,
    scratch: ChunkScratch
  ) throws(DecodingError) -> UnsafeRawBufferPointer {
    let target: UnsafeMutableRawBufferPointer
    switch codec {
    case .snappy:
      // Three bytes make 64 at most.
      unsafe target = try room(
        for: byteCount, atMost: 64 * source.count, slack: Snappy.outputSlack, in: scratch)
      try unsafe Snappy.decompress(source, into: target, byteCount: byteCount)
    case .gzip:
      unsafe target = try room(
        for: byteCount, atMost: Deflate.greatestRatio * source.count, slack: Gzip.outputSlack,
        in: scratch)
      try unsafe Gzip.decompress(source, into: target, byteCount: byteCount)
    case .zstd:
      let possible = unsafe Zstandard.greatestByteCount(of: source)
      unsafe target = try room(
        for: byteCount, atMost: possible, slack: Zstandard.outputSlack, in: scratch)
      try unsafe Zstandard.decompress(
        source, into: target, byteCount: byteCount, workspace: scratch.zstandardWorkspace())
    case .lz4, .lz4Raw:
      unsafe target = try room(
        for: byteCount, atMost: LZ4.greatestRatio * source.count, slack: LZ4.outputSlack,
        in: scratch)
      if codec == .lz4Raw {
        try unsafe LZ4.decompress(source, into: target, byteCount: byteCount)
      } else {
        try unsafe LZ4.decompressAnyDialect(source, into: target, byteCount: byteCount)
      }
    case .brotli:
      unsafe target = try room(
        for: byteCount, atMost: Brotli.greatestRatio * source.count, slack: Brotli.outputSlack,
        in: scratch)
      try unsafe Brotli.decompress(source, into: target, byteCount: byteCount, scratch.brotli)
    default: throw .invalidValue(offset: 0)
    }
    return unsafe UnsafeRawBufferPointer(rebasing: target[..<byteCount])
  }

  /// Makes room in `scratch.page` for `byteCount` bytes and `slack` more, unless the page has no
  /// more than the `possible` bytes.
  private static func room(
    for byteCount: Int, atMost possible: Int, slack: Int, in scratch: ChunkScratch
  ) throws(DecodingError) -> UnsafeMutableRawBufferPointer {
    guard byteCount <= possible else {
      throw .limitExceeded(offset: 0, declared: byteCount, limit: possible)
    }
    let capacity = byteCount + slack
    if scratch.page == nil {
      scratch.page = try MutableBuffer.decoding(byteCount: max(capacity, 1 << 16))
    } else {
      try scratch.page?.reserveForDecoding(capacity, keeping: 0)
    }
    guard let start = unsafe scratch.page?.start else {
      throw .outOfMemory(byteCount: capacity)
    }
    return unsafe UnsafeMutableRawBufferPointer(start: start, count: scratch.page?.capacity ?? 0)
  }
}
