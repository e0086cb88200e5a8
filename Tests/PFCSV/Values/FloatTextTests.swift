import Foundation
import PFCSV
import Testing

@Suite struct `floating-point numbers of text` {
  static func double(_ text: String, _ format: NumberFormat = .given) -> UInt64? {
    read(text) { unsafe FloatText.parse($0, $1, format, as: Double.self)?.bitPattern }
  }

  static func float(_ text: String, _ format: NumberFormat = .given) -> UInt32? {
    read(text) { unsafe FloatText.parse($0, $1, format, as: Float.self)?.bitPattern }
  }

  /// What the standard library reads; nil for what no finite number is.
  static func check(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let double = Double(text).flatMap { $0.isFinite ? $0.bitPattern : nil }
    #expect(Self.double(text) == double, "\(text)", sourceLocation: sourceLocation)
    let float = Float(text).flatMap { $0.isFinite ? $0.bitPattern : nil }
    #expect(Self.float(text) == float, "\(text) of 32 bits", sourceLocation: sourceLocation)
  }

  static let examples = [
    "0", "-0", "0.0", "-0.0", "1", "1.0", "-1.5", "3.14159", "0.1", "0.2", "0.3", ".5", "5.", "-.5",
    "1e5", "1E5", "1e+5", "1e-5", "1.e5", ".1e1", "0e999999999999999999999", "1e-400", "-1e-400",
    "2.2250738585072014e-308", "2.2250738585072011e-308", "4.9406564584124654e-324",
    "2.4703282292062327208e-324", "2.4703282292062328e-324", "5e-324", "2e-324", "3e-324",
    "1.7976931348623157e308", "1.7976931348623158e308", "1.797693134862315807e308",
    "1.7976931348623159e308", "1e308", "1e309", "123456789012345678901234567890",
    "9007199254740993", "9007199254740992.5", "9007199254740993.00000000000000000000000000001",
    "9007199254740992.99999999999999999999999999999", "1448997445238699", "0.000000000000000001",
    "8.41e21", "9.31e-308", "1.0e23", "100000000000000016777215", "100000000000000016777216",
    "7.0064923216240854e-46", "7.0064923216240853e-46", "1.1754943508222875e-38",
    "3.4028234663852886e38", "3.4028235677973366e38", "3.4028235677973365e38", "1e39", "16777217",
    "16777219.0", "1.17549429e-38", "0.00000000000000000000000000000000000000000000001e47",
    "7205759403792793199999e-5", "6929495644600919.5", "3.5844466002796428e+298",
    "8.5e-45", "1.00000017881393421514957253748434595763683319091796875001",
    "1.00000017881393432617187499", "1.00000017881393432617187500001",
    "123456.7890123456789", "1234567.1", "12345678.1", "1234567.123456789012",
    "0.1234567890123456789", "0.12345678901234567", "0.12345678", "0.123456789",
    "0.1234567890123456",
    "9999999.99999999", "9999999.999999999999", "1844674407370955.1615", "1844.674407370955161",
  ]

  @Test("as the standard library reads them", arguments: examples)
  func known(text: String) { Self.check(text) }

  static let wrong = [
    "", "-", "+", ".", "-.", "e5", ".e5", "1e", "1e+", "1e-", "1e5.", "1..2", "1.2.3", "--1", "+-1",
    " 1", "1 ", "1.5 ", "1,5", "0x1p3", "1_0", "1.5f", "1.a", "a.1", "1.12345678a", "1.1234567a8",
    "1.123456781234567a", "in", "infin", "nano", "na", "infinitx", "i\u{0}f", "1e5e5",
    "1.234567812345678/", "-", "1-", "1.-5", "1/.5",
  ]

  @Test("that are none", arguments: wrong)
  func notNumbers(text: String) {
    #expect(Self.double(text) == nil)
    #expect(Self.float(text) == nil)
  }

  @Test func `infinities and NaN are words of the option`() {
    for text in ["inf", "Inf", "INF", "infinity", "Infinity", "+inf"] {
      #expect(Self.double(text) == Double.infinity.bitPattern, "\(text)")
      #expect(Self.float(text) == Float.infinity.bitPattern, "\(text)")
      #expect(Self.double(text, .inferred) == nil, "\(text)")
    }
    #expect(Self.double("-inf") == (-Double.infinity).bitPattern)
    #expect(Self.float("-Infinity") == (-Float.infinity).bitPattern)
    for text in ["nan", "NaN", "NAN", "-nan"] {
      let value = Self.double(text).map { Double(bitPattern: $0) }
      #expect(value?.isNaN == true, "\(text)")
      #expect(Self.float(text).map { Float(bitPattern: $0).isNaN } == true, "\(text)")
      #expect(Self.double(text, .inferred) == nil, "\(text)")
    }
  }

