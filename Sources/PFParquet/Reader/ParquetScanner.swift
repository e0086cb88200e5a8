public import PFArrow
public import PFCore

/// Reads a Parquet file batch by batch, with the memory of two batches and a page for each column:
/// the next batch is decoded while the caller works on the present one, unless
/// `ParquetReadOptions.readsAhead` says otherwise.
///
/// Letting go of it ends what is at work. Not for use from two threads at once.
public final class ParquetScanner: RecordBatchSource {
  /// The schema of every batch.
  public let schema: Schema
  private let batches: BatchesAhead

  /// A scan of `file`.
  ///
  /// - Throws: what `ParquetFile.read` throws for the options and the schema.
  public init(
    _ file: ParquetFile, _ options: ParquetReadOptions = ParquetReadOptions(),
    cancellation: CancellationToken? = nil
  ) throws(ReadError) {
    let stop = CancellationToken(following: cancellation)
    let scan = try FileScan(file, options, cancellation: stop)
    schema = scan.schema
    batches = BatchesAhead(
      scan, stop: stop, readsAhead: options.readsAhead && scan.threads > 1,
      isCallback: file.source.prefersLargeReads)
  }

  /// The next batch, with `options.batchSize` rows at most; nil after the last.
  ///
  /// - Throws: `ReadError` with the row group, the column, the page and the offset; the same again
  ///   when it is called once more.
  public func next() throws(ReadError) -> RecordBatch? { try batches.next() }
}
