/// Bytes that can be read in ranges: a file, a mapping, memory, or a callback.
///
/// A source serves any number of ranges at once from any threads; its length is fixed when it is
/// opened.
public protocol ByteSource: AnyObject, Sendable {
  /// A path or another name, for messages.
  var name: String { get }

  /// The length in bytes.
  var byteCount: Int { get }

  /// Fills all of `target` with the bytes from `offset`.
  ///
  /// - Throws: `.truncated` when the source ends before; whatever the medium reports.
  func read(at offset: Int, into target: inout MutableSpan<UInt8>) throws(SourceError)

  /// The bytes of a range where the source has them in memory already; nil where they must be
  /// read.
  ///
  /// - Throws: `.truncated` when the source ends before.
  func borrow(at offset: Int, byteCount: Int) throws(SourceError) -> Buffer?

  /// Whether many small reads are slow, so that whole column chunks should be asked for at once.
  var prefersLargeReads: Bool { get }
}

extension ByteSource {
  /// Nothing is in memory.
  public func borrow(at offset: Int, byteCount: Int) throws(SourceError) -> Buffer? { nil }

  /// Small reads are cheap.
  public var prefersLargeReads: Bool { false }

  /// Whether a range lies in the source.
  package func check(offset: Int, byteCount count: Int) throws(SourceError) {
    guard offset >= 0, count >= 0, offset <= byteCount, count <= byteCount - offset else {
      throw .truncated(offset: offset, needed: count)
    }
  }

  /// The bytes of a range, borrowed from the source or else read into memory of their own.
  ///
  /// - Throws: `ReadError` with `.source` or `.outOfMemory`.
  package func bytes(at offset: Int, byteCount count: Int) throws(ReadError) -> Buffer {
    do throws(SourceError) {
      try check(offset: offset, byteCount: count)
      if let buffer = try borrow(at: offset, byteCount: count) { return buffer }
    } catch { throw ReadError(error).at(.init(file: name, offset: offset)) }
    var target: MutableBuffer
    do throws(AllocationError) {
      target = try MutableBuffer(byteCount: count)
    } catch { throw ReadError(error).at(.init(file: name, offset: offset)) }
    do throws(SourceError) {
      // SAFETY: `count` writable bytes, uniquely ours until frozen.
      var span = unsafe MutableSpan<UInt8>(
        _unsafeStart: target.start.assumingMemoryBound(to: UInt8.self), count: count)
      try read(at: offset, into: &span)
    } catch { throw ReadError(error).at(.init(file: name, offset: offset)) }
    target.setByteCount(count)
    return target.freeze()
  }
}
