package import PFCore

/// How many pages of a kind have an encoding: `PageEncodingStats` of parquet.thrift.
public struct PageEncodingStats: Hashable, Sendable {
  /// Field 1, `page_type`.
  public var pageType: PageType
  /// Field 2, `encoding`.
  public var encoding: Encoding
  /// Field 3, `count`.
  public var count: Int32
}

extension PageEncodingStats: ThriftDecodable {
  package init(from thrift: inout ThriftReader) throws(DecodingError) {
    let start = thrift.offset
    var pageType: PageType?
    var encoding: Encoding?
    var count: Int32?

    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      switch field.id {
      case 1: pageType = PageType(rawValue: try thrift.readI32(field))
      case 2: encoding = Encoding(rawValue: try thrift.readI32(field))
      case 3: count = try thrift.readCount32(field)
      default: try thrift.skip(field)
      }
    }

    guard let pageType else { throw .missingField(id: 1, offset: start) }
    guard let encoding else { throw .missingField(id: 2, offset: start) }
    guard let count else { throw .missingField(id: 3, offset: start) }
    self.pageType = pageType
    self.encoding = encoding
    self.count = count
  }
}

/// What a page holds: `PageType` of parquet.thrift. Unknown numbers are kept.
public struct PageType: RawRepresentable, Hashable, Sendable {
  /// The number in parquet.thrift.
  public let rawValue: Int32

  /// A page type of any number, known or not.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// Values with levels, all compressed together.
  public static let dataPage = PageType(rawValue: 0)
  /// Never used.
  public static let indexPage = PageType(rawValue: 1)
  /// The dictionary of a column chunk.
  public static let dictionaryPage = PageType(rawValue: 2)
  /// Values with levels, the levels uncompressed.
  public static let dataPageV2 = PageType(rawValue: 3)
}
