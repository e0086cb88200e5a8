public import PFArrow
public import PFCore

/// Reads a CSV file batch by batch, with the memory of a few chunks of it.
///
/// Where types are inferred, the file is read twice: the first time to know the types of all
/// values, so that every batch has the schema that `CSVFile.read` gives. With all types given, or
/// `infersTypes` off, once is enough.
///
/// Letting go of it ends what is at work. Not for use from two threads at once.
public final class CSVScanner: RecordBatchSource {
  /// The schema of every batch.
  public let schema: Schema
  private let chunks: ChunkBatches
  private let batches: BatchesAhead

  /// A scan of `file`.
  ///
  /// - Throws: what `CSVFile.read` throws for the options and the begin of the file; where types
  ///   are inferred, for all of it.
  public init(
    _ file: CSVFile, _ options: CSVReadOptions = CSVReadOptions(),
    cancellation: CancellationToken? = nil
  ) throws(ReadError) {
    guard options.batchSize > 0 else {
      throw ReadError(.invalidOption(name: "batch_size", why: "it is below 1"))
    }
    let stop = CancellationToken(following: cancellation)
    let job: ReadJob
    let isGiven: Bool
    do throws(ReadError) {
      let opened = try OpenedText(file.source, options)
      let types = try opened.head.sampledTypes(opened.front, options, isCut: !opened.isWhole)
      isGiven = types.allSatisfy { if case .given = $0 { true } else { false } }
      job = try ReadJob(
        opened.text, opened.head, options, types: types, keepsArrays: isGiven, smallChunks: true,
        cancellation: stop)
      if !isGiven {
        try job.run()
        job.rewind()
      }
    } catch { throw error.at(.init(file: file.source.name)) }
    schema = job.schema
    chunks = ChunkBatches([(job, file.source.name)], isKnown: !isGiven, options)
    batches = BatchesAhead(
      batchSize: options.batchSize, stop: stop, readsAhead: job.threads > 1,
      isCallback: file.source.prefersLargeReads, make: chunks.make)
  }

  /// The next batch, with `options.batchSize` rows at most; nil after the last.
  ///
  /// - Throws: `ReadError` with the line, the record, the column and the offset; the same again
  ///   when it is called once more.
  public func next() throws(ReadError) -> RecordBatch? { try batches.next() }

  /// What was wrong so far; all of it once the last batch was given.
  public var rejects: CSVRejects { chunks.rejects }

  /// Gives `rejects` from any thread, also while a batch is made.
  package var rejectsReader: @Sendable () -> CSVRejects {
    let chunks = chunks
    return { chunks.rejects }
  }
}
