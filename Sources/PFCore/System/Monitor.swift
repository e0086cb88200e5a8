#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A value behind a lock, and a place to wait until it changes.
///
/// Locks of this kind do not survive a `fork()`: see `ProcessWide`.
@safe package final class Monitor<Value>: Sendable {
  @safe private struct State {
    var mutex = unsafe pthread_mutex_t()
    var changed = pthread_cond_t()
    var value: Value
  }

  // SAFETY: `value` is read and written under `mutex` alone; freed by `deinit` alone.
  private nonisolated(unsafe) let state: UnsafeMutablePointer<State>

  package init(_ value: sending Value) {
    unsafe state = .allocate(capacity: 1)
    unsafe state.initialize(to: State(value: value))
    unsafe Self.initialize(&state.pointee.mutex, &state.pointee.changed)
  }

  deinit {
    unsafe pthread_cond_destroy(&state.pointee.changed)
    unsafe pthread_mutex_destroy(&state.pointee.mutex)
    unsafe state.deinitialize(count: 1)
    unsafe state.deallocate()
  }

  package func withLock<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    unsafe pthread_mutex_lock(&state.pointee.mutex)
    defer { unsafe pthread_mutex_unlock(&state.pointee.mutex) }
    return try unsafe body(&state.pointee.value)
  }

  /// Holds the lock and waits as long as `mustWait` says so, which is asked again after each
  /// `notify…`, and at the latest when `deadline` (nanoseconds of `MonotonicClock`) has passed.
  ///
  /// - Returns: false when the deadline passed and `mustWait` still said so.
  @discardableResult
  package func wait(until deadline: Int64? = nil, while mustWait: (inout Value) -> Bool) -> Bool {
    unsafe pthread_mutex_lock(&state.pointee.mutex)
    defer { unsafe pthread_mutex_unlock(&state.pointee.mutex) }
    while unsafe mustWait(&state.pointee.value) {
      guard let deadline else {
        unsafe pthread_cond_wait(&state.pointee.changed, &state.pointee.mutex)
        continue
      }
      let left = deadline - MonotonicClock.now()
      guard left > 0 else { return false }
      unsafe Self.wait(
        &state.pointee.changed, &state.pointee.mutex, deadline: deadline, left: left)
    }
    return true
  }

  /// Wakes one of those who wait.
  package func notifyOne() { unsafe pthread_cond_signal(&state.pointee.changed) }

  /// Wakes all who wait.
  package func notifyAll() { unsafe pthread_cond_broadcast(&state.pointee.changed) }

  private static func initialize(
    _ mutex: UnsafeMutablePointer<pthread_mutex_t>, _ changed: UnsafeMutablePointer<pthread_cond_t>
  ) {
    #if canImport(Darwin)
      unsafe pthread_mutex_init(mutex, nil)
      unsafe pthread_cond_init(changed, nil)
    #else
      var mutexKind = pthread_mutexattr_t()
      unsafe pthread_mutexattr_init(&mutexKind)
      #if canImport(Glibc)
        // Held for less than a microsecond as a rule: a look or two costs less than a sleep.
        unsafe pthread_mutexattr_settype(&mutexKind, Int32(PTHREAD_MUTEX_ADAPTIVE_NP))
      #endif
      unsafe pthread_mutex_init(mutex, &mutexKind)
      unsafe pthread_mutexattr_destroy(&mutexKind)
      var kind = pthread_condattr_t()
      unsafe pthread_condattr_init(&kind)
      unsafe pthread_condattr_setclock(&kind, CLOCK_MONOTONIC)
      unsafe pthread_cond_init(changed, &kind)
      unsafe pthread_condattr_destroy(&kind)
    #endif
  }

  private static func wait(
    _ changed: UnsafeMutablePointer<pthread_cond_t>, _ mutex: UnsafeMutablePointer<pthread_mutex_t>,
    deadline: Int64, left: Int64
  ) {
    #if canImport(Darwin)
      var time = timespec(tv_sec: Int(left / 1_000_000_000), tv_nsec: Int(left % 1_000_000_000))
      unsafe pthread_cond_timedwait_relative_np(changed, mutex, &time)
    #else
      var time = timespec(
        tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
      unsafe pthread_cond_timedwait(changed, mutex, &time)
    #endif
  }
}
