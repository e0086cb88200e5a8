public import PFCore

/// What a file says about the values of a column chunk, as far as it can be trusted.
///
/// What is malformed or means nothing in the column's order is nil, never an error: statistics
/// can be done without. Bounds hold: no value that is not NaN is below `min` or above `max`.
public struct TypedStatistics: Hashable, Sendable {
  /// A lower bound of the values that are neither null nor NaN.
  public var min: StatisticsValue?
  /// An upper bound of the values that are neither null nor NaN.
  public var max: StatisticsValue?
  /// Whether `min` occurs in the column; nil where the writer does not say.
  public var isMinExact: Bool?
  /// Whether `max` occurs in the column; nil where the writer does not say.
  public var isMaxExact: Bool?
  /// Nulls; nil where the writer does not say, which is not 0.
  public var nullCount: Int64?
  /// Distinct values; most writers do not say.
  public var distinctCount: Int64?
  /// NaNs; nil where the writer does not say, which is not 0.
  public var nanCount: Int64?

  /// Statistics that say nothing.
  package init() {}
}

extension TypedStatistics {
  /// Types raw statistics.
  ///
  /// - Parameters:
  ///   - statistics: what was read.
  ///   - bytes: the bytes that the ranges of `statistics` count in.
  ///   - kind: how the column's values are stored and compared.
  ///   - order: the column's, nil where the file has none.
  package init(
    _ statistics: Statistics, in bytes: Span<UInt8>, kind: StatisticsKind, order: ColumnOrder?
  ) {
    self.init()
    nullCount = statistics.nullCount
    distinctCount = statistics.distinctCount
    nanCount = statistics.nanCount

    let bounds: (min: Range<Int>?, max: Range<Int>?)
    if statistics.minValue != nil || statistics.maxValue != nil, kind.isTrusted(under: order) {
      bounds = (statistics.minValue, statistics.maxValue)
      isMinExact = statistics.isMinValueExact
      isMaxExact = statistics.isMaxValueExact
    } else if kind.hasSignedOrder {
      bounds = (statistics.min, statistics.max)
    } else {
      return
    }
    func value(_ range: Range<Int>?) -> StatisticsValue? {
      guard let range, range.upperBound <= bytes.count else { return nil }
      return kind.value(of: bytes.extracting(range))
    }
    min = value(bounds.min)
    max = value(bounds.max)
    if case .double = min ?? max { checkFloatingPoint(bounds, order: order) }
    if min == nil { isMinExact = nil }
    if max == nil { isMaxExact = nil }
  }

  /// The rules of `ColumnOrder` in parquet.thrift for orders that know neither NaN nor signed
  /// zeros: a NaN spoils both bounds, and a zero bound covers the zero of the other sign.
  private mutating func checkFloatingPoint(
    _ bounds: (min: Range<Int>?, max: Range<Int>?), order: ColumnOrder?
  ) {
    if bounds.min != nil && min == nil || bounds.max != nil && max == nil {
      min = nil
      max = nil
      return
    }
    guard order != .ieee754TotalOrder else { return }
    if case .double(0) = min { min = .double(-0.0) }
    if case .double(0) = max { max = .double(0.0) }
  }
}

extension FileMetaData {
  /// The statistics of one of this file's column chunks.
  ///
  /// - Parameters:
  ///   - column: a column chunk of this file.
  ///   - leaf: its column in this file's schema.
  /// - Returns: what can be trusted; nil where there are none.
  /// - Throws: where the statistics are no valid Thrift.
  public func typedStatistics(
    of column: ColumnMetaData, leaf: LeafColumn
  ) throws(DecodingError) -> TypedStatistics? {
    try column.typedStatistics(in: bytes.span, leaf: leaf, order: columnOrder(of: leaf))
  }

  /// The order of the bounds of a column of this file's schema; nil where the file does not say.
  public func columnOrder(of leaf: LeafColumn) -> ColumnOrder? {
    guard let columnOrders, leaf.index < columnOrders.count else { return nil }
    return columnOrders[leaf.index]
  }
}
