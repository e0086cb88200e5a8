package import PFCore

/// What the values of a type mean: the union `LogicalType` of parquet.thrift.
///
/// A member that the specification did not know yet is kept as `.unknown`; its column is read as
/// its physical type.
public enum LogicalType: Hashable, Sendable {
  /// Text in UTF-8. Member 1.
  case string
  /// A map from keys to values. Member 2.
  case map
  /// A list. Member 3.
  case list
  /// Text from a set of symbols. Member 4.
  case `enum`
  /// An integer times ten to the power `-scale`. Member 5.
  case decimal(scale: Int32, precision: Int32)
  /// Days since 1970-01-01. Member 6.
  case date
  /// Time of day. Member 7.
  case time(isAdjustedToUTC: Bool, unit: TimeUnit)
  /// Time since 1970-01-01, an instant or a wall clock's reading. Member 8.
  case timestamp(isAdjustedToUTC: Bool, unit: TimeUnit)
  /// An integer of 8, 16, 32 or 64 bits. Member 10.
  case integer(bitWidth: Int8, isSigned: Bool)
  /// Nulls only; the specification calls it UNKNOWN. Member 11.
  case null
  /// A JSON document in UTF-8. Member 12.
  case json
  /// A BSON document. Member 13.
  case bson
  /// 16 bytes, big-endian. Member 14.
  case uuid
  /// IEEE 754 binary16. Member 15.
  case float16
  /// A group of metadata and value. Member 16.
  case variant(specificationVersion: Int8?)
  /// Well-known binary with planar edges. Member 17.
  case geometry(crs: String?)
  /// Well-known binary with edges on a globe. Member 18.
  case geography(crs: String?, algorithm: EdgeInterpolationAlgorithm?)
  /// A member of a later specification.
  case unknown(id: Int16)

  /// The union `TimeUnit` of parquet.thrift.
  public enum TimeUnit: Hashable, Sendable {
    /// Member 1.
    case millis
    /// Member 2.
    case micros
    /// Member 3.
    case nanos
    /// A member of a later specification.
    case unknown(id: Int16)
  }

  /// How the edges of a geography are drawn; unknown numbers are kept.
  public struct EdgeInterpolationAlgorithm: RawRepresentable, Hashable, Sendable {
    /// The number in parquet.thrift.
    public let rawValue: Int32

    /// An algorithm of any number, known or not.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// Great circles; what an absent algorithm means.
    public static let spherical = EdgeInterpolationAlgorithm(rawValue: 0)
    /// Vincenty's formulae.
    public static let vincenty = EdgeInterpolationAlgorithm(rawValue: 1)
    /// Thomas.
    public static let thomas = EdgeInterpolationAlgorithm(rawValue: 2)
    /// Andoyer.
    public static let andoyer = EdgeInterpolationAlgorithm(rawValue: 3)
    /// Karney.
    public static let karney = EdgeInterpolationAlgorithm(rawValue: 4)
  }
}

// MARK: - Names

extension LogicalType {
  /// The member's name in the specification, or `UNKNOWN(id)` for one of a later specification.
  public var name: String {
    switch self {
    case .string: "STRING"
    case .map: "MAP"
    case .list: "LIST"
    case .enum: "ENUM"
    case .decimal: "DECIMAL"
    case .date: "DATE"
    case .time: "TIME"
    case .timestamp: "TIMESTAMP"
    case .integer: "INTEGER"
    case .null: "UNKNOWN"
    case .json: "JSON"
    case .bson: "BSON"
    case .uuid: "UUID"
    case .float16: "FLOAT16"
    case .variant: "VARIANT"
    case .geometry: "GEOMETRY"
    case .geography: "GEOGRAPHY"
    case .unknown(let id): "UNKNOWN(\(id))"
    }
  }
}

extension LogicalType.TimeUnit: CustomStringConvertible {
  /// The member's name in the specification, or `UNKNOWN(id)`.
  public var description: String {
    switch self {
    case .millis: "MILLIS"
    case .micros: "MICROS"
    case .nanos: "NANOS"
    case .unknown(let id): "UNKNOWN(\(id))"
    }
  }
}

extension LogicalType.EdgeInterpolationAlgorithm: CustomStringConvertible {
  /// The name in the specification, or `UNKNOWN(n)`.
  public var description: String {
    switch self {
    case .spherical: "SPHERICAL"
    case .vincenty: "VINCENTY"
    case .thomas: "THOMAS"
    case .andoyer: "ANDOYER"
    case .karney: "KARNEY"
    default: "UNKNOWN(\(rawValue))"
    }
  }
}

// MARK: - Reading

