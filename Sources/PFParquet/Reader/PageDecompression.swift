internal import PFCompression
internal import PFCore

/// Turns the stored bytes of a page into its plain bytes (Compression.md).
enum PageDecompression {
  /// Fails for a codec that this version does not read, before any page is.
  static func check(_ codec: CompressionCodec) throws(ReadError) {
    switch codec {
    case .uncompressed, .snappy, .gzip: return
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
        for: byteCount, of: source, atMost: 64, slack: Snappy.outputSlack, in: scratch)
      try unsafe Snappy.decompress(source, into: target, byteCount: byteCount)
    case .gzip:
      unsafe target = try room(
        for: byteCount, of: source, atMost: Deflate.greatestRatio, slack: Gzip.outputSlack,
        in: scratch)
      try unsafe Gzip.decompress(source, into: target, byteCount: byteCount)
    default: throw .invalidValue(offset: 0)
    }
    return unsafe UnsafeRawBufferPointer(rebasing: target[..<byteCount])
  }

  /// Makes room in `scratch.page` for `byteCount` bytes and `slack` more, unless that is more than
  /// `ratio` times the bytes of `source`.
  private static func room(
    for byteCount: Int, of source: UnsafeRawBufferPointer, atMost ratio: Int, slack: Int,
    in scratch: ChunkScratch
  ) throws(DecodingError) -> UnsafeMutableRawBufferPointer {
    let possible = source.count * ratio
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