  @Test func `inference takes no plus and no leading zeros`() {
    for text in ["+1.5", "007.5", "00.5", "-00.5", "01e5", "+1e5"] {
      #expect(Self.double(text, .inferred) == nil, "\(text)")
      #expect(Self.double(text) == Double(text)?.bitPattern, "\(text)")
    }
    for text in ["0.5", "-0.5", ".5", "0e5", "10.5"] {
      #expect(Self.double(text, .inferred) == Double(text)?.bitPattern, "\(text)")
    }
  }

  @Test func `other marks`() {
    let format = NumberFormat(
      decimalMark: UInt8(ascii: ","), thousandsMark: UInt8(ascii: "."))
    let examples: [(text: String, value: Double?)] = [
      ("1,5", 1.5), ("1.234,5", 1234.5), ("-1.234.567,25", -1_234_567.25), ("1.234", 1234),
      ("1.5", nil), ("1.234,567.8", nil), ("12.34,5", nil), ("1.234e2", 123_400), (",5", 0.5),
      ("1.234,", 1234), ("1.234,5e-3", 1.2345), (".234", nil), ("1,234.567", nil),
    ]
    for (text, value) in examples {
      #expect(Self.double(text, format) == value?.bitPattern, "\(text)")
      #expect(Self.float(text, format) == value.map { Float($0).bitPattern }, "\(text)")
    }
    #expect(Self.double("1,5") == nil)
  }

  @Test func `random bits, printed shortest and with 17 digits`() {
    var random = SeededGenerator(seed: 41)
    for _ in 0..<sampleCount(1_000_000) {
      let value = Double(bitPattern: random.next())
      guard value.isFinite else { continue }
      let shortest = value.description
      #expect(Self.quickDouble(shortest) == value.bitPattern, "\(shortest)")
      let long = String(format: "%.17e", value)
      #expect(Self.quickDouble(long) == value.bitPattern, "\(long)")
    }
    for _ in 0..<sampleCount(1_000_000) {
      let value = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
      guard value.isFinite else { continue }
      let shortest = value.description
      #expect(Self.quickFloat(shortest) == value.bitPattern, "\(shortest)")
    }
  }

  @Test func `random decimals as people write them`() {
    var random = SeededGenerator(seed: 42)
    for _ in 0..<sampleCount(1_000_000) {
      let digits = String(random.next() >> UInt64.random(in: 0..<64, using: &random))
      var text = Bool.random(using: &random) ? "-" : ""
      let place = Int.random(in: 0...digits.utf8.count, using: &random)
      text += digits.prefix(place) + "." + digits.dropFirst(place)
      if place == 0 { text = text.replacingOccurrences(of: ".", with: "0.") }
      if Int.random(in: 0..<4, using: &random) == 0 {
        text += "e\(Int.random(in: -30...30, using: &random))"
      }
      #expect(Self.quickDouble(text) == Double(text)?.bitPattern, "\(text)")
      let narrow = Float(text).flatMap { $0.isFinite ? $0.bitPattern : nil }
      #expect(Self.quickFloat(text) == narrow, "\(text)")
    }
  }

  @Test func `random numbers of 17 to 40 digits and more`() {
    var random = SeededGenerator(seed: 43)
    for _ in 0..<sampleCount(500_000) {
      let count = Int.random(
        in: 17...(Int.random(in: 0..<50, using: &random) == 0 ? 900 : 40), using: &random)
      var text = ""
      for _ in 0..<count { text += String(UInt8.random(in: 0...9, using: &random)) }
      let place = Int.random(in: 0...count, using: &random)
      text = text.prefix(place) + "." + text.dropFirst(place)
      text += "e\(Int.random(in: -345...310, using: &random))"
      let expected = Double(text).flatMap { $0.isFinite ? $0.bitPattern : nil }
      #expect(Self.quickDouble(text) == expected, "\(text)")
      let narrow = Float(text).flatMap { $0.isFinite ? $0.bitPattern : nil }
      #expect(Self.quickFloat(text) == narrow, "\(text)")
    }
  }

