/// How the pages of a column chunk are compressed: `CompressionCodec` of parquet.thrift.
///
/// Numbers that the specification did not know yet are kept.
public struct CompressionCodec: RawRepresentable, Hashable, Sendable {
  /// The number in parquet.thrift.
  public let rawValue: Int32

  /// A codec of any number, known or not.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// Pages as they are.
  public static let uncompressed = CompressionCodec(rawValue: 0)
  /// Snappy without framing.
  public static let snappy = CompressionCodec(rawValue: 1)
  /// One or more GZIP members.
  public static let gzip = CompressionCodec(rawValue: 2)
  /// LZO, which no common writer uses.
  public static let lzo = CompressionCodec(rawValue: 3)
  /// Brotli.
  public static let brotli = CompressionCodec(rawValue: 4)
  /// Deprecated: LZ4 with Hadoop's framing, or without, or the LZ4 frame format.
  public static let lz4 = CompressionCodec(rawValue: 5)
  /// Zstandard frames.
  public static let zstd = CompressionCodec(rawValue: 6)
  /// One LZ4 block.
  public static let lz4Raw = CompressionCodec(rawValue: 7)
}

extension CompressionCodec: CustomStringConvertible {
  /// The name in the specification, or `UNKNOWN(n)`.
  public var description: String {
    switch self {
    case .uncompressed: "UNCOMPRESSED"
    case .snappy: "SNAPPY"
    case .gzip: "GZIP"
    case .lzo: "LZO"
    case .brotli: "BROTLI"
    case .lz4: "LZ4"
    case .zstd: "ZSTD"
    case .lz4Raw: "LZ4_RAW"
    default: "UNKNOWN(\(rawValue))"
    }
  }
}
