package import PFCore

/// A horizontal part of the table: `RowGroup` of parquet.thrift.
public struct RowGroup: Sendable {
  /// The chunks, in the order of the schema's leaves. Field 1, `columns`. Their number is not
  /// checked against the schema here.
  public let columns: ColumnChunks
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

  /// Reads the struct up to and with its end; of its column chunks only where they are.
  ///
  /// - Parameters:
  ///   - thrift: a reader of `footer`.
  ///   - footer: the bytes that the chunks are decoded from later.
  ///   - shapes: those of the chunks met before.
  /// - Throws: where the struct is no valid Thrift or lacks a field.
  package init(
    from thrift: inout ThriftReader, in footer: [UInt8], shapes: inout StructShapes
  ) throws(DecodingError) {
    let start = thrift.offset
    var columns: ColumnChunks?
    var totalByteSize: Int64?
    var numRows: Int64?
    sortingColumns = nil
    fileOffset = nil
    totalCompressedSize = nil
    ordinal = nil

    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      switch field.id {
      case 1:
        columns = ColumnChunks(
          footer: footer, offsets: try thrift.skipStructs(field, shapes: &shapes))
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

/// The column chunks of a row group, each decoded when it is asked for.
///
/// A file of thousands of columns has a hundred thousand of them, and most reads look at few.
public struct ColumnChunks: Sendable {
  private let footer: [UInt8]
  /// Where in `footer` each chunk begins. Footers are below 4 GiB.
  package let offsets: [UInt32]

  fileprivate init(footer: [UInt8], offsets: [UInt32]) {
    self.footer = footer
    self.offsets = offsets
  }

  /// The number of chunks.
  public var count: Int { offsets.count }

  /// The chunk of a leaf column.
  ///
  /// - Precondition: `0 <= index < count`.
  /// - Throws: the place and kind of the first thing wrong in it, offsets counting from the
  ///   footer's start.
  public subscript(index: Int) -> ColumnChunk {
    get throws(DecodingError) {
      var thrift = ThriftReader(footer.span, at: Int(offsets[index]))
      return try ColumnChunk(from: &thrift)
    }
  }
}
