/// A JSON number, exact: its literal goes out as it came in, whatever its size.
///
/// Two numbers are equal when their literals are: `1`, `1.0` and `1e0` differ.
public struct JSONNumber: Sendable, Hashable {
  /// The number as RFC 8259, section 6, writes it.
  public let literal: String

  /// Takes a literal that the grammar was checked for.
  init(checked literal: String) { self.literal = literal }

  /// A number from its literal; nil when `literal` is not exactly one JSON number.
  public init?(literal: String) {
    guard let value = try? JSONValue(parsing: literal, depthLimit: 0),
      case .number(let number) = value, number.literal.utf8.count == literal.utf8.count
    else { return nil }
    self = number
  }

  /// An integer.
  public init(_ value: some FixedWidthInteger) { literal = String(value) }

  /// A finite number in the shortest form that reads back equal; nil for NaN and infinities,
  /// which JSON lacks.
  public init?(_ value: Double) {
    guard value.isFinite else { return nil }
    literal = value.description
  }

  /// Whether the literal is an integer: without fraction or exponent, of any length.
  public var isInteger: Bool {
    literal.utf8.allSatisfy { $0 == UInt8(ascii: "-") || $0 &- UInt8(ascii: "0") < 10 }
  }

  /// The value, where the literal is an integer (without fraction or exponent) in range.
  public var int64: Int64? { Int64(literal) }

  /// The value, where the literal is an integer (without fraction or exponent) in range.
  public var uint64: UInt64? { UInt64(literal) }

  /// The nearest `Double`, ties to even; beyond the largest it is an infinity, below the smallest
  /// a zero.
  public var double: Double {
    // The grammar of JSON is part of what `Double` reads, in the C locale: nil cannot occur.
    Double(literal) ?? .nan
  }
}
