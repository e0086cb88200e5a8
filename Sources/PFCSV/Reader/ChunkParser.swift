internal import PFArrow
internal import PFCore

/// Parses chunks of the input, one after the other; used by one thread.
final class ChunkParser {
  let plan: CSVReadPlan
  let reader: BlockReader
  private let cancellation: CancellationToken?
  /// The field of each column.
  private let fieldIndices: [Int?]
  /// Stands for the fields of columns that the file lacks.
  private let absent: AbsentField

  init(
    _ plan: CSVReadPlan, _ source: any ByteSource, blockByteCount: Int,
    cancellation: CancellationToken?
  ) throws(ReadError) {
    self.plan = plan
    do throws(AllocationError) { absent = try AbsentField() } catch { throw ReadError(error) }
    self.cancellation = cancellation
    fieldIndices = plan.columns.map(\.fieldIndex)
    reader = try BlockReader(
      Window(source), plan.dialect, blockByteCount: blockByteCount)
  }

  /// How to parse a chunk.
  struct Task {
    /// Where its first record begins, and the offset before which its last one does.
    var start: Int
    var goal: Int
    /// The types of the columns.
    var types: [ColumnType]
    /// The columns that are wanted; others have no array.
    var wanted: [Bool]
    /// The most rows.
    var rowLimit = Int.max
    /// The offset behind which a record is not followed, where the start is a guess.
    var reach: Int?
    /// Records that are left out.
    var dropped: Set<Int> = []
    /// Whether what is wrong is told; otherwise it has been.
    var reports = true
  }

  /// A column in the making.
  private struct Column {
    var builder: ColumnBuilder
    var type: ColumnType
    /// Whether rows of the chunk are missing in it.
    var isPartial = false
    /// Its slots before the block.
    var firstCount = 0
  }

  /// Something wrong in a block.
  private struct Problem {
    /// Among the records of the block.
    var ordinal: Int
    /// Where the field or record is, in the window.
    var begin: Int
    var end: Int
    /// What is wrong in it.
    var place: Int
    var reason: ReadError.Reason
    var columnIndex: Int?
  }

  /// The result of a chunk; nil where a record went beyond `task.reach`.
  ///
  /// What is wrong in the input is in the result.
  func parse(_ task: Task) -> ChunkResult? {
    var result = ChunkResult()
    result.start = task.start
    result.end = task.start
    result.types = task.types
    result.arrays = Array(repeating: nil, count: task.types.count)
    result.isWhole = Array(repeating: false, count: task.types.count)
    result.hasNumber = Array(repeating: false, count: task.types.count)
    result.hasWord = result.hasNumber
    do throws(ReadError) {
      guard try parse(task, &result) else { return nil }
    } catch {
      var error = error
      if error.reason == .unclosedQuote {
        error.place.line = (error.place.line ?? 1) + result.lineCount
        // All records before it were parsed.
        error.place.record = result.recordCount + 1
      }
      result.error = error
    }
    return result
  }

  private func parse(_ task: Task, _ result: inout ChunkResult) throws(ReadError) -> Bool {
    var columns: [Column?] = Array(repeating: nil, count: task.types.count)
    var hasBegun = false
    while result.end < task.goal, result.end < reader.window.end, result.rowCount < task.rowLimit {
      if cancellation?.isCancelled == true { throw ReadError(.cancelled) }
      guard
        try reader.next(
          at: result.end, goal: task.goal, width: plan.width, reach: task.reach)
      else { return false }
      let block = reader.block
      guard block.byteCount > 0 else { break }
      if !hasBegun {
        hasBegun = true
        let expected = try expectedCount(task, result, block)
        for index in columns.indices where task.wanted[index] {
          columns[index] = Column(
            builder: try plan.builder(index, task.types[index], expectedCount: expected),
            type: task.types[index])
        }
      }
      let isDone = try parseBlock(block, task, &columns, &result)
      result.end += block.byteCount
      result.lineCount += block.lineCount
      if isDone { break }
    }
    if !hasBegun {
      for index in columns.indices where task.wanted[index] {
        columns[index] = Column(
          builder: try plan.builder(index, task.types[index], expectedCount: 0),
          type: task.types[index])
      }
    }
    do throws(AllocationError) {
      for index in columns.indices {
        guard let column = columns[index] else { continue }
        result.types[index] = column.type
        if let values = column.builder as? FixedWidthColumn {
          result.hasNumber[index] = values.hasNumber
          result.hasWord[index] = values.hasWord
        }
        result.isWhole[index] = !column.isPartial
        if !column.isPartial { result.arrays[index] = try column.builder.finish() }
      }
    } catch { throw ReadError(error) }
    return true
  }

