internal import PFCore

/// The validity bitmap of a column in the making; none before the first null.
struct LazyValidity: ~Copyable {
  private var bits: MutableBuffer?
  private(set) var nullCount = 0

  /// Makes slot `row` null; slots behind it are valid until they are made null.
  mutating func setNull(_ row: Int) throws(AllocationError) {
    let needed = row / 8 + 1
    if bits == nil {
      var fresh = try MutableBuffer(byteCount: max(needed, 512))
      try fresh.fill(upTo: fresh.capacity, with: 0xFF)
      bits = consume fresh
    } else if (bits?.byteCount ?? 0) < needed {
      try bits?.reserve(needed)
      let capacity = bits?.capacity ?? 0
      try bits?.fill(upTo: capacity, with: 0xFF)
    }
    if let start = unsafe bits?.start.assumingMemoryBound(to: UInt8.self) {
      // SAFETY: `needed` bytes are in use.
      unsafe start[row >> 3] &= ~(1 << UInt8(truncatingIfNeeded: row & 7))
    }
    nullCount += 1
  }

  /// Forgets the nulls from slot `count` on, up to slot `end`.
  mutating func rollBack(to count: Int, from end: Int) {
    guard nullCount > 0, let held = bits?.byteCount,
      let start = unsafe bits?.start.assumingMemoryBound(to: UInt8.self)
    else { return }
    let last = min(end, held * 8)
    guard last > count else { return }
    // SAFETY: the bits lie in the bytes in use.
    nullCount -= unsafe (last - count) - Bits.count(start, start: count, count: last - count)
    unsafe Bits.set(start, start: count, count: last - count)
  }

  /// The bitmap of `count` slots; nil where none is null.
  mutating func finish(count: Int) throws(AllocationError) -> Buffer? {
    guard nullCount > 0, var bits = bits.take() else { return nil }
    let needed = (count + 7) / 8
    try bits.fill(upTo: needed, with: 0xFF)
    bits.setByteCount(needed)
    if count % 8 != 0 {
      // SAFETY: the last byte is in use; bits behind the slots are zero.
      unsafe bits.start.assumingMemoryBound(to: UInt8.self)[needed - 1] &=
        (1 << UInt8(truncatingIfNeeded: count & 7)) - 1
    }
    return bits.freeze()
  }
}
