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
    let start = MonotonicClock.now()
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
        + "\(MonotonicClock.milliseconds(since: start)) ms")
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
    let pruned = Mutex([Outcomes?](repeating: nil, count: plan.parts.count))
    try loop(plan.parts.count, threads, cancellation) {
      [self] (index, scratch) throws(ReadError) in
      let outcomes = try FilteredPart.outcomes(
        plan.parts[index], of: self, condition, options, scratch: scratch)
      pruned.withLock { $0[index] = outcomes }
    }

    var turns: [(part: Int, outcomes: Outcomes, candidates: RowSelection)] = []
    for (index, outcomes) in pruned.withLock({ $0 }).enumerated() {
      guard let outcomes else { continue }
      var left = outcomes.mayBeTrue
      // Few row groups: several threads share one, cut where a block ends in any case.
      if plan.parts.count < threads, try canSeek(plan.parts[index], condition.columns, plan) {
        while left.selectedCount > Self.blockRowCount {
          turns.append((index, outcomes, left.prefix(Self.blockRowCount)))
          left = left.dropFirst(Self.blockRowCount)
        }
      }
      turns.append((index, outcomes, left))
    }

    let found = Mutex([[FilteredPart.Block]](repeating: [], count: turns.count))
    try loop(turns.count, threads, cancellation) {
      [self, turns] (turn, _) throws(ReadError) in
      let (index, outcomes, candidates) = turns[turn]
      let part = FilteredPart(
        plan.parts[index], of: self, plan, condition, outcomes, candidates, options,
        threads: turns.count < threads ? threads : 1, cancellation: cancellation)
      var blocks: [FilteredPart.Block] = []
      while let block = try part.next(rowLimit: Self.blockRowCount) {
        guard block.rows.count > 0 else { continue }
        try plan.budget.take(block.byteCount)
        blocks.append(block)
      }
      found.withLock { [blocks] in $0[turn] = blocks }
    }
    var blocks = [[FilteredPart.Block]](repeating: [], count: plan.parts.count)
    for (turn, some) in zip(turns, found.withLock({ $0 })) { blocks[turn.part] += some }
    return blocks
  }

  /// Whether the pages of some columns of a part are found without reading those before.
  private func canSeek(
    _ part: ReadPlan.Part, _ columns: [ColumnMapping], _ plan: ReadPlan
  ) throws(ReadError) -> Bool {
    for column in columns {
      do throws(ReadError) {
        guard try plan.pageRows(part, column, of: self) != nil else { return false }
      } catch { throw error.at(plan.place(of: part, column, in: self)) }
    }
    return true
  }

  /// Blocks of one part of which one column is read by one thread.
  private struct Turn {
    let part: Int
    let column: Int
    let blocks: Range<Int>
  }

  /// The columns of the table in the rows that were found.
  private func materialize(
    _ blocks: [[FilteredPart.Block]], _ plan: ReadPlan, _ condition: RowCondition,
    _ options: ParquetReadOptions, _ threads: Int, _ cancellation: CancellationToken?,
    _ progress: (@Sendable (Double) -> Void)?
  ) throws(ReadError) -> Table {
    let columnCount = plan.leaves.count
    let shapes = plan.leafShapes
    let parts = blocks.indices.filter { !blocks[$0].isEmpty }
    var turns: [Turn] = []
    for part in parts {
      for column in 0..<columnCount {
        let all = blocks[part].indices
        // Few column chunks: several threads share one.
        if parts.count * columnCount < threads,
          try canSeek(plan.parts[part], [plan.leaves[column]], plan)
        {
          turns += all.map { Turn(part: part, column: column, blocks: $0..<($0 + 1)) }
        } else {
          turns.append(Turn(part: part, column: column, blocks: all))
        }
      }
    }

    // The largest column chunks first, so that no thread is left with one at the end.
    let stored = try plan.compressedByteCounts(in: self)
    let sizes = turns.map { stored[$0.part * columnCount + $0.column] }
    let order = turns.indices.sorted { (sizes[$1], $0) < (sizes[$0], $1) }
    let results = Mutex([[[DecodedLeaf]]](repeating: [], count: turns.count))
    let doneCount = Atomic<Int>(0)
    try loop(turns.count, threads, cancellation) {
      [self, turns] (index, scratch) throws(ReadError) in
      let turn = order[index]
      let pieces = try read(
        blocks[turns[turn].part][turns[turn].blocks], of: plan.parts[turns[turn].part],
        plan.leaves[turns[turn].column], shapes[turns[turn].column], plan, condition, options,
        cancellation, scratch)
      results.withLock { $0[turn] = pieces }
      if let progress {
        let done = doneCount.add(1, ordering: .relaxed).newValue
        progress(Double(done) / Double(turns.count))
      }
    }

    // By part, block and leaf.
    var pieces = blocks.map { $0.map { _ in [[DecodedLeaf]]() } }
    for (turn, read) in zip(turns, results.withLock({ $0 })) {
      for (block, leaf) in zip(turn.blocks, read) { pieces[turn.part][block].append(leaf) }
    }
    let made = Mutex([[RecordBatch]](repeating: [], count: parts.count))
    // Groups are put together and filtered here.
    let isFlat = shapes.allSatisfy { $0 == .flat }
    try loop(parts.count, isFlat ? 1 : threads, cancellation) {
      [self, pieces] (index, _) throws(ReadError) in
      let part = parts[index]
      var batches: [RecordBatch] = []
      do throws(ReadError) {
        for (block, leaves) in zip(blocks[part], pieces[part]) {
          batches += try plan.batches(of: leaves, rows: block.rows)
        }
      } catch { throw error.at(.init(file: source.name, rowGroup: plan.parts[part].rowGroup)) }
      made.withLock { [batches] in $0[index] = batches }
    }
    return Table(schema: plan.schema, batches: made.withLock { $0.flatMap { $0 } })
  }

  /// One leaf of a part in the rows of some blocks, block by block.
  private func read(
    _ blocks: ArraySlice<FilteredPart.Block>, of part: ReadPlan.Part, _ column: ColumnMapping,
    _ shape: LeafShape, _ plan: ReadPlan, _ condition: RowCondition,
    _ options: ParquetReadOptions, _ cancellation: CancellationToken?, _ scratch: ChunkScratch
  ) throws(ReadError) -> [[DecodedLeaf]] {
    do throws(ReadError) {
      var pieces: [[DecodedLeaf]] = []
      var reader: ColumnChunkReader?
      for block in blocks {
        if let values = condition.values(of: column, in: block) {
          pieces.append([DecodedLeaf(values)])
          continue
        }
        if reader == nil {
          reader = try plan.open(part, column, of: self, options, scratch: scratch)
          reader?.cancellation = cancellation
          if !block.rows.stretches.isAll {
            reader?.pageRows = try plan.pageRows(part, column, of: self)
          }
        }
        pieces.append(try reader?.read(block.rows, shape) ?? [])
      }
      return pieces
    } catch { throw error.at(plan.place(of: part, column, in: self)) }
  }

  /// A parallel loop whose threads each have their scratch memory.
  private func loop(
    _ count: Int, _ threads: Int, _ cancellation: CancellationToken?,
    _ body: @escaping @Sendable (Int, ChunkScratch) throws(ReadError) -> Void
  ) throws(ReadError) {
    let completed = try ParallelLoop.run(
      count: count, threads: threads, cancellation: cancellation, makeScratch: { ChunkScratch() }
    ) { (index: Int, scratch: inout ChunkScratch) throws(ReadError) in
      try body(index, scratch)
    }
    guard completed else { throw ReadError(.cancelled, at: .init(file: source.name)) }
  }
}
