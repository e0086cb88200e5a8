#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A value of the whole process behind a lock that survives `fork()`.
///
/// A child begins with the locks as the other threads of its parent held them, and those threads
/// are gone: an ordinary lock would then be held for ever. All locks of this kind are taken before
/// a fork and given back on both sides of it. They are made once and never freed, and no code takes
/// one while it holds another.
@safe package final class ProcessWide<Value>: Sendable {
  // SAFETY: read and written under `lock` alone.
  private nonisolated(unsafe) var value: Value
  private let lock = ForkSafeLock()

  package init(_ value: consuming sending Value) { unsafe self.value = value }

  package func withLock<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    lock.lock()
    defer { lock.unlock() }
    return try unsafe body(&value)
  }
}

/// One of the locks that are taken around a fork.
@safe private final class ForkSafeLock: Sendable {
  // SAFETY: written here once; the mutex does the rest.
  nonisolated(unsafe) let mutex: UnsafeMutablePointer<pthread_mutex_t>

  init() {
    unsafe mutex = .allocate(capacity: 1)
    unsafe mutex.initialize(to: pthread_mutex_t())
    unsafe pthread_mutex_init(mutex, nil)
    LockRegistry.shared.add(self)
  }

  func lock() { unsafe pthread_mutex_lock(mutex) }

  func unlock() { unsafe pthread_mutex_unlock(mutex) }
}

/// All locks that are taken around a fork, in the order in which they were made.
@safe private final class LockRegistry: Sendable {
  static let shared = LockRegistry()

  // SAFETY: both are used with `mutex` held.
  private nonisolated(unsafe) let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private nonisolated(unsafe) var locks: [ForkSafeLock] = []

  private init() {
    unsafe mutex = .allocate(capacity: 1)
    unsafe mutex.initialize(to: pthread_mutex_t())
    unsafe pthread_mutex_init(mutex, nil)
    pthread_atfork(
      { LockRegistry.shared.lockAll() }, { LockRegistry.shared.unlockAll() },
      { LockRegistry.shared.unlockAll() })
  }

  func add(_ lock: ForkSafeLock) {
    unsafe pthread_mutex_lock(mutex)
    unsafe locks.append(lock)
    unsafe pthread_mutex_unlock(mutex)
  }

  private func lockAll() {
    unsafe pthread_mutex_lock(mutex)
    for lock in unsafe locks { lock.lock() }
  }

  private func unlockAll() {
    for lock in unsafe locks.reversed() { lock.unlock() }
    unsafe pthread_mutex_unlock(mutex)
  }
}
