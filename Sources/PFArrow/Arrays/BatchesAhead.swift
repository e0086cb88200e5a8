package import PFCore

/// The batches of a scan, cut to size: some are in the making while the caller works on others.
///
/// A scan that failed has failed for good: what its maker holds after an error is not looked at.
/// Letting go of it ends what is at work. Not for use from two threads at once.
package final class BatchesAhead {
  /// Makes batches of any size; nil behind the last. Calls do not overlap, but may come from any
  /// thread.
  package typealias Make = @Sendable () throws(ReadError) -> [RecordBatch]?

  private let ahead: ReadAhead<[RecordBatch]>
  private let batchSize: Int
  /// Batches that were made, and how many rows of the first were given.
  private var waiting: ArraySlice<RecordBatch> = []
  private var given = 0
  /// Rows that are still wanted.
  private var left: Int
  private var failure: ReadError?

  /// - Parameters:
  ///   - batchSize: The most rows of a batch; larger ones are cut.
  ///   - limit: The most rows of all; nil for all that are made.
  ///   - stop: Raised when the caller lets go, so that `make` ends soon.
  ///   - readsAhead: Whether `make` is called before its batches are asked for.
  ///   - isCallback: Whether the bytes come from a function of the caller, who may hold a lock that
  ///     it needs: then nobody waits for it at the end.
  ///   - make: Makes batches.
  package init(
    batchSize: Int = .max, limit: Int? = nil, stop: CancellationToken, readsAhead: Bool,
    isCallback: Bool, make: @escaping Make
  ) {
    self.batchSize = batchSize
    left = limit ?? .max
    ahead = ReadAhead(stop: stop, isOn: readsAhead, waitsAtEnd: !isCallback, make: make)
  }

  /// The next batch, with a row at least; nil behind the last.
  ///
  /// - Throws: what making it threw; the same again when it is called once more.
  package func next() throws(ReadError) -> RecordBatch? {
    if let failure { throw failure }
    do throws(ReadError) {
      while left > 0 {
        if let batch = waiting.first {
          let count = min(batchSize, batch.rowCount - given, left)
          let piece =
            count == batch.rowCount ? batch : batch.slice(start: given, count: count)
          given += count
          left -= count
          if given == batch.rowCount {
            waiting.removeFirst()
            given = 0
          }
          if count > 0 { return piece }
        } else {
          // What is done must not be held while more is made.
          waiting = []
          guard let made = try ahead.pull() else { return nil }
          waiting = made[...]
        }
      }
      return nil
    } catch {
      failure = error
      throw error
    }
  }
}
