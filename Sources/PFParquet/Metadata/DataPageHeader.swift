package import PFCore

/// `DataPageHeader` of parquet.thrift: a page whose levels are compressed with its values.
public struct DataPageHeader: Hashable, Sendable {
  /// Values in the page, nulls included. Field 1, `num_values`.
  public var numValues: Int32
  /// Encoding of the values. Field 2, `encoding`.
  public var encoding: Encoding
  /// Field 3, `definition_level_encoding`.
  public var definitionLevelEncoding: Encoding
  /// Field 4, `repetition_level_encoding`.
  public var repetitionLevelEncoding: Encoding
}

extension DataPageHeader: ThriftDecodable {
  package init(from thrift: inout ThriftReader) throws(DecodingError) {
    let start = thrift.offset
    var numValues: Int32?
    var encoding: Encoding?
    var definitionLevelEncoding: Encoding?
    var repetitionLevelEncoding: Encoding?

    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      switch field.id {
      case 1: numValues = try thrift.readCount32(field)
      case 2: encoding = Encoding(rawValue: try thrift.readI32(field))
      case 3: definitionLevelEncoding = Encoding(rawValue: try thrift.readI32(field))
      case 4: repetitionLevelEncoding = Encoding(rawValue: try thrift.readI32(field))
      default: try thrift.skip(field)
      }
    }

    guard let numValues else { throw .missingField(id: 1, offset: start) }
    guard let encoding else { throw .missingField(id: 2, offset: start) }
    guard let definitionLevelEncoding else { throw .missingField(id: 3, offset: start) }
    guard let repetitionLevelEncoding else { throw .missingField(id: 4, offset: start) }
    self.numValues = numValues
    self.encoding = encoding
    self.definitionLevelEncoding = definitionLevelEncoding
    self.repetitionLevelEncoding = repetitionLevelEncoding
  }
}
