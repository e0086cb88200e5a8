import PFCSV
import Testing

@Suite struct `integers of text` {
  static func parse<T: FixedWidthInteger>(
    _ text: String, _ format: NumberFormat = .given, as type: T.Type = T.self
  ) -> T? {
    read(text) { unsafe IntegerText.parse($0, $1, format, as: T.self) }
  }

  /// Every limit of a type, the values beside it, and the standard library's word for each.
  static func checkLimits<T: FixedWidthInteger>(_ type: T.Type) {
    var values: [Int128] = [0, 1, -1, 9, 10, -9, -10]
    for limit in [Int128(T.min), Int128(T.max)] {
      values += [limit - 11, limit - 10, limit - 1, limit, limit + 1, limit + 10, limit * 10]
    }
    var power: Int128 = 1
    for _ in 0..<25 {
      values += [power - 1, power, power + 1, -power, 1 - power]
      power *= 10
    }
    for value in values {
      let text = String(value)
      #expect(parse(text) == T(exactly: value), "\(text) as \(T.self)")
      #expect(parse(text, .inferred) == T(exactly: value), "\(text) as \(T.self)")
      if value >= 0 {
        #expect(parse("+\(text)") == T(exactly: value), "+\(text) as \(T.self)")
        #expect(parse("000\(text)") == T(exactly: value), "000\(text) as \(T.self)")
        let zeros = String(repeating: "0", count: 40)
        #expect(parse("\(zeros)\(text)") == T(exactly: value), "zeros and \(text) as \(T.self)")
      }
    }
  }

  @Test func `at the limits of all types`() {
    Self.checkLimits(Int8.self)
    Self.checkLimits(Int16.self)
    Self.checkLimits(Int32.self)
    Self.checkLimits(Int64.self)
    Self.checkLimits(UInt8.self)
    Self.checkLimits(UInt16.self)
    Self.checkLimits(UInt32.self)
    Self.checkLimits(UInt64.self)
  }

  static let wrong = [
    "", "-", "+", "--1", "+-1", "-+1", "1-", " 1", "1 ", "1.0", "1.", "1e3", "0x10", "a", "1a",
    "12345678a", "a12345678", "1234567812345678a", "12345678/", "1234567:", "１",
    "123456781234567812345678a", "9999999999999999999999999", "1\u{0}", "1,000",
  ]

  @Test("that are none", arguments: wrong)
  func notIntegers(text: String) {
    #expect(Self.parse(text, as: Int64.self) == nil)
    #expect(Self.parse(text, as: UInt64.self) == nil)
    #expect(Self.parse(text, .inferred, as: Int64.self) == nil)
  }

  @Test func `inference takes no sign and no zeros that printing would not give`() {
    for text in ["+1", "007", "00", "-0", "-01", "+0", "0000000000000000000001"] {
      #expect(Self.parse(text, .inferred, as: Int64.self) == nil, "\(text)")
      #expect(Self.parse(text, .given, as: Int64.self) != nil, "\(text)")
    }
    #expect(Self.parse("0", .inferred, as: Int64.self) == 0)
    #expect(Self.parse("-0", .given, as: UInt8.self) == 0)
  }

  static let grouped: [(text: String, value: Int64?)] = [
    ("1,234", 1234), ("-1,234,567", -1_234_567), ("12,345", 12345), ("123,456,789", 123_456_789),
    ("999", 999), ("1234", 1234), ("1,23", nil), ("1,2345", nil), ("1234,567", nil),
    (",123", nil), ("1,", nil), ("1,,234", nil), ("-,123", nil), ("1,234,56", nil), ("1,234 ", nil),
    ("9,223,372,036,854,775,807", .max), ("9,223,372,036,854,775,808", nil), ("1,2-4", nil),
  ]

  @Test("with marks between thousands", arguments: grouped)
  func thousands(text: String, value: Int64?) {
    #expect(Self.parse(text, NumberFormat(thousandsMark: UInt8(ascii: ","))) == value)
  }

  @Test func `with every byte at every place are digits or none`() {
    for text in ["7", "1234567", "12345678", "123456789", "1234567812345678", "12345678123456781"] {
      for place in 0..<text.utf8.count {
        for byte in UInt8.min...UInt8.max {
          var bytes = Array(text.utf8)
          bytes[place] = byte
          let value: UInt64? = read(bytes) { unsafe IntegerText.parse($0, $1, .given) }
          let expected =
            bytes.allSatisfy { $0 < 0x80 } ? UInt64(String(decoding: bytes, as: UTF8.self)) : nil
          // The standard library takes a sign before no digit only with digits behind it, as we do.
          #expect(value == expected, "\(bytes)")
        }
      }
    }
  }
}
