public import PFArrow
public import PFCore
internal import Synchronization

extension ParquetDataset {
  /// Reads all files into memory, one behind the other.
  ///
  /// Many files are read side by side, few one by one with all threads for each; the result does
  /// not depend on the number of threads.
  ///
  /// - Parameters:
  ///   - options: What to read; row groups only where there is a single file.
  ///   - cancellation: When raised, the read ends with `.cancelled`.
  /// - Returns: The table, its batches in the order of the files.
  /// - Throws: `ReadError` with the file and the place in it.
  public func read(
    _ options: ParquetReadOptions = ParquetReadOptions(), cancellation: CancellationToken? = nil
  ) throws(ReadError) -> Table {
    let plan = try DatasetPlan(of: self, options)
    let limits = try rowLimits(options)
    let threads = options.threads ?? Settings.current.threadCount
    // With several files for each thread no thread waits long for the others.
    let isWide = files.count >= 4 * threads
    let budget = AllocationBudget(limit: options.limits.allocationByteCount)
    let results = Mutex([[RecordBatch]](repeating: [], count: limits.count))
    let completed = try ParallelLoop.run(
      count: limits.count, threads: isWide ? threads : 1, cancellation: cancellation,
      makeScratch: {}
    ) { (index: Int, _: inout Void) throws(ReadError) in
      let file = try self.file(at: index)
      var own = try plan.options(for: file, options)
      own.limit = limits[index]
      if isWide { own.threads = 1 }
      var batches: [RecordBatch] = []
      for batch in try file.read(own, budget, cancellation: cancellation).batches {
        batches.append(try plan.adapt(batch, file: index, of: self))
      }
      results.withLock { [batches] in $0[index] = batches }
    }
    guard completed else { throw ReadError(.cancelled, at: .init(file: name)) }
    return Table(schema: plan.schema, batches: results.withLock { $0.flatMap { $0 } })
  }

  /// For each file that has rows to give how many these may be; nil for all.
  private func rowLimits(_ options: ParquetReadOptions) throws(ReadError) -> [Int?] {
    try checkRowGroups(options)
    guard var left = options.limit else { return Array(repeating: nil, count: files.count) }
    var limits: [Int?] = []
    for index in files.indices where left > 0 || index == 0 {
      let count = min(left, try file(at: index).rowCount())
      limits.append(count)
      left -= count
    }
    return limits
  }

  func checkRowGroups(_ options: ParquetReadOptions) throws(ReadError) {
    guard options.rowGroups == nil || files.count == 1 else {
      throw ReadError(
        .invalidOption(name: "row_groups", why: "it needs a single source"), at: .init(file: name))
    }
  }
}
