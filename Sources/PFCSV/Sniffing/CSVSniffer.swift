public import PFArrow
public import PFCore

/// What a CSV file looks like, told from its begin.
public struct CSVSniffer: Sendable {
  /// The dialect that fits best: delimiter, quote, escape, comment, header.
  public let dialect: CSVDialect
  /// How sure that is, from 0 to 1: the share of records with the same number of fields, less where
  /// another delimiter does nearly as well.
  public let confidence: Double
  /// The columns, with types inferred from the first records.
  public let schema: Schema
  /// Records that were looked at, the header counted.
  public let recordCount: Int

  /// Delimiters that are tried, the likelier first.
  private static let delimiters = [",", ";", "\t", "|", ":", " ", "~", "^"]
  private static let quotes: [String?] = ["\"", "'"]
  private static let sampleByteCount = 64 << 10

  /// Looks at the begin of `file`.
  ///
  /// - Parameters:
  ///   - file: The file.
  ///   - options: What is known: encoding, null values and the like. Of their dialect the
  ///     delimiter, the quote and the header are told anew.
  /// - Throws: `ReadError` where it cannot be read, or holds nothing.
  public init(
    _ file: CSVFile, _ options: CSVReadOptions = CSVReadOptions()
  ) throws(ReadError) {
    do throws(ReadError) {
      let text = try TextSource(file.source, options)
      let (front, isWhole) = try text.front()
      let count = min(front.byteCount, Self.sampleByteCount)
      let sample = MemorySource(try front.bytes(at: 0, byteCount: count), name: front.name)
      let isCut = !isWhole || count < front.byteCount
      self = try Self.best(sample, isCut: isCut, options)
    } catch { throw error.at(.init(file: file.source.name)) }
  }

  private init(
    dialect: CSVDialect, confidence: Double, schema: Schema, recordCount: Int
  ) {
    self.dialect = dialect
    self.confidence = confidence
    self.schema = schema
    self.recordCount = recordCount
  }

  /// What one dialect makes of the sample.
  private struct Trial {
    var dialect: CSVDialect
    var score: Double
    /// The share of records of the most common width.
    var regularity: Double
    var width: Int
    var records: [[String]]
  }

  private static func best(
    _ sample: MemorySource, isCut: Bool, _ options: CSVReadOptions
  ) throws(ReadError) -> CSVSniffer {
    var trials: [Trial] = []
    for delimiter in delimiters {
      for quote in quotes {
        var dialect = options.dialect
        dialect.delimiter = delimiter
        dialect.quote = quote
        if let trial = try trial(dialect, sample, isCut: isCut) { trials.append(trial) }
      }
    }
    // The first of the best: the order of the lists decides between equals.
    guard var first = trials.max(by: { $0.score < $1.score }) else {
      throw ReadError(.inconsistent("the file is empty"))
    }
    if let equal = trials.first(where: { $0.score >= first.score - 1e-9 }) { first = equal }
    let second =
      trials.filter { $0.dialect.delimiter != first.dialect.delimiter }.map(\.score).max() ?? 0
    let lead = first.score > 0 ? (first.score - max(0, second)) / first.score : 0
    let confidence = first.width < 2 ? 0.5 * first.regularity : first.regularity * (0.5 + lead / 2)

    var found = options
    found.dialect = first.dialect
    found.dialect.hasHeader = hasHeader(first.records, options)
    let head = try CSVHead(of: sample, found)
    let types = try head.sampledTypes(sample, found, isCut: isCut)
    return CSVSniffer(
      dialect: found.dialect, confidence: max(0, min(1, confidence)),
      schema: head.plan.schema(types), recordCount: first.records.count)
  }

