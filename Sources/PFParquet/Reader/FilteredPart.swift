internal import PFArrow
internal import PFCore

/// The rows of one row group that meet a condition, found block by block.
///
/// Late materialization: only the condition's columns are read here, and of these, one after the
/// other, only the rows that passed so far.
final class FilteredPart {
  let part: ReadPlan.Part
  private let file: ParquetFile
  private let plan: ReadPlan
  private let condition: RowCondition
  private let options: ParquetReadOptions
  private let cancellation: CancellationToken?
  /// That read the columns of one step of the condition.
  private let threads: Int
  /// For the columns of the condition, of which most is dropped.
  private let budget: AllocationBudget
  private let isSurelyTrue: Bool
  /// Rows that may meet the condition and were not looked at yet.
  private var candidates: RowSelection
  /// Rows before these, for which the condition's first steps hold.
  private var pending: [Examined] = []
  private var readers: [Int: OpenColumn] = [:]

  /// Rows that are being looked at.
  private struct Examined {
    /// Rows whose values are read.
    var rows: RowSelection
    /// Of these, the rows that passed so far; nil for all.
    var passed: RowMask?
    /// The values of the condition's columns in `rows`, as far as they were read.
    var values: [Int: ArrowArray] = [:]
    /// The condition's next step.
    var step = 0
  }

  /// Some of the rows that meet the condition.
  struct Block {
    let rows: WantedRows
    /// The values of the condition's columns in these rows, as far as they were read.
    let values: [Int: ArrowArray]

    /// Bytes of the values.
    var byteCount: Int { values.values.reduce(0) { $0 + $1.bufferByteCount } }
  }

  /// What can be said of a row group's rows before any is read.
  ///
  /// - Throws: what the source throws.
  static func outcomes(
    _ part: ReadPlan.Part, of file: ParquetFile, _ condition: RowCondition,
    _ options: ParquetReadOptions, scratch: ChunkScratch
  ) throws(ReadError) -> Outcomes {
    let pruning = RowGroupPruning(
      file: file, contents: try file.contents(), rowGroup: part.rowGroup,
      condition: condition.predicate, columns: condition.columns, options: options,
      scratch: scratch)
    do throws(ReadError) {
      return try pruning.outcomes()
    } catch {
      throw error.at(.init(file: file.source.name, rowGroup: part.rowGroup))
    }
  }

  /// Looks at `candidates`, which `outcomes` says may meet the condition.
  init(
    _ part: ReadPlan.Part, of file: ParquetFile, _ plan: ReadPlan, _ condition: RowCondition,
    _ outcomes: Outcomes, _ candidates: RowSelection, _ options: ParquetReadOptions,
    threads: Int, cancellation: CancellationToken?
  ) {
    self.part = part
    self.file = file
    self.plan = plan
    self.condition = condition
    self.options = options
    self.cancellation = cancellation
    self.threads = threads
    budget = AllocationBudget(limit: options.limits.allocationByteCount)
    self.candidates = candidates
    isSurelyTrue = outcomes.isSurelyTrue
  }

  /// Looks at the next candidates, `rowLimit` at most; nil when all were looked at.
  ///
  /// - Throws: `ReadError` with the column, the page and the offset.
  func next(rowLimit: Int) throws(ReadError) -> Block? {
    var block: Examined
    if let left = pending.popLast() {
      block = left
    } else {
      guard !candidates.isEmpty else { return nil }
      budget.reset()
      block = Examined(rows: candidates.prefix(rowLimit))
      candidates = candidates.dropFirst(rowLimit)
    }
    while !isSurelyTrue, block.step < condition.steps.count {
      let step = condition.steps[block.step]
      let unread = step.columns.filter { block.values[$0] == nil }
      if !unread.isEmpty { try read(unread, in: &block) }
      let truth = step.predicate.truth(rowCount: block.rows.selectedCount) { test in
        let test = step.predicate.tests[test]
        return block.values[test.column]?.truth(of: test.test)
          ?? Truth(nil, rowCount: block.rows.selectedCount)
      }
      block.step += 1
      let mask = block.passed?.intersection(truth.mask) ?? truth.mask
      if mask.isEmpty { return Block(rows: WantedRows(RowSelection([], of: 0)), values: [:]) }
      if mask.isAll { continue }
      if WantedRows.areScattered(mask) {
        block.passed = mask
        continue
      }
      let selection = mask.selection
      block.rows = block.rows.refined(by: selection)
      block.passed = nil
      do throws(AllocationError) {
        for (column, values) in block.values {
          block.values[column] = try values.filter(selection)
        }
      } catch { throw ReadError(error) }
    }
    return try finish(block)
  }

