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
  /// Makes the batches of a few chunks while the caller works on those of others.
  private let ahead: ReadAhead<[RecordBatch]>?
  private let maker: BatchMaker
  private var queue: BatchQueue
  private var failure: ReadError?

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
    let maker = BatchMaker(
      job, isKnown: !isGiven, batchSize: options.batchSize, name: file.source.name)
    self.maker = maker
    queue = BatchQueue(batchSize: options.batchSize)
    schema = job.schema
    ahead =
      job.threads > 1
      ? ReadAhead(stop: stop, waitsAtEnd: !file.source.prefersLargeReads) {
        () throws(ReadError) in try maker.nextBatches()
      } : nil
  }

  /// The next batch, with `options.batchSize` rows at most; nil after the last.
  ///
  /// - Throws: `ReadError` with the line, the record, the column and the offset; the same again
  ///   when it is called once more.
  public func next() throws(ReadError) -> RecordBatch? {
    if let failure { throw failure }
    do throws(ReadError) {
      guard let ahead else { return try maker.next() }
      while true {
        if let batch = queue.next() { return batch }
        guard let batches = try ahead.pull() else { return nil }
        queue.append(batches)
      }
    } catch {
      failure = error
      throw error
    }
  }

  /// What was wrong so far; all of it once the last batch was given.
  public var rejects: CSVRejects { maker.rejects }

  /// Gives `rejects` from any thread, also while a batch is made.
  package var rejectsReader: @Sendable () -> CSVRejects {
    let maker = maker
    return { maker.rejects }
  }
}

/// Batches of at most so many rows, cut from larger ones.
struct BatchQueue {
  private let batchSize: Int
  private var waiting: [RecordBatch] = []
  /// Rows of the first that were given.
  private var given = 0

  init(batchSize: Int) { self.batchSize = batchSize }

  /// Takes batches behind those that wait.
  mutating func append(_ batches: [RecordBatch]) { waiting += batches }

  /// The next batch; nil where none waits.
  mutating func next() -> RecordBatch? {
    guard let batch = waiting.first else { return nil }
    let count = min(batchSize, batch.rowCount - given)
    let isWhole = count == batch.rowCount
    let piece = isWhole ? batch : batch.slice(start: given, count: count)
    given += count
    if given == batch.rowCount {
      waiting.removeFirst()
      given = 0
    }
    return piece
  }
}

/// Makes the batches of a scan, a few chunks at a time.
final class BatchMaker: @unchecked Sendable {
  // SAFETY: it is used by one thread at a time: `ReadAhead` hands over through a gate.
  private let job: ReadJob
  private let isKnown: Bool
  private let name: String
  private var chunk = 0
  private var queue: BatchQueue

  init(_ job: ReadJob, isKnown: Bool, batchSize: Int, name: String) {
    self.job = job
    self.isKnown = isKnown
    self.name = name
    queue = BatchQueue(batchSize: batchSize)
  }

  var threads: Int { job.threads }
  var rejects: CSVRejects { job.rejects }

  /// The next batch of at most so many rows; nil behind the last.
  func next() throws(ReadError) -> RecordBatch? {
    while true {
      if let batch = queue.next() { return batch }
      guard let batches = try nextBatches() else { return nil }
      queue.append(batches)
    }
  }

  /// The batches of further chunks, of any number of rows; nil behind the last.
  func nextBatches() throws(ReadError) -> [RecordBatch]? {
    do throws(ReadError) {
      if isKnown {
        let end = min(job.acceptedCount, chunk + job.threads)
        guard chunk < end else { return nil }
        defer { chunk = end }
        return try job.parseBatches(chunk..<end)
      }
      guard !job.isDone else { return nil }
      try job.advance(job.threads)
      defer { chunk = job.acceptedCount }
      return try job.batches(from: chunk, releases: true)
    } catch { throw error.at(.init(file: name)) }
  }
}

extension CSVFile {
  /// The batches of the file, in order:
  ///
  /// ```swift
  /// for try await batch in file.batches() { print(batch.rowCount) }
  /// ```
  ///
  /// What is wrong with the options or the file is thrown by the first step.
  public func batches(_ options: CSVReadOptions = CSVReadOptions()) -> RecordBatches {
    RecordBatches { (stop) throws(ReadError) in
      try CSVScanner(self, options, cancellation: stop)
    }
  }
}

extension CSVDataset {
  /// The batches of all files, in order; as `CSVFile.batches(_:)`.
  public func batches(_ options: CSVReadOptions = CSVReadOptions()) -> RecordBatches {
    RecordBatches { (stop) throws(ReadError) in
      try CSVDatasetScanner(self, options, cancellation: stop)
    }
  }
}
