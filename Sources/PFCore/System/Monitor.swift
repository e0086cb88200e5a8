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
@safe @usableFromInline package final class Monitor<Value>: Sendable {
  // SAFETY: read and written with `lock` held alone; freed by `deinit` alone.
  @usableFromInline nonisolated(unsafe) let value: UnsafeMutablePointer<Value>
  @usableFromInline let lock = MonitorLock()

  package init(_ value: sending Value) {
    unsafe self.value = .allocate(capacity: 1)
    unsafe self.value.initialize(to: value)
  }

  deinit {
    lock.free()
    unsafe value.deinitialize(count: 1)
    unsafe value.deallocate()
  }

  @inlinable
  package func withLock<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    lock.take()
    defer { lock.giveBack() }
    return try unsafe body(&value.pointee)
  }

  /// Holds the lock and waits as long as `mustWait` says so, which is asked again after each
  /// `notify…`, and at the latest when `deadline` (nanoseconds of `MonotonicClock`) has passed.
  ///
  /// - Returns: false when the deadline passed and `mustWait` still said so.
  @discardableResult
  package func wait(until deadline: Int64? = nil, while mustWait: (inout Value) -> Bool) -> Bool {
    lock.take()
    defer { lock.giveBack() }
    while unsafe mustWait(&value.pointee) {
      guard lock.wait(until: deadline) else { return false }
    }
    return true
  }

  /// Wakes one of those who wait.
  package func notifyOne() { lock.notifyOne() }

  /// Wakes all who wait.
  package func notifyAll() { lock.notifyAll() }
}

/// The lock of a `Monitor`, and the place to wait at.
@safe @usableFromInline struct MonitorLock: Sendable {
  @safe private struct State {
    var mutex = unsafe pthread_mutex_t()
    var changed = pthread_cond_t()
  }

  // SAFETY: the functions of the system are made for many threads.
  private nonisolated(unsafe) let state: UnsafeMutablePointer<State>

  init() {
    unsafe state = .allocate(capacity: 1)
    unsafe state.initialize(to: State())
    unsafe Self.initialize(&state.pointee.mutex, &state.pointee.changed)
  }

  func free() {
    unsafe pthread_cond_destroy(&state.pointee.changed)
    unsafe pthread_mutex_destroy(&state.pointee.mutex)
    unsafe state.deallocate()
  }

  /// Takes the lock. It is held for less than a microsecond as a rule, so that some looks cost less
  /// than a sleep; and what comes between them grows, so that who has it does several things in a
  /// row: to move what it guards from one processor to another one costs more than most of them.
  @usableFromInline func take() {
    if unsafe pthread_mutex_trylock(&state.pointee.mutex) == 0 { return }
    for round in 0..<Self.patience {
      for _ in 0..<round { yieldProcessor() }
      if unsafe pthread_mutex_trylock(&state.pointee.mutex) == 0 { return }
    }
    unsafe pthread_mutex_lock(&state.pointee.mutex)
  }

  private static let patience = 8

  @usableFromInline func giveBack() { unsafe pthread_mutex_unlock(&state.pointee.mutex) }

  /// Waits with the lock held; false when `deadline` has passed.
  func wait(until deadline: Int64?) -> Bool {
    guard let deadline else {
      unsafe pthread_cond_wait(&state.pointee.changed, &state.pointee.mutex)
      return true
    }
    let left = deadline - MonotonicClock.now()
    guard left > 0 else { return false }
    unsafe Self.wait(&state.pointee.changed, &state.pointee.mutex, deadline: deadline, left: left)
    return true
  }

  func notifyOne() { unsafe pthread_cond_signal(&state.pointee.changed) }

  func notifyAll() { unsafe pthread_cond_broadcast(&state.pointee.changed) }

  private static func initialize(
    _ mutex: UnsafeMutablePointer<pthread_mutex_t>, _ changed: UnsafeMutablePointer<pthread_cond_t>
  ) {
    #if canImport(Darwin)
      unsafe pthread_mutex_init(mutex, nil)
      unsafe pthread_cond_init(changed, nil)
    #else
      unsafe pthread_mutex_init(mutex, nil)
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
