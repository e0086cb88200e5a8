package import PFCore

/// What each data page of a column chunk holds: `ColumnIndex` of parquet.thrift.
///
/// Shapes: every list has an entry for each page. Minima and maxima are ranges in the bytes that
/// the struct was read from, and mean nothing where `nullPages` is true.
public struct ColumnIndex: Hashable, Sendable {
  /// Whether a page holds nothing but nulls. Field 1, `null_pages`.
  public var nullPages: [Bool]
  /// A lower bound of each page's values. Field 2, `min_values`.
  package var minValues: [Range<Int>]
  /// An upper bound of each page's values. Field 3, `max_values`.
  package var maxValues: [Range<Int>]
  /// How the bounds are ordered. Field 4, `boundary_order`.
  public var boundaryOrder: BoundaryOrder
  /// Nulls of each page. Field 5, `null_counts`.
  public var nullCounts: [Int64]?
  /// NaNs of each page. Field 8, `nan_counts`.
  public var nanCounts: [Int64]?
}

/// How the bounds of pages follow each other: `BoundaryOrder` of parquet.thrift. Unknown numbers
/// are kept.
public struct BoundaryOrder: RawRepresentable, Hashable, Sendable {
  /// The number in parquet.thrift.
  public let rawValue: Int32

  /// An order of any number, known or not.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// In no order.
  public static let unordered = BoundaryOrder(rawValue: 0)
  /// Neither minima nor maxima fall.
  public static let ascending = BoundaryOrder(rawValue: 1)
  /// Neither minima nor maxima rise.
  public static let descending = BoundaryOrder(rawValue: 2)
}

extension ColumnIndex: ThriftDecodable {
  package init(from thrift: inout ThriftReader) throws(DecodingError) {
    let start = thrift.offset
    var nullPages: [Bool]?
    var minValues: [Range<Int>]?
    var maxValues: [Range<Int>]?
    var boundaryOrder: BoundaryOrder?
    nullCounts = nil
    nanCounts = nil
    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      switch field.id {
      case 1: nullPages = try Self.readBools(field, from: &thrift)
      case 2: minValues = try Self.readBinaries(field, from: &thrift)
      case 3: maxValues = try Self.readBinaries(field, from: &thrift)
      case 4: boundaryOrder = BoundaryOrder(rawValue: try thrift.readI32(field))
      case 5: nullCounts = try Self.readCounts(field, from: &thrift)
      case 8 where field.type == .list: nanCounts = try Self.readCounts(field, from: &thrift)
      default: try thrift.skip(field)
      }
    }
    guard let nullPages else { throw .missingField(id: 1, offset: start) }
    guard let minValues else { throw .missingField(id: 2, offset: start) }
    guard let maxValues else { throw .missingField(id: 3, offset: start) }
    guard let boundaryOrder else { throw .missingField(id: 4, offset: start) }
    let count = nullPages.count
    guard minValues.count == count, maxValues.count == count, nullCounts?.count ?? count == count,
      nanCounts?.count ?? count == count
    else { throw .invalidValue(offset: start) }
    self.nullPages = nullPages
    self.minValues = minValues
    self.maxValues = maxValues
    self.boundaryOrder = boundaryOrder
  }

  private static func readBools(
    _ field: ThriftReader.Field, from thrift: inout ThriftReader
  ) throws(DecodingError) -> [Bool] {
    let start = thrift.offset
    let list = try thrift.readList(field)
    guard list.element == .boolTrue || list.element == .boolFalse || list.count == 0 else {
      throw .invalidValue(offset: start)
    }
    var values: [Bool] = []
    values.reserveCapacity(list.count)
    for _ in 0..<list.count { values.append(try thrift.readBoolElement()) }
    return values
  }

  private static func readBinaries(
    _ field: ThriftReader.Field, from thrift: inout ThriftReader
  ) throws(DecodingError) -> [Range<Int>] {
    let count = try thrift.readCount(field, of: .binary)
    var values: [Range<Int>] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try thrift.readBinaryElement()) }
    return values
  }

  private static func readCounts(
    _ field: ThriftReader.Field, from thrift: inout ThriftReader
  ) throws(DecodingError) -> [Int64] {
    let start = thrift.offset
    let count = try thrift.readCount(field, of: .i64)
    var values: [Int64] = []
    values.reserveCapacity(count)
    for _ in 0..<count {
      let value = try thrift.readI64Element()
      guard value >= 0 else { throw .invalidValue(offset: start) }
      values.append(value)
    }
    return values
  }
}
