import PFArrow
import PFCore
import Testing

@Suite struct `Arrow values` {
  /// The text of slots 0, 2, 3 and 4 of each sample; slot 1 is null.
  static let texts: [(type: String, slots: [String])] = [
    ("bool", ["true", "false", "true", "false"]),
    ("int8", ["1", "3", "-128", "127"]),
    ("uint8", ["1", "3", "0", "255"]),
    ("int64", ["1", "3", "-9223372036854775808", "9223372036854775807"]),
    ("uint64", ["1", "3", "0", "18446744073709551615"]),
    ("halffloat", ["1.0", "-2.0", "inf", "0.1"]),
    ("float", ["0.1", "-2.0", "inf", "1e+20"]),
    ("double", ["0.1", "-2.0", "-inf", "1e-07"]),
    ("decimal32(9, 2)", ["1.23", "-0.05", "9999999.99", "0.00"]),
    ("decimal64(18, 3)", ["0.123", "-0.005", "99.999", "0.000"]),
    (
      "decimal128(38, 10)",
      [
        "-12997629839153559031519235451.5447709696", "3068324188419897535949681341.6171565140",
        "1306405669.4810536062", "-14893958476100492242918862608.3977371480",
      ]
    ),
    ("date32[day]", ["1970-01-01", "1969-12-31", "2024-01-01", "9999-12-31"]),
    ("date64[ms]", ["1970-01-01", "1969-12-31", "2024-01-01", "1970-01-01"]),
    ("time32[s]", ["00:00:00", "00:00:01", "23:59:59", "01:00:00"]),
    ("time32[ms]", ["00:00:00", "00:00:00.001", "23:59:59.999", "01:00:00"]),
    (
      "timestamp[s]",
      ["1970-01-01 00:00:00", "1969-12-31 23:59:59", "2024-01-01 00:00:00", "1970-01-01 00:00:01"]
    ),
    (
      "timestamp[ms, tz=UTC]",
      [
        "1970-01-01 00:00:00Z", "1969-12-31 23:59:59.999Z", "2024-01-01 00:00:00.123Z",
        "1970-01-01 00:00:00.001Z",
      ]
    ),
    (
      "timestamp[us, tz=Europe/Paris]",
      [
        "1970-01-01 00:00:00Z[Europe/Paris]", "1969-12-31 23:59:59.999999Z[Europe/Paris]",
        "1970-01-01 00:00:00.000007Z[Europe/Paris]", "1970-01-01 00:00:00.000001Z[Europe/Paris]",
      ]
    ),
    (
      "timestamp[ns, tz=+05:30]",
      [
        "1970-01-01 05:30:00+05:30", "1970-01-01 05:29:59.999999999+05:30",
        "1677-09-21 05:42:43.145224192+05:30", "2262-04-12 05:17:16.854775807+05:30",
      ]
    ),
    ("duration[s]", ["0s", "-1s", "1d 1h 1m 1s", "1s"]),
    (
      "duration[ns]",
      [
        "0s", "-0.000000001s", "-106751d 23h 47m 16.854775808s", "106751d 23h 47m 16.854775807s",
      ]
    ),
    ("month_interval", ["14mo", "-1mo", "12mo", "0s"]),
    ("day_time_interval", ["1d 0.002s", "-1d 0.005s", "3d 0.004s", "0s"]),
    (
      "month_day_nano_interval",
      ["1mo 0.000000002s", "-1mo -1d 0.000000005s", "3mo 0.000000004s", "0s"]
    ),
    ("fixed_size_binary[2]", ["b\"aa\"", "b\"cc\"", "b\"dd\"", "b\"ee\""]),
    ("string", ["abc", "", "wörl", "dend"]),
    ("binary", ["b\"\\x00\"", "b\"\\xff\\x0a\"", "b\"\"", "b\"A\""]),
    ("large_string", ["a", "bc", "", "d"]),
    ("string_view", ["abc", "long enough!!", "", "twelve bytes"]),
    ("list<item: string>", ["[\"abc\", null]", "[]", "[\"\", \"wörl\", \"dend\"]", "[]"]),
    ("large_list<item: string>", ["[\"abc\", null]", "[]", "[\"\", \"wörl\", \"dend\"]", "[]"]),
    ("fixed_size_list<n: int32>[1]", ["[1]", "[-3]", "[-2147483648]", "[2147483647]"]),
    (
      "struct<text: string, n: int32>",
      [
        "{text: \"abc\", n: 1}", "{text: \"\", n: -3}", "{text: \"wörl\", n: -2147483648}",
        "{text: \"dend\", n: 2147483647}",
      ]
    ),
    (
      "map<int32, string, keys_sorted>",
      ["{1 → \"abc\", 2 → null}", "{}", "{3 → \"\", 4 → \"wörl\"}", "{5 → \"dend\"}"]
    ),
    ("dictionary<values=string, indices=int8, ordered=1>", ["abc", "dend", "", "abc"]),
    ("sparse_union<item: string=5, n: int32=7>", ["abc", "-3", "wörl", "dend"]),
    (
      "list<l: list<item: string>>",
      ["[[\"abc\", null], null]", "[]", "[[], [\"\", \"wörl\", \"dend\"], []]", "[]"]
    ),
  ]

