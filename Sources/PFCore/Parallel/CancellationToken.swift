internal import Synchronization

/// A flag that asks running work to stop. May be raised from any thread, once and for all.
public final class CancellationToken: Sendable {
  private let flag = Atomic<Bool>(false)
  private let parent: CancellationToken?
  private let listeners = Mutex(Listeners())

  private struct Listeners {
    var nextNumber = 0
    var actions: [Int: @Sendable () -> Void] = [:]
  }

  /// A token that is not raised.
  public init() { parent = nil }

  /// A token that is raised with `parent`, too.
  package init(following parent: CancellationToken?) { self.parent = parent }

  /// Asks all work that holds this token to stop soon.
  public func cancel() {
    flag.store(true, ordering: .sequentiallyConsistent)
    let actions = listeners.withLock { listeners in
      defer { listeners.actions = [:] }
      return listeners.actions.values
    }
    for action in actions { action() }
  }

  /// Whether `cancel()` was called.
  public var isCancelled: Bool {
    flag.load(ordering: .relaxed) || parent?.isCancelled == true
  }

  /// Calls `action` once when the token is raised, at once when it is already: from the thread that
  /// raises it.
  ///
  /// - Returns: what ends this; a parent's token is listened to as well.
  package func whenCancelled(_ action: @escaping @Sendable () -> Void) -> Registration {
    let outer = parent?.whenCancelled(action)
    let number = listeners.withLock { listeners in
      listeners.nextNumber += 1
      listeners.actions[listeners.nextNumber] = action
      return listeners.nextNumber
    }
    // Raised in between: whoever finds the action calls it.
    if flag.load(ordering: .sequentiallyConsistent) {
      listeners.withLock { $0.actions.removeValue(forKey: number) }?()
    }
    return Registration(token: self, number: number, outer: outer)
  }

  /// An action that waits for a token.
  package final class Registration: Sendable {
    private let token: CancellationToken
    private let number: Int
    private let outer: Registration?

    fileprivate init(token: CancellationToken, number: Int, outer: Registration?) {
      self.token = token
      self.number = number
      self.outer = outer
    }

    /// The action is not called from now on, unless it is being called.
    package func end() {
      token.listeners.withLock { _ = $0.actions.removeValue(forKey: number) }
      outer?.end()
    }
  }
}
