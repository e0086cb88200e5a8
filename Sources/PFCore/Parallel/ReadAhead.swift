internal import Synchronization

/// Items of a sequence, made one ahead: the next one is made while the caller works on the present.
///
/// The helper is a thread of a pool. One that has not begun when the caller comes
/// back is not waited for: the caller makes the item itself, so that a busy pool costs speed and
/// never the result. At most one item is made and not taken.
///
/// Not for use from two threads at once.
package final class ReadAhead<Item: Sendable> {
  package typealias Make = @Sendable () throws(ReadError) -> Item?

  private let make: Make
  private let stop: CancellationToken
  private let isOn: Bool
  private let waitsAtEnd: Bool
  private var next: Turn?

  /// One item in the making.
  private final class Turn: Sendable {
    enum Phase: Int, AtomicRepresentable { case open, begun, done }

    private let phase = Atomic(Phase.open)
    private let gate = Gate()
    /// The maker until the item is made: a helper that comes late must not be the last to hold
    /// what it needs, such as an open file.
    private let make: Mutex<Make?>
    private let result = Mutex<Result<Item?, ReadError>?>(nil)

    init(_ make: @escaping Make) { self.make = Mutex(make) }

    /// The helper's turn.
    func run() {
      guard gate.enter() else { return }
      phase.store(.begun, ordering: .sequentiallyConsistent)
      if let make = make.withLock({ $0 }) {
        let made = Result { () throws(ReadError) in try make() }
        result.withLock { $0 = made }
      }
      make.withLock { $0 = nil }
      phase.store(.done, ordering: .sequentiallyConsistent)
      gate.leave()
    }

    /// What the helper made; nil where it has not begun, and then it never will.
    ///
    /// - Throws: `.unsupported` in a forked child whose parent was at it.
    func finish() throws(ReadError) -> Result<Item?, ReadError>? {
      guard RuntimePool.isUsable else {
        // The helper stayed behind in the parent.
        switch phase.load(ordering: .sequentiallyConsistent) {
        case .open: return nil
        case .begun:
          throw ReadError(.unsupported(feature: "going on in a forked process with a scan at work"))
        case .done: return result.withLock { $0 }
        }
      }
      gate.closeAndWait()
      make.withLock { $0 = nil }
      return result.withLock { $0.take() }
    }
  }

  /// - Parameters:
  ///   - stop: Raised when the caller lets go, so that `make` ends soon.
  ///   - isOn: Whether items are made ahead at all; else each is made when it is asked for.
  ///   - waitsAtEnd: Whether the end waits for the helper, so that nothing is at work or held any
  ///     more behind it. Where the helper may need a lock that the caller holds, it must not.
  ///   - make: Makes the next item; nil behind the last. Calls never overlap.
  package init(
    stop: CancellationToken, isOn: Bool = true, waitsAtEnd: Bool, make: @escaping Make
  ) {
    self.stop = stop
    self.isOn = isOn
    self.waitsAtEnd = waitsAtEnd
    self.make = make
  }

  deinit {
    stop.cancel()
    if waitsAtEnd { _ = try? next?.finish() }
  }

  /// The next item; nil behind the last.
  ///
  /// - Throws: what making it threw.
  package func pull() throws(ReadError) -> Item? {
    let item: Item?
    if let made = try next.take()?.finish() {
      item = try made.get()
    } else {
      item = try make()
    }
    guard let item else { return nil }
    if isOn, RuntimePool.isUsable {
      let turn = Turn(make)
      next = turn
      ThreadPool.helpers.run { turn.run() }
    }
    return item
  }
}
