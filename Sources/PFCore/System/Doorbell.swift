#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif
internal import Synchronization

/// Lets threads sleep until somebody rings; a ring that nobody waits for costs one load.
@safe final class Doorbell: Sendable {
  @safe private struct State {
    var mutex = unsafe pthread_mutex_t()
    var rung = pthread_cond_t()
  }

  // SAFETY: only ever handed to the functions of pthread, which do the locking; freed by `deinit`.
  private nonisolated(unsafe) let state: UnsafeMutablePointer<State>
  private let sleepers = Atomic<Int>(0)

  init() {
    unsafe state = .allocate(capacity: 1)
    unsafe state.initialize(to: State())
    unsafe pthread_mutex_init(&state.pointee.mutex, nil)
    unsafe pthread_cond_init(&state.pointee.rung, nil)
  }

  deinit {
    unsafe pthread_cond_destroy(&state.pointee.rung)
    unsafe pthread_mutex_destroy(&state.pointee.mutex)
    unsafe state.deallocate()
  }

  /// Sleeps as long as `mustWait` says so. Whoever makes it false rings afterwards; both sides
  /// write and read what it looks at with sequential consistency, so that no ring is lost.
  func wait(while mustWait: () -> Bool) {
    unsafe pthread_mutex_lock(&state.pointee.mutex)
    sleepers.add(1, ordering: .sequentiallyConsistent)
    while mustWait() { unsafe pthread_cond_wait(&state.pointee.rung, &state.pointee.mutex) }
    sleepers.subtract(1, ordering: .sequentiallyConsistent)
    unsafe pthread_mutex_unlock(&state.pointee.mutex)
  }

  /// Wakes all that sleep.
  func ring() {
    guard sleepers.load(ordering: .sequentiallyConsistent) > 0 else { return }
    unsafe pthread_mutex_lock(&state.pointee.mutex)
    unsafe pthread_cond_broadcast(&state.pointee.rung)
    unsafe pthread_mutex_unlock(&state.pointee.mutex)
  }
}

/// Lets another thread have the processor, if one wants it.
func yieldProcessor() { sched_yield() }
