package import PFCore

/// Where the data pages of a column chunk are: `OffsetIndex` of parquet.thrift.
public struct OffsetIndex: Hashable, Sendable {
  /// The data pages in order. Field 1, `page_locations`.
  public var pageLocations: [PageLocation]
}

extension OffsetIndex: ThriftDecodable {
  package init(from thrift: inout ThriftReader) throws(DecodingError) {
    let start = thrift.offset
    var pageLocations: [PageLocation]?
    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      switch field.id {
      case 1: pageLocations = try thrift.readStructs(field, minimumByteCount: 7)
      default: try thrift.skip(field)
      }
    }
    guard let pageLocations else { throw .missingField(id: 1, offset: start) }
    self.pageLocations = pageLocations
  }

  /// The rows of each page, where the index makes sense for a chunk of `rowCount` rows: pages
  /// begin with row 0, each behind the one before, in the rows and in the file.
  package func rowRanges(of rowCount: Int) -> [Range<Int>]? {
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(pageLocations.count)
    var end = Int64(0)
    var start = 0
    for (index, page) in pageLocations.enumerated() {
      guard page.offset >= end, page.compressedPageSize >= 0,
        let first = Int(exactly: page.firstRowIndex)
      else { return nil }
      let (behind, overflow) = page.offset.addingReportingOverflow(Int64(page.compressedPageSize))
      guard !overflow, index == 0 ? first == 0 : first > start && first < rowCount else {
        return nil
      }
      if index > 0 { ranges.append(start..<first) }
      start = first
      end = behind
    }
    guard !pageLocations.isEmpty, start < rowCount else { return nil }
    ranges.append(start..<rowCount)
    return ranges
  }
}

/// A data page and the rows that begin in it: `PageLocation` of parquet.thrift.
public struct PageLocation: Hashable, Sendable {
  /// Where the page's header begins in the file. Field 1, `offset`.
  public var offset: Int64
  /// Bytes of the page in the file, with its header. Field 2, `compressed_page_size`.
  public var compressedPageSize: Int32
  /// The first row of the page, counted in its row group. Field 3, `first_row_index`.
  public var firstRowIndex: Int64
}

extension PageLocation: ThriftDecodable {
  package init(from thrift: inout ThriftReader) throws(DecodingError) {
    let start = thrift.offset
    var offset: Int64?
    var compressedPageSize: Int32?
    var firstRowIndex: Int64?
    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      switch field.id {
      case 1: offset = try thrift.readCount64(field)
      case 2: compressedPageSize = try thrift.readCount32(field)
      case 3: firstRowIndex = try thrift.readCount64(field)
      default: try thrift.skip(field)
      }
    }
    guard let offset else { throw .missingField(id: 1, offset: start) }
    guard let compressedPageSize else { throw .missingField(id: 2, offset: start) }
    guard let firstRowIndex else { throw .missingField(id: 3, offset: start) }
    self.offset = offset
    self.compressedPageSize = compressedPageSize
    self.firstRowIndex = firstRowIndex
  }
}