  @Test func `halfway between two numbers, and a digit to both sides of it`() {
    var random = SeededGenerator(seed: 44)
    for _ in 0..<sampleCount(20_000) {
      // All digits of the middle between a number and the next, by arithmetic on digits.
      let bits = random.next() & 0x7FFF_FFFF_FFFF_FFFF
      let value = Double(bitPattern: bits)
      guard value.nextUp.isFinite else { continue }
      let middle = DecimalExpansion(middleAbove: value)
      let even = bits & 1 == 0 ? value : value.nextUp
      #expect(Self.quickDouble(middle.text) == even.bitPattern, "\(middle.text)")
      #expect(Self.quickDouble(middle.textAbove) == value.nextUp.bitPattern, "\(middle.text)")
      #expect(Self.quickDouble(middle.textBelow) == value.bitPattern, "\(middle.text)")
    }
  }

  @Test func `zeros without end, and digits behind the last that can count`() {
    let zeros = String(repeating: "0", count: 5000)
    for text in [
      "0.\(zeros)1", "1\(zeros)", "1\(zeros)e-5000", "0.\(zeros)1e5001", "\(zeros)1.5",
      "1.5\(zeros)",
      "9007199254740993.\(zeros)1", "9007199254740993.\(zeros)", "9007199254740993\(zeros)1e-5001",
      "\(zeros).\(zeros)", "1.\(zeros)e\(zeros)5", "1e-\(zeros)5",
    ] {
      Self.check(text)
    }
    #expect(Self.double("1e99999999999999999999") == nil)
    #expect(Self.double("0.\(zeros)1e99999999999999999999999") == nil)
    #expect(Self.double("1e-99999999999999999999") == 0)
  }

  @Test func `every prefix and every byte in the place of another`() {
    for text in ["-123.456e-7", "0.12345678901234567", "1234.5678", "9007199254740993.25"] {
      let bytes = Array(text.utf8)
      for end in 0...bytes.count {
        Self.check(String(decoding: bytes[..<end], as: UTF8.self))
      }
      for place in bytes.indices {
        for byte in UInt8.min..<0x80
        where byte | 0x20 != UInt8(ascii: "x") && byte | 0x20 != UInt8(ascii: "p") {
          var changed = bytes
          changed[place] = byte
          // `Double(_:)` stops at a zero and passes spaces at the start; no field's number has any.
          if byte <= 0x20 {
            #expect(Self.double(String(decoding: changed, as: UTF8.self)) == nil)
          } else {
            Self.check(String(decoding: changed, as: UTF8.self))
          }
        }
      }
    }
  }

  /// Without the other fillers, which are slow.
  private static func quickDouble(_ text: String) -> UInt64? {
    var text = text + "........................................"
    return text.withUTF8 { bytes in
      guard let start = bytes.baseAddress else { return nil }
      return unsafe FloatText.parse(
        start, bytes.count - 40, .given, as: Double.self)?.bitPattern
    }
  }

  private static func quickFloat(_ text: String) -> UInt32? {
    var text = text + "........................................"
    return text.withUTF8 { bytes in
      guard let start = bytes.baseAddress else { return nil }
      return unsafe FloatText.parse(start, bytes.count - 40, .given, as: Float.self)?.bitPattern
    }
  }
}

/// A dyadic number in all its decimal digits: school arithmetic, and slow.
struct DecimalExpansion {
  /// The lowest digit first.
  private var digits: [UInt8]
  /// Digits behind the point.
  private var scale = 0

  /// The middle between a positive number and the next.
  init(middleAbove value: Double) {
    let exponent = max(Int(value.exponentBitPattern), 1) - 1075
    let hidden: UInt64 = value.exponentBitPattern == 0 ? 0 : 1 << 52
    var significand = 2 * (value.significandBitPattern | hidden) + 1
    digits = []
    while significand > 0 {
      digits.append(UInt8(significand % 10))
      significand /= 10
    }
    let power = exponent - 1
    for _ in 0..<max(power, 0) { multiply(by: 2) }
    for _ in 0..<max(-power, 0) { multiply(by: 5) }
    scale = max(-power, 0)
  }

  private mutating func multiply(by factor: UInt8) {
    var carry: UInt8 = 0
    for index in digits.indices {
      let product = digits[index] * factor + carry
      digits[index] = product % 10
      carry = product / 10
    }
    if carry > 0 { digits.append(carry) }
  }

  private func text(_ digits: [UInt8], scale: Int) -> String {
    digits.reversed().map { String($0) }.joined() + "e\(-scale)"
  }

  var text: String { text(digits, scale: scale) }
  var textAbove: String { text([1] + digits, scale: scale + 1) }
  var textBelow: String {
    var less = digits
    // The last digit of a middle is 5 or, of a large integer, may be any.
    var index = 0
    while less[index] == 0 {
      less[index] = 9
      index += 1
    }
    less[index] -= 1
    return text([9] + less, scale: scale + 1)
  }
}
