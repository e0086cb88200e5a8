internal import PFArrow
internal import PFCore

/// Makes batches, one for each call; calls do not overlap, but may come from any thread.
protocol BatchMaker: AnyObject {
  var schema: Schema { get }
  func next() throws(ReadError) -> RecordBatch?
}

/// The batches of a scan, the next one in the making while the caller works on the present.
///
/// A scan that failed has failed for good: what its columns hold after an error is not looked at.
final class BatchesAhead {
  let schema: Schema
  private let maker: any BatchMaker
  private let ahead: ReadAhead<RecordBatch>?
  private var failure: ReadError?

  /// Lends a maker to one thread after the other.
  private struct Lent: @unchecked Sendable {
    // SAFETY: `ReadAhead` never calls it twice at once, and hands over through a gate.
    let maker: any BatchMaker
  }

  /// - Parameters:
  ///   - maker: Makes the batches.
  ///   - stop: Ends the work of `maker`.
  ///   - readsAhead: Whether one is made before it is asked for.
  ///   - isCallback: Whether the bytes come from a function of the caller, who may hold a lock that
  ///     it needs: then nobody waits for it at the end.
  init(_ maker: any BatchMaker, stop: CancellationToken, readsAhead: Bool, isCallback: Bool) {
    schema = maker.schema
    self.maker = maker
    let lent = Lent(maker: maker)
    ahead =
      readsAhead
      ? ReadAhead(stop: stop, waitsAtEnd: !isCallback) { () throws(ReadError) in
        try lent.maker.next()
      } : nil
  }

  func next() throws(ReadError) -> RecordBatch? {
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
