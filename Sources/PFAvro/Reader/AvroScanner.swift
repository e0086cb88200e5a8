public import PFArrow
public import PFCore

/// Reads Avro files batch by batch, with the memory of a few blocks of them: for each thread some are
/// decoded while the caller works on those before.
///
/// Letting go of it ends what is at work. Not for use from two threads at once.
public final class AvroScanner: RecordBatchSource {
  /// The schema of every batch.
  public let schema: Schema
  private let batches: BatchesAhead

  /// A scan of all files of a dataset.
  ///
  /// What was broken is in `rejects`, as for `AvroFile.read`, once the last batch was given.
  /// - Throws: as `AvroDataset.schema`.
  public init(
    _ dataset: AvroDataset, _ options: AvroReadOptions = AvroReadOptions(),
    rejects: AvroRejects? = nil, cancellation: CancellationToken? = nil
  ) throws(ReadError) {
    guard options.batchSize > 0 else {
      throw ReadError(.invalidOption(name: "batch_size", why: "it is below 1"))
    }
    let stop = CancellationToken(following: cancellation)
    let threads = options.threads ?? Settings.current.threadCount
    let work = try AvroWork(dataset, options, rejects)
    schema = work.schema
    let groups = GroupBatches(work, threads: threads, rejects, stop)
    batches = BatchesAhead(
      batchSize: options.batchSize, limit: options.limit, stop: stop, readsAhead: threads > 1,
      isCallback: dataset.files.contains { $0.source.prefersLargeReads }
    ) { () throws(ReadError) in try groups.next() }
  }

  /// The next batch, with `options.batchSize` rows at most; nil after the last.
  ///
  /// - Throws: `ReadError` with the file, the block and the offset; the same again when it is called
  ///   once more.
  public func next() throws(ReadError) -> RecordBatch? { try batches.next() }
}

/// Makes the batches of a scan, a few groups of blocks at a time.
private final class GroupBatches: @unchecked Sendable {
  // SAFETY: `next` is called by one thread at a time: `BatchesAhead` hands over through a gate.
  private let work: AvroWork
  private let threads: Int
  private let rejects: AvroRejects?
  private let stop: CancellationToken
  private let workers = BlockWorkers()
  /// What is thrown once the batches before it were given.
  private var failure: ReadError?

  init(
    _ work: AvroWork, threads: Int, _ rejects: AvroRejects?, _ stop: CancellationToken
  ) {
    self.work = work
    self.threads = max(1, threads)
    self.rejects = rejects
    self.stop = stop
  }

  func next() throws(ReadError) -> [RecordBatch]? {
    if let failure { throw failure }
    var parts: [AvroWork.Part] = []
    do throws(ReadError) {
      while parts.count < threads, let part = try work.next() { parts.append(part) }
    } catch { failure = error }
    if parts.isEmpty {
      if let failure { throw failure }
      return nil
    }
    let (batches, first) = workers.decode(
      parts, threads: threads, rejects: rejects, cancellation: stop)
    failure = first ?? failure
    return batches
  }
}
