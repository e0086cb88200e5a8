package import PFCore

/// How an encrypted file with a plain footer is encrypted: the union `EncryptionAlgorithm` of
/// parquet.thrift. Its parameters are not read: encrypted columns cannot be read here.
public enum EncryptionAlgorithm: Hashable, Sendable {
  /// AES-GCM for everything. Member 1.
  case aesGCMV1
  /// AES-GCM for metadata, AES-CTR for pages. Member 2.
  case aesGCMCTRV1
  /// A member of a later specification, or none.
  case unknown(id: Int16)
}

extension EncryptionAlgorithm: ThriftDecodable {
  package init(from thrift: inout ThriftReader) throws(DecodingError) {
    self = .unknown(id: 0)
    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      try thrift.skip(field)
      switch field.id {
      case 1: self = .aesGCMV1
      case 2: self = .aesGCMCTRV1
      default: self = .unknown(id: field.id)
      }
    }
  }
}

extension EncryptionAlgorithm: CustomStringConvertible {
  /// The member's name in the specification, or `UNKNOWN(id)`.
  public var description: String {
    switch self {
    case .aesGCMV1: "AES_GCM_V1"
    case .aesGCMCTRV1: "AES_GCM_CTR_V1"
    case .unknown(let id): "UNKNOWN(\(id))"
    }
  }
}
