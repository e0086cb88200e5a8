internal import PFArrow
internal import PFCore

/// Makes batches, one for each call; calls do not overlap, but may come from any thread.
protocol BatchMaker: AnyObject {
  var schema: Schema { get }
  func next() throws(ReadError) -> RecordBatch?
}

/// Lends a maker to one thread after the other.
private struct Lent: @unchecked Sendable {
  // SAFETY: `BatchesAhead` never calls it twice at once, and hands over through a gate.
  let maker: any BatchMaker
}

extension BatchesAhead {
  /// The batches of a maker; see the other initializer.
  convenience init(
    _ maker: any BatchMaker, stop: CancellationToken, readsAhead: Bool, isCallback: Bool
  ) {
    let lent = Lent(maker: maker)
    self.init(stop: stop, readsAhead: readsAhead, isCallback: isCallback) {
      () throws(ReadError) in try lent.maker.next().map { [$0] }
    }
  }
}