  @Test("every type has its text", arguments: texts)
  func hasText(type: String, slots: [String]) throws {
    let array = try #require(try Sample.all().first { $0.type.description == type })
    #expect(array[1] == .null)
    #expect([0, 2, 3, 4].map { array[$0].description } == slots)
    // A slice sees the same values, one slot on.
    let slice = array.slice(start: 2, count: 3)
    #expect((0..<3).map { slice[$0] } == (2..<5).map { array[$0] })
  }

  @Test func `a dense union gives the member in use`() throws {
    let union = try #require(try Sample.nested().first { $0.type.description.hasPrefix("dense") })
    #expect((0..<5).map { union[$0].description } == ["abc", "1", "null", "null", "dend"])
    #expect(union.slice(start: 4, count: 1)[0] == .string("dend"))
  }

  @Test func `values, text and bytes are lent`() throws {
    let numbers = try Sample.int32s().slice(start: 2, count: 2)
    let values = numbers.values(as: Int32.self)
    #expect(values.count == 2 && values[0] == -3 && values[1] == .min)
    let strings = try Sample.strings()
    #expect(strings.string(at: 1) == nil && strings.string(at: 3) == "wörl")
    if let bytes = strings.bytes(at: 3) {
      #expect(bytes.count == 5 && bytes[0] == UInt8(ascii: "w"))
    } else {
      Issue.record("slot 3 is valid")
    }
    let dictionary = try Sample.nested()[5]
    #expect(dictionary.string(at: 0) == "abc" && dictionary.string(at: 2) == "dend")
  }

  @Test func `decimals are exact to 256 bits`() {
    let smallest =
      "-57896044618658097711785492504343953926634992332820282019728792003956564819968"
    #expect(DecimalValue(high: .min, low: 0, scale: 0).description == smallest)
    #expect(DecimalValue(unscaled: -1, scale: 0).description == "-1")
    #expect(DecimalValue(unscaled: -5, scale: 3).description == "-0.005")
    #expect(DecimalValue(unscaled: 12, scale: -3).description == "12000")
    #expect(DecimalValue(unscaled: 0, scale: -3).description == "0")
    #expect(DecimalValue(unscaled: 1, scale: -2_000_000_000).description == "1E2000000000")
    #expect(
      DecimalValue(unscaled: 10_000_000_000_000_000_000, scale: 0).description
        == "10000000000000000000")
  }

  @Test func `dates hold at leap days and far away`() {
    #expect(ArrowValue.date(days: 11_016).description == "2000-02-29")
    #expect(ArrowValue.date(days: 11_017).description == "2000-03-01")
    #expect(ArrowValue.date(days: -25_509).description == "1900-02-28")
    #expect(ArrowValue.date(days: -25_508).description == "1900-03-01")
    #expect(ArrowValue.date(days: -719_528).description == "0000-01-01")
    #expect(ArrowValue.date(days: -719_529).description == "-0001-12-31")
    #expect(ArrowValue.date(days: .max).description == "day 9223372036854775807")
    for unit in TimeUnit.allCases {
      for value in [Int64.min, .max] {
        #expect(!ArrowValue.timestamp(value, unit, timeZone: "-99:59").description.isEmpty)
        #expect(!ArrowValue.time(value, unit).description.isEmpty)
        #expect(!ArrowValue.duration(value, unit).description.isEmpty)
      }
    }
  }
}
