public import PFArrow
public import PFCore

/// Reads several CSV files, as one table, batch by batch.
///
/// As `CSVScanner` does for one: where types are inferred all files are read twice.
/// Not for use from two threads at once.
public final class CSVDatasetScanner: RecordBatchSource {
  /// The schema of every batch.
  public let schema: Schema
  private let makers: [BatchMaker]
  private let rejectLimit: Int
  private var index = 0
  private var left: Int
  private var failure: ReadError?

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
    let (jobs, isKnown) = try dataset.scanJobs(options, cancellation: cancellation)
    schema = jobs.first?.schema ?? Schema([])
    rejectLimit = options.rejectLimit
    left = options.limit ?? .max
    makers = zip(jobs, dataset.files).map { job, file in
      BatchMaker(job, isKnown: isKnown, batchSize: options.batchSize, name: file.source.name)
    }
  }

  /// The next batch, with `options.batchSize` rows at most; nil after the last.
  ///
  /// - Throws: `ReadError` with the file and the place in it; the same again when it is called once
  ///   more.
  public func next() throws(ReadError) -> RecordBatch? {
    if let failure { throw failure }
    do throws(ReadError) {
      while index < makers.count, left > 0 {
        if let batch = try makers[index].next() {
          let count = min(left, batch.rowCount)
          left -= count
          return count < batch.rowCount ? batch.slice(start: 0, count: count) : batch
        }
        index += 1
      }
      return nil
    } catch {
      failure = error
      throw error
    }
  }

  /// Gives what was wrong so far, from any thread.
  package var rejectsReader: @Sendable () -> CSVRejects {
    let makers = makers
    let limit = rejectLimit
    return {
      var rejects = CSVRejects()
      for maker in makers { rejects.append(maker.rejects, limit: limit) }
      return rejects
    }
  }
}
