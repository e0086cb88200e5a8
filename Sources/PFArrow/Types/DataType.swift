/// A logical type of the Arrow columnar format (Schema.fbs, `Type`).
public indirect enum DataType: Hashable, Sendable {
  /// No values, only nulls.
  case null
  /// One bit a value.
  case boolean
  /// Signed integers.
  case int8, int16, int32, int64
  /// Unsigned integers.
  case uint8, uint16, uint32, uint64
  /// IEEE 754 binary16, binary32, binary64.
  case float16, float32, float64
  /// Unscaled two's complement integers of 32, 64, 128 and 256 bits.
  case decimal32(precision: Int, scale: Int)
  /// As `decimal32`, of 64 bits.
  case decimal64(precision: Int, scale: Int)
  /// As `decimal32`, of 128 bits.
  case decimal128(precision: Int, scale: Int)
  /// As `decimal32`, of 256 bits.
  case decimal256(precision: Int, scale: Int)
  /// Days since 1970-01-01, 32 bits.
  case date32
  /// Milliseconds since 1970-01-01, a multiple of a day, 64 bits.
  case date64
  /// Seconds or milliseconds since midnight, 32 bits.
  case time32(TimeUnit)
  /// Microseconds or nanoseconds since midnight, 64 bits.
  case time64(TimeUnit)
  /// Units since 1970-01-01T00:00: an instant where there is a zone, local time where there is
  /// none.
  case timestamp(TimeUnit, timeZone: String?)
  /// A span of time in units, 64 bits.
  case duration(TimeUnit)
  /// A span of time on the calendar.
  case interval(IntervalUnit)
  /// Bytes with 32-bit offsets.
  case binary
  /// Bytes with 64-bit offsets.
  case largeBinary
  /// Bytes behind 16-byte views.
  case binaryView
  /// Bytes of one length.
  case fixedSizeBinary(byteWidth: Int)
  /// UTF-8 with 32-bit offsets.
  case utf8
  /// UTF-8 with 64-bit offsets.
  case largeUTF8
  /// UTF-8 behind 16-byte views.
  case utf8View
  /// Lists with 32-bit offsets.
  case list(Field)
  /// Lists with 64-bit offsets.
  case largeList(Field)
  /// Lists of one length.
  case fixedSizeList(Field, count: Int)
  /// One value of each field.
  case structure([Field])
  /// Lists of key and value; `entries` is a struct of the two.
  case map(entries: Field, keysSorted: Bool)
  /// Indices into a dictionary of values.
  case dictionary(index: DataType, value: DataType, isOrdered: Bool)
  /// One of several types for each slot; `typeIDs[i]` is the code of field `i`.
  case union(UnionMode, [Field], typeIDs: [Int8])
}

/// The unit of a time (Schema.fbs, `TimeUnit`).
public enum TimeUnit: Hashable, Sendable, CaseIterable {
  /// 1, 10³, 10⁶ and 10⁹ of them make a second.
  case second, millisecond, microsecond, nanosecond

  /// How many make a second.
  public var perSecond: Int64 {
    switch self {
    case .second: 1
    case .millisecond: 1_000
    case .microsecond: 1_000_000
    case .nanosecond: 1_000_000_000
    }
  }
}

/// The parts of a calendar interval (Schema.fbs, `IntervalUnit`).
public enum IntervalUnit: Hashable, Sendable {
  /// Months, 32 bits.
  case yearMonth
  /// Days and milliseconds, 32 bits each.
  case dayTime
  /// Months and days of 32 bits, nanoseconds of 64.
  case monthDayNano
}

/// How a union keeps its children (Schema.fbs, `UnionMode`).
public enum UnionMode: Hashable, Sendable {
  /// Each child has as many slots as the union.
  case sparse
  /// Offsets say which slot of the child is meant.
  case dense
}

extension DataType {
  /// The bytes of one value in the values buffer; nil for types without such a buffer, for
  /// booleans and for types of varying length.
  public var byteWidth: Int? {
    switch self {
    case .int8, .uint8: 1
    case .int16, .uint16, .float16: 2
    case .int32, .uint32, .float32, .date32, .time32, .decimal32, .interval(.yearMonth): 4
    case .int64, .uint64, .float64, .date64, .time64, .timestamp, .duration, .decimal64,
      .interval(.dayTime):
      8
    case .decimal128, .interval(.monthDayNano): 16
    case .decimal256: 32
    case .fixedSizeBinary(let byteWidth): byteWidth
    case .dictionary(let index, _, _): index.byteWidth
    case .null, .boolean, .binary, .largeBinary, .binaryView, .utf8, .largeUTF8, .utf8View, .list,
      .largeList, .fixedSizeList, .structure, .map, .union:
      nil
    }
  }

  /// The fields of nested types, in the order of the array's children.
  public var children: [Field] {
    switch self {
    case .list(let field), .largeList(let field), .fixedSizeList(let field, _),
      .map(let field, _):
      [field]
    case .structure(let fields), .union(_, let fields, _): fields
    default: []
    }
  }

  /// Whether arrays of this type carry a validity bitmap (Arrow columnar format, "Buffer Listing
  /// for Each Layout").
  public var hasValidity: Bool {
    switch self {
    case .null, .union: false
    default: true
    }
  }
}
