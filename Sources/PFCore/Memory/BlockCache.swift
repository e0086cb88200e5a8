/// Large blocks that were freed a moment ago, kept for the next request of their size.
///
/// A fresh page costs a fault and its zeroing; a loop that reads files would pay that for every
/// byte of every table. Kept blocks are offered to the kernel (`MADV_FREE`), so they cost others
/// nothing when memory is short, and what is in use and what is kept never add up to more than the
/// most that was ever in use.
@safe final class BlockCache: Sendable {
  static let shared = BlockCache(capacity: 1 << 30)

  private struct State {
    /// Start addresses by block size, and the order in which sizes were freed.
    var blocks: [Int: [UInt]] = [:]
    /// Bytes of the blocks that are kept, of those in use, and the most that ever were in use.
    var byteCount = 0
    var liveByteCount = 0
    var peakByteCount = 0

    mutating func use(_ byteCount: Int) {
      liveByteCount += byteCount
      peakByteCount = max(peakByteCount, liveByteCount)
    }
  }

  private let state: ProcessWide<State>
  private let capacity: Int

  init(capacity: Int) {
    self.capacity = capacity
    state = ProcessWide(State())
  }

  /// The block size that serves `byteCount`: whole huge pages, at most an eighth too large.
  static func blockSize(for byteCount: Int) -> Int? {
    let (padded, overflow) = byteCount.addingReportingOverflow(Pages.hugeByteCount - 1)
    guard !overflow else { return nil }
    let pages = padded / Pages.hugeByteCount
    let step = max(1, (1 << (Int.bitWidth - 1 - pages.leadingZeroBitCount)) / 8)
    let rounded = (pages + step - 1) / step * step
    let (size, tooLarge) = rounded.multipliedReportingOverflow(by: Pages.hugeByteCount)
    return tooLarge ? nil : size
  }

  /// A block of `size` bytes or up to half as much again, with any content; its size, and whether
  /// it is fresh: its pages are then still to be populated. Nil when there is no memory.
  func take(size: Int) -> (block: UnsafeMutableRawPointer, size: Int, isFresh: Bool)? {
    let (found, surplus) = state.withLock { state -> ((UInt, Int)?, [(UInt, Int)]) in
      let fits = state.blocks.keys.filter { $0 >= size && $0 <= size + size / 2 }
      if let kept = fits.min(), let block = state.blocks[kept]?.popLast() {
        if state.blocks[kept]?.isEmpty == true { state.blocks[kept] = nil }
        state.byteCount -= kept
        state.use(kept)
        return ((block, kept), [])
      }
      state.use(size)
      let excess = state.liveByteCount + state.byteCount - state.peakByteCount
      return (nil, Self.evict(excess, from: &state))
    }
    for (block, byteCount) in surplus { Self.unmap(block, byteCount: byteCount) }
    if let (address, kept) = found, let block = unsafe UnsafeMutableRawPointer(bitPattern: address)
    {
      return unsafe (block, kept, false)
    }
    if let fresh = unsafe Pages.map(byteCount: size) { return unsafe (fresh, size, true) }
    purge()
    if let fresh = unsafe Pages.map(byteCount: size) { return unsafe (fresh, size, true) }
    state.withLock { $0.liveByteCount -= size }
    return nil
  }

  /// Takes back a block that `take(size:)` gave.
  func put(_ block: UnsafeMutableRawPointer, size: Int) {
    unsafe Pages.relinquish(block, byteCount: size)
    let address = UInt(bitPattern: block)
    let surplus = state.withLock { state -> [(UInt, Int)] in
      state.blocks[size, default: []].append(address)
      state.byteCount += size
      state.liveByteCount -= size
      return state.byteCount > capacity
        ? Self.evict(state.byteCount - capacity, from: &state) : []
    }
    for (block, byteCount) in surplus { Self.unmap(block, byteCount: byteCount) }
  }

  /// Gives every kept block back to the operating system.
  func purge() {
    let surplus = state.withLock { state in Self.evict(.max, from: &state) }
    for (block, byteCount) in surplus { Self.unmap(block, byteCount: byteCount) }
  }

  private static func evict(_ byteCount: Int, from state: inout State) -> [(UInt, Int)] {
    var evicted: [(UInt, Int)] = []
    var left = min(byteCount, state.byteCount)
    for size in state.blocks.keys.sorted() {
      while left > 0, let block = state.blocks[size]?.popLast() {
        evicted.append((block, size))
        state.byteCount -= size
        left -= size
      }
      if state.blocks[size]?.isEmpty == true { state.blocks[size] = nil }
    }
    return evicted
  }

  private static func unmap(_ address: UInt, byteCount: Int) {
    // SAFETY: the address came from `Pages.map` and left the cache for good.
    if let block = unsafe UnsafeMutableRawPointer(bitPattern: address) {
      unsafe Pages.unmap(block, byteCount: byteCount)
    }
  }
}

extension Buffer {
  /// Gives the memory that freed buffers left behind back to the operating system.
  public static func releaseCachedMemory() {
    SlabPool.small.purge()
    SlabPool.middle.purge()
    SlabPool.large.purge()
    BlockCache.shared.purge()
  }
}
