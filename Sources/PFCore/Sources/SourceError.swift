/// Why a byte source could not serve a range.
public enum SourceError: Error, Equatable, Sendable {
  /// There is no such file.
  case notFound
  /// The file may not be read.
  case permissionDenied
  /// The path names a directory.
  case isDirectory
  /// Another failure of the operating system, by its `errno`.
  case system(code: Int32)
  /// The source ends before the range does: `needed` bytes were wanted at `offset`.
  case truncated(offset: Int, needed: Int)
  /// A callback of the caller returned this status.
  case callbackFailed(status: Int32)
}

extension SourceError: CustomStringConvertible {
  /// One clause for people.
  public var description: String {
    switch self {
    case .notFound: "no such file"
    case .permissionDenied: "permission denied"
    case .isDirectory: "is a directory"
    case .system(let code): SystemCall.message(of: code)
    case .truncated(let offset, let needed):
      "the file ends before byte \(offset) and the \(needed) bytes wanted there"
    case .callbackFailed(let status): "the read callback failed with status \(status)"
    }
  }
}
