package import PFCore

extension FileMetaData {
  /// An entry of the file's or a column chunk's metadata: `KeyValue` of parquet.thrift.
  public struct KeyValue: Hashable, Sendable {
    /// Field 1, `key`. Keys need not be unique.
    public var key: String
    /// Field 2, `value`.
    public var value: String?

    /// An entry.
    public init(key: String, value: String?) {
      self.key = key
      self.value = value
    }
  }
}

extension FileMetaData.KeyValue: ThriftDecodable {
  package init(from thrift: inout ThriftReader) throws(DecodingError) {
    let start = thrift.offset
    var key: String?
    var value: String?

    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      switch field.id {
      case 1: key = try thrift.readString(field)
      case 2: value = try thrift.readString(field)
      default: try thrift.skip(field)
      }
    }

    guard let key else { throw .missingField(id: 1, offset: start) }
    self.init(key: key, value: value)
  }
}
