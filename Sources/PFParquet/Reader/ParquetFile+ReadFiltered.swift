internal import PFArrow
internal import PFCore
internal import Synchronization

extension ParquetFile {
  /// Rows that one thread looks at together.
  private static let blockRowCount = 1 << 20

  /// Reads the rows that meet a condition: first, row group by row group in parallel, which they
  /// are; then the other columns of these rows, column chunk by column chunk in parallel.
  func readFiltered(
    _ plan: ReadPlan, _ condition: RowCondition, _ options: ParquetReadOptions,
    cancellation: CancellationToken?, _ progress: (@Sendable (Double) -> Void)?
  ) throws(ReadError) -> Table {
    let start = ContinuousClock.now
    let threads = try threads(for: plan, options)
    let table: Table
    if options.limit != nil {
      table = try readSome(plan, condition, options, threads, cancellation)
    } else {
      let parts = try select(plan, condition, options, threads, cancellation)
      table = try materialize(parts, plan, condition, options, threads, cancellation, progress)
    }
    Logger.debug(
      "read \(source.name) as parquet: \(table.rowCount) rows that meet the condition, "
        + "\(table.schema.fields.count) columns in "
        + "\(start.duration(to: .now).millisecondsText) ms")
    return table
  }

  /// As far as the limit asks for, in order.
  private func readSome(
    _ plan: ReadPlan, _ condition: RowCondition, _ options: ParquetReadOptions, _ threads: Int,
    _ cancellation: CancellationToken?
  ) throws(ReadError) -> Table {
    var whole = options
    whole.batchSize = max(1, options.limit ?? .max)
    let scan = FilteredScan(
      self, plan, condition, whole, threads: threads, cancellation: cancellation,
      keepsBatches: true)
    var batches: [RecordBatch] = []
    while let batch = try scan.next() { batches.append(batch) }
    return Table(schema: plan.schema, batches: batches)
  }

  /// The rows of each part that meet the condition, in blocks.
  private func select(
    _ plan: ReadPlan, _ condition: RowCondition, _ options: ParquetReadOptions, _ threads: Int,
    _ cancellation: CancellationToken?
  ) throws(ReadError) -> [[FilteredPart.Block]] {
    let results = Mutex([[FilteredPart.Block]](repeating: [], count: plan.parts.count))
    let completed = try ParallelLoop.run(
      count: plan.parts.count, threads: threads, cancellation: cancellation,
      makeScratch: { ChunkScratch() }
    ) { [self] (index: Int, scratch: inout ChunkScratch) throws(ReadError) in
      let part = try FilteredPart(
        plan.parts[index], of: self, plan, condition, options, cancellation: cancellation,
        scratch: scratch)
      var blocks: [FilteredPart.Block] = []
      while let block = try part.next(rowLimit: Self.blockRowCount) {
        guard !block.rows.isEmpty else { continue }
        try plan.budget.take(block.byteCount)
        blocks.append(block)
      }
      results.withLock { $0[index] = blocks }
    }
    guard completed else { throw ReadError(.cancelled, at: .init(file: source.name)) }
    return results.withLock { $0 }
  }

  /// The columns of the table in the rows that were found.
  private func materialize(
    _ blocks: [[FilteredPart.Block]], _ plan: ReadPlan, _ condition: RowCondition,
    _ options: ParquetReadOptions, _ threads: Int, _ cancellation: CancellationToken?,
    _ progress: (@Sendable (Double) -> Void)?
  ) throws(ReadError) -> Table {
    let columnCount = plan.leaves.count
    let ofLists = plan.leavesOfLists
    // Of each part: blocks that are read one after the other, which lists need apart.
    let parts = blocks.indices.filter { !blocks[$0].isEmpty }
    let chunkCount = parts.count * columnCount
    let results = Mutex([[[DecodedLeaf]]](repeating: [], count: chunkCount))
    let doneCount = Atomic<Int>(0)
    let completed = try ParallelLoop.run(
      count: chunkCount, threads: threads, cancellation: cancellation,
      makeScratch: { ChunkScratch() }
    ) { [self] (turn: Int, scratch: inout ChunkScratch) throws(ReadError) in
      let index = parts[turn / columnCount]
      let part = plan.parts[index]
      let column = plan.leaves[turn % columnCount]
      do throws(ReadError) {
        var pieces: [[DecodedLeaf]] = []
        var reader: ColumnChunkReader?
        for block in blocks[index] {
          if let values = condition.values(of: column, in: block) {
            pieces.append([DecodedLeaf(values)])
            continue
          }
          if reader == nil {
            reader = try plan.open(part, column, of: self, options, scratch: scratch)
            reader?.cancellation = cancellation
            if !block.rows.isAll { reader?.pageRows = try plan.pageRows(part, column, of: self) }
          }
          let rows = ofLists[turn % columnCount] ? block.rows.span : block.rows
          pieces.append(try reader?.read(rows) ?? [])
        }
        results.withLock { [pieces] in $0[turn] = pieces }
      } catch { throw error.at(plan.place(of: part, column, in: self)) }
      if let progress {
        let done = doneCount.add(1, ordering: .relaxed).newValue
        progress(Double(done) / Double(chunkCount))
      }
    }
    guard completed else { throw ReadError(.cancelled, at: .init(file: source.name)) }

    let pieces = results.withLock { $0 }
    var batches: [RecordBatch] = []
    for (turn, index) in parts.enumerated() {
      let first = turn * columnCount
      for (number, block) in blocks[index].enumerated() {
        do throws(ReadError) {
          batches += try plan.batches(
            of: pieces[first..<(first + columnCount)].map { $0[number] }, rows: block.rows)
        } catch {
          throw error.at(.init(file: source.name, rowGroup: plan.parts[index].rowGroup))
        }
      }
    }
    return Table(schema: plan.schema, batches: batches)
  }
}
