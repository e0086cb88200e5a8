internal import PFArrow
internal import PFCore

/// Makes the batches of a scan, a few chunks of a file at a time, one file after the other.
final class ChunkBatches: @unchecked Sendable {
  // SAFETY: `next` is called by one thread at a time: `BatchesAhead` hands over through a gate. The
  // rest does not change.
  private let files: [(job: ReadJob, name: String)]
  private let isKnown: Bool
  private let rejectLimit: Int
  private var index = 0
  private var chunk = 0

  /// - Parameters:
  ///   - files: The reads of the files and their names.
  ///   - isKnown: Whether they were run to know the types.
  ///   - options: Those of the scan.
  init(_ files: [(job: ReadJob, name: String)], isKnown: Bool, _ options: CSVReadOptions) {
    self.files = files
    self.isKnown = isKnown
    rejectLimit = options.rejectLimit
  }

  /// What was wrong so far; may be asked for from any thread.
  var rejects: CSVRejects {
    var rejects = CSVRejects()
    for (job, _) in files { rejects.append(job.rejects, limit: rejectLimit) }
    return rejects
  }

  var make: BatchesAhead.Make {
    { () throws(ReadError) in try self.next() }
  }

  private func next() throws(ReadError) -> [RecordBatch]? {
    while index < files.count {
      let (job, name) = files[index]
      do throws(ReadError) {
        if let batches = try next(of: job) { return batches }
      } catch { throw error.at(.init(file: name)) }
      index += 1
      chunk = 0
    }
    return nil
  }

  private func next(of job: ReadJob) throws(ReadError) -> [RecordBatch]? {
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
  }
}
