import PFArrow
import PFCore
import PFParquet
import Testing

extension ParquetFile {
  /// Reads, and holds what comes to the invariants of Arrow.
  func readChecked(_ options: ParquetReadOptions = ParquetReadOptions()) throws -> Table {
    let table = try read(options)
    for batch in table.batches { try batch.checkInvariants() }
    return table
  }

  /// All batches of a scan, held to the invariants of Arrow.
  func scanChecked(_ options: ParquetReadOptions) throws -> [RecordBatch] {
    let scanner = try ParquetScanner(self, options)
    var batches: [RecordBatch] = []
    while let batch = try scanner.next() {
      try batch.checkInvariants()
      batches.append(batch)
    }
    return batches
  }
}

extension RecordBatch {
  func checkInvariants() throws {
    for column in columns { try column.checkInvariants() }
  }
}

extension ArrowArray {
  func checkInvariants() throws {
    for child in children { try child.checkInvariants() }
    #expect(children.map(\.type) == type.children.map(\.type))
    let checked = try ArrowArray(
      checking: type, length: length, offset: offset, buffers: buffers, children: children,
      dictionary: dictionary)
    #expect(checked.nullCount == nullCount, "the null count of \(type)")
  }
}

extension Table {
  /// The values of one column.
  func column(_ index: Int = 0) -> [ArrowValue] { batches.flatMap { $0.values(of: index) } }
}

extension RecordBatch {
  func values(of column: Int) -> [ArrowValue] {
    (0..<rowCount).map { columns[column][$0] }
  }
}

extension ReadError {
  /// The error that `body` throws; a failure of the test when it throws none.
  static func thrown(
    by body: () throws -> Void, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> ReadError {
    try #require(throws: ReadError.self, sourceLocation: sourceLocation) { try body() }
  }

  /// The feature that is not supported.
  var unsupportedFeature: String? {
    if case .unsupported(let feature) = reason { feature } else { nil }
  }
}
