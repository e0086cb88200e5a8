package import PFCore

/// What stands before each page: `PageHeader` of parquet.thrift.
///
/// Read once for every page, so it allocates nothing; page statistics are passed over.
public struct PageHeader: Hashable, Sendable {
  /// The header of the page's kind. Field 1, `type`, and the field that it names.
  public var content: Content
  /// Bytes of the page once decompressed, without this header. Field 2.
  public var uncompressedPageSize: Int32
  /// Bytes of the page in the file, without this header. Field 3.
  public var compressedPageSize: Int32
  /// CRC-32 (of GZIP) of the page's bytes in the file. Field 4, `crc`.
  public var crc: UInt32?

  /// The kinds of pages.
  public enum Content: Hashable, Sendable {
    /// Fields 5, `data_page_header`.
    case dataPage(DataPageHeader)
    /// Field 6; its pages are passed over.
    case indexPage
    /// Field 7, `dictionary_page_header`.
    case dictionaryPage(DictionaryPageHeader)
    /// Field 8, `data_page_header_v2`.
    case dataPageV2(DataPageHeaderV2)
    /// A page of a later specification, to be passed over.
    case unknown(PageType)
  }
}

extension PageHeader: ThriftDecodable {
  /// Reads a header; the page begins at the reader's offset afterwards.
  package init(from thrift: inout ThriftReader) throws(DecodingError) {
    let start = thrift.offset
    var type: PageType?
    var uncompressedPageSize: Int32?
    var compressedPageSize: Int32?
    crc = nil
    var dataPage: DataPageHeader?
    var dictionaryPage: DictionaryPageHeader?
    var dataPageV2: DataPageHeaderV2?

    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      switch field.id {
      case 1: type = PageType(rawValue: try thrift.readI32(field))
      case 2: uncompressedPageSize = try thrift.readCount32(field)
      case 3: compressedPageSize = try thrift.readCount32(field)
      case 4: crc = UInt32(bitPattern: try thrift.readI32(field))
      case 5 where field.type == .structure: dataPage = try DataPageHeader(from: &thrift)
      case 7 where field.type == .structure:
        dictionaryPage = try DictionaryPageHeader(from: &thrift)
      case 8 where field.type == .structure: dataPageV2 = try DataPageHeaderV2(from: &thrift)
      default: try thrift.skip(field)
      }
    }

    guard let type else { throw .missingField(id: 1, offset: start) }
    guard let uncompressedPageSize else { throw .missingField(id: 2, offset: start) }
    guard let compressedPageSize else { throw .missingField(id: 3, offset: start) }
    self.uncompressedPageSize = uncompressedPageSize
    self.compressedPageSize = compressedPageSize
    switch type {
    case .dataPage:
      guard let dataPage else { throw .missingField(id: 5, offset: start) }
      content = .dataPage(dataPage)
    case .indexPage: content = .indexPage
    case .dictionaryPage:
      guard let dictionaryPage else { throw .missingField(id: 7, offset: start) }
      content = .dictionaryPage(dictionaryPage)
    case .dataPageV2:
      guard let dataPageV2 else { throw .missingField(id: 8, offset: start) }
      try dataPageV2.checkLevels(
        uncompressedPageSize: uncompressedPageSize, compressedPageSize: compressedPageSize,
        offset: start)
      content = .dataPageV2(dataPageV2)
    default: content = .unknown(type)
    }
  }
}
