import PFArrow
import PFParquet
import Testing

@Suite struct `bounds of values` {
  typealias Outcome = ValueBounds.PageOutcome

  static func array(_ values: [Double?]) throws -> ArrowArray {
    let builder = PrimitiveBuilder<Double>()
    builder.append(contentsOf: values)
    return try builder.finish()
  }

  static func bounds(
    _ min: Double?, _ max: Double?, nan: Bool = false, null: Bool = false, value: Bool = true
  ) throws -> ValueBounds {
    ValueBounds(
      mins: try array([min]), maxs: try array([max]), mayHaveNaN: [nan], mayHaveNull: [null],
      mayHaveValue: [value])
  }

  /// What may come out, in letters.
  static func letters(_ bounds: ValueBounds, _ test: ColumnTest?) throws -> String {
    let outcome = bounds.outcomes(of: try #require(test))[0]
    return (outcome.mayBeTrue ? "T" : "") + (outcome.mayBeFalse ? "F" : "")
      + (outcome.mayBeUnknown ? "U" : "")
  }

  static func compare(_ comparison: ComparisonOperator, _ value: Literal) -> ColumnTest? {
    ColumnTest(comparison, value, type: .float64)
  }

  @Test func `decide comparisons`() throws {
    let bounds = try Self.bounds(2, 5)
    let expected: [(ComparisonOperator, Literal, String)] = [
      (.less, 2, "F"), (.less, 3, "TF"), (.less, 6, "T"), (.less, 5, "TF"),
      (.lessOrEqual, 1, "F"), (.lessOrEqual, 2, "TF"), (.lessOrEqual, 5, "T"),
      (.greater, 5, "F"), (.greater, 4, "TF"), (.greater, 1, "T"), (.greater, 2, "TF"),
      (.greaterOrEqual, 6, "F"), (.greaterOrEqual, 5, "TF"), (.greaterOrEqual, 2, "T"),
      (.equal, 1, "F"), (.equal, 2, "TF"), (.equal, 5, "TF"), (.equal, 6, "F"),
      (.notEqual, 1, "T"), (.notEqual, 2, "TF"), (.notEqual, 6, "T"),
    ]
    for (comparison, value, letters) in expected {
      #expect(try Self.letters(bounds, Self.compare(comparison, value)) == letters)
    }
    #expect(try Self.letters(Self.bounds(2, 2), Self.compare(.equal, 2)) == "T")
    #expect(try Self.letters(Self.bounds(2, 2), Self.compare(.notEqual, 2)) == "F")
  }

  @Test func `leave NaN a way`() throws {
    let bounds = try Self.bounds(2, 5, nan: true)
    #expect(try Self.letters(bounds, Self.compare(.less, 6)) == "TF")
    #expect(try Self.letters(bounds, Self.compare(.less, 2)) == "F")
    #expect(try Self.letters(bounds, Self.compare(.notEqual, 1)) == "T")
    #expect(
      try Self.letters(Self.bounds(2, 2, nan: true), Self.compare(.equal, 2)) == "TF")
    let list = ColumnTest(isIn: [Literal(Double.nan)], type: .float64)
    #expect(try Self.letters(bounds, list) == "TF")
    #expect(try Self.letters(Self.bounds(2, 5), list) == "F")
  }

  @Test func `take zeros for each other`() throws {
    let bounds = try Self.bounds(-0.0, 0.0)
    #expect(try Self.letters(bounds, Self.compare(.equal, 0)) == "T")
    #expect(
      try Self.letters(bounds, ColumnTest(isIn: [Literal(-0.0)], type: .float64)) == "TF")
  }

  @Test func `say nothing where there are none`() throws {
    for test in ComparisonOperator.allCases.map({ Self.compare($0, 1) }) {
      #expect(try Self.letters(Self.bounds(nil, nil), test) == "TF")
    }
    #expect(try Self.letters(Self.bounds(2, nil), Self.compare(.less, 2)) == "F")
    #expect(try Self.letters(Self.bounds(nil, 5), Self.compare(.less, 6)) == "T")
  }

  @Test func `know what is all null, or never`() throws {
    let none = try Self.bounds(nil, nil, null: true, value: false)
    #expect(try Self.letters(none, Self.compare(.less, 2)) == "U")
    #expect(try Self.letters(none, .isNull) == "T")
    #expect(try Self.letters(none, ColumnTest(isIn: [nil], type: .float64)) == "T")
    #expect(try Self.letters(none, ColumnTest(isIn: [1], type: .float64)) == "F")
    #expect(try Self.letters(Self.bounds(1, 2), .isNull) == "F")
    #expect(try Self.letters(Self.bounds(1, 2, null: true), .isNull) == "TF")
    #expect(try Self.letters(Self.bounds(1, 2, null: true), Self.compare(.less, 3)) == "TU")
  }

  @Test func `look up lists`() throws {
    let bounds = try Self.bounds(2, 5)
    #expect(try Self.letters(bounds, ColumnTest(isIn: [1, 6], type: .float64)) == "F")
    #expect(try Self.letters(bounds, ColumnTest(isIn: [1, 3], type: .float64)) == "TF")
    #expect(try Self.letters(bounds, ColumnTest(isIn: [], type: .float64)) == "F")
  }
}

@Suite struct `outcomes of conditions` {
  @Test func `follow and, or and not`() throws {
    let condition = try BoundPredicate(
      !(.column("a") == 1 || .column("b") == 1) && .column("c") == 1, fail: { $0 }
    ) { _ throws(PredicateError) in (0, .int64) }
    func rows(_ ranges: [Range<Int>]) -> RowSelection { RowSelection(ranges, of: 10) }
    func outcome(_ yes: [Range<Int>], _ no: [Range<Int>]) -> Outcomes {
      Outcomes(mayBeTrue: rows(yes), mayBeFalse: rows(no), mayBeUnknown: rows([]))
    }
    let result = condition.outcomes(
      rowCount: 10,
      of: [
        outcome([0..<5], [3..<10]), outcome([0..<2], [0..<10]), outcome([4..<10], [0..<6]),
      ])
    #expect(result.mayBeTrue == rows([4..<10]))
    #expect(result.mayBeFalse == rows([0..<6]))
    #expect(!result.isSurelyTrue)
  }
}