  /// The rows that the chunk is likely to have, from its first block.
  private func expectedCount(
    _ task: Task, _ result: ChunkResult, _ block: BlockReader.Block
  ) throws(ReadError) -> Int {
    let rows = try table(block, task, 0).recordCount
    let bytes = min(task.goal, reader.window.end) - result.end
    let scale = Double(bytes) / Double(max(1, min(block.byteCount, bytes)))
    return min(task.rowLimit, Int(Double(rows) * max(1, scale) * 1.03) + 8)
  }

  private func table(
    _ block: BlockReader.Block, _ task: Task, _ firstRecord: Int, _ more: Set<Int> = []
  ) throws(ReadError) -> FieldTable {
    var dropped = more
    for record in task.dropped where record >= firstRecord { dropped.insert(record - firstRecord) }
    do throws(AllocationError) {
      return try reader.table(width: plan.width, plan.raggedRules, dropping: dropped)
    } catch { throw ReadError(error) }
  }

  /// Parses a block; true where the chunk ends with it.
  private func parseBlock(
    _ block: BlockReader.Block, _ task: Task, _ columns: inout [Column?],
    _ result: inout ChunkResult
  ) throws(ReadError) -> Bool {
    let firstRecord = result.recordCount
    let left = task.rowLimit - result.rowCount
    var bad: Set<Int> = []
    var problems: [Problem] = []
    var fields: FieldTable
    while true {
      fields = try table(block, task, firstRecord, bad)
      if fields.recordCount > left { fields = fields.prefix(left) }
      var found: [Problem] = []
      try parseColumns(fields, block, &columns, &found)
      problems += found
      guard plan.errorRule == .skip, !found.isEmpty else { break }
      // The block again, without the records that are wrong.
      for problem in found { bad.insert(problem.ordinal) }
      for index in columns.indices {
        if let column = columns[index] { column.builder.rollBack(to: column.firstCount) }
      }
    }
    // The records up to the last that is wanted.
    let isLast = fields.recordCount == left
    let seen = isLast ? (left > 0 ? ordinal(of: left - 1) + 1 : 0) : reader.shaper.recordCount

    for ragged in reader.shaper.ragged where ragged.ordinal < seen {
      guard !ragged.isKept || plan.rejectsRepaired else { continue }
      problems.append(
        Problem(
          ordinal: ragged.ordinal, begin: ragged.begin, end: ragged.begin, place: ragged.begin,
          reason: .raggedRecord(expected: plan.width, found: ragged.fieldCount), columnIndex: nil))
    }
    if !problems.isEmpty, task.reports {
      problems.sort { ($0.ordinal, $0.columnIndex ?? -1) < ($1.ordinal, $1.columnIndex ?? -1) }
      for problem in problems {
        let entry = entry(of: problem, result)
        if isFatal(problem) { throw entry.error }
        result.rejectCount += 1
        if result.rejects.count < plan.rejectLimit { result.rejects.append(entry) }
      }
    }
    result.dropped.formUnion(bad.map { $0 + firstRecord })
    result.rowCount += fields.recordCount
    result.recordCount += seen
    return result.rowCount >= task.rowLimit
  }