  private func finish(_ block: Examined) throws(ReadError) -> Block {
    guard let passed = block.passed else {
      return Block(rows: WantedRows(block.rows), values: block.values)
    }
    var values: [Int: ArrowArray] = [:]
    do throws(AllocationError) {
      for (column, whole) in block.values { values[column] = try whole.filter(passed) }
    } catch { throw ReadError(error) }
    return Block(rows: .scattered(passed, of: block.rows), values: values)
  }

  /// Reads columns of the rows that are being looked at. Where that takes several arrays, the block
  /// ends with the first, and the rows of the others are looked at later.
  private func read(_ columns: [Int], in block: inout Examined) throws(ReadError) {
    let whole = block
    let arrays = try read(columns, whole.rows)
    var start = 0
    var parts: [Examined] = []
    for stretch in Stretch.all(of: arrays, rowCount: whole.rows.selectedCount) {
      let count = stretch.rowCount
      var part = whole
      if count < whole.rows.selectedCount {
        part.rows = whole.rows.dropFirst(start).prefix(count)
        part.passed = whole.passed?.slice(start: start, count: count)
        part.values = whole.values.mapValues { $0.slice(start: start, count: count) }
      }
      for (column, values) in zip(columns, stretch.columns) { part.values[column] = values }
      parts.append(part)
      start += count
    }
    block = parts.removeFirst()
    pending += parts.reversed()
  }

  /// The values of columns in some rows: one array each, or several where one would be too large.
  private func read(
    _ columns: [Int], _ rows: RowSelection
  ) throws(ReadError) -> [[ArrowArray]] {
    var open: [OpenColumn] = []
    for index in columns {
      let column = readers[index] ?? OpenColumn(condition.columns[index])
      readers[index] = column
      open.append(column)
    }
    let completed = try ParallelLoop.run(
      count: open.count, threads: threads, cancellation: cancellation, makeScratch: {}
    ) { [part, file, plan, options, cancellation, budget, open] (index: Int, _) throws(ReadError) in
      let column = open[index]
      do throws(ReadError) {
        if column.reader == nil {
          let reader = try plan.open(
            part, column.mapping, of: file, options, budget: budget, scratch: column.scratch)
          if !rows.isAll { reader.pageRows = try plan.pageRows(part, column.mapping, of: file) }
          reader.cancellation = cancellation
          column.reader = reader
        }
        column.pieces = try column.reader?.read(rows).map(\.values) ?? []
      } catch { throw error.at(plan.place(of: part, column.mapping, in: file)) }
    }
    guard completed else { throw ReadError(.cancelled, at: .init(file: file.source.name)) }
    defer { for column in open { column.pieces = [] } }
    return open.map(\.pieces)
  }

  /// A column of the condition that is being read.
  private final class OpenColumn: @unchecked Sendable {
    // SAFETY: in a parallel loop each index touches its own column alone.
    let mapping: ColumnMapping
    let scratch = ChunkScratch()
    var reader: ColumnChunkReader?
    var pieces: [ArrowArray] = []

    init(_ mapping: ColumnMapping) { self.mapping = mapping }
  }
}
