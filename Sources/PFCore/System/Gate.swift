#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Counts threads inside; closes for newcomers and waits until the last one has left.
@safe final class Gate: Sendable {
  @safe private struct State {
    var mutex = unsafe pthread_mutex_t()
    var empty = pthread_cond_t()
    var insideCount = 0
    var isClosed = false
  }

  // SAFETY: read and written under `mutex` alone; freed by `deinit` alone.
  private nonisolated(unsafe) let state: UnsafeMutablePointer<State>

  init() {
    unsafe state = .allocate(capacity: 1)
    unsafe state.initialize(to: State())
    unsafe pthread_mutex_init(&state.pointee.mutex, nil)
    unsafe pthread_cond_init(&state.pointee.empty, nil)
  }

  deinit {
    unsafe pthread_cond_destroy(&state.pointee.empty)
    unsafe pthread_mutex_destroy(&state.pointee.mutex)
    unsafe state.deallocate()
  }

  /// Goes in; false when the gate is closed.
  func enter() -> Bool {
    unsafe pthread_mutex_lock(&state.pointee.mutex)
    defer { unsafe pthread_mutex_unlock(&state.pointee.mutex) }
    guard unsafe !state.pointee.isClosed else { return false }
    unsafe state.pointee.insideCount += 1
    return true
  }

  func leave() {
    unsafe pthread_mutex_lock(&state.pointee.mutex)
    unsafe state.pointee.insideCount -= 1
    if unsafe state.pointee.insideCount == 0 { unsafe pthread_cond_signal(&state.pointee.empty) }
    unsafe pthread_mutex_unlock(&state.pointee.mutex)
  }

  /// Lets nobody in any more and waits for those inside.
  func closeAndWait() {
    unsafe pthread_mutex_lock(&state.pointee.mutex)
    unsafe state.pointee.isClosed = true
    while unsafe state.pointee.insideCount > 0 {
      unsafe pthread_cond_wait(&state.pointee.empty, &state.pointee.mutex)
    }
    unsafe pthread_mutex_unlock(&state.pointee.mutex)
  }
}

/// Whether the helpers of `ThreadPool` can run in this process.
enum RuntimePool {
  /// The process in which the pool's threads live: the first that asked.
  private static let process = getpid()

  /// False in the child of a `fork()` whose parent had asked: the threads are gone
  /// and a task would wait for ever.
  static var isUsable: Bool { process == getpid() }
}
