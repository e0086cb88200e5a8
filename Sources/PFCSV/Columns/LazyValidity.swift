internal import PFCore

/// The validity bitmap of a column in the making; none before the first null.
struct LazyValidity: ~Copyable {
  private var bits: MutableBuffer?
  private(set) var nullCount = 0

  /// Makes slot `row` null; slots behind it are valid until they are made null.
  mutating func setNull(_ row: Int) throws(AllocationError) { try setNulls(1, from: row) }

  /// Makes slots null: bit `i` of `mask` stands for slot `row + i`.
  mutating func setNulls(_ mask: UInt64, from row: Int) throws(AllocationError) {
    try hold(row / 8 + 9)
    if let start = unsafe bits?.start {
      // SAFETY: the nine bytes from that of the first slot on are in use.
      let place = unsafe start + row >> 3
      let shift = UInt64(truncatingIfNeeded: row & 7)
      let word = unsafe UInt64(littleEndian: place.loadUnaligned(as: UInt64.self))
      unsafe place.storeBytes(of: (word & ~(mask &<< shift)).littleEndian, as: UInt64.self)
      // Twice shifted: there may be nothing behind the eight bytes.
      let last = UInt8(truncatingIfNeeded: (mask &>> 1) &>> (63 &- shift))
      let kept = unsafe place.load(fromByteOffset: 8, as: UInt8.self) & ~last
      unsafe place.storeBytes(of: kept, toByteOffset: 8, as: UInt8.self)
    }
    nullCount += mask.nonzeroBitCount
  }

  /// Brings `needed` bytes into use.
  private mutating func hold(_ needed: Int) throws(AllocationError) {
    if bits == nil {
      var fresh = try MutableBuffer(byteCount: max(needed, 512))
      try fresh.fill(upTo: fresh.capacity, with: 0xFF)
      bits = consume fresh
    } else if (bits?.byteCount ?? 0) < needed {
      try bits?.reserve(needed)
      let capacity = bits?.capacity ?? 0
      try bits?.fill(upTo: capacity, with: 0xFF)
    }
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
