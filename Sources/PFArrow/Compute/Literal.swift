/// A value that columns are compared with.
public enum Literal: Hashable, Sendable {
  /// No value: comparing with it is unknown for every row.
  case null
  /// A truth value, for columns of these.
  case boolean(Bool)
  /// An integer, for columns of numbers of any kind.
  case integer(Int128)
  /// A floating point number, for columns of numbers of any kind. Decimals are compared with the
  /// shortest decimal that reads back as this number.
  case double(Double)
  /// A decimal, for columns of numbers of any kind.
  case decimal(DecimalValue)
  /// Text, for columns of text and of bytes.
  case string(String)
  /// Bytes, for columns of text and of bytes.
  case bytes([UInt8])
  /// A UUID, most significant byte first, for columns of bytes.
  case uuid(UInt128)
  /// Days since 1970-01-01, for dates, and as their midnight (UTC) for timestamps.
  case date(days: Int64)
  /// Units since midnight.
  case time(Int64, TimeUnit)
  /// Units since 1970-01-01T00:00: an instant where `isUTC`, for timestamps with a zone; else local
  /// time, for timestamps without one and for dates.
  case timestamp(Int64, TimeUnit, isUTC: Bool)
  /// A span of time in units.
  case duration(Int64, TimeUnit)
}

extension Literal: ExpressibleByIntegerLiteral {
  /// An integer.
  public init(integerLiteral value: Int64) { self = .integer(Int128(value)) }

  /// An integer of any type.
  public init(_ value: some FixedWidthInteger) {
    if let value = Int128(exactly: value) {
      self = .integer(value)
    } else {
      // Only unsigned integers of 128 bits are beyond.
      self = .decimal(
        DecimalValue(high: 0, low: UInt128(truncatingIfNeeded: value), scale: 0))
    }
  }
}

extension Literal: ExpressibleByFloatLiteral {
  /// A floating point number.
  public init(floatLiteral value: Double) { self = .double(value) }

  /// A floating point number.
  public init(_ value: Double) { self = .double(value) }
}

extension Literal: ExpressibleByStringLiteral {
  /// Text.
  public init(stringLiteral value: String) { self = .string(value) }

  /// Text.
  public init(_ value: String) { self = .string(value) }
}

extension Literal: ExpressibleByBooleanLiteral {
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .boolean(value) }

  /// A truth value.
  public init(_ value: Bool) { self = .boolean(value) }
}

extension Literal: ExpressibleByNilLiteral {
  /// No value.
  public init(nilLiteral: ()) { self = .null }
}

extension Literal: CustomStringConvertible {
  /// The value with its kind, for messages: `the integer 3`, `the text "a"`.
  public var description: String {
    switch self {
    case .null: "null"
    case .boolean(let value): "the truth value \(value)"
    case .integer(let value): "the integer \(value)"
    case .double(let value): "the number \(value)"
    case .decimal(let value): "the decimal \(value)"
    case .string(let value):
      value.unicodeScalars.count <= 40
        ? "the text \"\(value)\"" : "the text \"\(value.unicodeScalars.prefix(40))…\""
    case .bytes(let value): "\(value.count) byte\(value.count == 1 ? "" : "s")"
    case .uuid: "a UUID"
    case .date(let days): "the date \(ArrowValue.date(days: days))"
    case .time(let value, let unit): "the time \(ArrowValue.time(value, unit))"
    case .timestamp(let value, let unit, let isUTC):
      "the timestamp \(ArrowValue.timestamp(value, unit, timeZone: isUTC ? "UTC" : nil))"
    case .duration(let value, let unit): "the duration \(ArrowValue.duration(value, unit))"
    }
  }
}
