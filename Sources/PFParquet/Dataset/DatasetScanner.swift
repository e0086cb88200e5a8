public import PFArrow
public import PFCore

/// Reads a dataset batch by batch, one file at a time, with the memory of two batches and a page
/// for each column: the next batch is decoded while the caller works on the present one.
///
/// Letting go of it ends what is at work. Not for use from two threads at once.
public final class DatasetScanner: RecordBatchSource {
  /// The schema of every batch.
  public let schema: Schema
  private let batches: BatchesAhead

  /// A scan of all files of `dataset`.
  ///
  /// - Throws: what `ParquetDataset.read` throws for the options and the schemas.
  public init(
    _ dataset: ParquetDataset, _ options: ParquetReadOptions = ParquetReadOptions(),
    cancellation: CancellationToken? = nil
  ) throws(ReadError) {
    let stop = CancellationToken(following: cancellation)
    let threads = options.threads ?? Settings.current.threadCount
    let scan = try DatasetScan(dataset, options, cancellation: stop)
    schema = scan.schema
    batches = BatchesAhead(
      scan, stop: stop, readsAhead: options.readsAhead && threads > 1, isCallback: false)
  }

  /// The next batch, with `options.batchSize` rows at most; nil after the last.
  ///
  /// - Throws: `ReadError` with the file and the place in it.
  public func next() throws(ReadError) -> RecordBatch? { try batches.next() }
}
