import PFArrow
import PFParquet
import Testing

/// Columns of random shapes, cut into levels and pages by the definition, come back whole.
@Suite struct `nested columns of random shapes` {
  static func file(
    seed: UInt64, columnCount: Int = 2, rowCount: Int
  ) throws -> (ParquetFile, [NestedSample]) {
    var random = SeededGenerator(seed: seed)
    let samples = (0..<columnCount).map { _ in
      NestedSample.random(
        depth: Int.random(in: 1...4, using: &random), rowCount: rowCount,
        nulls: [0, 0.1, 0.5, 0.95].randomElement(using: &random) ?? 0, using: &random)
    }
    let pageSize = [1, 3, 40, 5000].randomElement(using: &random) ?? 1
    let (isV2, asRuns) = (Bool.random(using: &random), Bool.random(using: &random))
    var builder = FileBuilder([], rowCounts: [Int64(rowCount)])
    builder.nodes = samples.enumerated().map { $1.sketch("c\($0)") }
    builder.columns = samples.flatMap {
      $0.columns(pageSize: pageSize, isV2: isV2, asRuns: asRuns, using: &random)
    }
    return (try builder.open(), samples)
  }

  @Test("are read, whole and in batches", arguments: 0..<120 as Range<UInt64>)
  func roundTrip(seed: UInt64) throws {
    let (file, samples) = try Self.file(seed: seed, rowCount: [0, 1, 30, 400][Int(seed % 4)])
    let table = try file.readChecked()
    for (index, sample) in samples.enumerated() {
      let isEqual = table.column(index) == sample.rows
      #expect(isEqual, "seed \(seed)")
    }
    var options = ParquetReadOptions()
    for size in [1, 7, 64] {
      options.batchSize = size
      options.threads = size == 7 ? 2 : 1
      options.limit = size == 64 ? table.rowCount / 3 : nil
      let batches = try file.scanChecked(options)
      #expect(batches.allSatisfy { $0.rowCount <= size })
      for (index, sample) in samples.enumerated() {
        let rows = Array(sample.rows.prefix(options.limit ?? .max))
        let isEqual = batches.flatMap { $0.values(of: index) } == rows
        #expect(isEqual, "seed \(seed), batches of \(size)")
      }
    }
  }

  /// More levels than a block, in one page and in many.
  @Test("of many rows are read", arguments: 500..<506 as Range<UInt64>)
  func long(seed: UInt64) throws {
    let (file, samples) = try Self.file(seed: seed, columnCount: 1, rowCount: 4000)
    let isEqual = try file.readChecked().column() == samples[0].rows
    #expect(isEqual)
  }

  @Test func `are cut at rows where an array of strings is full`() throws {
    var random = SeededGenerator(seed: 3)
    let rows = (0..<50).map { row in
      ArrowValue.list(
        (0..<Int.random(in: 0...4, using: &random)).map { .string("row \(row), number \($0)") })
    }
    var repetitions: [UInt32] = []
    var definitions: [UInt32] = []
    var texts: [String] = []
    for case .list(let values) in rows {
      if values.isEmpty {
        repetitions.append(0)
        definitions.append(0)
      }
      for (index, value) in values.enumerated() {
        repetitions.append(index == 0 ? 0 : 1)
        definitions.append(1)
        texts.append(value.description)
      }
    }
    for pageSize in [1, 3, 5] {
      var pages: [FileBuilder.Page] = []
      var text = 0
      for start in stride(from: 0, to: definitions.count, by: pageSize) {
        let end = min(start + pageSize, definitions.count)
        let count = definitions[start..<end].count { $0 == 1 }
        pages.append(
          .init(
            count: Int64(end - start),
            repetitions: Encode.levels(Array(repetitions[start..<end]), maximum: 1),
            levels: Encode.levels(Array(definitions[start..<end]), maximum: 1),
            values: Encode.strings(Array(texts[text..<(text + count)]))))
        text += count
      }
      var column = FileBuilder.Column(type: .byteArray, pages: pages)
      column.numValues = Int64(definitions.count)
      var builder = FileBuilder([column], rowCounts: [50])
      var node = SchemaSketch.leaf("c", .repeated, .byteArray)
      node.annotation = .utf8
      builder.nodes = [node]
      var options = ParquetReadOptions()
      // Room for a row and a page; an array ends with the row that fills half of it.
      options.arrayByteLimit = 400
      let file = try builder.open()
      let table = try file.readChecked(options)
      #expect(table.batches.count > 3)
      #expect(table.column() == rows)
      options.batchSize = 6
      #expect(try file.scanChecked(options).flatMap { $0.values(of: 0) } == rows)
    }
  }
}
