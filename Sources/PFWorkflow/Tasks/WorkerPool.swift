internal import PFCore

/// Threads that run the jobs of tasks: a task executor (SE-0417).
final class WorkerPool: TaskExecutor {
  /// The pool of steps that compute.
  static let cpu = WorkerPool(threadLimit: max(2, availableProcessorCount()))
  /// The pool of steps that wait, which may be many more than there are processors.
  static let io = WorkerPool(threadLimit: 1024)

  private let threads: ThreadPool

  init(threadLimit: Int) { threads = ThreadPool(threadLimit: threadLimit) }

  /// One thread may be stuck for good: there may be another one.
  func replaceThread() { threads.replaceThread() }

  /// A thread that was replaced is there again.
  func takeBackThread() { threads.takeBackThread() }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    threads.run { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
