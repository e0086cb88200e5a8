internal import Synchronization

/// A loop over independent items on several threads.
///
/// The calling thread works too, beside helpers of a pool; so a loop always ends, even where every
/// thread of the pool is busy, and a loop with one thread never touches the pool. Items are handed out in order. The error of the lowest failing index is
/// the one that is thrown, whatever the scheduling: all items below it have been handed out before.
package enum ParallelLoop {
  /// Runs `body` for each index in `0..<count`, on at most `threads` threads.
  ///
  /// - Parameters:
  ///   - count: The number of items.
  ///   - threads: The most threads to use, the caller's included.
  ///   - cancellation: When raised, no further item starts.
  ///   - makeScratch: Makes the working memory of one thread; called once for each.
  ///   - body: The work for one index.
  /// - Returns: Whether all items ran; false when the token was raised.
  /// - Throws: the error of the lowest index that failed.
  package static func run<Scratch, Failure: Error>(
    count: Int, threads: Int, cancellation: CancellationToken? = nil,
    makeScratch: @escaping @Sendable () -> Scratch,
    body: @escaping @Sendable (_ index: Int, _ scratch: inout Scratch) throws(Failure) -> Void
  ) throws(Failure) -> Bool {
    let helperCount = min(threads, count) - 1
    guard helperCount > 0, RuntimePool.isUsable else {
      var scratch = makeScratch()
      for index in 0..<count {
        if cancellation?.isCancelled == true { return false }
        try body(index, &scratch)
      }
      return true
    }

    let loop = SharedLoop(count: count, cancellation: cancellation, makeScratch, body)
    for _ in 0..<helperCount {
      ThreadPool.helpers.run { loop.help() }
    }
    loop.work()
    loop.waitForHelpers()
    return try loop.outcome()
  }
}

/// The state that the threads of one loop share.
private final class SharedLoop<Scratch, Failure: Error>: Sendable {
  private let count: Int
  private let cancellation: CancellationToken?
  private let makeScratch: @Sendable () -> Scratch
  /// Nil once the loop has ended: a helper that comes late must not be the last to hold what the
  /// body does, such as an open file, whose end may call into the caller's language.
  private let body: Mutex<Body?>
  typealias Body = @Sendable (Int, inout Scratch) throws(Failure) -> Void

  private let next = Atomic<Int>(0)
  private let stopped = Atomic<Bool>(false)
  private let failure = Mutex<(index: Int, error: Failure)?>(nil)
  /// Helpers at work now; -1 once the loop is closed to helpers that have not begun.
  private let helpers = Gate()

  init(
    count: Int, cancellation: CancellationToken?, _ makeScratch: @escaping @Sendable () -> Scratch,
    _ body: @escaping @Sendable (Int, inout Scratch) throws(Failure) -> Void
  ) {
    self.count = count
    self.cancellation = cancellation
    self.makeScratch = makeScratch
    self.body = Mutex(body)
  }

  /// A helper's turn. One that comes late finds the gate closed and leaves.
  func help() {
    guard helpers.enter() else { return }
    work()
    helpers.leave()
  }

  func work() {
    guard let body = body.withLock({ $0 }) else { return }
    var scratch: Scratch?
    while !stopped.load(ordering: .relaxed) {
      if cancellation?.isCancelled == true {
        stopped.store(true, ordering: .relaxed)
        return
      }
      let index = next.add(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      var current = scratch.take() ?? makeScratch()
      do throws(Failure) {
        try body(index, &current)
      } catch {
        failure.withLock { first in
          if first.map({ index < $0.index }) ?? true { first = (index, error) }
        }
        stopped.store(true, ordering: .relaxed)
      }
      scratch = current
    }
  }

  func waitForHelpers() {
    helpers.closeAndWait()
    body.withLock { $0 = nil }
  }

  func outcome() throws(Failure) -> Bool {
    if let first = failure.withLock({ $0 }) { throw first.error }
    return !stopped.load(ordering: .relaxed)
  }
}
