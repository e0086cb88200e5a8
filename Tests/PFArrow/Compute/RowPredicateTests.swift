import PFArrow
import PFCore
import Testing

@Suite struct `row conditions` {
  /// The rows of `array` for which `condition`, on column `x`, is true.
  static func rows(_ condition: RowPredicate, _ array: ArrowArray) throws -> [Int] {
    let bound = try BoundPredicate(condition, fail: { $0 }) { _ throws(PredicateError) in
      (0, array.type)
    }
    let truth = bound.truth(rowCount: array.length) { array.truth(of: bound.tests[$0].test) }
    return truth.selection.ranges.flatMap { Array($0) }
  }

  static func array<Value: ArrowPrimitive>(
    _ values: [Value?], _ type: DataType = Value.arrowType
  ) throws -> ArrowArray {
    let builder = PrimitiveBuilder<Value>(type)
    builder.append(contentsOf: values)
    return try builder.finish()
  }

  static func refusal(_ condition: RowPredicate, _ type: DataType) -> PredicateError? {
    do throws(PredicateError) {
      _ = try BoundPredicate(condition, fail: { $0 }) { _ throws(PredicateError) in (0, type) }
      return nil
    } catch { return error }
  }

  @Test func `read as they are written`() {
    let condition: RowPredicate = .column("x") > 3 && !(.column("y") == "a") || .column("z").isNull
    #expect(
      condition
        == .or([
          .and([
            .comparison(column: "x", .greater, .integer(3)),
            .not(.comparison(column: "y", .equal, .string("a"))),
          ]), .isNull(column: "z"),
        ]))
    #expect(condition.columns == ["x", "y", "z"])
  }

  @Test func `compare integers with numbers of any kind and size`() throws {
    let values = try Self.array([Int8](-2...3).map { Optional($0) } + [nil])
    #expect(try Self.rows(.column("x") > 1, values) == [4, 5])
    #expect(try Self.rows(.column("x") > 1.5, values) == [4, 5])
    #expect(try Self.rows(.column("x") >= 1.5, values) == [4, 5])
    #expect(try Self.rows(.column("x") < -0.5, values) == [0, 1])
    #expect(try Self.rows(.column("x") == 1.5, values) == [])
    #expect(try Self.rows(.column("x") != 1.5, values) == [0, 1, 2, 3, 4, 5])
    #expect(try Self.rows(.column("x") < 300, values) == [0, 1, 2, 3, 4, 5])
    #expect(try Self.rows(.column("x") > -300, values) == [0, 1, 2, 3, 4, 5])
    #expect(try Self.rows(.column("x") > Literal(UInt128.max), values) == [])
    #expect(try Self.rows(.column("x") < Literal(Double.infinity), values) == [0, 1, 2, 3, 4, 5])
    #expect(try Self.rows(.column("x") < Literal(Double.nan), values) == [])
    #expect(try Self.rows(.column("x") != Literal(Double.nan), values) == [0, 1, 2, 3, 4, 5])
    let tenth = Literal.decimal(DecimalValue(unscaled: -1, scale: 1))
    #expect(try Self.rows(.column("x") > tenth, values) == [2, 3, 4, 5])
    #expect(try Self.rows(.column("x").isIn([1, 2.0, 2.5, 300]), values) == [3, 4])
  }

  @Test func `compare unsigned integers above the signed ones`() throws {
    let values = try Self.array([0, 5, UInt64.max, nil])
    #expect(try Self.rows(.column("x") > -1, values) == [0, 1, 2])
    #expect(try Self.rows(.column("x") >= Literal(UInt64.max), values) == [2])
    #expect(try Self.rows(.column("x") > Literal(UInt64.max), values) == [])
  }

  @Test func `know NaN and both zeros`() throws {
    let values = try Self.array([1.0, .nan, nil, 0.0, -0.0, .infinity])
    #expect(try Self.rows(.column("x") == 0.0, values) == [3, 4])
    #expect(try Self.rows(.column("x") != 1.0, values) == [1, 3, 4, 5])
    #expect(try Self.rows(!(.column("x") < 1.0), values) == [0, 1, 5])
    #expect(try Self.rows(.column("x") == Literal(Double.nan), values) == [])
    #expect(try Self.rows(.column("x").isIn([Literal(Double.nan)]), values) == [1])
    #expect(try Self.rows(.column("x").isIn([0.0]), values) == [3])
    #expect(try Self.rows(.column("x").isNotIn([Literal(-0.0)]), values) == [0, 1, 2, 3, 5])
  }

  @Test func `compare narrow floats exactly, but round lists`() throws {
    let values = try Self.array([Float(0.1), 0.5, .greatestFiniteMagnitude, nil])
    #expect(try Self.rows(.column("x") == 0.1, values) == [])
    #expect(try Self.rows(.column("x") > 0.1, values) == [0, 1, 2])
    #expect(try Self.rows(.column("x").isIn([0.1]), values) == [0])
    #expect(try Self.rows(.column("x") < 1e300, values) == [0, 1, 2])
    #expect(try Self.rows(.column("x") > -1e300, values) == [0, 1, 2])
    let wide = try Self.array([Double(1 << 53), Double(1 << 53) + 2])
    #expect(try Self.rows(.column("x") > Literal((1 << 53) + 1), wide) == [1])
    #expect(try Self.rows(.column("x") == Literal((1 << 53) + 1), wide) == [])
  }

  @Test func `follow three-valued logic`() throws {
    let values = try Self.array([Int32(1), nil, 3])
    #expect(try Self.rows(.column("x") == nil, values) == [])
    #expect(try Self.rows(!(.column("x") == nil), values) == [])
    #expect(try Self.rows(!(.column("x") == 1), values) == [2])
    #expect(try Self.rows(.column("x") == 1 || .column("x").isNull, values) == [0, 1])
    #expect(try Self.rows(!(.column("x") == 1 && .column("x").isNotNull), values) == [1, 2])
    #expect(try Self.rows(.column("x").isIn([1, nil]), values) == [0, 1])
    #expect(try Self.rows(.column("x").isNotIn([1]), values) == [1, 2])
    #expect(try Self.rows(.column("x").isNotIn([1, nil]), values) == [2])
    #expect(try Self.rows(.and([]), values) == [0, 1, 2])
    #expect(try Self.rows(.or([]), values) == [])
  }

  @Test func `compare dates, times and instants across units`() throws {
    let days = try Self.array([Int32(0), 1, 2], .date32)
    #expect(try Self.rows(.column("x") > .timestamp(3600, .second, isUTC: false), days) == [1, 2])
    #expect(try Self.rows(.column("x") == .date(days: 1), days) == [1])
    let instants = try Self.array(
      [Int64(0), 86_400_000, -1], .timestamp(.millisecond, timeZone: "UTC"))
    #expect(try Self.rows(.column("x") >= .date(days: 1), instants) == [1])
    #expect(try Self.rows(.column("x") < .timestamp(-1, .nanosecond, isUTC: true), instants) == [2])
    #expect(
      Self.refusal(.column("x") == .timestamp(0, .second, isUTC: false), instants.type) != nil)
    let times = try Self.array([Int64(5), 1_000_005], .time64(.microsecond))
    #expect(try Self.rows(.column("x") > .time(1, .second), times) == [1])
    let spans = try Self.array([Int64(5)], .duration(.second))
    #expect(try Self.rows(.column("x") < .duration(5001, .millisecond), spans) == [0])
  }

  @Test func `compare decimals at any scale`() throws {
    func decimal(_ unscaled: Int128, _ scale: Int) -> DecimalValue {
      DecimalValue(unscaled: unscaled, scale: scale)
    }
    for type in [
      DataType.decimal32(precision: 9, scale: 2), .decimal64(precision: 18, scale: 2),
      .decimal128(precision: 38, scale: 2), .decimal256(precision: 76, scale: 2),
    ] {
      let builder = DecimalBuilder(type)
      for value in [-110, 0, 105, 110] { builder.append(decimal(Int128(value), 2)) }
      builder.appendNull()
      let values = try builder.finish()
      #expect(try Self.rows(.column("x") == .decimal(decimal(11, 1)), values) == [3])
      #expect(try Self.rows(.column("x") == 1.1, values) == [3])
      #expect(try Self.rows(.column("x") > .decimal(decimal(1055, 3)), values) == [3])
      #expect(try Self.rows(.column("x") < -1, values) == [0])
      #expect(try Self.rows(.column("x") < 1e300, values) == [0, 1, 2, 3])
      #expect(try Self.rows(.column("x") > .decimal(decimal(1, -90)), values) == [])
      #expect(try Self.rows(.column("x") > .decimal(decimal(-1, 90)), values) == [1, 2, 3])
      #expect(try Self.rows(.column("x").isIn([0, 1.05]), values) == [1, 2])
    }
  }

  @Test func `compare text by its bytes, in every layout`() throws {
    let texts = ["", "a", "a\u{0}", "ab", "abcdefghij", "abcdefghik", "z", "é"]
    let builder = StringBuilder()
    for text in texts { builder.append(text) }
    builder.appendNull()
    let plain = try builder.finish()
    let large = StringBuilder(isLarge: true)
    for text in texts { large.append(text) }
    for array in [plain, try large.finish()] {
      for (index, text) in texts.enumerated() {
        let literal = Literal(text)
        #expect(try Self.rows(.column("x") == literal, array) == [index])
        #expect(try Self.rows(.column("x") < literal, array) == Array(0..<index))
        #expect(try Self.rows(.column("x") >= literal, array) == Array(index..<8))
        #expect(try Self.rows(.column("x").isIn([literal, "none"]), array) == [index])
      }
      #expect(try Self.rows(.column("x") == .bytes([0x61]), array) == [1])
      #expect(Self.refusal(.column("x") == .uuid(1), array.type) != nil)
    }
    let indices = try Self.array([Int8(7), nil, 3, 7])
    let dictionary = ArrowArray(
      type: .dictionary(index: .int8, value: .utf8, isOrdered: false), length: 4, nullCount: 1,
      buffers: indices.buffers, dictionary: plain)
    #expect(try Self.rows(.column("x") == "é", dictionary) == [0, 3])
    #expect(try Self.rows(.column("x") != "é", dictionary) == [2])
    #expect(try Self.rows(.column("x").isNull, dictionary) == [1])
    #expect(try Self.rows(.column("x").isIn(["ab", nil]), dictionary) == [1, 2])
  }

  @Test func `refuse what cannot be compared, with both sides by name`() {
    #expect(
      Self.refusal(.column("x") == "a", .int64)?.description
        == "column \"x\" of type int64 cannot be compared with the text \"a\"")
    #expect(
      Self.refusal(.column("x").isIn([1, true]), .int64)
        == .wrongLiteral(column: "x", .int64, true))
    #expect(Self.refusal(.column("x") == 1, .boolean) != nil)
    #expect(Self.refusal(.column("x") == 1, .utf8) != nil)
    #expect(Self.refusal(.column("x").isNull, .list(Field("item", .int8))) != nil)
    var deep: RowPredicate = .column("x") == 1
    for _ in 0..<1000 { deep = !deep }
    #expect(Self.refusal(deep, .int64) == .tooDeep(limit: 256))
  }

  /// Sizes around the words of bitmaps, slices, every comparison, against a loop.
  @Test(arguments: [0, 1, 7, 8, 63, 64, 65, 127, 128, 130, 1000])
  func `agree with a loop over single values`(count: Int) throws {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    func next() -> Int32 {
      state = state &* 6_364_136_223_846_793_005 &+ 1
      return Int32(truncatingIfNeeded: state >> 60)
    }
    let values = (0..<(count + 3)).map { _ in next() == 0 ? nil : Optional(next()) }
    let array = try Self.array(values).slice(start: 3, count: count)
    for comparison in ComparisonOperator.allCases {
      let expected = (0..<count).filter {
        values[$0 + 3].map { comparison.holds(between: $0, and: 7) } ?? false
      }
      #expect(
        try Self.rows(.comparison(column: "x", comparison, 7), array) == expected,
        "\(comparison)")
    }
    let list: [Literal] = [1, 3, 5, 7, 9, 11]
    #expect(
      try Self.rows(.column("x").isIn(list), array)
        == (0..<count).filter { values[$0 + 3].map { $0 & 1 == 1 && $0 < 12 } ?? false })
  }

  @Test func `come as JSON`() throws {
    let json = try JSONValue(
      parsing: """
        {"or": [{"and": [{"column": "a", "op": "=", "value": 170141183460469231731687303715884105728},
        {"column": "b", "op": "not in", "value": [null, true, "x", 1.5, {"float": "-inf"}]}]},
        {"not": {"column": "c", "op": "is null"}},
        {"column": "d", "op": "<", "value": {"timestamp": 5, "unit": "ms", "utc": true}},
        {"column": "e", "op": ">=", "value": {"bytes": "00ff"}}]}
        """)
    #expect(
      try RowPredicate(json: json)
        == .or([
          .and([
            .comparison(
              column: "a", .equal,
              .decimal(DecimalValue(high: 0, low: UInt128(1) << 127, scale: 0))),
            .not(.isIn(column: "b", [nil, true, "x", 1.5, .double(-.infinity)])),
          ]),
          .not(.isNull(column: "c")),
          .comparison(column: "d", .less, .timestamp(5, .millisecond, isUTC: true)),
          .comparison(column: "e", .greaterOrEqual, .bytes([0, 255])),
        ]))
    for wrong in [
      "3", "{}", #"{"and": 3}"#, #"{"column": "a", "op": "~", "value": 1}"#,
      #"{"column": "a", "op": "<"}"#, #"{"column": "a", "op": "in", "value": 1}"#,
      #"{"column": "a", "op": "==", "value": {"bytes": "0"}}"#,
      #"{"column": "a", "op": "==", "value": [1]}"#,
      #"{"column": "a", "op": "==", "value": 1, "more": 2}"#,
    ] {
      let json = try JSONValue(parsing: wrong)
      #expect(throws: OptionError.self) { try RowPredicate(json: json) }
    }
  }
}
