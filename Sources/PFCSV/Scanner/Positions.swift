internal import PFCore

/// Positions in a window of bytes, in memory that is used again.
@safe final class Positions {
  private var buffer: MutableBuffer
  /// Positions in use.
  var count = 0

  // Little at first: many are never used.
  init() throws(AllocationError) { buffer = try MutableBuffer(byteCount: 4 << 6) }

  /// Positions that fit without growing.
  var capacity: Int { buffer.capacity / 4 }

  /// The first position. Valid until `reserve`; `capacity` positions are writable.
  @unsafe var start: UnsafeMutablePointer<UInt32> {
    unsafe buffer.start.assumingMemoryBound(to: UInt32.self)
  }

  /// Makes room for `total` positions in all; those in use stay.
  func reserve(_ total: Int) throws(AllocationError) {
    guard total > capacity else { return }
    buffer.setByteCount(count * 4)
    try buffer.reserve(total * 4)
  }

  /// Appends a position.
  @inline(__always)
  func append(_ position: UInt32) throws(AllocationError) {
    if count == capacity { try reserve(count + 1) }
    // SAFETY: there is room for one more.
    unsafe start[count] = position
    count &+= 1
  }

  /// Position `index`. Precondition: it is in use.
  @inline(__always)
  subscript(index: Int) -> UInt32 {
    precondition(index >= 0 && index < count, "no such position")
    return unsafe start[index]
  }
}
