internal import PFArrow
internal import PFCore

/// The rows that meet a condition, batch by batch: first the condition's columns are read, then of
/// the others the rows that passed.
///
/// Not for use from two threads at once.
final class FilteredScan {
  /// Candidates that are looked at together, at least.
  private static let blockRowCount = 1 << 17

  private let file: ParquetFile
  private let plan: ReadPlan
  private let condition: RowCondition
  private let options: ParquetReadOptions
  private let threads: Int
  private let cancellation: CancellationToken?
  /// Whether the batches are all kept, as by a read: then the budget is for all of them.
  private let keepsBatches: Bool
  private var nextPart = 0
  private var part: FilteredPart?
  private var columns: [Column] = []
  private var rowsLeft: Int
  /// Rows that are decoded and not handed out.
  private var pending: [RecordBatch] = []

  /// One leaf of the table in the current row group.
  private final class Column: @unchecked Sendable {
    // SAFETY: in a parallel loop each index touches its own column alone.
    let mapping: ColumnMapping
    let scratch = ChunkScratch()
    var reader: ColumnChunkReader?
    var pieces: [DecodedLeaf] = []

    init(_ mapping: ColumnMapping) { self.mapping = mapping }
  }

  init(
    _ file: ParquetFile, _ plan: ReadPlan, _ condition: RowCondition,
    _ options: ParquetReadOptions, threads: Int, cancellation: CancellationToken?,
    keepsBatches: Bool = false
  ) {
    self.keepsBatches = keepsBatches
    self.file = file
    self.plan = plan
    self.condition = condition
    self.options = options
    self.threads = threads
    self.cancellation = cancellation
    rowsLeft = options.limit ?? .max
    columns = plan.leaves.map { Column($0) }
  }

  /// The next batch, with `options.batchSize` rows at most; nil after the last.
  func next() throws(ReadError) -> RecordBatch? {
    while pending.isEmpty {
      if !keepsBatches { plan.budget.reset() }
      guard rowsLeft > 0, var block = try nextBlock() else {
        (part, columns) = (nil, [])
        return nil
      }
      if block.rows.count > rowsLeft { block = block.prefix(rowsLeft) }
      guard block.rows.count > 0 else { continue }
      rowsLeft -= block.rows.count
      for batch in try read(block) {
        for start in stride(from: 0, to: batch.rowCount, by: options.batchSize) {
          let count = min(options.batchSize, batch.rowCount - start)
          pending.append(batch.slice(start: start, count: count))
        }
      }
      pending.reverse()
    }
    return pending.popLast()
  }

  private func nextBlock() throws(ReadError) -> FilteredPart.Block? {
    while true {
      if cancellation?.isCancelled == true {
        throw ReadError(.cancelled, at: .init(file: file.source.name))
      }
      if let block = try part?.next(rowLimit: max(options.batchSize, Self.blockRowCount)) {
        return block
      }
      guard nextPart < plan.parts.count else { return nil }
      let next = plan.parts[nextPart]
      let outcomes = try FilteredPart.outcomes(
        next, of: file, condition, options, scratch: ChunkScratch())
      part = FilteredPart(
        next, of: file, plan, condition, outcomes, outcomes.mayBeTrue, options, threads: threads,
        cancellation: cancellation)
      nextPart += 1
      for column in columns { column.reader = nil }
    }
  }

  private func read(_ block: FilteredPart.Block) throws(ReadError) -> [RecordBatch] {
    guard let part = part?.part else { return [] }
    let (columns, plan, file, shapes) = (columns, plan, file, plan.leafShapes)
    let (condition, options, cancellation) = (condition, options, cancellation)
    let completed = try ParallelLoop.run(
      count: columns.count, threads: threads, cancellation: cancellation, makeScratch: {}
    ) { (index: Int, _: inout Void) throws(ReadError) in
      let column = columns[index]
      if let values = condition.values(of: column.mapping, in: block) {
        column.pieces = [DecodedLeaf(values)]
        return
      }
      do throws(ReadError) {
        if column.reader == nil {
          let reader = try plan.open(
            part, column.mapping, of: file, options, scratch: column.scratch)
          reader.pageRows = try plan.pageRows(part, column.mapping, of: file)
          reader.cancellation = cancellation
          column.reader = reader
        }
        column.pieces = try column.reader?.read(block.rows, shapes[index]) ?? []
      } catch { throw error.at(plan.place(of: part, column.mapping, in: file)) }
    }
    guard completed, cancellation?.isCancelled != true else {
      throw ReadError(.cancelled, at: .init(file: file.source.name))
    }
    do throws(ReadError) {
      return try plan.batches(of: columns.map(\.pieces), rows: block.rows)
    } catch { throw error.at(.init(file: file.source.name, rowGroup: part.rowGroup)) }
  }
}

extension FilteredPart.Block {
  /// The first `count` of its rows.
  fileprivate func prefix(_ count: Int) -> FilteredPart.Block {
    FilteredPart.Block(
      rows: rows.prefix(count), values: values.mapValues { $0.slice(start: 0, count: count) })
  }
}

extension RowCondition {
  /// The values of a column of the table, where the condition had them read.
  func values(of column: ColumnMapping, in block: FilteredPart.Block) -> ArrowArray? {
    guard column.path.isFlat,
      let index = columns.firstIndex(where: { $0.leaf.index == column.leaf.index }),
      let values = block.values[index], values.type == column.field.type
    else { return nil }
    return values
  }
}