  /// The records of the sample under a dialect; nil where there are none.
  private static func trial(
    _ candidate: CSVDialect, _ sample: MemorySource, isCut: Bool
  ) throws(ReadError) -> Trial? {
    var dialect = candidate
    dialect.hasHeader = false
    let compiled = try CompiledDialect(dialect)
    let reader = try BlockReader(Window(sample), compiled, blockByteCount: sampleByteCount)
    var records: [[String]] = []
    var quoted = 0
    var stray = 0
    var offset = try CSVHead.byteOrderMark(reader.window)
    for _ in 0..<dialect.skippedLineCount {
      offset = try CSVHead.lineEnd(reader.window, from: offset) ?? sample.byteCount
    }
    while offset < sample.byteCount, records.count < 1000 {
      do throws(ReadError) {
        guard try reader.next(at: offset, goal: sample.byteCount, width: 0) else { break }
      } catch {
        // Quotes that do not end are none, but where the sample cuts them.
        if !isCut { stray += 8 }
        break
      }
      let count = reader.block.byteCount
      guard count > 0 else { break }
      do throws(AllocationError) {
        let raw = try reader.rawRecords()
        // SAFETY: positions of the records lie in the window.
        let bytes = unsafe reader.window.bytes
        for index in 0..<raw.recordCount {
          let isLast = offset + count >= sample.byteCount && index == raw.recordCount - 1
          if isLast, isCut { continue }
          var fields: [String] = []
          for field in raw.fields(of: index) {
            let begin = Int(raw.befores[field] &+ 1)
            var end = Int(raw.ends[field])
            var start = begin
            if end > begin, unsafe UInt16(bytes[begin]) == compiled.quote {
              if end - begin >= 2, unsafe UInt16(bytes[end - 1]) == compiled.quote {
                quoted += 1
                start += 1
                end -= 1
              } else {
                stray += 1
              }
            }
            unsafe fields.append(
              String(
                decoding: UnsafeBufferPointer(start: bytes + start, count: end - start),
                as: UTF8.self))
          }
          if fields == [""], dialect.skipsBlankLines { continue }
          records.append(fields)
        }
      } catch { throw ReadError(error) }
      offset += count
    }
    guard !records.isEmpty else { return nil }

    var widths: [Int: Int] = [:]
    for record in records { widths[record.count, default: 0] += 1 }
    let common = widths.max { ($0.value, $0.key) < ($1.value, $1.key) }
    let width = common?.key ?? 1
    let regularity = Double(common?.value ?? 0) / Double(records.count)
    // More fields are better, but less so the more there are; a regular table is better than a
    // wide one. Spaces and colons are more often text.
    let breadth = width < 2 ? 0.02 : 1 - 1 / Double(1 + width)
    let weight = dialect.delimiter == " " ? 0.6 : dialect.delimiter == ":" ? 0.7 : 1
    let quoting = 1 + 0.2 * Double(quoted) / Double(quoted + 4)
    let penalty = 1 / (1 + Double(stray) / 4)
    let score = regularity * regularity * breadth * weight * quoting * penalty
    return Trial(
      dialect: candidate, score: score, regularity: regularity, width: width, records: records)
  }

  /// Whether the first record names the columns: it has texts, all different and none empty, over
  /// columns of other types; or, over columns of text alone, lengths that theirs are unlike.
  private static func hasHeader(_ records: [[String]], _ options: CSVReadOptions) -> Bool {
    guard let first = records.first else { return false }
    guard Set(first).count == first.count, first.allSatisfy({ !$0.isEmpty }) else { return false }
    let body = records.dropFirst()
    if first.contains(where: { isNumber($0) }) { return false }
    guard !body.isEmpty else { return true }
    var votes = 0
    for (column, name) in first.enumerated() {
      let values = body.compactMap { column < $0.count && !$0[column].isEmpty ? $0[column] : nil }
      guard !values.isEmpty else { continue }
      if values.allSatisfy({ isNumber($0) }) {
        votes += 2
      } else if values.contains(name) {
        votes -= 2
      } else if values.count > 1, Set(values.map(\.count)).count == 1 {
        votes += values[0].count == name.count ? -1 : 1
      }
    }
    return votes >= 0
  }

  /// Whether a text begins as numbers and dates do.
  private static func isNumber(_ text: String) -> Bool {
    var bytes = text.utf8[...]
    if let sign = bytes.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      bytes = bytes.dropFirst()
    }
    guard let first = bytes.first else { return false }
    return first &- 0x30 < 10
      && bytes.allSatisfy { $0 &- 0x30 < 10 || "+-.,:/ eETZ%".utf8.contains($0) }
  }
}

extension CSVFile {
  /// What the file looks like; see `CSVSniffer`.
  ///
  /// - Throws: `ReadError` where it cannot be read, or holds nothing.
  public func sniff(_ options: CSVReadOptions = CSVReadOptions()) throws(ReadError) -> CSVSniffer {
    try CSVSniffer(self, options)
  }
}
