import PFArrow
import PFCSV
import Testing

@Suite struct `dates, times and timestamps of text` {
  static func date(_ text: String) -> Int32? { read(text) { unsafe DateText.parse($0, $1) } }

  static func time(_ text: String, _ unit: TimeUnit) -> Int64? {
    read(text) { unsafe TimeText.parse($0, $1, unit: unit) }
  }

  static func timestamp(_ text: String, _ unit: TimeUnit) -> TimestampText.Value? {
    read(text) { unsafe TimestampText.parse($0, $1, unit: unit) }
  }

  static func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(width - digits.utf8.count, 0)) + digits
  }

  @Test func `every day of the years 1 to 9999, one after the other`() {
    // 1970-01-01 is 719162 days behind 0001-01-01: 1969 years with 477 leap days.
    var expected: Int32 = -719_162
    var found = 0
    var wrong: [String] = []
    for year in 1...9999 {
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      for (index, days) in [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        .enumerated()
      {
        var bytes = Array("\(Self.padded(year, 4))-\(Self.padded(index + 1, 2))-00".utf8)
        bytes += [UInt8](repeating: 0, count: DigitWords.slack)
        for day in 0...31 {
          bytes[8] = UInt8(ascii: "0") + UInt8(day / 10)
          bytes[9] = UInt8(ascii: "0") + UInt8(day % 10)
          let value = unsafe bytes.withUnsafeBufferPointer { buffer -> Int32? in
            guard let start = buffer.baseAddress else { return nil }
            return unsafe DateText.parse(start, 10)
          }
          let exists = day >= 1 && day <= days
          if value != (exists ? expected : nil) { wrong.append("\(year)-\(index + 1)-\(day)") }
          if exists {
            expected += 1
            found += 1
          }
        }
      }
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(5))")
    #expect(found == 3_652_059)
  }

  static let wrongDates = [
    "", "2020", "2020-13-45", "2020-00-10", "2020-01-00", "0000-01-01", "2020-1-1", "2020-01-1",
    "2020/01/01", "2020-01-01 ", " 2020-01-0", "20200101", "2020-02-30", "2019-02-29", "1900-02-29",
    "2020-04-31", "-020-01-01", "2020-0a-01", "2020-01-0:", "202/-01-01", "12020-01-01",
    "2020-01 01",
  ]

  @Test("that are none", arguments: wrongDates)
  func notDates(text: String) { #expect(Self.date(text) == nil) }

  static let times: [(text: String, nanoseconds: Int64?)] = [
    ("00:00", 0), ("12:34", 45_240_000_000_000), ("23:59:59", 86_399_000_000_000),
    ("23:59:59.999999999", 86_399_999_999_999), ("00:00:00.1", 100_000_000),
    ("00:00:00.000000001", 1), ("00:00:01.12", 1_120_000_000), ("00:00:00.12345678", 123_456_780),
    ("24:00", nil), ("24:00:00", nil), ("12:60", nil), ("12:00:60", nil), ("1:00", nil),
    ("12:3", nil), ("12:34:5", nil), ("12:34:56.", nil), ("12:34.5", nil), ("12:34:", nil),
    ("12:34:56.1234567890", nil), ("12:34:56.12345678a", nil), ("12:34:56.123456789a", nil),
    ("12:34:56 ", nil), ("12-34", nil), ("12:34:56,5", nil), ("", nil), ("12:", nil),
    ("1a:34:56", nil), ("12:3/:56", nil), ("12:34:5:", nil), ("12:34:56.a", nil),
  ]

  @Test(arguments: times)
  func `times of nanoseconds`(text: String, nanoseconds: Int64?) {
    #expect(Self.time(text, .nanosecond) == nanoseconds)
  }

  @Test func `times that are finer than the unit do not fit, but for zeros`() {
    #expect(Self.time("00:00:01", .second) == 1)
    #expect(Self.time("00:00:01.000", .second) == 1)
    #expect(Self.time("00:00:01.001", .second) == nil)
    #expect(Self.time("00:00:01.001", .millisecond) == 1001)
    #expect(Self.time("00:00:01.001000", .millisecond) == 1001)
    #expect(Self.time("00:00:01.0010001", .millisecond) == nil)
    #expect(Self.time("00:00:01.000001", .microsecond) == 1_000_001)
    #expect(Self.time("00:00:01.000001000", .microsecond) == 1_000_001)
    #expect(Self.time("00:00:01.000001001", .microsecond) == nil)
  }

  static let timestamps: [(text: String, unit: TimeUnit, count: Int64?, hasZone: Bool)] = [
    ("1970-01-01T00:00:00", .second, 0, false), ("1970-01-01 00:00", .second, 0, false),
    ("1970-01-01", .second, 0, false), ("1970-01-01T00:00:00Z", .second, 0, true),
    ("2020-02-29 12:34:56", .second, 1_582_979_696, false),
    ("2020-02-29T12:34:56.5", .millisecond, 1_582_979_696_500, false),
    ("2020-02-29T12:34:56.5", .second, nil, false),
    ("2020-02-29T12:34:56.500", .microsecond, 1_582_979_696_500_000, false),
    ("2020-02-29T12:34:56.123456789Z", .nanosecond, 1_582_979_696_123_456_789, true),
    ("2020-02-29T12:34:56.123456789Z", .microsecond, nil, false),
    ("1969-12-31T23:59:59.999", .millisecond, -1, false),
    ("1969-12-31T23:59:59.999999999", .nanosecond, -1, false),
    ("1970-01-01T01:00:00+01:00", .second, 0, true), ("1970-01-01T01:00:00+01", .second, 0, true),
    ("1970-01-01T01:30:00+0130", .second, 0, true), ("1969-12-31 19:00-05:00", .second, 0, true),
    ("1970-01-01T00:00:00-00:00", .second, 0, true),
    ("0001-01-01T00:00:00", .microsecond, -62_135_596_800_000_000, false),
    ("9999-12-31T23:59:59.999999", .microsecond, 253_402_300_799_999_999, false),
    ("2262-04-11T23:47:16.854775807", .nanosecond, .max, false),
    ("2262-04-11T23:47:16.854775808", .nanosecond, nil, false),
    ("1677-09-21T00:12:43.145224192", .nanosecond, .min, false),
    ("1677-09-21T00:12:43.145224191", .nanosecond, nil, false),
    ("2263-01-01", .nanosecond, nil, false), ("0001-01-01", .nanosecond, nil, false),
    ("2020-02-30T00:00:00", .second, nil, false), ("2020-02-29T24:00:00", .second, nil, false),
    ("2020-02-29t00:00:00", .second, nil, false), ("2020-02-29T00:00:00z", .second, nil, false),
    ("2020-02-29T", .second, nil, false), ("2020-02-29T00", .second, nil, false),
    ("2020-02-29  00:00", .second, nil, false), ("2020-02-29T00:00:00+", .second, nil, false),
    ("2020-02-29T00:00:00+1", .second, nil, false),
    ("2020-02-29T00:00:00+1:00", .second, nil, false),
    ("2020-02-29T00:00:00+24:00", .second, nil, false),
    ("2020-02-29T00:00:00+01:60", .second, nil, false),
    ("2020-02-29T00:00:00+01:0", .second, nil, false),
    ("2020-02-29T00:00:00+01:000", .second, nil, false),
    ("2020-02-29T00:00:00ZZ", .second, nil, false),
    ("2020-02-29T00:00:00 UTC", .second, nil, false),
    ("2020-02-29T00:00:00.Z", .second, nil, false), ("", .second, nil, false),
  ]

  @Test(arguments: timestamps)
  func `timestamps of all forms`(text: String, unit: TimeUnit, count: Int64?, hasZone: Bool) {
    let value = Self.timestamp(text, unit)
    #expect(value?.count == count)
    if count != nil { #expect(value?.hasZone == hasZone) }
  }

  @Test func `random timestamps against their parts`() {
    var random = SeededGenerator(seed: 61)
    for _ in 0..<sampleCount(200_000) {
      let day = Int.random(in: -719_162...2_932_896, using: &random)
      let clock = Int64.random(in: 0..<86_400_000_000, using: &random)
      let text =
        "\(Self.dateText(day))T\(Self.padded(Int(clock / 3_600_000_000), 2)):"
        + "\(Self.padded(Int(clock / 60_000_000 % 60), 2)):"
        + "\(Self.padded(Int(clock / 1_000_000 % 60), 2)).\(Self.padded(Int(clock % 1_000_000), 6))"
      #expect(
        Self.timestamp(text, .microsecond)?.count == Int64(day) * 86_400_000_000 + clock, "\(text)")
    }
  }

  /// The date of a day, by counting years and months.
  static func dateText(_ day: Int) -> String {
    var rest = day + 719_162
    var year = 1 + rest / 146_097 * 400
    rest %= 146_097
    func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }
    while rest >= (isLeap(year) ? 366 : 365) {
      rest -= isLeap(year) ? 366 : 365
      year += 1
    }
    var month = 1
    for days in [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
      if rest < days { break }
      rest -= days
      month += 1
    }
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(rest + 1, 2))"
  }

  @Test func `every prefix and every byte in the place of another`() {
    let text = Array("2020-02-29T12:34:56.123456789+01:30".utf8)
    let good: Set<Int> = [10, 16, 19, 21, 22, 23, 24, 25, 26, 27, 28, 29, 32, 35]
    for end in 0...text.count {
      let value = Self.timestamp(String(decoding: text[..<end], as: UTF8.self), .nanosecond)
      #expect((value != nil) == good.contains(end), "\(end)")
    }
    for place in text.indices {
      for byte in UInt8.min...UInt8.max where byte != text[place] {
        var changed = text
        changed[place] = byte
        let value = read(changed) { unsafe TimestampText.parse($0, $1, unit: .nanosecond) }
        let isDigit = byte &- UInt8(ascii: "0") < 10
        let wasDigit = text[place] &- UInt8(ascii: "0") < 10
        if isDigit != wasDigit, value != nil {
          // No other byte than a sign or a space for the "T" may make another timestamp.
          Issue.record("\(String(decoding: changed, as: UTF8.self))")
        } else if !isDigit, value != nil {
          #expect(
            place == 10 && byte == UInt8(ascii: " ") || place == 29 && byte == UInt8(ascii: "-"))
        }
      }
    }
  }
}
