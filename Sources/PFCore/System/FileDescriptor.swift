#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// What a failed system call left behind.
enum SystemCall {
  /// The error of the call that failed just now.
  static var lastError: SourceError {
    switch errno {
    case ENOENT, ENOTDIR: .notFound
    case EACCES, EPERM: .permissionDenied
    case EISDIR: .isDirectory
    default: .system(code: errno)
    }
  }

  /// Writes all of `bytes` where the open file `number` stands; some may be written when it fails.
  static func write(_ bytes: Span<UInt8>, to number: Int32) throws(SourceError) {
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { bytes in
        // SAFETY: `done < count`, so the rest of the span is readable.
        unsafe systemWrite(number, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw lastError
      }
      done += count
    }
  }

  private static func systemWrite(
    _ number: Int32, _ start: UnsafeRawPointer?, _ count: Int
  ) -> Int {
    #if canImport(Glibc)
      unsafe Glibc.write(number, start, count)
    #elseif canImport(Musl)
      unsafe Musl.write(number, start, count)
    #else
      unsafe Darwin.write(number, start, count)
    #endif
  }

  /// The system's words for an `errno`.
  static func message(of code: Int32) -> String {
    guard let text = unsafe strerror(code) else { return "system error \(code)" }
    return unsafe String(cString: text)
  }
}

/// An open file. Closed when the last reference goes.
final class FileDescriptor: Sendable {
  private let number: Int32

  /// Opens `path` for reading; a directory is refused.
  init(readingFrom path: String) throws(SourceError) {
    // A zero byte would cut the path that the system sees.
    guard !path.utf8.contains(0) else { throw .notFound }
    // Without O_NONBLOCK, a pipe that nobody writes to would hold us up for ever.
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard number >= 0 else { throw SystemCall.lastError }
    self.number = number
  }

  deinit { close(number) }

  /// The length now.
  func byteCount() throws(SourceError) -> Int {
    var status = stat()
    guard unsafe fstat(number, &status) == 0 else { throw SystemCall.lastError }
    guard status.st_mode & S_IFMT != S_IFDIR else { throw .isDirectory }
    return Int(status.st_size)
  }

  /// Fills all of `target` from `offset`.
  func read(at offset: Int, into target: inout MutableSpan<UInt8>) throws(SourceError) {
    var done = 0
    while done < target.count {
      let count = unsafe target.withUnsafeMutableBytes { bytes in
        // SAFETY: `done < count`, so the rest of the span is writable.
        unsafe pread(
          number, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done,
          off_t(offset + done))
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw SystemCall.lastError
      }
      guard count > 0 else { throw .truncated(offset: offset + done, needed: target.count - done) }
      done += count
    }
  }

  /// Maps the first `byteCount` bytes, read-only. The mapping outlives the descriptor.
  func map(byteCount: Int) throws(SourceError) -> Buffer {
    guard byteCount > 0 else { return .empty }
    guard let start = unsafe mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, number, 0),
      unsafe start != MAP_FAILED
    else { throw SystemCall.lastError }
    let mapping = unsafe Mapping(start: start, byteCount: byteCount)
    return unsafe Buffer(start: start, byteCount: byteCount, owner: mapping)
  }
}

/// A mapped file; unmapped when the last buffer over it goes.
@safe private final class Mapping: Sendable {
  // SAFETY: mapped read-only, and unmapped by `deinit` alone.
  private nonisolated(unsafe) let start: UnsafeMutableRawPointer
  private let byteCount: Int

  @unsafe init(start: UnsafeMutableRawPointer, byteCount: Int) {
    unsafe self.start = start
    self.byteCount = byteCount
  }

  deinit { unsafe munmap(start, byteCount) }
}
