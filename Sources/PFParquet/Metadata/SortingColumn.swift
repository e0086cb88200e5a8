package import PFCore

/// One key of the order of a row group's rows: `SortingColumn` of parquet.thrift.
public struct SortingColumn: Hashable, Sendable {
  /// The index of the leaf column. Field 1, `column_idx`. Not checked against the schema.
  public var columnIdx: Int32
  /// Field 2, `descending`.
  public var descending: Bool
  /// Field 3, `nulls_first`.
  public var nullsFirst: Bool
}

extension SortingColumn: ThriftDecodable {
  package init(from thrift: inout ThriftReader) throws(DecodingError) {
    let start = thrift.offset
    var columnIdx: Int32?
    var descending: Bool?
    var nullsFirst: Bool?

    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      switch field.id {
      case 1: columnIdx = try thrift.readCount32(field)
      case 2: descending = try thrift.readBool(field)
      case 3: nullsFirst = try thrift.readBool(field)
      default: try thrift.skip(field)
      }
    }

    guard let columnIdx else { throw .missingField(id: 1, offset: start) }
    guard let descending else { throw .missingField(id: 2, offset: start) }
    guard let nullsFirst else { throw .missingField(id: 3, offset: start) }
    self.columnIdx = columnIdx
    self.descending = descending
    self.nullsFirst = nullsFirst
  }
}
