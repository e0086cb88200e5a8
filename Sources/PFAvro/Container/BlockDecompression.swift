internal import PFCompression
internal import PFCore

/// Decompresses blocks into memory that is used again.
final class BlockDecompressor {
  private var output: MutableBuffer

  init() throws(AllocationError) {
    output = try MutableBuffer(byteCount: 0)
  }

  /// Decompresses a block.
  ///
  /// - Parameters:
  ///   - stored: The bytes of the block.
  ///   - codec: How they are compressed.
  ///   - limit: The most bytes that they may become.
  /// - Returns: The decompressed bytes, with `Cursor.slack` readable ones behind; they are valid
  ///   until the next call.
  @unsafe func content(
    of stored: Buffer, _ codec: AvroCodec, limit: Int
  ) throws(ReadError) -> (start: UnsafeRawPointer, byteCount: Int) {
    do throws(DecodingError) {
      try decompress(stored, codec, limit: limit)
    } catch {
      if case .limitExceeded(_, let declared, let limit) = error {
        throw ReadError(
          .limitExceeded(
            limit: "the size of a block (option block_byte_limit)", declared: declared,
            maximum: limit))
      }
      // The place in the compressed bytes says nothing to anyone.
      throw ReadError(.inconsistent("the \(codec.rawValue) data is broken: \(error)"))
    }
    return unsafe (UnsafeRawPointer(output.start), output.byteCount)
  }

  private func decompress(
    _ stored: Buffer, _ codec: AvroCodec, limit: Int
  ) throws(DecodingError) {
    let bytes: [UInt8]
    switch codec {
    case .null: bytes = stored.bytes.indices.map { stored.bytes[$0] }
    case .deflate: bytes = try Deflate.decompress(stored.bytes, frame: .openEnded, limit: limit)
    case .zstandard: bytes = try Zstandard.decompress(stored.bytes, limit: limit)
    case .snappy:
      guard stored.byteCount >= 4 else { throw .truncated(offset: 0, needed: 4) }
      let end = stored.byteCount - 4
      let data = stored.slice(offset: 0, byteCount: end)
      bytes = try Snappy.decompress(data.bytes, limit: limit)
      var sum: UInt32 = 0
      for index in end..<stored.byteCount { sum = sum << 8 | UInt32(stored.bytes[index]) }
      guard checksum(bytes) == sum else { throw .invalidValue(offset: end) }
    case .bzip2, .xz: bytes = []
    }
    do throws(AllocationError) {
      output.setByteCount(0)
      try output.reserve(bytes.count + Cursor.slack)
    } catch { throw .outOfMemory(byteCount: error.byteCount) }
    keep(bytes)
  }

  private func checksum(_ bytes: [UInt8]) -> UInt32 { CRC32.checksum(of: bytes.span) }

  private func keep(_ bytes: [UInt8]) {
    output.append(bytes.span)
  }
}
