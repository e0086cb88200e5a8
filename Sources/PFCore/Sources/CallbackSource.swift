/// Bytes behind a function of the caller: an object store, a Python file object, an archive.
///
/// The function is called from any thread, and for several ranges at once.
public final class CallbackSource: ByteSource {
  /// Fills the span with the bytes from the offset; throws to report a failure.
  public typealias Read =
    @Sendable (_ offset: Int, _ target: inout MutableSpan<UInt8>) throws(SourceError) -> Void

  /// What messages call it.
  public let name: String
  /// The length that the caller declared.
  public let byteCount: Int
  private let callback: Read

  /// A source of `byteCount` bytes that `read` serves.
  public init(name: String, byteCount: Int, read: @escaping Read) {
    self.name = name
    self.byteCount = byteCount
    callback = read
  }

  /// Each call has a price that does not depend on its size.
  public var prefersLargeReads: Bool { true }

  /// Calls the function.
  public func read(at offset: Int, into target: inout MutableSpan<UInt8>) throws(SourceError) {
    try check(offset: offset, byteCount: target.count)
    try callback(offset, &target)
  }
}
