import PFArrow
import PFCSV
import Testing

@Suite struct `kinds of fields` {
  static func kind(_ text: String, _ classifier: FieldClassifier = FieldClassifier()) -> FieldKind?
  {
    read(text) { unsafe classifier.kind($0, $1) }
  }

  static let examples: [(text: String, kind: FieldKind)] = [
    ("", .empty), ("true", .boolean), ("FALSE", .boolean), ("tRUE", .string), ("yes", .string),
    ("0", .int64), ("1", .int64), ("-1", .int64), ("12345678", .int64), ("-12345678", .int64),
    ("123456789", .int64), ("9007199254740992", .int64), ("-9007199254740992", .int64),
    ("9007199254740993", .wideInt64), ("9223372036854775807", .wideInt64),
    ("-9223372036854775808", .wideInt64), ("9223372036854775808", .string),
    ("-9223372036854775809", .string), ("123456789012345678901234567890", .string),
    ("007", .string), ("00", .string), ("-007", .string), ("+1", .string), ("+1.5", .string),
    ("-0", .float64), ("-00", .string), ("-", .string), ("--1", .string), ("1-2", .string),
    ("0.5", .float64), ("-0.5", .float64), (".5", .float64), ("-.5", .float64), ("5.", .float64),
    ("00.5", .string), ("007.5", .string), ("-01.5", .string), (".", .string), ("1.2.3", .string),
    ("1.5a", .string), ("1.12345678901234567", .float64), ("123456789.123456789", .float64),
    ("1.5e5", .float64), ("1e5", .string), ("1E5", .string), ("1e-05", .float64),
    ("1e+16", .float64),
    ("1.e5", .float64), ("1e", .string), ("1e+", .string), ("1.5e400", .string),
    ("1e+400", .string),
    ("1.5e-400", .float64), ("nan", .string), ("NaN", .string), ("inf", .string), ("-inf", .string),
    ("1 ", .string), (" 1", .string), ("1,000", .string), ("1_000", .string), ("0x10", .string),
    ("555-1234", .string), ("030 12345", .string), ("+49 30 1234", .string),
    ("192.168.0.1", .string),
    ("2020-02-29", .date), ("2020-13-45", .string), ("2019-02-29", .string), ("2020-1-1", .string),
    ("2020-02", .string), ("0001-01-01", [.date, .beyondNanoseconds]),
    ("2020-02-29T12:34:56", .timestamp), ("2020-02-29 12:34", .timestamp),
    ("2020-02-29 12:34:56.5", [.timestamp, .milliseconds]),
    ("2020-02-29 12:34:56.500", [.timestamp, .milliseconds]),
    ("2020-02-29 12:34:56.5000", [.timestamp, .microseconds]),
    ("2020-02-29 12:34:56.123456", [.timestamp, .microseconds]),
    ("2020-02-29 12:34:56.1234567Z", [.zonedTimestamp, .nanoseconds]),
    ("2020-02-29T12:34:56+01:00", .zonedTimestamp), ("2020-02-29T25:00:00", .string),
    ("3000-01-01T00:00:00", [.timestamp, .beyondNanoseconds]),
    ("3000-01-01T00:00:00.123456", [.timestamp, .microseconds, .beyondNanoseconds]),
    ("3000-01-01T00:00:00.1234567", .string),
    ("12:34", .time), ("12:34:56", .time), ("12:34:56.789", [.time, .milliseconds]),
    ("24:00", .string),
    ("12:345", .string), ("1:23", .string), ("hello", .string), ("é", .string), ("1é", .string),
  ]

  @Test(arguments: examples)
  func `fields and their kinds`(text: String, kind: FieldKind) { #expect(Self.kind(text) == kind) }

  @Test func `other marks and words`() {
    let german = FieldClassifier(
      booleans: BooleanText(trueWords: ["ja", "1"], falseWords: ["nein", "0", "-"]),
      format: NumberFormat(decimalMark: UInt8(ascii: ","), thousandsMark: UInt8(ascii: ".")))
    let examples: [(text: String, kind: FieldKind)] = [
      ("1,5", .float64), ("1.234,5", .float64), ("1.234", .int64), ("1.23", .string),
      ("9.007.199.254.740.993", .wideInt64), ("0.123", .string), ("ja", .boolean),
      ("nein", .boolean),
      ("1", .int64), ("-", .boolean), ("true", .string), (",5", .float64), ("12345678,5", .float64),
    ]
    for (text, kind) in examples { #expect(Self.kind(text, german) == kind, "\(text)") }
  }

  @Test func `the finest unit of a column`() {
    #expect(FieldKind.timestamp.unit == .second)
    #expect(FieldKind([.timestamp, .milliseconds]).unit == .millisecond)
    #expect(FieldKind([.timestamp, .milliseconds, .microseconds]).unit == .microsecond)
    #expect(FieldKind([.timestamp, .milliseconds, .nanoseconds]).unit == .nanosecond)
  }

  @Test func `what has a kind is read by its parser under the same rules`() {
    var random = SeededGenerator(seed: 71)
    let alphabet = Array("0123456789012345678901234567890123456789..--+eE::TZ ".utf8)
    for _ in 0..<sampleCount(2_000_000) {
      let count = Int.random(in: 1...(Bool.random(using: &random) ? 5 : 24), using: &random)
      let field = (0..<count).map { _ in alphabet.randomElement(using: &random) ?? 0 }
      let kind = read(field) { unsafe FieldClassifier().kind($0, $1) }
      let text = String(decoding: field, as: UTF8.self)
      let integer: Int64? = read(field) { unsafe IntegerText.parse($0, $1, .inferred) }
      #expect((kind == .int64 || kind == .wideInt64) == (integer != nil), "\(text)")
      let float = read(field) { unsafe FloatText.parse($0, $1, .inferred, as: Double.self) }
      if kind == .float64 { #expect(float != nil, "\(text)") }
      if float != nil, kind != .float64 {
        // Only integers, and exponents without a mark or sign, are left out.
        #expect(!text.contains(".") && !text.contains("e-") && !text.contains("e+"), "\(text)")
      }
    }
  }
}
