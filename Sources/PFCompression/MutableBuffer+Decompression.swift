internal import PFCore

extension MutableBuffer {
  /// Room for `byteCount` bytes, none in use.
  static func decompressing(byteCount: Int) throws(DecodingError) -> MutableBuffer {
    do throws(AllocationError) {
      return try MutableBuffer(byteCount: byteCount)
    } catch { throw .outOfMemory(byteCount: error.byteCount) }
  }

  /// Makes room for `byteCount` bytes and `slack` more; those in use are kept.
  @inline(__always)
  mutating func reserveForDecompression(
    _ byteCount: Int, slack: Int
  ) throws(DecodingError) {
    let (wanted, overflow) = byteCount.addingReportingOverflow(slack)
    guard overflow || wanted > capacity else { return }
    do throws(AllocationError) {
      try reserve(overflow ? .max : wanted)
    } catch { throw .outOfMemory(byteCount: error.byteCount) }
  }

  /// The bytes in use from `first` on.
  @_lifetime(borrow self)
  borrowing func bytes(from first: Int) -> Span<UInt8> {
    precondition(first <= byteCount)
    // SAFETY: so many bytes were written, and live as long as the buffer.
    let bytes = unsafe Span<UInt8>(
      _unsafeStart: UnsafePointer(start.assumingMemoryBound(to: UInt8.self) + first),
      count: byteCount - first)
    return unsafe _overrideLifetime(bytes, borrowing: self)
  }

  /// The bytes in use, copied.
  borrowing func array() -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, initializedCount in
      // SAFETY: both sides have `byteCount` bytes.
      unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(
        from: UnsafeRawBufferPointer(start: start, count: byteCount))
      initializedCount = byteCount
    }
  }
}
