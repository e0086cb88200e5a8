internal import Synchronization

/// A flag that asks running work to stop. May be raised from any thread, once and for all.
public final class CancellationToken: Sendable {
  private let flag = Atomic<Bool>(false)
  private let parent: CancellationToken?

  /// A token that is not raised.
  public init() { parent = nil }

  /// A token that is raised with `parent`, too.
  package init(following parent: CancellationToken?) { self.parent = parent }

  /// Asks all work that holds this token to stop soon.
  public func cancel() { flag.store(true, ordering: .relaxed) }

  /// Whether `cancel()` was called.
  public var isCancelled: Bool {
    flag.load(ordering: .relaxed) || parent?.isCancelled == true
  }
}
