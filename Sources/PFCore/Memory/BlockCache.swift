internal import Synchronization

/// Large blocks that were freed a moment ago, kept for the next request of their size.
///
/// A fresh page costs a fault and its zeroing; a loop that reads files would pay that for every
/// byte of every table. Kept blocks are offered to the kernel (`MADV_FREE`), so they cost others
/// nothing when memory is short, and a request that finds no block of its size first unmaps as
/// much as it takes, so that keeping never raises the peak.
@safe final class BlockCache: Sendable {
  static let shared = BlockCache(capacity: 1 << 30)

  private struct State {
    /// Start addresses by block size, and the order in which sizes were freed.
    var blocks: [Int: [UInt]] = [:]
    var byteCount = 0
  }

  private let state: Mutex<State>
  private let capacity: Int

  init(capacity: Int) {
    self.capacity = capacity
    state = Mutex(State())
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

  /// A block of exactly `size` bytes, with any content; nil when there is no memory.
  func take(size: Int) -> UnsafeMutableRawPointer? {
    let (found, surplus) = state.withLock { state -> (UInt?, [(UInt, Int)]) in
      if let block = state.blocks[size]?.popLast() {
        state.byteCount -= size
        return (block, [])
      }
      return (nil, Self.evict(size, from: &state))
    }
    for (block, byteCount) in surplus { Self.unmap(block, byteCount: byteCount) }
    if let found { return unsafe UnsafeMutableRawPointer(bitPattern: found) }
    if let fresh = unsafe Pages.map(byteCount: size) { return unsafe fresh }
    purge()
    return unsafe Pages.map(byteCount: size)
  }

  /// Takes back a block that `take(size:)` gave.
  func put(_ block: UnsafeMutableRawPointer, size: Int) {
    unsafe Pages.relinquish(block, byteCount: size)
    let address = UInt(bitPattern: block)
    let surplus = state.withLock { state -> [(UInt, Int)] in
      state.blocks[size, default: []].append(address)
      state.byteCount += size
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
    for size in state.blocks.keys {
      while left > 0, let block = state.blocks[size]?.popLast() {
        evicted.append((block, size))
        state.byteCount -= size
        left -= size
      }
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
  public static func releaseCachedMemory() { BlockCache.shared.purge() }
}
