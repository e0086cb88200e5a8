package import PFCore

/// A horizontal part of the table: `RowGroup` of parquet.thrift.
public struct RowGroup: Hashable, Sendable {
  /// The chunks, in the order of the schema's leaves. Field 1, `columns`. Their number is not
  /// checked against the schema here.
  public var columns: [ColumnChunk]
  /// Bytes of all pages before compression. Field 2, `total_byte_size`.
  public var totalByteSize: Int64
  /// Field 3, `num_rows`.
  public var numRows: Int64
  /// The order of the rows, where the writer tells. Field 4, `sorting_columns`.
  public var sortingColumns: [SortingColumn]?
  /// The first page's place in the file. Field 5, `file_offset`.
  public var fileOffset: Int64?
  /// Bytes of all pages in the file. Field 6, `total_compressed_size`.
  public var totalCompressedSize: Int64?
  /// Field 7, `ordinal`.
  public var ordinal: Int16?
}

extension RowGroup: ThriftDecodable {
  package init(from thrift: inout ThriftReader) throws(DecodingError) {
    let start = thrift.offset
    var columns: [ColumnChunk]?
    var totalByteSize: Int64?
    var numRows: Int64?
    sortingColumns = nil
    fileOffset = nil
    totalCompressedSize = nil
    ordinal = nil

    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      switch field.id {
      // No chunk with metadata takes fewer bytes.
      case 1: columns = try thrift.readStructs(field, minimumByteCount: 24)
      case 2: totalByteSize = try thrift.readI64(field)
      case 3: numRows = try thrift.readCount64(field)
      case 4:
        // Some writers put something else here (Dremio 3.2 does); nothing depends on it.
        var probe = thrift
        do throws(DecodingError) {
          sortingColumns = try probe.readStructs(field, minimumByteCount: 5)
        } catch { sortingColumns = nil }
        try thrift.skip(field)
      case 5: fileOffset = try thrift.readI64(field)
      case 6: totalCompressedSize = try thrift.readI64(field)
      case 7: ordinal = try thrift.readI16(field)
      default: try thrift.skip(field)
      }
    }

    guard let columns else { throw .missingField(id: 1, offset: start) }
    guard let totalByteSize else { throw .missingField(id: 2, offset: start) }
    guard let numRows else { throw .missingField(id: 3, offset: start) }
    self.columns = columns
    self.totalByteSize = totalByteSize
    self.numRows = numRows
  }
}
