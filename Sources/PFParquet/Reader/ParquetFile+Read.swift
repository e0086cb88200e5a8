public import PFArrow
public import PFCore
internal import Synchronization

extension ParquetFile {
  /// Reads into memory: a batch for each row group, split only where a column of strings is more
  /// than 2 GiB.
  ///
  /// Column chunks are decoded in parallel, each straight into its final buffers; the result does
  /// not depend on the number of threads.
  ///
  /// - Parameters:
  ///   - options: What to read.
  ///   - cancellation: When raised, the read ends with `.cancelled`.
  ///   - progress: Told the fraction that is done, from any thread.
  /// - Returns: The table, its batches in the order of the row groups.
  /// - Throws: `ReadError` with the row group, the column, the page and the offset.
  public func read(
    _ options: ParquetReadOptions = ParquetReadOptions(),
    cancellation: CancellationToken? = nil, progress: (@Sendable (Double) -> Void)? = nil
  ) throws(ReadError) -> Table {
    try read(
      options, AllocationBudget(limit: options.limits.allocationByteCount),
      cancellation: cancellation, progress: progress)
  }

  /// As the public one, as part of a read that may take `budget`.
  func read(
    _ options: ParquetReadOptions, _ budget: AllocationBudget, cancellation: CancellationToken?,
    progress: (@Sendable (Double) -> Void)? = nil
  ) throws(ReadError) -> Table {
    let start = MonotonicClock.now()
    let plan = try ReadPlan(of: self, options, budget: budget)
    if let condition = plan.condition {
      return try readFiltered(plan, condition, options, cancellation: cancellation, progress)
    }
    let chunkCount = plan.parts.count * plan.leaves.count
    let results = Mutex([[DecodedLeaf]](repeating: [], count: chunkCount))
    let doneCount = Atomic<Int>(0)
    // The largest chunks first, so that no thread is left with one at the end; but what is read
    // together comes together.
    let sizes = try plan.compressedByteCounts(in: self)
    let merged = try plan.mergedReads(of: plan.parts[...], in: self)
    let positions = sizes.indices.map { merged?.position(ofChunk: $0) ?? 0 }
    let order = sizes.indices.sorted {
      (positions[$0], sizes[$1], $0) < (positions[$1], sizes[$0], $1)
    }

    let completed = try ParallelLoop.run(
      count: chunkCount, threads: try threads(for: plan, options), cancellation: cancellation,
      makeScratch: { ChunkScratch() }
    ) { [self] (turn: Int, scratch: inout ChunkScratch) throws(ReadError) in
      let index = order[turn]
      let part = plan.parts[index / plan.leaves.count]
      let column = plan.leaves[index % plan.leaves.count]
      do throws(ReadError) {
        defer { merged?.finish(chunk: index) }
        let bytes = try merged?.bytes(ofChunk: index)
        let arrays = try decode(part, column, plan, options, cancellation, bytes, scratch)
        results.withLock { $0[index] = arrays }
      } catch { throw error.at(plan.place(of: part, column, in: self)) }
      if let progress {
        let done = doneCount.add(1, ordering: .relaxed).newValue
        progress(Double(done) / Double(chunkCount))
      }
    }
    guard completed else { throw ReadError(.cancelled, at: .init(file: source.name)) }

    let arrays = results.withLock { $0 }
    var batches: [RecordBatch] = []
    for (index, part) in plan.parts.enumerated() {
      let first = index * plan.leaves.count
      do throws(ReadError) {
        batches += try Self.batches(
          of: Array(arrays[first..<(first + plan.leaves.count)]), rowCount: part.rowCount, plan)
      } catch { throw error.at(.init(file: source.name, rowGroup: part.rowGroup)) }
    }
    let table = Table(schema: plan.schema, batches: batches)
    Logger.debug(
      "read \(source.name) as parquet: \(table.rowCount) rows, \(plan.fields.count) columns in "
        + "\(MonotonicClock.milliseconds(since: start)) ms")
    return table
  }

  /// All wanted slots of one column chunk.
  private func decode(
    _ part: ReadPlan.Part, _ column: ColumnMapping, _ plan: ReadPlan,
    _ options: ParquetReadOptions, _ cancellation: CancellationToken?, _ bytes: Buffer?,
    _ scratch: ChunkScratch
  ) throws(ReadError) -> [DecodedLeaf] {
    let reader = try plan.open(part, column, of: self, options, bytes: bytes, scratch: scratch)
    reader.cancellation = cancellation
    var arrays: [DecodedLeaf] = []
    var left = part.rowCount
    repeat {
      let array = try reader.read(left)
      left -= array.length
      arrays.append(array)
    } while left > 0
    return arrays
  }

  /// The runtime's threads cost two milliseconds to start: small reads do without.
  func threads(
    for plan: ReadPlan, _ options: ParquetReadOptions
  ) throws(ReadError) -> Int {
    if let threads = options.threads, threads < 1 {
      throw ReadError(.invalidOption(name: "threads", why: "it is below 1"))
    }
    let small = 1 << 20
    if try plan.uncompressedByteCount(in: self) < small { return 1 }
    return options.threads ?? Settings.current.threadCount
  }

  /// Batches of columns that may be cut at different rows.
  private static func batches(
    of columns: [[DecodedLeaf]], rowCount: Int, _ plan: ReadPlan
  ) throws(ReadError) -> [RecordBatch] {
    var batches: [RecordBatch] = []
    for stretch in Stretch.all(of: columns, rowCount: rowCount) {
      batches.append(try plan.batch(stretch.columns, rowCount: stretch.rowCount))
    }
    return batches
  }
}
