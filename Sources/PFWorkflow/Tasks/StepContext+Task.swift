extension StepContext {
  /// Whether the attempt is to stop: the run was cancelled or failed, or the time is over.
  public var isCancelled: Bool { Task.isCancelled || core.isStopping(ticket) }

  /// - Throws: `CancellationError` when the attempt is to stop.
  public func checkCancellation() throws {
    if isCancelled { throw CancellationError() }
  }
}