extension LogicalType {
  /// Reads the union; nil when no member is set.
  package static func read(from thrift: inout ThriftReader) throws(DecodingError) -> LogicalType? {
    var result: LogicalType?
    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      // Every member is a struct: anything else is not a member that we know.
      guard field.type == .structure else {
        try thrift.skip(field)
        result = .unknown(id: field.id)
        continue
      }
      switch field.id {
      case 5: result = try readDecimal(from: &thrift)
      case 7:
        let (isAdjustedToUTC, unit) = try readTime(from: &thrift)
        result = .time(isAdjustedToUTC: isAdjustedToUTC, unit: unit)
      case 8:
        let (isAdjustedToUTC, unit) = try readTime(from: &thrift)
        result = .timestamp(isAdjustedToUTC: isAdjustedToUTC, unit: unit)
      case 10: result = try readInteger(from: &thrift)
      case 16: result = try readVariant(from: &thrift)
      case 17: result = try readGeometry(from: &thrift)
      case 18: result = try readGeography(from: &thrift)
      default:
        try thrift.skip(field)
        result = withoutFields(id: field.id)
      }
    }
    return result
  }

  private static func withoutFields(id: Int16) -> LogicalType {
    switch id {
    case 1: .string
    case 2: .map
    case 3: .list
    case 4: .enum
    case 6: .date
    case 11: .null
    case 12: .json
    case 13: .bson
    case 14: .uuid
    case 15: .float16
    default: .unknown(id: id)
    }
  }

  /// `DecimalType`. An absent scale is 0, as in `SchemaElement`.
  private static func readDecimal(
    from thrift: inout ThriftReader
  ) throws(DecodingError) -> LogicalType {
    let start = thrift.offset
    var scale: Int32 = 0
    var precision: Int32?

    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      switch field.id {
      case 1: scale = try thrift.readI32(field)
      case 2: precision = try thrift.readI32(field)
      default: try thrift.skip(field)
      }
    }

    guard let precision else { throw .missingField(id: 2, offset: start) }
    return .decimal(scale: scale, precision: precision)
  }

  /// `TimeType` and `TimestampType`, which have the same fields.
  private static func readTime(
    from thrift: inout ThriftReader
  ) throws(DecodingError) -> (isAdjustedToUTC: Bool, unit: TimeUnit) {
    let start = thrift.offset
    var isAdjustedToUTC: Bool?
    var unit: TimeUnit?

    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      switch (field.id, field.type) {
      case (1, _): isAdjustedToUTC = try thrift.readBool(field)
      case (2, .structure): unit = try TimeUnit.read(from: &thrift)
      default: try thrift.skip(field)
      }
    }

    guard let isAdjustedToUTC else { throw .missingField(id: 1, offset: start) }
    guard let unit else { throw .missingField(id: 2, offset: start) }
    return (isAdjustedToUTC, unit)
  }

  /// `IntType`.
  private static func readInteger(
    from thrift: inout ThriftReader
  ) throws(DecodingError) -> LogicalType {
    let start = thrift.offset
    var bitWidth: Int8?
    var isSigned: Bool?

    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      switch field.id {
      case 1: bitWidth = try thrift.readI8(field)
      case 2: isSigned = try thrift.readBool(field)
      default: try thrift.skip(field)
      }
    }

    guard let bitWidth else { throw .missingField(id: 1, offset: start) }
    guard let isSigned else { throw .missingField(id: 2, offset: start) }
    return .integer(bitWidth: bitWidth, isSigned: isSigned)
  }

  /// `VariantType`.
  private static func readVariant(
    from thrift: inout ThriftReader
  ) throws(DecodingError) -> LogicalType {
    var specificationVersion: Int8?

    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      switch field.id {
      case 1: specificationVersion = try thrift.readI8(field)
      default: try thrift.skip(field)
      }
    }
    return .variant(specificationVersion: specificationVersion)
  }

  /// `GeometryType`.
  private static func readGeometry(
    from thrift: inout ThriftReader
  ) throws(DecodingError) -> LogicalType {
    var crs: String?

    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      switch field.id {
      case 1: crs = try thrift.readString(field)
      default: try thrift.skip(field)
      }
    }
    return .geometry(crs: crs)
  }

  /// `GeographyType`.
  private static func readGeography(
    from thrift: inout ThriftReader
  ) throws(DecodingError) -> LogicalType {
    var crs: String?
    var algorithm: EdgeInterpolationAlgorithm?

    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      switch field.id {
      case 1: crs = try thrift.readString(field)
      case 2: algorithm = EdgeInterpolationAlgorithm(rawValue: try thrift.readI32(field))
      default: try thrift.skip(field)
      }
    }
    return .geography(crs: crs, algorithm: algorithm)
  }
}

extension LogicalType.TimeUnit {
  fileprivate static func read(
    from thrift: inout ThriftReader
  ) throws(DecodingError) -> LogicalType.TimeUnit? {
    var result: LogicalType.TimeUnit?
    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      try thrift.skip(field)
      switch field.id {
      case 1: result = .millis
      case 2: result = .micros
      case 3: result = .nanos
      default: result = .unknown(id: field.id)
      }
    }
    return result
  }
}
