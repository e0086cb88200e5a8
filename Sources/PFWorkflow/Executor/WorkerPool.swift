internal import PFCore
internal import Synchronization

/// Threads that run the jobs of tasks: a task executor (SE-0417).
///
/// Threads are started when a job comes and none is free, up to a limit, and end when they had
/// nothing to do for a while. One that becomes free looks for the next job for some microseconds
/// before it sleeps: waking a thread costs more than most empty steps.
final class WorkerPool: TaskExecutor {
  /// The pool of steps that compute.
  static let cpu = WorkerPool(threadLimit: max(2, availableProcessorCount()))
  /// The pool of steps that wait, which may be many more than there are processors.
  static let io = WorkerPool(threadLimit: 1024)

  private struct State {
    var jobs: [UnownedJob] = []
    /// The first of `jobs` that has not begun.
    var first = 0
    var idleCount = 0
    var threadCount = 0

    mutating func next() -> UnownedJob? {
      guard first < jobs.count else { return nil }
      let job = jobs[first]
      first += 1
      if first == jobs.count {
        jobs.removeAll(keepingCapacity: true)
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

  init(threadLimit: Int) { self.threadLimit = Atomic(threadLimit) }

  /// One thread may be stuck for good: there may be another one.
  func replaceThread() { threadLimit.add(1, ordering: .relaxed) }

  /// A thread that was replaced is there again.
  func takeBackThread() { threadLimit.subtract(1, ordering: .relaxed) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let (wakes, starts) = state.withLock { state in
      state.jobs.append(job)
      let waiting = state.jobs.count - state.first
      waitingCount.store(waiting, ordering: .sequentiallyConsistent)
      let unserved = waiting - spinningCount.load(ordering: .sequentiallyConsistent)
      let starts =
        unserved > state.idleCount && state.threadCount < threadLimit.load(ordering: .relaxed)
      if starts { state.threadCount += 1 }
      return (unserved > 0 && state.idleCount > 0, starts)
    }
    if wakes { state.notifyOne() }
    if starts, !startThread({ self.work() }) {
      // The threads that are there do it; where there is none, this one has to.
      let isAlone = state.withLock { state in
        state.threadCount -= 1
        return state.threadCount == 0
      }
      if isAlone { while let job = takeJob() { run(job) } }
    }
  }

  private func work() {
    while let job = nextJob() { run(job) }
  }

  private func run(_ job: UnownedJob) {
    unsafe job.runSynchronously(on: asUnownedTaskExecutor())
  }

  private func takeJob() -> UnownedJob? {
    state.withLock { state in
      let job = state.next()
      waitingCount.store(state.jobs.count - state.first, ordering: .sequentiallyConsistent)
      return job
    }
  }

  /// The next job; nil when there was none for long, and the thread is not counted any more.
  private func nextJob() -> UnownedJob? {
    if let job = takeJob() { return job }
    spinningCount.add(1, ordering: .sequentiallyConsistent)
    var rounds = 0
    while waitingCount.load(ordering: .relaxed) == 0, rounds < Self.patience { rounds += 1 }
    spinningCount.subtract(1, ordering: .sequentiallyConsistent)
    return sleepForJob()
  }

  private func sleepForJob() -> UnownedJob? {
    var job: UnownedJob?
    var isIdle = false
    state.wait(until: MonotonicClock.now() + Self.lifetime) { state in
      job = state.next()
      waitingCount.store(state.jobs.count - state.first, ordering: .sequentiallyConsistent)
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
