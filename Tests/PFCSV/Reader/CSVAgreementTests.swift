import PFArrow
import PFCSV
import PFCore
import Testing

@Suite struct `CSV reads agree` {
  /// Everything that a read tells, as text; the first error where it fails.
  static func outcome(_ bytes: [UInt8], _ options: CSVReadOptions) -> String {
    do {
      let result = try file(bytes).read(options)
      return "\(result.table.schema.fields) \(rows(result.table)) \(result.rejects)"
    } catch {
      return "\(error)"
    }
  }

  @Test(arguments: 0..<30)
  func `for any chunks and threads`(round: Int) throws {
    var random = Seeded(UInt64(round) + 77)
    for _ in 0..<8 {
      let seed = random.next()
      let bytes = RecordTexts.text(seed)
      var options = CSVReadOptions()
      options.errorRule = random.pick([.raise, .null, .skip])
      options.raggedRule = random.pick([.error, .pad, .cut, .padAndCut, .skip])
      options.dialect = random.pick(RecordTexts.dialects)
      options.dialect.hasHeader = random.pick([true, false])
      options.sampleCount = random.pick([0, 1, 3, 1000])
      options.threads = 1
      options.chunkByteCount = 1 << 20
      let expected = Self.outcome(bytes, options)
      for chunk in [1, 2, 7, 16, 64, 300] {
        for threads in [1, 2, 3, 8] {
          options.chunkByteCount = chunk
          options.threads = threads
          let found = Self.outcome(bytes, options)
          #expect(found == expected, "seed \(seed), chunk \(chunk), \(threads) threads: \(bytes)")
        }
      }
    }
  }

  @Test(arguments: 0..<20)
  func `with the batches of a scan`(round: Int) throws {
    let bytes = RecordTexts.text(UInt64(round) + 990)
    var options = CSVReadOptions()
    options.raggedRule = .padAndCut
    options.threads = 2
    guard let table = try? file(bytes).read(options).table else { return }
    for chunk in [3, 50, 1 << 20] {
      for batchSize in [1, 2, 1000] {
        options.chunkByteCount = chunk
        options.batchSize = batchSize
        let scanner = try CSVScanner(try file(bytes), options)
        let scanned = try Table(reading: scanner)
        #expect(scanned.schema == table.schema)
        #expect(rows(scanned) == rows(table))
        #expect(scanned.batches.allSatisfy { $0.rowCount <= batchSize })
      }
    }
  }
}

/// Random texts of a few columns, mostly regular.
enum RecordTexts {
  static let values = [
    "1", "-20", "3.5", "", "\"\"", "x", "\"a,b\"", "\"l1\nl2\"", "\"q\"\"q\"", "true", "2020-01-02",
    "2020-01-02T03:04:05", "é", "007", "a\"b", "\"c\"d", " 5 ", "1e5", "nan", "9007199254740993",
  ]
  static let ends = ["\n", "\n", "\n", "\r\n", "\r", "\n\n"]

  static func text(_ seed: UInt64) -> [UInt8] {
    var random = Seeded(seed)
    let width = Int(random.next() % 4) + 1
    let end: String? = random.next() % 2 == 0 ? random.pick(ends) : nil
    let columns = (0..<width).map { _ in (0..<3).map { _ in random.pick(values) } }
    var text = (0..<width).map { "c\($0)" }.joined(separator: ",") + "\n"
    for _ in 0..<(random.next() % 40) {
      var record = columns.map { random.next() % 20 == 0 ? random.pick(values) : random.pick($0) }
      if random.next() % 25 == 0 { record.append("extra") }
      if random.next() % 25 == 0 { record.removeLast() }
      text += record.joined(separator: ",") + (end ?? random.pick(ends))
    }
    if random.next() % 4 == 0 { text += "\"open" }
    var bytes = Array(text.utf8)
    if random.next() % 6 == 0 { bytes.insert(0xFF, at: Int(random.next() % UInt64(bytes.count))) }
    return bytes
  }

  static let dialects: [CSVDialect] = {
    var list = [CSVDialect(), CSVDialect(), CSVDialect()]
    list[1].trimming = .both
    list[2].quote = nil
    return list
  }()
}
