/// A minimum or maximum from a file's statistics, in the kind that its column's type asks for.
///
/// Dates, times and timestamps are the numbers that the file stores, in the column's unit.
public enum StatisticsValue: Hashable, Sendable {
  /// A BOOLEAN.
  case bool(Bool)
  /// A signed integer of any width, a date, a time or a timestamp.
  case int64(Int64)
  /// An unsigned integer of any width.
  case uint64(UInt64)
  /// A floating point number of any width; never NaN.
  case double(Double)
  /// Text.
  case string(String)
  /// Bytes without a meaning that we know.
  case bytes([UInt8])
  /// The integer `unscaled` (two's complement, big-endian, 1 to 32 bytes) times 10 to the power
  /// `-scale`.
  case decimal(unscaled: [UInt8], scale: Int32)
}

extension StatisticsValue: CustomStringConvertible {
  /// The value as text: decimals with their point, bytes in hexadecimal after `0x`.
  public var description: String {
    switch self {
    case .bool(let value): value.description
    case .int64(let value): value.description
    case .uint64(let value): value.description
    case .double(let value): value.description
    case .string(let value): value
    case .bytes(let value): Self.hexadecimal(value)
    case .decimal(let unscaled, let scale): Self.decimal(unscaled, scale: scale)
    }
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    var text = "0x"
    for byte in bytes {
      if byte < 16 { text += "0" }
      text += String(byte, radix: 16)
    }
    return text
  }

  /// Decimal digits of a two's complement big-endian integer, with `scale` of them after a point.
  private static func decimal(_ unscaled: [UInt8], scale: Int32) -> String {
    let isNegative = (unscaled.first ?? 0) >= 0x80
    var magnitude = unscaled
    if isNegative {
      var carry = true
      for index in magnitude.indices.reversed() {
        magnitude[index] = ~magnitude[index] &+ (carry ? 1 : 0)
        carry = carry && magnitude[index] == 0
      }
    }
    // Division by ten from the highest byte down, the remainder being the next digit.
    var digits: [UInt8] = []
    while magnitude.contains(where: { $0 != 0 }) {
      var remainder = 0
      for index in magnitude.indices {
        let value = remainder << 8 | Int(magnitude[index])
        magnitude[index] = UInt8(truncatingIfNeeded: value / 10)
        remainder = value % 10
      }
      digits.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: remainder))
    }
    // A scale outside what any precision allows is shown as an exponent.
    guard (0...76).contains(scale) else {
      let mantissa = digits.isEmpty ? "0" : String(decoding: digits.reversed(), as: UTF8.self)
      return (isNegative ? "-" : "") + mantissa + "E\(-Int(scale))"
    }
    while digits.count <= scale { digits.append(UInt8(ascii: "0")) }
    if scale > 0 { digits.insert(UInt8(ascii: "."), at: Int(scale)) }
    if isNegative { digits.append(UInt8(ascii: "-")) }
    return String(decoding: digits.reversed(), as: UTF8.self)
  }
}
