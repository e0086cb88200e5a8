/// A file mapped into memory: nothing is copied, and results may point into the mapping.
///
/// The file must not be cut while it is open: touching a page that is gone ends the process with
/// SIGBUS. Where that can happen, `FileSource` is the one to take.
public final class MappedFileSource: ByteSource {
  /// The path as it was given.
  public let name: String
  private let buffer: Buffer

  /// Maps `path`.
  ///
  /// - Throws: `.notFound`, `.permissionDenied`, `.isDirectory` or `.system`.
  public init(path: String) throws(SourceError) {
    let file = try FileDescriptor(readingFrom: path)
    buffer = try file.map(byteCount: try file.byteCount())
    name = path
  }

  /// The length when it was opened.
  public var byteCount: Int { buffer.byteCount }

  /// Copies from the mapping.
  public func read(at offset: Int, into target: inout MutableSpan<UInt8>) throws(SourceError) {
    try check(offset: offset, byteCount: target.count)
    target.copy(from: buffer.slice(offset: offset, byteCount: target.count))
  }

  /// A piece of the mapping.
  public func borrow(at offset: Int, byteCount: Int) throws(SourceError) -> Buffer? {
    try check(offset: offset, byteCount: byteCount)
    return buffer.slice(offset: offset, byteCount: byteCount)
  }
}
