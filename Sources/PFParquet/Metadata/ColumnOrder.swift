package import PFCore

/// The order behind `Statistics.minValue` and `.maxValue`: the union `ColumnOrder` of
/// parquet.thrift.
public enum ColumnOrder: Hashable, Sendable {
  /// The order of the logical type, or of the physical type where there is none. Member 1.
  case typeOrder
  /// `totalOrder` of IEEE 754, for floating point columns. Member 2.
  case ieee754TotalOrder
  /// INT96 timestamps in the order of time. Member 3.
  case int96TimestampOrder
  /// A member of a later specification, or none: min and max mean nothing to us.
  case unknown(id: Int16)
}

extension ColumnOrder: ThriftDecodable {
  package init(from thrift: inout ThriftReader) throws(DecodingError) {
    self = .unknown(id: 0)
    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      try thrift.skip(field)
      switch field.id {
      case 1: self = .typeOrder
      case 2: self = .ieee754TotalOrder
      case 3: self = .int96TimestampOrder
      default: self = .unknown(id: field.id)
      }
    }
  }
}
