package import PFCore

/// One column of one row group: `ColumnChunk` of parquet.thrift.
public struct ColumnChunk: Hashable, Sendable {
  /// Deprecated and not to be relied on. Field 2, `file_offset`.
  public var fileOffset: Int64
  /// Absent where the column is encrypted with its own key. Field 3, `meta_data`.
  public var metaData: ColumnMetaData?
  /// Field 4, `offset_index_offset`.
  public var offsetIndexOffset: Int64?
  /// Field 5, `offset_index_length`.
  public var offsetIndexLength: Int32?
  /// Field 6, `column_index_offset`.
  public var columnIndexOffset: Int64?
  /// Field 7, `column_index_length`.
  public var columnIndexLength: Int32?
  /// Whether the chunk's pages are encrypted. Field 8, `crypto_metadata`.
  public var isEncrypted: Bool

  /// Set where the pages are in another file. Field 1, `file_path`.
  package var filePath: FooterRange
}

extension ColumnChunk: ThriftDecodable {
  package init(from thrift: inout ThriftReader) throws(DecodingError) {
    // Required by the specification, but left out by writers that know it is not to be used.
    fileOffset = 0
    metaData = nil
    offsetIndexOffset = nil
    offsetIndexLength = nil
    columnIndexOffset = nil
    columnIndexLength = nil
    isEncrypted = false
    filePath = .absent

    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      switch field.id {
      case 1: filePath = try thrift.skipRange(field, expecting: .binary)
      case 2: fileOffset = try thrift.readI64(field)
      case 3 where field.type == .structure:
        metaData = try ColumnMetaData(from: &thrift)
      case 4: offsetIndexOffset = try thrift.readI64(field)
      case 5: offsetIndexLength = try thrift.readI32(field)
      case 6: columnIndexOffset = try thrift.readI64(field)
      case 7: columnIndexLength = try thrift.readI32(field)
      case 8:
        try thrift.skip(field)
        isEncrypted = true
      default: try thrift.skip(field)
      }
    }
  }
}
