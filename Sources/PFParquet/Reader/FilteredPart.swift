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
  private let scratch: ChunkScratch
  /// For the columns of the condition, of which most is dropped.
  private let budget: AllocationBudget
  private let isSurelyTrue: Bool
  /// Rows that may meet the condition and were not looked at yet.
  private var candidates: RowSelection
  private var readers: [Int: ColumnChunkReader] = [:]

  /// Some of the rows that meet the condition.
  struct Block {
    /// Counts the rows of the row group.
    var rows: RowSelection
    /// The values of the condition's columns in these rows, as far as they were read.
    var values: [Int: ArrowArray]

    /// Bytes of the values.
    var byteCount: Int {
      values.values.reduce(0) { $0 + $1.buffers.reduce(0) { $0 + ($1?.byteCount ?? 0) } }
    }
  }

  /// - Throws: what the source throws.
  init(
    _ part: ReadPlan.Part, of file: ParquetFile, _ plan: ReadPlan, _ condition: RowCondition,
    _ options: ParquetReadOptions, cancellation: CancellationToken?, scratch: ChunkScratch
  ) throws(ReadError) {
    self.part = part
    self.file = file
    self.plan = plan
    self.condition = condition
    self.options = options
    self.cancellation = cancellation
    self.scratch = scratch
    budget = AllocationBudget(options.limits)
    let pruning = RowGroupPruning(
      file: file, contents: try file.contents(), rowGroup: part.rowGroup,
      condition: condition.predicate, columns: condition.columns, options: options,
      scratch: scratch)
    do throws(ReadError) {
      let outcomes = try pruning.outcomes()
      candidates = outcomes.mayBeTrue
      isSurelyTrue = outcomes.isSurelyTrue
    } catch {
      throw error.at(.init(file: file.source.name, rowGroup: part.rowGroup))
    }
  }

  /// Looks at the next candidates, `rowLimit` at most; nil when all were looked at.
  ///
  /// - Throws: `ReadError` with the column, the page and the offset.
  func next(rowLimit: Int) throws(ReadError) -> Block? {
    guard !candidates.isEmpty else { return nil }
    budget.reset()
    var block = Block(rows: candidates.prefix(rowLimit), values: [:])
    candidates = candidates.dropFirst(rowLimit)
    if isSurelyTrue { return block }
    for step in condition.steps {
      for column in step.columns where block.values[column] == nil {
        block.values[column] = try read(column, block.rows)
      }
      let truth = step.predicate.truth(rowCount: block.rows.selectedCount) { test in
        let test = step.predicate.tests[test]
        return block.values[test.column]?.truth(of: test.test)
          ?? Truth(nil, rowCount: block.rows.selectedCount)
      }
      let passed = truth.selection
      guard !passed.isAll else { continue }
      block.rows = block.rows.refined(by: passed)
      if passed.isEmpty { return Block(rows: block.rows, values: [:]) }
      do throws(AllocationError) {
        for (column, values) in block.values {
          block.values[column] = try values.filter(passed)
        }
      } catch { throw ReadError(error) }
    }
    return block
  }

  private func read(_ column: Int, _ rows: RowSelection) throws(ReadError) -> ArrowArray {
    let mapping = condition.columns[column]
    do throws(ReadError) {
      let reader: ColumnChunkReader
      if let open = readers[column] {
        reader = open
      } else {
        // A scratch of its own: the readers of several columns take turns.
        reader = try plan.open(
          part, mapping, of: file, options, budget: budget,
          scratch: condition.columns.count == 1 ? scratch : ChunkScratch())
        if !rows.isAll { reader.pageRows = try plan.pageRows(part, mapping, of: file) }
        reader.cancellation = cancellation
        readers[column] = reader
      }
      let arrays = try reader.read(rows)
      guard arrays.count == 1 else {
        throw ReadError(
          .limitExceeded(
            limit: "the bytes of a condition's column in a block of rows",
            declared: rows.selectedCount, maximum: options.arrayByteLimit))
      }
      return arrays[0].values
    } catch { throw error.at(plan.place(of: part, mapping, in: file)) }
  }
}
