/// How the values or levels of a page are encoded: `Encoding` of parquet.thrift.
///
/// Numbers that the specification did not know yet are kept, so that a file with one column in a
/// future encoding still opens.
public struct Encoding: RawRepresentable, Hashable, Sendable {
  /// The number in parquet.thrift.
  public let rawValue: Int32

  /// An encoding of any number, known or not.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// Values back to back, little-endian.
  public static let plain = Encoding(rawValue: 0)
  /// Deprecated name of a dictionary page's and a data page's dictionary encoding.
  public static let plainDictionary = Encoding(rawValue: 2)
  /// Run-length / bit-packed hybrid.
  public static let rle = Encoding(rawValue: 3)
  /// Deprecated bit packing of levels, most significant bit first.
  public static let bitPacked = Encoding(rawValue: 4)
  /// Integer deltas in bit-packed miniblocks.
  public static let deltaBinaryPacked = Encoding(rawValue: 5)
  /// Lengths as deltas, then all bytes.
  public static let deltaLengthByteArray = Encoding(rawValue: 6)
  /// Shared prefixes as deltas, then the suffixes.
  public static let deltaByteArray = Encoding(rawValue: 7)
  /// Dictionary indices in the hybrid of `rle`.
  public static let rleDictionary = Encoding(rawValue: 8)
  /// The first bytes of all values, then the second bytes, and so on.
  public static let byteStreamSplit = Encoding(rawValue: 9)
  /// Floating-point decimals as bit-packed integers with exceptions.
  public static let alp = Encoding(rawValue: 10)
}

extension Encoding: CustomStringConvertible {
  /// The name in the specification, or `UNKNOWN(n)`.
  public var description: String {
    switch self {
    case .plain: "PLAIN"
    case .plainDictionary: "PLAIN_DICTIONARY"
    case .rle: "RLE"
    case .bitPacked: "BIT_PACKED"
    case .deltaBinaryPacked: "DELTA_BINARY_PACKED"
    case .deltaLengthByteArray: "DELTA_LENGTH_BYTE_ARRAY"
    case .deltaByteArray: "DELTA_BYTE_ARRAY"
    case .rleDictionary: "RLE_DICTIONARY"
    case .byteStreamSplit: "BYTE_STREAM_SPLIT"
    case .alp: "ALP"
    default: "UNKNOWN(\(rawValue))"
    }
  }
}
