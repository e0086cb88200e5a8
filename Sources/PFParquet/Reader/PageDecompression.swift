internal import PFCompression
internal import PFCore

/// Turns the stored bytes of a page into its plain bytes (Compression.md).
enum PageDecompression {
  /// Fails for a codec that this version does not read, before any page is.
  static func check(_ codec: CompressionCodec) throws(ReadError) {
    switch codec {
    case .uncompressed, .snappy: return
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
    // Three bytes of Snappy make 64 at most.
    let possible = source.count * 64
    guard byteCount <= possible else {
      throw .limitExceeded(offset: 0, declared: byteCount, limit: possible)
    }
    let capacity = byteCount + Snappy.outputSlack
    if scratch.page == nil {
      scratch.page = try MutableBuffer.decoding(byteCount: max(capacity, 1 << 16))
    } else {
      try scratch.page?.reserveForDecoding(capacity, keeping: 0)
    }
    guard let start = unsafe scratch.page?.start else {
      throw .outOfMemory(byteCount: capacity)
    }
    let room = scratch.page?.capacity ?? 0
    try unsafe Snappy.decompress(
      source, into: UnsafeMutableRawBufferPointer(start: start, count: room),
      byteCount: byteCount)
    return unsafe UnsafeRawBufferPointer(start: start, count: byteCount)
  }
}
