internal import PFCompression
internal import PFCore

/// Decompresses blocks into memory that is used again.
final class BlockDecompressor {
  private var output: MutableBuffer
  private let workspace = BlockCodec.Workspace()

  init() throws(AllocationError) {
    output = try MutableBuffer(byteCount: 0)
  }

  /// Decompresses a block of `byteCount` bytes, which may become `limit` at most.
  ///
  /// - Returns: The decompressed bytes, with `Cursor.slack` readable ones behind; they are valid
  ///   until the next call.
  /// - Throws: `.inconsistent` for broken data; `.limitExceeded`.
  @unsafe func content(
    of stored: UnsafeRawPointer, byteCount: Int, _ codec: AvroCodec, limit: Int
  ) throws(ReadError) -> (start: UnsafeRawPointer, byteCount: Int) {
    do throws(DecodingError) {
      // SAFETY: the caller promises so many bytes, which stay as they are during the call.
      let bytes = unsafe Span<UInt8>(
        _unsafeStart: stored.assumingMemoryBound(to: UInt8.self), count: byteCount)
      try decompress(bytes, codec, limit: limit)
    } catch {
      // The place in the compressed bytes says nothing to anyone.
      switch error {
      case .limitExceeded(_, let declared, let limit):
        throw ReadError(
          .limitExceeded(
            limit: "the size of a block (option block_byte_limit)", declared: declared,
            maximum: limit))
      case .outOfMemory(let byteCount): throw ReadError(.outOfMemory(byteCount: byteCount))
      case .unsupported(let feature, _):
        throw ReadError(.unsupported(feature: feature.description))
      default: throw ReadError(.inconsistent("the \(codec.rawValue) data is broken: \(error)"))
      }
    }
    return unsafe (UnsafeRawPointer(output.start), output.byteCount)
  }

  private func decompress(
    _ stored: Span<UInt8>, _ codec: AvroCodec, limit: Int
  ) throws(DecodingError) {
    guard codec == .snappy else {
      try codec.blockCodec.decompress(
        stored, into: &output, limit: limit, slack: Cursor.slack, workspace)
      return
    }
    let end = stored.count - Self.checksumByteCount
    guard end >= 0 else { throw .truncated(offset: 0, needed: -end) }
    try BlockCodec.snappy.decompress(
      stored.extracting(0..<end), into: &output, limit: limit, slack: Cursor.slack, workspace)
    var sum: UInt32 = 0
    for index in end..<stored.count { sum = sum << 8 | UInt32(stored[index]) }
    // SAFETY: so many bytes were decompressed.
    let bytes = unsafe Span<UInt8>(
      _unsafeStart: output.start.assumingMemoryBound(to: UInt8.self), count: output.byteCount)
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
