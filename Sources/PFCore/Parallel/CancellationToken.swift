internal import Synchronization

/// A flag that asks running work to stop. May be raised from any thread, once and for all.
public final class CancellationToken: Sendable {
  private let flag = Atomic<Bool>(false)

  /// A token that is not raised.
  public init() {}

  /// Asks all work that holds this token to stop soon.
  public func cancel() { flag.store(true, ordering: .relaxed) }

  /// Whether `cancel()` was called.
  public var isCancelled: Bool { flag.load(ordering: .relaxed) }
}
