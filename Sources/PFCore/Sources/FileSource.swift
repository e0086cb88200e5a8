/// A file read with `pread`: the default.
///
/// A file that is cut while it is read gives `.truncated`, never a signal.
public final class FileSource: ByteSource {
  /// The path as it was given.
  public let name: String
  /// The length when it was opened.
  public let byteCount: Int
  private let file: FileDescriptor

  /// Opens `path` for reading.
  ///
  /// - Throws: `.notFound`, `.permissionDenied`, `.isDirectory` or `.system`.
  public init(path: String) throws(SourceError) {
    file = try FileDescriptor(readingFrom: path)
    byteCount = try file.byteCount()
    name = path
  }

  /// Reads with `pread`.
  public func read(at offset: Int, into target: inout MutableSpan<UInt8>) throws(SourceError) {
    try check(offset: offset, byteCount: target.count)
    try file.read(at: offset, into: &target)
  }
}

/// Opens a file, mapped or not.
///
/// - Throws: `.source` with the path.
package func openSource(path: String, memoryMap: Bool) throws(ReadError) -> any ByteSource {
  do throws(SourceError) {
    return memoryMap ? try MappedFileSource(path: path) : try FileSource(path: path)
  } catch { throw ReadError(error).at(.init(file: path)) }
}
