/// How values are stored: `Type` of parquet.thrift.
///
/// A value outside this set is an error, since nothing could be read without its width.
public enum PhysicalType: Int32, Sendable {
  /// One bit a value.
  case boolean = 0
  /// 32-bit signed integers, little-endian.
  case int32 = 1
  /// 64-bit signed integers, little-endian.
  case int64 = 2
  /// Deprecated timestamps: 8 bytes of nanoseconds in the day, 4 bytes of Julian day.
  case int96 = 3
  /// IEEE 754 binary32.
  case float = 4
  /// IEEE 754 binary64.
  case double = 5
  /// Byte strings of any length.
  case byteArray = 6
  /// Byte strings of `SchemaElement.typeLength` bytes.
  case fixedLenByteArray = 7
}

extension PhysicalType: CustomStringConvertible {
  /// The name in the specification.
  public var description: String {
    switch self {
    case .boolean: "BOOLEAN"
    case .int32: "INT32"
    case .int64: "INT64"
    case .int96: "INT96"
    case .float: "FLOAT"
    case .double: "DOUBLE"
    case .byteArray: "BYTE_ARRAY"
    case .fixedLenByteArray: "FIXED_LEN_BYTE_ARRAY"
    }
  }
}

/// How often a field occurs in its parent: `FieldRepetitionType` of parquet.thrift.
///
/// A value outside this set is an error: levels could not be told without it.
public enum FieldRepetitionType: Int32, Sendable {
  /// Exactly once.
  case required = 0
  /// Not at all or once.
  case optional = 1
  /// Any number of times.
  case repeated = 2
}

extension FieldRepetitionType: CustomStringConvertible {
  /// The name in the specification.
  public var description: String {
    switch self {
    case .required: "REQUIRED"
    case .optional: "OPTIONAL"
    case .repeated: "REPEATED"
    }
  }
}
