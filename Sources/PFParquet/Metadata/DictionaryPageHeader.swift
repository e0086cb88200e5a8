package import PFCore

/// `DictionaryPageHeader` of parquet.thrift.
public struct DictionaryPageHeader: Hashable, Sendable {
  /// Field 1, `num_values`.
  public var numValues: Int32
  /// PLAIN, or PLAIN_DICTIONARY with the same meaning. Field 2, `encoding`.
  public var encoding: Encoding
  /// Whether the values ascend. Field 3, `is_sorted`.
  public var isSorted: Bool?
}

extension DictionaryPageHeader: ThriftDecodable {
  package init(from thrift: inout ThriftReader) throws(DecodingError) {
    let start = thrift.offset
    var numValues: Int32?
    var encoding: Encoding?
    isSorted = nil

    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      switch field.id {
      case 1: numValues = try thrift.readCount32(field)
      case 2: encoding = Encoding(rawValue: try thrift.readI32(field))
      case 3: isSorted = try thrift.readBool(field)
      default: try thrift.skip(field)
      }
    }

    guard let numValues else { throw .missingField(id: 1, offset: start) }
    guard let encoding else { throw .missingField(id: 2, offset: start) }
    self.numValues = numValues
    self.encoding = encoding
  }
}
