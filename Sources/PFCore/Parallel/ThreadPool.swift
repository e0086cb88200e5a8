internal import Synchronization

/// Threads that run what they are given, in its order.
///
/// Threads are started when a job comes and none is free, up to a limit, and end when they had
/// nothing to do for a while. One that becomes free looks for the next job for some microseconds
/// before it sleeps: waking a thread costs more than many a job.
///
/// The threads are those of one process: in the child of a `fork()` they are gone (`isUsable`).
package final class ThreadPool: Sendable {
  package typealias Job = @Sendable () -> Void

  /// The helpers of the engine's own loops: one for each processor.
  package static let helpers = ThreadPool(threadLimit: availableProcessorCount())

  private struct State {
    var jobs: [Job?] = []
    /// The first of `jobs` that has not begun.
    var first = 0
    var idleCount = 0
    var threadCount = 0

    var waitingCount: Int { jobs.count - first }

    mutating func next() -> Job? {
      guard first < jobs.count else { return nil }
      let job = jobs[first].take()
      first += 1
      if first == jobs.count {
        jobs.removeAll(keepingCapacity: first < 1024)
        first = 0
      }
      return job
    }
  }

  private let state = Monitor(State())
  /// Jobs that wait, for those who look without the lock.
  private let waitingCount = Atomic<Int>(0)
  private let spinningCount = Atomic<Int>(0)
  private let threadLimit: Atomic<Int>

  package init(threadLimit: Int) { self.threadLimit = Atomic(threadLimit) }

  /// One thread may be stuck for good: there may be another one.
  package func replaceThread() { threadLimit.add(1, ordering: .relaxed) }

  /// A thread that was replaced is there again.
  package func takeBackThread() { threadLimit.subtract(1, ordering: .relaxed) }

  /// Gives `job` to the next thread that is free. Where the system has no thread to give at all, the
  /// calling one does it.
  package func run(_ job: @escaping Job) {
    let (wakes, starts) = state.withLock { state in
      state.jobs.append(job)
      waitingCount.store(state.waitingCount, ordering: .sequentiallyConsistent)
      // Those that look for a job find it by themselves.
      let unserved = state.waitingCount - spinningCount.load(ordering: .sequentiallyConsistent)
      let starts =
        unserved > state.idleCount && state.threadCount < threadLimit.load(ordering: .relaxed)
      if starts { state.threadCount += 1 }
      return (unserved > 0 && state.idleCount > 0, starts)
    }
    if wakes { state.notifyOne() }
    guard starts, !startThread({ self.work() }) else { return }
    // The threads that are there do it; where there is none, this one has to.
    let isAlone = state.withLock { state in
      state.threadCount -= 1
      return state.threadCount == 0
    }
    if isAlone { while let job = takeJob() { job() } }
  }

  private func work() {
    while let job = nextJob() { job() }
  }

  private func takeJob() -> Job? {
    state.withLock { state in
      let job = state.next()
      waitingCount.store(state.waitingCount, ordering: .sequentiallyConsistent)
      return job
    }
  }

  /// The next job; nil when there was none for long, and the thread is not counted any more.
  private func nextJob() -> Job? {
    if let job = takeJob() { return job }
    spinningCount.add(1, ordering: .sequentiallyConsistent)
    var rounds = 0
    while waitingCount.load(ordering: .relaxed) == 0, rounds < Self.patience { rounds += 1 }
    spinningCount.subtract(1, ordering: .sequentiallyConsistent)
    return sleepForJob()
  }

  private func sleepForJob() -> Job? {
    var job: Job?
    var isIdle = false
    state.wait(until: MonotonicClock.now() + Self.lifetime) { state in
      job = state.next()
      waitingCount.store(state.waitingCount, ordering: .sequentiallyConsistent)
      if (job == nil) != isIdle {
        state.idleCount += isIdle ? -1 : 1
        isIdle.toggle()
      }
      return job == nil
    }
    guard isIdle else { return job }
    return state.withLock { state in
      state.idleCount -= 1
      let job = state.next()
      if job == nil { state.threadCount -= 1 }
      return job
    }
  }

  /// Looks for a job before a thread sleeps: some twenty microseconds.
  private static let patience = 10_000
  /// Nanoseconds after which a thread without work ends.
  private static let lifetime: Int64 = 10_000_000_000
}
