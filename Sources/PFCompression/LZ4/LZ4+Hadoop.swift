public import PFCore

extension LZ4 {
  /// Decompresses the records of Hadoop's framing, which together must make exactly `byteCount`
  /// bytes, to the start of `output`.
  ///
  /// A record is the size that it makes, then blocks until that is made, each behind its own size;
  /// sizes are of four bytes, big-endian. Shapes as those of `decompress`.
  /// - Throws: `.limitExceeded` at a record that makes more than is left of `byteCount`; what
  ///   `decompress` throws, inside a block; `.truncated`.
  public static func decompressHadoop(
    _ input: Span<UInt8>, into output: inout MutableSpan<UInt8>, byteCount: Int
  ) throws(DecodingError) {
    try unsafe output.withUnsafeMutableBytes { target throws(DecodingError) in
      try unsafe input.withUnsafeBytes { source throws(DecodingError) in
        try unsafe decompressHadoop(source, into: target, byteCount: byteCount)
      }
    }
  }

  /// Decompresses `input` in whichever form it is that goes under the name of Parquet's codec LZ4
  /// (Compression.md): Hadoop's framing, frames, or one raw block. They are tried in this order.
  ///
  /// - Throws: for a frame's magic number, what `decompressFrames` does; for sizes that Hadoop's
  ///   framing could begin with, what `decompressHadoop` does; else what `decompress` does.
  public static func decompressAnyDialect(
    _ input: Span<UInt8>, into output: inout MutableSpan<UInt8>, byteCount: Int
  ) throws(DecodingError) {
    try unsafe output.withUnsafeMutableBytes { target throws(DecodingError) in
      try unsafe input.withUnsafeBytes { source throws(DecodingError) in
        try unsafe decompressAnyDialect(source, into: target, byteCount: byteCount)
      }
    }
  }

  /// `decompressAnyDialect(_:into:byteCount:)` over raw memory.
  ///
  /// Unsafe precondition: both regions are valid for the call and do not overlap.
  package static func decompressAnyDialect(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, byteCount: Int
  ) throws(DecodingError) {
    let hadoopFailure: DecodingError
    do throws(DecodingError) {
      return try unsafe decompressHadoop(input, into: output, byteCount: byteCount)
    } catch {
      hadoopFailure = error
    }
    var reader = unsafe ByteReader(Span(_unsafeElements: input.bindMemory(to: UInt8.self)))
    let magic = try? reader.readLittleEndian(UInt32.self)
    if magic == frameMagic {
      return try unsafe decompressFrames(input, into: output, byteCount: byteCount)
    }
    do throws(DecodingError) {
      try unsafe decompress(input, into: output, byteCount: byteCount)
    } catch {
      throw magic.map { Int($0.byteSwapped) <= byteCount } == true ? hadoopFailure : error
    }
  }

  /// `decompressHadoop(_:into:byteCount:)` over raw memory.
  ///
  /// Unsafe precondition: both regions are valid for the call and do not overlap.
  package static func decompressHadoop(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, byteCount: Int
  ) throws(DecodingError) {
    precondition(byteCount >= 0 && byteCount <= output.count, "the output region is too small")
    var reader = unsafe ByteReader(Span(_unsafeElements: input.bindMemory(to: UInt8.self)))
    var written = 0
    repeat {
      let start = reader.offset
      let made = Int(try reader.readLittleEndian(UInt32.self).byteSwapped)
      guard made <= byteCount - written else {
        throw .limitExceeded(offset: start, declared: made, limit: byteCount - written)
      }
      let end = written + made
      // A record of no bytes has one block that makes none, or nothing at all.
      while written < end || made == 0 && reader.remaining > 0 {
        let size = Int(try reader.readLittleEndian(UInt32.self).byteSwapped)
        let blockStart = reader.offset
        let block = try reader.readSpan(count: size)
        written = try unsafe decodeBlock(
          block, at: blockStart, into: output,
          Region(history: written, start: written, end: end))
        if made == 0 { break }
      }
    } while reader.remaining > 0
    guard written == byteCount else { throw .truncated(offset: input.count, needed: 1) }
  }
}
