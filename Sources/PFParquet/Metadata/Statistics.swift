package import PFCore

/// What a writer said about the values of a column chunk or page: `Statistics` of parquet.thrift.
///
/// Minima and maxima are ranges in the bytes that the struct was read from; `TypedStatistics`
/// gives them as values, and only where they can be trusted.
package struct Statistics: Hashable, Sendable {
  /// Deprecated, in signed order whatever the type. Field 1, `max`.
  package var max: Range<Int>?
  /// Deprecated, in signed order whatever the type. Field 2, `min`.
  package var min: Range<Int>?
  /// Field 3, `null_count`. Absent does not mean 0.
  package var nullCount: Int64?
  /// Field 4, `distinct_count`.
  package var distinctCount: Int64?
  /// An upper bound in the column's order. Field 5, `max_value`.
  package var maxValue: Range<Int>?
  /// A lower bound in the column's order. Field 6, `min_value`.
  package var minValue: Range<Int>?
  /// Whether `maxValue` occurs in the column. Field 7, `is_max_value_exact`.
  package var isMaxValueExact: Bool?
  /// Whether `minValue` occurs in the column. Field 8, `is_min_value_exact`.
  package var isMinValueExact: Bool?
  /// Field 9, `nan_count`.
  package var nanCount: Int64?

  /// Statistics that say nothing.
  package init() {}
}

extension Statistics: ThriftDecodable {
  package init(from thrift: inout ThriftReader) throws(DecodingError) {
    self.init()
    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      switch field.id {
      case 1: max = try thrift.readBinary(field)
      case 2: min = try thrift.readBinary(field)
      case 3: nullCount = try thrift.readCount64(field)
      case 4: distinctCount = try thrift.readCount64(field)
      case 5: maxValue = try thrift.readBinary(field)
      case 6: minValue = try thrift.readBinary(field)
      case 7: isMaxValueExact = try thrift.readBool(field)
      case 8: isMinValueExact = try thrift.readBool(field)
      case 9: nanCount = try thrift.readCount64(field)
      default: try thrift.skip(field)
      }
    }
  }
}
