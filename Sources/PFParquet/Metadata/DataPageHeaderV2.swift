package import PFCore

/// `DataPageHeaderV2` of parquet.thrift: a page whose levels come first and uncompressed.
public struct DataPageHeaderV2: Hashable, Sendable {
  /// Values in the page, nulls included. Field 1, `num_values`.
  public var numValues: Int32
  /// At most `numValues`. Field 2, `num_nulls`.
  public var numNulls: Int32
  /// Rows in the page; pages do not split rows. Field 3, `num_rows`.
  public var numRows: Int32
  /// Encoding of the values. Field 4, `encoding`.
  public var encoding: Encoding
  /// Field 5, `definition_levels_byte_length`.
  public var definitionLevelsByteLength: Int32
  /// Field 6, `repetition_levels_byte_length`.
  public var repetitionLevelsByteLength: Int32
  /// Whether what follows the levels is compressed; true when absent. Field 7, `is_compressed`.
  public var isCompressed: Bool
}

extension DataPageHeaderV2: ThriftDecodable {
  package init(from thrift: inout ThriftReader) throws(DecodingError) {
    let start = thrift.offset
    var numValues: Int32?
    var numNulls: Int32?
    var numRows: Int32?
    var encoding: Encoding?
    var definitionLevelsByteLength: Int32?
    var repetitionLevelsByteLength: Int32?
    isCompressed = true

    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      switch field.id {
      case 1: numValues = try thrift.readCount32(field)
      case 2: numNulls = try thrift.readCount32(field)
      case 3: numRows = try thrift.readCount32(field)
      case 4: encoding = Encoding(rawValue: try thrift.readI32(field))
      case 5: definitionLevelsByteLength = try thrift.readCount32(field)
      case 6: repetitionLevelsByteLength = try thrift.readCount32(field)
      case 7: isCompressed = try thrift.readBool(field)
      default: try thrift.skip(field)
      }
    }

    guard let numValues else { throw .missingField(id: 1, offset: start) }
    guard let numNulls else { throw .missingField(id: 2, offset: start) }
    guard let numRows else { throw .missingField(id: 3, offset: start) }
    guard let encoding else { throw .missingField(id: 4, offset: start) }
    guard let definitionLevelsByteLength else { throw .missingField(id: 5, offset: start) }
    guard let repetitionLevelsByteLength else { throw .missingField(id: 6, offset: start) }
    guard numNulls <= numValues else {
      throw .limitExceeded(offset: start, declared: Int(numNulls), limit: Int(numValues))
    }
    self.numValues = numValues
    self.numNulls = numNulls
    self.numRows = numRows
    self.encoding = encoding
    self.definitionLevelsByteLength = definitionLevelsByteLength
    self.repetitionLevelsByteLength = repetitionLevelsByteLength
  }

  /// Checks that the levels, which are never compressed, fit both sizes of the page.
  func checkLevels(
    uncompressedPageSize: Int32, compressedPageSize: Int32, offset: Int
  ) throws(DecodingError) {
    let levels = Int(definitionLevelsByteLength) + Int(repetitionLevelsByteLength)
    let limit = Int(min(uncompressedPageSize, compressedPageSize))
    guard levels <= limit else {
      throw .limitExceeded(offset: offset, declared: levels, limit: limit)
    }
  }
}
