public import PFArrow
public import PFCore

/// Reads Avro files batch by batch, with the memory of a few blocks of them.
///
/// Letting go of it ends what is at work. Not for use from two threads at once.
public final class AvroScanner: RecordBatchSource {
  /// The schema of every batch.
  public let schema: Schema
  private let ahead: ReadAhead<RecordBatch>?
  private let maker: AvroBatchMaker
  private var failure: ReadError?

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
    let maker = AvroBatchMaker(work, options, threads: threads, rejects, stop)
    self.maker = maker
    let waits = dataset.files.allSatisfy { !$0.source.prefersLargeReads }
    ahead =
      threads > 1
      ? ReadAhead(stop: stop, waitsAtEnd: waits) { () throws(ReadError) in try maker.next() } : nil
  }

  /// The next batch, with `options.batchSize` rows at most; nil after the last.
  ///
  /// - Throws: `ReadError` with the file, the block and the offset; the same again when it is called
  ///   once more.
  public func next() throws(ReadError) -> RecordBatch? {
    if let failure { throw failure }
    do throws(ReadError) {
      if let ahead { return try ahead.pull() }
      return try maker.next()
    } catch {
      failure = error
      throw error
    }
  }
}

/// Makes the batches of a scan, a few groups of blocks at a time.
private final class AvroBatchMaker: @unchecked Sendable {
  // SAFETY: `next` is called by one thread at a time: `ReadAhead` hands over through a gate.
  private let work: AvroWork
  private let batchSize: Int
  private let threads: Int
  private let rejects: AvroRejects?
  private let stop: CancellationToken
  private var waiting: [RecordBatch] = []
  /// Rows of the first waiting batch that were given.
  private var given = 0
  /// Rows that are still wanted.
  private var left: Int

  init(
    _ work: AvroWork, _ options: AvroReadOptions, threads: Int, _ rejects: AvroRejects?,
    _ stop: CancellationToken
  ) {
    self.rejects = rejects
    self.work = work
    self.threads = max(1, threads)
    self.stop = stop
    batchSize = options.batchSize
    left = options.limit ?? .max
  }

  func next() throws(ReadError) -> RecordBatch? {
    while true {
      guard left > 0 else { return nil }
      if let batch = waiting.first {
        let count = min(batchSize, batch.rowCount - given, left)
        let piece = batch.slice(start: given, count: count)
        given += count
        left -= count
        if given == batch.rowCount {
          waiting.removeFirst()
          given = 0
        }
        if count > 0 { return piece }
        continue
      }
      var parts: [AvroWork.Part] = []
      while parts.count < threads, let part = try work.next() { parts.append(part) }
      if parts.isEmpty { return nil }
      waiting = try decode(parts, threads: threads, rejects: rejects, cancellation: stop)
    }
  }
}

extension AvroFile {
  /// The batches of the file, in order:
  ///
  /// ```swift
  /// for try await batch in file.batches() { print(batch.rowCount) }
  /// ```
  ///
  /// What is wrong with the options or the file is thrown by the first step.
  public func batches(_ options: AvroReadOptions = AvroReadOptions()) -> RecordBatches {
    RecordBatches { (stop) throws(ReadError) in
      try AvroScanner(AvroDataset([self]), options, cancellation: stop)
    }
  }
}

extension AvroDataset {
  /// The batches of all files, in order; as `AvroFile.batches(_:)`.
  public func batches(_ options: AvroReadOptions = AvroReadOptions()) -> RecordBatches {
    RecordBatches { (stop) throws(ReadError) in
      try AvroScanner(self, options, cancellation: stop)
    }
  }
}
