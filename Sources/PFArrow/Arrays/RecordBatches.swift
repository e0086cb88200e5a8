public import PFCore

/// The record batches of a scan, for `for try await`.
///
/// Each iteration is a scan of its own, opened by its first step. Batches are decoded away from the
/// caller's actor. Cancelling the task ends the scan with `.cancelled`; leaving the loop ends it
/// without a word.
public struct RecordBatches: AsyncSequence, Sendable {
  /// A batch, with as many rows at most as the options of the scan say.
  public typealias Element = RecordBatch
  /// What opening or reading the file throws.
  public typealias Failure = ReadError

  /// Opens the scan, which ends when `stop` is raised.
  package typealias Open =
    @Sendable (_ stop: CancellationToken) throws(ReadError) -> any RecordBatchSource
  private let open: Open

  /// The batches of what `open` opens.
  package init(_ open: @escaping Open) { self.open = open }

  /// A scan that begins with the first call of `next`.
  public func makeAsyncIterator() -> Iterator { Iterator(steps: Steps(open)) }

  /// One scan.
  public struct Iterator: AsyncIteratorProtocol {
    fileprivate let steps: Steps

    /// The next batch; nil after the last.
    ///
    /// - Throws: `ReadError` with the place in the file; `.cancelled` when the task is.
    public mutating func next(
      isolation actor: isolated (any Actor)? = #isolation
    ) async throws(ReadError) -> RecordBatch? {
      let steps = steps
      return try await withTaskCancellationHandler {
        await steps.next()
      } onCancel: {
        steps.stop.cancel()
      }.get()
    }
  }

  fileprivate final class Steps: @unchecked Sendable {
    // SAFETY: `source` and `open` are used by `next` alone, whose calls an iterator never overlaps.
    let stop = CancellationToken()
    private var open: Open?
    private var source: (any RecordBatchSource)?

    init(_ open: @escaping Open) { self.open = open }

    @concurrent func next() async -> Result<RecordBatch?, ReadError> {
      let result = Result { () throws(ReadError) in
        if stop.isCancelled { throw ReadError(.cancelled) }
        if let open = open.take() { source = try open(stop) }
        return try source?.next()
      }
      // Nothing is held behind the end.
      if case .success(.some) = result { return result }
      source = nil
      return result
    }
  }
}
