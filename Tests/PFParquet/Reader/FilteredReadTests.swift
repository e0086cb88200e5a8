import PFArrow
import PFCore
import PFParquet
import Testing

private typealias Column = FileBuilder.Column
private typealias Page = FileBuilder.Page

@Suite struct `filtered reading` {
  static let texts = (0..<5000).map { "a text that is not short \($0 * 37 % 5000)" }
  static let numbers = (0..<5000).map { Int64($0 * 7919 % 5000) }

  static func file() throws -> ParquetFile {
    try FileBuilder(
      [
        Column(
          name: "text", type: .byteArray, convertedType: 0,
          // A PLAIN page goes into one array as a whole.
          pages: stride(from: 0, to: 5000, by: 100).map {
            Page(count: 100, values: Encode.strings(Array(texts[$0..<($0 + 100)])))
          }),
        Column(name: "number", pages: [Page(count: 5000, values: Encode.plain(numbers))]),
      ], rowCounts: [5000]
    ).open()
  }

  /// From a few rows to nearly all; the column of strings first, last and alone.
  static let conditions: [(filter: RowPredicate, holds: @Sendable (String, Int64) -> Bool)] = [
    (
      text(.greater, "a text that is not short 3"),
      { text, _ in text > "a text that is not short 3" }
    ),
    (
      .and([number(.less, 2500), text(.less, "a text that is not short 4")]),
      { $1 < 2500 && $0 < "a text that is not short 4" }
    ),
    (
      .and([text(.notEqual, "a text that is not short 9"), number(.less, 20)]),
      { $0 != "a text that is not short 9" && $1 < 20 }
    ),
    (
      .or([text(.equal, "a text that is not short 9"), number(.greaterOrEqual, 100)]),
      { $0 == "a text that is not short 9" || $1 >= 100 }
    ),
  ]

  static func text(_ comparison: ComparisonOperator, _ value: String) -> RowPredicate {
    .comparison(column: "text", comparison, .string(value))
  }

  static func number(_ comparison: ComparisonOperator, _ value: Int128) -> RowPredicate {
    .comparison(column: "number", comparison, .integer(value))
  }

  @Test(arguments: 0..<4)
  func `cuts blocks whose condition does not fit one array`(index: Int) throws {
    let (filter, holds) = Self.conditions[index]
    let rows = (0..<5000).filter { holds(Self.texts[$0], Self.numbers[$0]) }
    var options = ParquetReadOptions()
    options.filter = filter
    // About three hundred strings.
    for limit in [10_000, Int(Int32.max)] {
      options.arrayByteLimit = limit
      for threads in [1, 3] {
        options.threads = threads
        let table = try Self.file().readChecked(options)
        #expect(table.column(0) == rows.map { .string(Self.texts[$0]) })
        #expect(table.column(1) == rows.map { .int(Self.numbers[$0]) })
      }
      var found: [ArrowValue] = []
      for batch in try Self.file().scanChecked(options) {
        found += (0..<batch.rowCount).map { batch.columns[1][$0] }
      }
      #expect(found == rows.map { .int(Self.numbers[$0]) })
    }
  }
}
