/// How the blocks of a file are compressed (Avro specification, "Required Codecs" and "Optional
/// Codecs").
public enum AvroCodec: String, Sendable, CaseIterable {
  /// As they are.
  case null
  /// DEFLATE without a frame.
  case deflate
  /// Snappy, and a CRC-32 of the decompressed bytes behind it.
  case snappy
  /// Zstandard frames.
  case zstandard
  /// Bzip2.
  case bzip2
  /// XZ.
  case xz
}
