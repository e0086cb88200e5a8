public import PFArrow
public import PFCore

/// What was left out of a table, or made null in it, because it was wrong.
public struct CSVRejects: Sendable, Equatable {
  /// One field or record that was wrong.
  public struct Entry: Sendable, Equatable {
    /// What is wrong and where: physical line, record, column and byte offset.
    public var error: ReadError
    /// The text of the field or of the begin of the record, cut to 100 characters.
    public var text: String
  }

  /// In the order of the file; at most `CSVReadOptions.rejectLimit`.
  public internal(set) var entries: [Entry] = []
  /// How many there were, those beyond the limit counted.
  public internal(set) var count = 0

  /// None.
  public init() {}

  /// Appends those of another file.
  mutating func append(_ others: CSVRejects, limit: Int) {
    count += others.count
    entries += others.entries.prefix(max(0, limit - entries.count))
  }

  /// The entries as a table: `line`, `record`, `column`, `column_index`, `byte_offset`, `value`,
  /// `expected`, `reason`.
  ///
  /// - Throws: `.outOfMemory`.
  public func table() throws(ReadError) -> Table {
    let numbers = (0..<4).map { _ in PrimitiveBuilder<Int64>() }
    let texts = (0..<4).map { _ in StringBuilder() }
    for entry in entries {
      let place = entry.error.place
      for (builder, value) in zip(
        numbers, [place.line, place.record, place.columnIndex, place.offset])
      {
        if let value { builder.append(Int64(value)) } else { builder.appendNull() }
      }
      var expected: String?
      var reason = entry.error.summary
      switch entry.error.reason {
      case .badValue(_, let type):
        expected = type
        reason = "not a value of the type"
      case .raggedRecord(let count, _): expected = "\(count) fields"
      case .invalidText(let encoding): expected = encoding
      default: break
      }
      for (builder, value) in zip(texts, [place.column, entry.text, expected, reason]) {
        if let value { builder.append(value) } else { builder.appendNull() }
      }
    }
    var arrays: [ArrowArray] = []
    do throws(BuildError) {
      arrays = [
        try numbers[0].finish(), try numbers[1].finish(), try texts[0].finish(),
        try numbers[2].finish(), try numbers[3].finish(), try texts[1].finish(),
        try texts[2].finish(), try texts[3].finish(),
      ]
    } catch {
      throw ReadError(.inconsistent(error.description))
    }
    let names = [
      "line", "record", "column", "column_index", "byte_offset", "value", "expected", "reason",
    ]
    let schema = Schema(zip(names, arrays).map { Field($0, $1.type) })
    return Table(
      schema: schema,
      batches: [RecordBatch(schema: schema, columns: arrays, rowCount: entries.count)])
  }
}
