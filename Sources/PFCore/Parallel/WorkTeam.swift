internal import Synchronization

/// Threads that stay together over the many short loops of one computation.
///
/// A `ParallelLoop` calls its helpers anew; that is some ten microseconds, which a graph traversal
/// of a thousand levels cannot pay a thousand times. The helpers of a team wait between two loops,
/// at first busily, then asleep, and a loop costs about a microsecond while they are awake. As
/// there, the calling thread works too and nothing depends on a helper: one that the pool starts
/// late, or never, is not missed. A team whose loops are all short never touches the pool.
///
/// One thread leads: it alone calls `forEach`, and never from inside a loop.
package final class WorkTeam: Sendable {
  /// One loop. `body` gets a range of indices and the number of the thread, 0 being the leader.
  private struct Job {
    let count: Int
    let grain: Int
    let body: (Range<Int>, Int) -> Void
  }

  /// What the threads agree on: the number of the loop in the high half, then whether it is open,
  /// then how many helpers are in it.
  private let state = Atomic<UInt64>(0)
  private static let loop: UInt64 = 1 << 32
  private static let open: UInt64 = 1 << 31
  private let isOver = Atomic<Bool>(false)

  /// What helpers look at while they wait stands in other cache lines than what the leader writes
  /// for a loop: an empty loop takes half the time.
  private let gap = InlineArray<16, UInt64>(repeating: 0)

  // SAFETY: the leader writes it while the loop is closed and no helper is in one; helpers read it
  // between entering and leaving. `state` orders the two.
  private nonisolated(unsafe) var job: Job?
  /// The first index that is not handed out.
  private let next = Atomic<Int>(0)
  private let bell = Doorbell()
  /// The most threads that work, the leader's included.
  package let threadCount: Int
  private let cancellation: CancellationToken?
  /// Whether helpers were called. The leader's alone.
  private let hasHelpers = Atomic<Bool>(false)

  private init(threads: Int, cancellation: CancellationToken?) {
    threadCount = max(1, min(threads, 1 << 10))
    self.cancellation = cancellation
  }

  /// Lends a team for the time of `body`.
  ///
  /// - Parameters:
  ///   - threads: The most threads to use, the caller's included.
  ///   - cancellation: When raised, loops hand nothing out any more.
  ///   - body: What the team is for.
  /// - Returns: what `body` does.
  /// - Throws: what `body` does.
  package static func with<Result, Failure: Error>(
    threads: Int, cancellation: CancellationToken?,
    _ body: (WorkTeam) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let team = WorkTeam(threads: threads, cancellation: cancellation)
    defer {
      team.isOver.store(true, ordering: .sequentiallyConsistent)
      team.bell.ring()
    }
    return try body(team)
  }

  /// Runs `body` over `0..<count` in ranges of `grain` indices, the last one shorter.
  ///
  /// Which thread takes which range is left to chance; the ranges are the same for any number of
  /// threads, so that what is kept for each range does not depend on it. A loop of one range is run
  /// by the leader.
  ///
  /// - Returns: whether all ranges ran; false when the token was raised.
  @discardableResult
  package func forEach(
    count: Int, grain: Int, _ body: @Sendable (_ range: Range<Int>, _ thread: Int) -> Void
  ) -> Bool {
    guard threadCount > 1, count > grain, RuntimePool.isUsable else {
      var start = 0
      while start < count {
        if cancellation?.isCancelled == true { return false }
        let end = grain < count - start ? start + grain : count
        body(start..<end, 0)
        start = end
      }
      return cancellation?.isCancelled != true
    }
    callHelpers()
    withoutActuallyEscaping(body) { body in
      unsafe job = Job(count: count, grain: grain, body: body)
      next.store(0, ordering: .relaxed)
      let closed = state.load(ordering: .relaxed)
      state.store(
        (closed & ~(Self.loop - 1)) &+ Self.loop | Self.open, ordering: .sequentiallyConsistent)
      bell.ring()
      work(thread: 0)
      closeAndWait()
      unsafe job = nil
    }
    return cancellation?.isCancelled != true
  }

  private func callHelpers() {
    guard !hasHelpers.exchange(true, ordering: .relaxed) else { return }
    for thread in 1..<threadCount {
      ThreadPool.helpers.run { self.help(thread: thread) }
    }
  }

  private func work(thread: Int) {
    guard let job = unsafe job else { return }
    while cancellation?.isCancelled != true {
      let start = next.add(job.grain, ordering: .relaxed).oldValue
      // The leader hands out less than a grain a thread behind the end: no overflow.
      guard start < job.count else { return }
      job.body(start..<min(job.count, start + job.grain), thread)
    }
  }

  private func closeAndWait() {
    state.bitwiseAnd(~Self.open, ordering: .acquiringAndReleasing)
    var rounds = 0
    while state.load(ordering: .acquiring) & (Self.open - 1) != 0 {
      rounds += 1
      if rounds > Self.patience { yieldProcessor() }
    }
  }

  /// Looks at `state` this often before a thread stops being busy: some twenty microseconds.
  private static let patience = 10_000
  /// Lets others go first this often before a helper falls asleep: some hundreds of microseconds. To
  /// wake it takes the leader a call, and the helper a tenth of a millisecond in a virtual machine.
  private static let politeness = 1_000

  private func help(thread: Int) {
    var last: UInt64 = 0
    while let number = enterLoop(after: last) {
      work(thread: thread)
      state.subtract(1, ordering: .releasing)
      last = number
    }
  }

  /// Enters the next loop that is open; its number, or nil when the team's work is over.
  private func enterLoop(after last: UInt64) -> UInt64? {
    var rounds = 0
    while !isOver.load(ordering: .sequentiallyConsistent) {
      let now = state.load(ordering: .sequentiallyConsistent)
      let number = now / Self.loop
      if now & Self.open != 0, number != last {
        if state.compareExchange(expected: now, desired: now + 1, ordering: .acquiringAndReleasing)
          .exchanged
        {
          return number
        }
        continue
      }
      rounds += 1
      if rounds > Self.patience { yieldProcessor() }
      if rounds > Self.patience + Self.politeness {
        rounds = 0
        bell.wait {
          let now = state.load(ordering: .sequentiallyConsistent)
          return !(now & Self.open != 0 && now / Self.loop != last)
            && !isOver.load(ordering: .sequentiallyConsistent)
        }
      }
    }
    return nil
  }
}
