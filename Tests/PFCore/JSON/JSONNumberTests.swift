import PFCore
import Testing

@Suite struct `JSON numbers` {
  static let integers: [(literal: String, int64: Int64?, uint64: UInt64?)] = [
    ("0", 0, 0), ("-0", 0, 0), ("42", 42, 42), ("-1", -1, nil),
    ("9223372036854775807", .max, 9_223_372_036_854_775_807),
    ("9223372036854775808", nil, 9_223_372_036_854_775_808),
    ("-9223372036854775808", .min, nil), ("-9223372036854775809", nil, nil),
    ("18446744073709551615", nil, .max), ("18446744073709551616", nil, nil),
    ("1.0", nil, nil), ("1e3", nil, nil),
  ]

  @Test("integers are exact or absent", arguments: integers)
  func integer(literal: String, int64: Int64?, uint64: UInt64?) throws {
    let number = try #require(JSONNumber(literal: literal))
    #expect(number.int64 == int64)
    #expect(number.uint64 == uint64)
    #expect(number.isInteger == !literal.contains { ".e".contains($0) })
  }

  /// Halfway cases, the borders of the subnormals and of the range.
  static let doubles: [(literal: String, bits: UInt64)] = [
    ("0", 0), ("-0.0", 0x8000_0000_0000_0000), ("0.1", 0x3FB9_9999_9999_999A),
    ("9007199254740993", 0x4340_0000_0000_0000),
    ("9007199254740993.00000000000000000001", 0x4340_0000_0000_0001),
    ("2.2250738585072011e-308", 0x000F_FFFF_FFFF_FFFF), ("4.9e-324", 1),
    ("2.4703282292062327e-324", 0),
    ("2.4703282292062328e-324", 1), ("1.7976931348623157e308", 0x7FEF_FFFF_FFFF_FFFF),
    ("1e400", 0x7FF0_0000_0000_0000), ("-1e400", 0xFFF0_0000_0000_0000), ("1e-400", 0),
    ("8.988465674311580e+307", 0x7FE0_0000_0000_0000),
  ]

  @Test("doubles are correctly rounded", arguments: doubles)
  func double(literal: String, bits: UInt64) throws {
    let number = try #require(JSONNumber(literal: literal))
    #expect(number.double.bitPattern == bits)
    #expect(number.literal == literal)
  }

  @Test(
    "a literal is one number and nothing else",
    arguments: ["", " 1", "1 ", "+1", "1.", "0x1", "inf", "[1]", "\"1\""])
  func badLiteral(text: String) {
    #expect(JSONNumber(literal: text) == nil)
  }

  @Test func `there is no number for NaN and the infinities`() {
    for value in [Double.nan, .infinity, -.infinity] { #expect(JSONNumber(value) == nil) }
    #expect(JSONNumber(1e20)?.double == 1e20)
    #expect(JSONNumber(UInt64.max).uint64 == .max)
  }
}
