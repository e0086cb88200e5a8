import PFArrow
import PFCSV
import Testing

@Suite struct `decimals of text` {
  static func narrow(
    _ text: String, _ precision: Int, _ scale: Int, _ format: NumberFormat = .given
  ) -> Int128? {
    let decimal = DecimalText(precision: precision, scale: scale)
    return read(text) { unsafe decimal.parse128($0, $1, format) }
  }

  static func wide(
    _ text: String, _ precision: Int, _ scale: Int, _ format: NumberFormat = .given
  ) -> Int256? {
    let decimal = DecimalText(precision: precision, scale: scale)
    return read(text) { unsafe decimal.parse256($0, $1, format) }
  }

  static let examples: [(text: String, precision: Int, scale: Int, value: Int128?)] = [
    ("1.23", 5, 2, 123), ("-1.23", 5, 2, -123), ("1.2", 5, 2, 120), ("1", 5, 2, 100),
    ("1.230", 5, 2, 123), ("1.234", 5, 2, nil), ("999.99", 5, 2, 99999), ("1000", 5, 2, nil),
    ("1000.00", 5, 2, nil), ("0.01", 5, 2, 1), ("0.001", 5, 2, nil), ("0.000", 5, 2, 0),
    ("-0", 5, 2, 0), ("1e2", 5, 2, 10000), ("1.5e1", 5, 2, 1500), ("1e3", 5, 2, nil),
    ("1e-2", 5, 2, 1), ("1e-3", 5, 2, nil), ("100e-4", 5, 2, 1), ("0e999999", 5, 2, 0),
    ("1e999999999999999999999", 5, 2, nil), ("1e-999999999999999999999", 5, 2, nil),
    ("1200", 3, -2, 12), ("1250", 3, -2, nil), ("99900", 3, -2, 999), ("100000", 3, -2, nil),
    (".5", 1, 1, 5), ("5.", 1, 0, 5), ("", 5, 2, nil), ("-", 5, 2, nil), (".", 5, 2, nil),
    ("1.2.3", 5, 2, nil), ("nan", 5, 2, nil), ("inf", 5, 2, nil), ("1 ", 5, 2, nil),
    (
      "99999999999999999999999999999999999999", 38, 0,
      99_999_999_999_999_999_999_999_999_999_999_999_999
    ),
    (
      "-99999999999999999999999999999999999999", 38, 0,
      -99_999_999_999_999_999_999_999_999_999_999_999_999
    ),
    ("100000000000000000000000000000000000000", 38, 0, nil),
    (
      "99999999999999999999999999999999999999.0000", 38, 0,
      99_999_999_999_999_999_999_999_999_999_999_999_999
    ),
    (
      "1234567890123456789.0123456789012345678", 38, 19,
      12_345_678_901_234_567_890_123_456_789_012_345_678
    ),
    ("0.00000000000000000000000000000000000001", 38, 38, 1),
    (
      "0.99999999999999999999999999999999999999", 38, 38,
      99_999_999_999_999_999_999_999_999_999_999_999_999
    ),
    ("1", 38, 38, nil), ("12345678.5", 10, 2, 1_234_567_850),
    ("1844674407370955.1616", 20, 4, 18_446_744_073_709_551_616),
  ]

  @Test("of 128 bits, and the same of 256", arguments: examples)
  func exactOrNothing(text: String, precision: Int, scale: Int, value: Int128?) {
    #expect(Self.narrow(text, precision, scale) == value)
    #expect(Self.wide(text, precision, scale) == value.map { Int256($0) })
  }

  @Test func `of 256 bits up to 76 digits`() {
    let nines = String(repeating: "9", count: 76)
    var expected = Int256(0)
    for _ in 0..<76 {
      guard let product = expected.timesTen else { break }
      expected = Int256(high: product.high, low: product.low &+ 9)
      if expected.low < 9 { expected.high += 1 }
    }
    #expect(Self.wide(nines, 76, 0) == expected)
    #expect(Self.wide("0.\(nines)", 76, 76) == expected)
    #expect(Self.wide(nines + "0", 76, 0) == nil)
    #expect(Self.wide(nines + ".000", 76, 0) == expected)
    #expect(Self.wide("1" + nines, 76, 0) == nil)
    #expect(Self.wide(nines, 75, 0) == nil)
    #expect(Self.wide("-\(nines)", 76, 0)?.high == -expected.high - 1)
  }

  @Test func `random decimals against arithmetic on 128 bits`() {
    var random = SeededGenerator(seed: 51)
    for _ in 0..<sampleCount(400_000) {
      let digits = String(random.next() >> UInt64.random(in: 0..<64, using: &random))
      let scale = Int.random(in: 0...19, using: &random)
      let written = Int.random(in: 0...digits.utf8.count, using: &random)
      let exponent = Int.random(in: -5...5, using: &random)
      let whole = digits.dropLast(written)
      let text = "\(whole.isEmpty ? "0" : whole).\(digits.suffix(written))e\(exponent)"
      // digits * 10^(exponent - written + scale)
      var value = Int128(digits)
      for _ in 0..<max(exponent - written + scale, 0) {
        value = value.flatMap {
          let (product, overflow) = $0.multipliedReportingOverflow(by: 10)
          return overflow ? nil : product
        }
      }
      for _ in 0..<max(written - exponent - scale, 0) {
        value = value.flatMap { $0 % 10 == 0 ? $0 / 10 : nil }
      }
      let precision = Int.random(in: 1...38, using: &random)
      if let found = value, String(found).utf8.count > precision, found != 0 { value = nil }
      #expect(Self.narrow(text, precision, scale) == value, "\(text) of \(precision), \(scale)")
    }
  }

  @Test func `marks between thousands and another decimal mark`() {
    let format = NumberFormat(decimalMark: UInt8(ascii: ","), thousandsMark: UInt8(ascii: "."))
    #expect(Self.narrow("1.234,5", 10, 2, format) == 123_450)
    #expect(Self.narrow("1.234", 10, 2, format) == 123_400)
    #expect(Self.narrow("1.23", 10, 2, format) == nil)
  }
}
