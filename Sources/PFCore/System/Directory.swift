#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// What a path names, and what is in directories.
package enum Directory {
  /// What a path names, links followed.
  package enum Kind: Sendable {
    case file, directory, nothing
  }

  /// What `path` names; something that may not be looked at is a file, whose opening says why.
  package static func kind(of path: String) -> Kind {
    guard !path.utf8.contains(0) else { return .nothing }
    var status = stat()
    guard unsafe stat(path, &status) == 0 else {
      return errno == ENOENT || errno == ENOTDIR ? .nothing : .file
    }
    return status.st_mode & S_IFMT == S_IFDIR ? .directory : .file
  }

  /// Makes the directory `path`, and those above it that are missing.
  ///
  /// - Throws: what the system has against it.
  package static func make(_ path: String) throws(SourceError) {
    guard !path.utf8.contains(0) else { throw .notFound }
    var end = path.startIndex
    while end < path.endIndex {
      let next = path.utf8.index(after: end)
      end = path.utf8[next...].firstIndex(of: UInt8(ascii: "/")) ?? path.endIndex
      let part = String(path[..<end])
      if kind(of: part) == .directory { continue }
      guard unsafe mkdir(part, 0o777) == 0 || errno == EEXIST else { throw SystemCall.lastError }
    }
  }

  /// Removes the file `path`, where it is there and may be removed.
  package static func removeFile(_ path: String) {
    guard !path.utf8.contains(0) else { return }
    _ = unsafe unlink(path)
  }

  /// The names in a directory without `.` and `..`, in the order of their bytes.
  ///
  /// - Throws: what the system has against reading it.
  package static func names(in path: String) throws(SourceError) -> [String] {
    guard !path.utf8.contains(0) else { throw .notFound }
    guard let stream = unsafe opendir(path) else { throw SystemCall.lastError }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(stream) else {
        guard errno == 0 else { throw SystemCall.lastError }
        break
      }
      // SAFETY: the name ends with a zero byte inside the entry, which lives until the next call.
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
