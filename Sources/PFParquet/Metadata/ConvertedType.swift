/// The deprecated annotation of a type: `ConvertedType` of parquet.thrift.
public enum ConvertedType: Int32, Sendable {
  /// Text in UTF-8.
  case utf8 = 0
  /// A group that is a map.
  case map = 1
  /// The repeated group of keys and values in a map.
  case mapKeyValue = 2
  /// A group that is a list.
  case list = 3
  /// Text from a set of symbols.
  case `enum` = 4
  /// A decimal; `SchemaElement.precision` and `.scale` belong to it.
  case decimal = 5
  /// Days since 1970-01-01.
  case date = 6
  /// Milliseconds since midnight.
  case timeMillis = 7
  /// Microseconds since midnight.
  case timeMicros = 8
  /// Milliseconds since 1970-01-01 in UTC.
  case timestampMillis = 9
  /// Microseconds since 1970-01-01 in UTC.
  case timestampMicros = 10
  /// Unsigned, at most 8 bits.
  case uint8 = 11
  /// Unsigned, at most 16 bits.
  case uint16 = 12
  /// Unsigned, at most 32 bits.
  case uint32 = 13
  /// Unsigned, 64 bits.
  case uint64 = 14
  /// Signed, at most 8 bits.
  case int8 = 15
  /// Signed, at most 16 bits.
  case int16 = 16
  /// Signed, at most 32 bits.
  case int32 = 17
  /// Signed, 64 bits.
  case int64 = 18
  /// A JSON document in UTF-8.
  case json = 19
  /// A BSON document.
  case bson = 20
  /// Months, days and milliseconds as three little-endian unsigned 32-bit integers.
  case interval = 21
}

extension ConvertedType: CustomStringConvertible {
  /// The name in the specification.
  public var description: String {
    switch self {
    case .utf8: "UTF8"
    case .map: "MAP"
    case .mapKeyValue: "MAP_KEY_VALUE"
    case .list: "LIST"
    case .enum: "ENUM"
    case .decimal: "DECIMAL"
    case .date: "DATE"
    case .timeMillis: "TIME_MILLIS"
    case .timeMicros: "TIME_MICROS"
    case .timestampMillis: "TIMESTAMP_MILLIS"
    case .timestampMicros: "TIMESTAMP_MICROS"
    case .uint8: "UINT_8"
    case .uint16: "UINT_16"
    case .uint32: "UINT_32"
    case .uint64: "UINT_64"
    case .int8: "INT_8"
    case .int16: "INT_16"
    case .int32: "INT_32"
    case .int64: "INT_64"
    case .json: "JSON"
    case .bson: "BSON"
    case .interval: "INTERVAL"
    }
  }
}
