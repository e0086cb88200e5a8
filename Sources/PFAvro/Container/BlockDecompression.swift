internal import PFCompression
internal import PFCore

/// Decompresses blocks into memory that is used again.
final class BlockDecompressor {
  private var output: MutableBuffer
  private let workspace = BlockCodec.Workspace()

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
  /// - Throws: `.inconsistent` for broken data; `.limitExceeded`.
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
    var data = stored
    if codec == .snappy {
      guard stored.byteCount >= Self.checksumByteCount else {
        throw .truncated(offset: 0, needed: Self.checksumByteCount - stored.byteCount)
      }
      data = stored.slice(offset: 0, byteCount: stored.byteCount - Self.checksumByteCount)
    }
    try codec.blockCodec.decompress(
      data.bytes, into: &output, limit: limit, slack: Cursor.slack, workspace)
    if codec == .snappy { try checkSum(stored) }
  }

  /// Checks what stands behind the data of a Snappy block.
  private func checkSum(_ stored: Buffer) throws(DecodingError) {
    // SAFETY: so many bytes were decompressed.
    let bytes = unsafe Span<UInt8>(
      _unsafeStart: output.start.assumingMemoryBound(to: UInt8.self), count: output.byteCount)
    let end = stored.byteCount - Self.checksumByteCount
    let tail = stored.bytes
    let sum = (end..<stored.byteCount).reduce(0 as UInt32) { $0 << 8 | UInt32(tail[$1]) }
    guard CRC32.checksum(of: bytes) == sum else { throw .invalidValue(offset: end) }
  }

  private static let checksumByteCount = 4
}

extension AvroCodec {
  fileprivate var blockCodec: BlockCodec {
    switch self {
    case .null: preconditionFailure("nothing to decompress")
    case .deflate: .deflate
    case .snappy: .snappy
    case .zstandard: .zstandard
    case .bzip2: .bzip2
    case .xz: .xz
    }
  }
}
