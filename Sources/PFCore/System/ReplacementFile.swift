#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A file that is written beside its final place and moved there when it is whole, so that nobody
/// ever sees half of it. One that is not committed leaves nothing behind.
package final class ReplacementFile {
  private let path: String
  private let temporaryPath: String
  private var number: Int32

  /// Begins a file beside `path`; its name there starts with a dot.
  ///
  /// - Throws: what the system has against it; `.isDirectory` where `path` names one.
  package init(replacing path: String) throws(SourceError) {
    // A zero byte would cut the path that the system sees.
    guard !path.isEmpty, !path.utf8.contains(0) else { throw .notFound }
    if Directory.kind(of: path) == .directory { throw .isDirectory }
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let start = slash.map { path.utf8.index(after: $0) } ?? path.startIndex
    let mark = String(UInt64.random(in: 0 ... .max), radix: 36)
    // Short, as the whole name may be as long as names can be.
    temporaryPath = "\(path[..<start]).\(mark).partial"
    self.path = path
    number = unsafe open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard number >= 0 else { throw SystemCall.lastError }
  }

  deinit {
    guard number >= 0 else { return }
    close(number)
    _ = unsafe unlink(temporaryPath)
  }

  /// Writes all of `bytes` behind what is there. Precondition: the file is not committed.
  ///
  /// - Throws: what the system has against it.
  package func append(_ bytes: Span<UInt8>) throws(SourceError) {
    try SystemCall.write(bytes, to: number)
  }

  /// Moves the whole file to its place, in which one that is there goes. It is on the disk then.
  ///
  /// - Throws: what the system has against it.
  package func commit() throws(SourceError) {
    // Some file systems cannot sync; that is no reason to fail.
    if fsync(number) != 0, errno != EINVAL { throw SystemCall.lastError }
    guard unsafe rename(temporaryPath, path) == 0 else { throw SystemCall.lastError }
    let written = number
    number = -1
    guard close(written) == 0 else { throw SystemCall.lastError }
  }
}