  /// Appends the fields to the columns.
  private func parseColumns(
    _ fields: FieldTable, _ block: BlockReader.Block, _ columns: inout [Column?],
    _ problems: inout [Problem]
  ) throws(ReadError) {
    let isText = block.isASCII || isUTF8(block)
    let repair: ColumnBuilder.Repair? =
      isText ? nil : plan.replacesInvalidText ? .replace : .reject
    for index in columns.indices {
      guard var column = columns[index] else { continue }
      let own = fieldIndices[index].map(fields.column) ?? fields.absentColumn(absent)
      column.firstCount = column.builder.count
      column.builder.misfits.removeAll(keepingCapacity: true)
      // Any text is a string: there is nothing left to prove.
      if column.isPartial, isText, column.type.type == .utf8 { continue }
      do throws(AllocationError) {
        column.builder.repair = repair
        var taken = try column.builder.append(own)
        while taken < own.count {
          // A value that does not fit: the column is another one from this block on.
          let left = narrowed(column, own, taken)
          column.isPartial = column.isPartial || column.firstCount > 0
          column.type = left
          let expected = column.isPartial ? own.count : column.builder.expectedCount
          column.builder = try remake(index, left, expected)
          column.firstCount = 0
          column.builder.repair = repair
          taken = try column.builder.append(own)
        }
      } catch { throw ReadError(error) }
      for row in column.builder.misfits {
        // SAFETY: misfits are rows of the block, whose fields lie in the window.
        let (begin, end) = unsafe (own.begin(row), own.end(row))
        let wrong =
          column.builder is TextColumn
          ? unsafe UTF8Validation.firstWrong(own.bytes + begin, byteCount: end - begin) : nil
        problems.append(
          Problem(
            ordinal: ordinal(of: row), begin: begin, end: end, place: begin + (wrong ?? 0),
            reason: wrong != nil
              ? .invalidText(encoding: plan.encodingName)
              : .badValue(text: text(begin, end), expected: plan.expectation(index, column.type)),
            columnIndex: index))
      }
      if column.isPartial, column.builder.count > 1 << 16 {
        // Nothing comes of it but the proof that its values fit.
        column.builder.rollBack(to: 0)
        column.firstCount = 0
      }
      columns[index] = column
    }
  }

  private func remake(
    _ index: Int, _ type: ColumnType, _ expectedCount: Int
  ) throws(AllocationError) -> ColumnBuilder {
    do throws(ReadError) {
      return try plan.builder(index, type, expectedCount: expectedCount)
    } catch { throw AllocationError(byteCount: 0) }
  }

  /// What is left for a column whose field `row` is no value of its type.
  private func narrowed(_ column: Column, _ fields: ColumnFields, _ row: Int) -> ColumnType {
    guard case .inferred(let set) = column.type else { return column.type }
    var left = set.subtracting(set.first)
    // SAFETY: the row is one of the block.
    let (begin, end) = unsafe (fields.begin(row), fields.end(row))
    let content = unsafe try? column.builder.context.content(
      fields.bytes, begin, end, absentPosition: fields.absentPosition)
    if case .text(let text, let count, _)? = unsafe content {
      unsafe left.formIntersection(TypeSet(of: text, count, column.builder.context))
    }
    return .inferred(left.union(.string))
  }

  private func isUTF8(_ block: BlockReader.Block) -> Bool {
    do throws(DecodingError) {
      // SAFETY: the block lies in the window.
      unsafe try UTF8Validation.check(reader.window.bytes, byteCount: block.byteCount)
      return true
    } catch { return false }
  }

  /// The ordinal of a row of the table among the records of the block.
  private func ordinal(of row: Int) -> Int {
    let ordinals = reader.shaper.ordinals
    return row < ordinals.count ? Int(ordinals[row]) : row
  }

