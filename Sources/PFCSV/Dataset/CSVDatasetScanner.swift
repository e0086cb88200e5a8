public import PFArrow
public import PFCore

/// Reads several CSV files, as one table, batch by batch.
///
/// As `CSVScanner` does for one: where types are inferred all files are read twice.
/// Not for use from two threads at once.
public final class CSVDatasetScanner: RecordBatchSource {
  /// The schema of every batch.
  public let schema: Schema
  private let chunks: ChunkBatches
  private let batches: BatchesAhead

  /// A scan of `dataset`.
  ///
  /// - Throws: what `CSVDataset.read` throws for the options and the begin of the files; where types
  ///   are inferred, for all of them.
  public init(
    _ dataset: CSVDataset, _ options: CSVReadOptions = CSVReadOptions(),
    cancellation: CancellationToken? = nil
  ) throws(ReadError) {
    guard options.batchSize > 0 else {
      throw ReadError(.invalidOption(name: "batch_size", why: "it is below 1"))
    }
    let stop = CancellationToken(following: cancellation)
    let (jobs, isKnown) = try dataset.scanJobs(options, cancellation: stop)
    schema = jobs.first?.schema ?? Schema([])
    let files = dataset.files
    chunks = ChunkBatches(
      zip(jobs, files).map { job, file in (job, file.source.name) }, isKnown: isKnown, options)
    // Of what is made ahead, the rejects are seen: none may lie behind the limit.
    batches = BatchesAhead(
      batchSize: options.batchSize, limit: options.limit, stop: stop,
      readsAhead: options.limit == nil && jobs.contains { $0.threads > 1 },
      isCallback: files.contains { $0.source.prefersLargeReads }, make: chunks.make)
  }

  /// The next batch, with `options.batchSize` rows at most; nil after the last.
  ///
  /// - Throws: `ReadError` with the file and the place in it; the same again when it is called once
  ///   more.
  public func next() throws(ReadError) -> RecordBatch? { try batches.next() }

  /// Gives what was wrong so far, from any thread.
  package var rejectsReader: @Sendable () -> CSVRejects {
    let chunks = chunks
    return { chunks.rejects }
  }
}
