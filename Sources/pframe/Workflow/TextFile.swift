#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A text that is written piece by piece; `-` stands for standard output.
///
/// It is written in place, so that another program can follow it.
final class TextFile: Sendable {
  private let path: String
  private let descriptor: Int32

  /// Opens the file, and empties it.
  ///
  /// - Throws: what the system has against it.
  init(_ path: String) throws(CommandFailure) {
    self.path = path
    if path == "-" {
      descriptor = STDOUT_FILENO
      return
    }
    descriptor =
      path.utf8.contains(0)
      ? -1 : unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw Self.failure(path, errno) }
  }

  deinit { if path != "-", descriptor >= 0 { close(descriptor) } }

  /// Writes all of `text`.
  func write(_ text: String) throws(CommandFailure) {
    let code = text.write(to: descriptor)
    if code != 0 { throw Self.failure(path, code) }
  }

  private static func failure(_ path: String, _ code: Int32) -> CommandFailure {
    CommandFailure(
      messages: ["\(path == "-" ? "standard output" : path): \(systemMessage(code))"])
  }
}
