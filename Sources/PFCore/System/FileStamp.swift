#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// By what a file is known to be the same as before: its length, and when it was last written.
public struct FileStamp: Hashable, Sendable {
  /// The path.
  public let path: String
  /// The length.
  public let byteCount: Int
  /// When it was last written, in nanoseconds since 1970.
  public let modifiedNanoseconds: Int64

  /// The file at `path`, links followed.
  ///
  /// - Throws: what the system has against looking at it.
  public init(path: String) throws(SourceError) {
    guard !path.utf8.contains(0) else { throw .notFound }
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw SystemCall.lastError }
    self.path = path
    byteCount = Int(status.st_size)
    #if canImport(Darwin)
      let time = status.st_mtimespec
    #else
      let time = status.st_mtim
    #endif
    modifiedNanoseconds = Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }
}
