/// Bytes that are in memory already.
public final class MemorySource: ByteSource {
  /// What messages call it.
  public let name: String
  private let buffer: Buffer

  /// A source over `buffer`, which is shared and not copied.
  public init(_ buffer: Buffer, name: String = "memory") {
    self.buffer = buffer
    self.name = name
  }

  /// The length of the buffer.
  public var byteCount: Int { buffer.byteCount }

  /// Copies from the buffer.
  public func read(at offset: Int, into target: inout MutableSpan<UInt8>) throws(SourceError) {
    try check(offset: offset, byteCount: target.count)
    target.copy(from: buffer.slice(offset: offset, byteCount: target.count))
  }

  /// A piece of the buffer.
  public func borrow(at offset: Int, byteCount: Int) throws(SourceError) -> Buffer? {
    try check(offset: offset, byteCount: byteCount)
    return buffer.slice(offset: offset, byteCount: byteCount)
  }
}

extension MutableSpan<UInt8> {
  /// Fills the span from a buffer of the same length.
  mutating func copy(from buffer: Buffer) {
    precondition(buffer.byteCount == count, "lengths differ")
    // SAFETY: both sides hold `count` bytes; a mutable span never overlaps another view.
    unsafe withUnsafeMutableBytes { target in
      unsafe target.copyMemory(
        from: UnsafeRawBufferPointer(start: buffer.address, count: buffer.byteCount))
    }
  }
}
