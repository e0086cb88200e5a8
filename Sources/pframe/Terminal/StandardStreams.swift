#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The standard error stream.
enum StandardError {
  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Writes `text` in one call; what cannot be written is lost.
  static func write(_ text: String) { _ = text.write(to: STDERR_FILENO) }
}

/// What the system says of an `errno`.
func systemMessage(_ code: Int32) -> String {
  // SAFETY: a string that ends in zero, copied at once.
  unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
}

extension String {
  /// Writes all of the text to a file descriptor; gives the `errno` of a failure, 0 for none.
  func write(to descriptor: Int32) -> Int32 {
    let bytes = Array(utf8)
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { bytes in
        // SAFETY: `done < count`, and `write` reads no more than is left.
        unsafe Self.write(
          descriptor, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done)
      }
      if count < 0, errno != EINTR { return errno }
      done += max(0, count)
    }
    return 0
  }

  /// The system's `write`, which the method hides.
  private static func write(
    _ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int
  ) -> Int {
    #if canImport(Glibc)
      unsafe Glibc.write(descriptor, bytes, count)
    #elseif canImport(Musl)
      unsafe Musl.write(descriptor, bytes, count)
    #else
      unsafe Darwin.write(descriptor, bytes, count)
    #endif
  }

  /// The text of an environment variable; nil where it is unset or empty.
  init?(environment name: String) {
    // SAFETY: a string that ends in zero, copied before anything changes the environment.
    guard let value = unsafe getenv(name), let text = unsafe String(validatingCString: value),
      !text.isEmpty
    else { return nil }
    self = text
  }
}