  private func isFatal(_ problem: Problem) -> Bool {
    if case .raggedRecord = problem.reason {
      return !plan.raggedRules.skips && !plan.rejectsRepaired
    }
    return plan.errorRule == .raise
  }

  private func entry(of problem: Problem, _ result: ChunkResult) -> CSVRejects.Entry {
    let window = reader.window
    // SAFETY: problems lie in the window.
    let lines = unsafe LineCount.lineEnds(window.bytes, count: problem.place)
    let column = problem.columnIndex.map { plan.columns[$0] }
    let error = ReadError(
      problem.reason,
      at: .init(
        file: plan.file, offset: window.base + problem.place, column: column?.name,
        line: result.lineCount + lines + 1, record: result.recordCount + problem.ordinal + 1,
        columnIndex: column?.fieldIndex))
    return CSVRejects.Entry(
      error: error,
      text: problem.columnIndex == nil
        ? line(from: problem.begin) : text(problem.begin, problem.end))
  }

  /// The text of a field, cut.
  private func text(_ begin: Int, _ end: Int) -> String {
    let limit = 100
    // SAFETY: fields lie in the window.
    let text = unsafe String(
      decoding: UnsafeBufferPointer(
        start: reader.window.bytes + begin, count: min(end - begin, 4 * limit)), as: UTF8.self)
    return text.count > limit ? text.prefix(limit) + "…" : text
  }

  /// The text of a line, cut.
  private func line(from begin: Int) -> String {
    var end = begin
    let bytes = unsafe reader.window.bytes
    while end < reader.window.count, unsafe !ExactScan.isLineEnd(bytes[end]), end - begin < 400 {
      end += 1
    }
    return text(begin, end)
  }
}

extension ChunkParser {
  /// Where the first record that begins at or behind `nominal` is likely to begin; nil where
  /// nothing tells.
  ///
  /// A quote with text on its right only opens a field, one with text on its left only closes it;
  /// their number tells whether `nominal` is in quotes.
  func guessStart(of nominal: Int) throws(ReadError) -> Int? {
    let window = reader.window
    guard nominal > 0 else { return 0 }
    try window.move(to: nominal - 1, wanted: 64 << 10)
    // SAFETY: positions are those of the window, behind which a byte can be read.
    let bytes = unsafe window.bytes
    let count = window.scannable
    var isInside = unsafe guessInside(bytes, count)
    for position in 0..<count {
      let byte = unsafe bytes[position]
      if UInt16(byte) == plan.dialect.quote {
        isInside.toggle()
      } else if !isInside, ExactScan.isLineEnd(byte) {
        if byte == 0x0D, unsafe bytes[position + 1] == 0x0A { continue }
        return nominal + position
      }
    }
    return window.isAtEnd ? window.end : nil
  }

  /// Whether the first byte is likely in quotes.
  @unsafe private func guessInside(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    let quote = plan.dialect.quote
    guard quote != CompiledDialect.none else { return false }
    let delimiter = plan.dialect.delimiter[0]
    func separates(_ byte: UInt8) -> Bool { byte == delimiter || ExactScan.isLineEnd(byte) }
    var isOdd = false
    var position = 0
    while position < count {
      let block = unsafe Bytes64(bytes + position)
      var quotes = block.mask(of: UInt8(truncatingIfNeeded: quote))
      while quotes != 0 {
        let index = position + quotes.trailingZeroBitCount
        quotes &= quotes &- 1
        guard index < count - 1, index > 0 else {
          isOdd.toggle()
          continue
        }
        let (left, right) = unsafe (bytes[index - 1], bytes[index + 1])
        let opens = separates(left) && !separates(right) && UInt16(right) != quote
        let closes = separates(right) && !separates(left) && UInt16(left) != quote
        if opens { return isOdd }
        if closes { return !isOdd }
        isOdd.toggle()
      }
      position += 64
    }
    return false
  }
}
