import PFArrow
import PFCSV
import Testing

@Suite struct `dates and times in given formats` {
  static func seconds(_ text: String, _ format: String) throws -> Int64? {
    let format = try FormatText(format)
    return read(text) { unsafe format.parseTimestamp($0, $1, unit: .second) }
  }

  static let examples: [(text: String, format: String, iso: String?)] = [
    ("29/02/2020", "%d/%m/%Y", "2020-02-29"), ("29/2/2020", "%d/%m/%Y", "2020-02-29"),
    ("1/2/2020", "%d/%m/%Y", "2020-02-01"), ("29/02/20", "%d/%m/%y", "2020-02-29"),
    ("01/01/69", "%d/%m/%y", "1969-01-01"), ("01/01/68", "%d/%m/%y", "2068-01-01"),
    ("30/02/2020", "%d/%m/%Y", nil), ("29/02/2020 ", "%d/%m/%Y", nil), ("29/02/2", "%d/%m/%Y", nil),
    ("29-02-2020", "%d/%m/%Y", nil), ("20200229", "%Y%m%d", "2020-02-29"),
    ("20200229123456", "%Y%m%d%H%M%S", "2020-02-29T12:34:56"),
    ("Feb 29, 2020", "%b %d, %Y", "2020-02-29"), ("FEB 29, 2020", "%b %d, %Y", "2020-02-29"),
    ("february 29, 2020", "%B %d, %Y", "2020-02-29"), ("May 1, 2020", "%B %d, %Y", "2020-05-01"),
    ("September 1, 2020", "%B %d, %Y", "2020-09-01"), ("Septembe 1, 2020", "%B %d, %Y", nil),
    ("Sept 1, 2020", "%b %d, %Y", nil), ("Foo 1, 2020", "%b %d, %Y", nil), ("Fe", "%b %Y", nil),
    ("June2020", "%B%Y", "2020-06-01"), ("July2020", "%B%Y", "2020-07-01"),
    ("2020", "%Y", "2020-01-01"),
    ("2020-060", "%Y-%j", "2020-02-29"), ("2019-365", "%Y-%j", "2019-12-31"),
    ("2019-366", "%Y-%j", nil), ("2020-366", "%Y-%j", "2020-12-31"), ("2020-0", "%Y-%j", nil),
    ("2020-02-29 01:02:03 PM", "%Y-%m-%d %I:%M:%S %p", "2020-02-29T13:02:03"),
    ("2020-02-29 12:00 am", "%Y-%m-%d %I:%M %p", "2020-02-29T00:00"),
    ("2020-02-29 12:00 PM", "%Y-%m-%d %I:%M %p", "2020-02-29T12:00"),
    ("2020-02-29 13:00 PM", "%Y-%m-%d %I:%M %p", nil),
    ("2020-02-29 00:00 PM", "%Y-%m-%d %I:%M %p", nil),
    ("2020-02-29 01:00 XM", "%Y-%m-%d %I:%M %p", nil),
    ("2020-02-29T12:34:56+0130", "%Y-%m-%dT%H:%M:%S%z", "2020-02-29T11:04:56"),
    ("2020-02-29T12:34:56+01:30", "%Y-%m-%dT%H:%M:%S%z", "2020-02-29T11:04:56"),
    ("2020-02-29T12:34:56-05", "%Y-%m-%dT%H:%M:%S%z", "2020-02-29T17:34:56"),
    ("2020-02-29T12:34:56Z", "%Y-%m-%dT%H:%M:%S%z", "2020-02-29T12:34:56"),
    ("2020-02-29T12:34:56", "%Y-%m-%dT%H:%M:%S%z", nil),
    ("+01 29.2.2020", "%z %d.%m.%Y", "2020-02-28T23:00"),
    ("2020-02-29 24:00", "%Y-%m-%d %H:%M", nil), ("2020-02-29 23:60", "%Y-%m-%d %H:%M", nil),
    ("100% 2020", "100%% %Y", "2020-01-01"), ("100 2020", "100%% %Y", nil), ("", "%Y", nil),
    ("Saturday, 29 Feb 2020", "%A, %d %b %Y", "2020-02-29"),
    ("SAT 29.02.2020", "%a %d.%m.%Y", "2020-02-29"), ("Sun 29.02.2020", "%a %d.%m.%Y", nil),
    ("Mon 01.01.0001", "%a %d.%m.%Y", "0001-01-01"),
    ("Fri 31.12.9999", "%a %d.%m.%Y", "9999-12-31"), ("Wed 060 2020", "%a %j %Y", nil),
    ("2020-02-29 12:34:56", "%F %T", "2020-02-29T12:34:56"), ("2/29/20", "%D", "2020-02-29"),
    ("Feb  1 2020 9:05", "%h %e %Y %R", "2020-02-01T09:05"),
    ("Feb 29 2020", "%b %e %Y", "2020-02-29"),
    ("Feb   2020", "%b %e %Y", nil), ("Feb ", "%Y %b %e", nil),
    (" 1.2020.2", "%e.%Y.%m", "2020-02-01"),
    ("2020年2月29日", "%Y年%m月%d日", "2020-02-29"), ("20é0", "%Y", nil), ("0000", "%Y", nil),
  ]

  @Test(arguments: examples)
  func `fields of a format`(text: String, format: String, iso: String?) throws {
    let expected = iso.flatMap { iso in
      read(iso) { unsafe TimestampText.parse($0, $1, unit: .second)?.count }
    }
    #expect(try Self.seconds(text, format) == expected)
  }

  @Test func `fractions and times alone`() throws {
    let format = try FormatText("%H:%M:%S.%f")
    #expect(!format.hasDate && format.hasTime && !format.hasZone && format.unit == .nanosecond)
    #expect(
      read("01:02:03.25") { unsafe format.parseTime($0, $1, unit: .millisecond) } == 3_723_250)
    #expect(read("1:2:3.25") { unsafe format.parseTime($0, $1, unit: .millisecond) } == 3_723_250)
    #expect(read("01:02:03.2501") { unsafe format.parseTime($0, $1, unit: .millisecond) } == nil)
    #expect(read("01:02:03.") { unsafe format.parseTime($0, $1, unit: .millisecond) } == nil)
    #expect(
      read("01:02:03.123456789") { unsafe format.parseTime($0, $1, unit: .nanosecond) }
        == 3_723_123_456_789)
    let date = try FormatText("%d.%m.%Y")
    #expect(date.hasDate && !date.hasTime && !date.hasZone && date.unit == .second)
    #expect(read("02.01.1970") { unsafe date.parseDate($0, $1) } == 1)
  }

  static let failures: [(format: String, failure: FormatText.Failure)] = [
    ("%Q", .unknownDirective("Q")), ("%", .unknownDirective(nil)), ("%Y%", .unknownDirective(nil)),
    ("%é", .unknownDirective("é")), ("%Y %y", .repeated), ("%m %b", .repeated),
    ("%H %I %p", .repeated),
    ("%j %d", .repeated), ("%F %d", .repeated), ("%a %b %Y", .incompleteDate), ("%Y %I", .halfDay),
    ("%Y %H %p", .halfDay), ("%d %m", .incompleteDate),
    ("%Y %d", .incompleteDate), ("%H:%M%z", .incompleteDate), ("", .constant), ("abc", .constant),
    ("%%", .constant),
  ]

  @Test(arguments: failures)
  func `formats that are none`(format: String, failure: FormatText.Failure) {
    #expect(throws: failure) { try FormatText(format) }
  }
}
