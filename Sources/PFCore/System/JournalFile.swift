#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A file that one process at a time appends to.
///
/// Calls of `append` have to come one after the other.
package final class JournalFile: Sendable {
  private let number: Int32

  /// Opens `path` for reading and writing, and makes it where there is none.
  ///
  /// - Throws: what the system has against it.
  package init(path: String) throws(SourceError) {
    guard !path.utf8.contains(0) else { throw .notFound }
    let number = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o666)
    guard number >= 0 else { throw SystemCall.lastError }
    self.number = number
    var status = stat()
    guard unsafe fstat(number, &status) == 0 else { throw SystemCall.lastError }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .system(code: EINVAL) }
  }

  deinit { close(number) }

  /// Takes the file for this object alone until it goes; false when another one has it.
  package func lock() throws(SourceError) -> Bool {
    while flock(number, LOCK_EX | LOCK_NB) != 0 {
      if errno == EWOULDBLOCK { return false }
      guard errno == EINTR else { throw SystemCall.lastError }
    }
    return true
  }

  /// All bytes.
  package func readAll() throws(SourceError) -> [UInt8] {
    let end = lseek(number, 0, SEEK_END)
    guard end >= 0 else { throw SystemCall.lastError }
    var bytes = [UInt8](repeating: 0, count: Int(end))
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeMutableBytes { target in
        // SAFETY: `done < count`, so the rest of the array is writable.
        unsafe pread(
          number, target.baseAddress.map { unsafe $0 + done }, target.count - done, off_t(done))
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw SystemCall.lastError
      }
      guard count > 0 else { break }
      done += count
    }
    bytes.removeLast(bytes.count - done)
    return bytes
  }

  /// Cuts the file; what is appended next stands behind the first `byteCount` bytes.
  package func truncate(to byteCount: Int) throws(SourceError) {
    guard ftruncate(number, off_t(byteCount)) == 0, lseek(number, off_t(byteCount), SEEK_SET) >= 0
    else { throw SystemCall.lastError }
  }

  /// Appends all of `bytes`.
  ///
  /// - Parameters:
  ///   - bytes: What to write.
  ///   - isDurable: Whether to wait until it would outlive a crash of the machine.
  /// - Throws: what the system has against it; some of the bytes may have been written.
  package func append(_ bytes: [UInt8], isDurable: Bool) throws(SourceError) {
    try append(bytes.span)
    if isDurable { try synchronize() }
  }

  /// Appends all of `bytes`, which a crash of the machine may lose until `synchronize` was called.
  package func append(_ bytes: Span<UInt8>) throws(SourceError) {
    try SystemCall.write(bytes, to: number)
  }

  /// Waits until all that was appended would outlive a crash of the machine.
  package func synchronize() throws(SourceError) {
    while fsync(number) != 0 {
      guard errno == EINTR else { throw SystemCall.lastError }
    }
  }
}

extension Directory {
  /// The size of a file and when it was changed last, as text; nil when there is none.
  package static func stamp(of path: String) -> String? {
    guard !path.utf8.contains(0) else { return nil }
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    #if canImport(Darwin)
      let time = status.st_mtimespec
    #else
      let time = status.st_mtim
    #endif
    return "\(status.st_size) \(time.tv_sec).\(time.tv_nsec)"
  }

  /// Writes the names in a directory to the disk, as far as the system does that.
  package static func synchronize(_ path: String) {
    guard !path.utf8.contains(0) else { return }
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return }
    fsync(number)
    close(number)
  }
}
