/// Buffers of middling size, side by side in blocks of huge pages.
///
/// `malloc` gives memory of this size back to the operating system as soon as it is freed, so each
/// call of a reader would pay a fault for every page again; and a block of its own would leave much
/// of a huge page unused, which costs memory and, the first time, its zeroing. A slab whose buffers
/// are all freed goes back to the block cache.
@safe final class SlabPool: Sendable {
  // What a buffer does not use of its last granule is lost, and a table has many buffers: sizes of
  // few granules have smaller ones.

  /// Up to 1 MiB, in slabs of 2 MiB.
  static let small = SlabPool(BlockCache.shared, granuleByteCount: 16 << 10)
  /// Up to 4 MiB, in slabs of 8 MiB.
  static let middle = SlabPool(BlockCache.shared, granuleByteCount: 64 << 10)
  /// Up to 16 MiB, in slabs of 32 MiB.
  static let large = SlabPool(BlockCache.shared, granuleByteCount: 256 << 10)

  /// The pool for buffers of `byteCount` bytes; nil where they are too large for any.
  static func pool(for byteCount: Int) -> SlabPool? {
    if byteCount <= small.greatestByteCount { return small }
    if byteCount <= middle.greatestByteCount { return middle }
    return byteCount <= large.greatestByteCount ? large : nil
  }

  /// The unit of sizes in a slab.
  let granuleByteCount: Int
  /// A bit of `Slab.used` for each granule.
  private var slabByteCount: Int { granuleByteCount * UInt128.bitWidth }
  /// The largest buffer that lies in a slab.
  var greatestByteCount: Int { slabByteCount / 2 }
  /// The largest slab that stays when it is empty.
  private static let keptByteCount = 8 << 20

  private struct Slab {
    let base: UInt
    /// Of the block, which may be larger than the slab.
    let byteCount: Int
    var used: UInt128
    /// The granules from here on are still to be populated.
    var bareFrom: Int
    /// No more granules than these are free side by side, as far as is known.
    ///
    /// WHY: most gaps are too small for most buffers. Looking into each again would take long, and
    /// looking into some only would miss the room that there is.
    var room = UInt128.bitWidth
  }

  /// A stretch of a slab.
  private struct Granules {
    let slab: UInt
    let first: Int
    let bare: Range<Int>
  }

  private struct State {
    var slabs: [Slab] = []

    /// The first of `count` free granules, taken now; nil where the search finds none.
    ///
    /// The first room is taken, so that memory that was touched before is used again.
    mutating func take(_ count: Int) -> Granules? {
      for index in slabs.indices where slabs[index].room >= count {
        if let first = take(count, in: index) { return granules(first, count, of: index) }
        slabs[index].room = count - 1
      }
      return nil
    }

    private mutating func take(_ count: Int, in index: Int) -> Int? {
      // Bit i of `starts`: as many granules as were asked for so far are free from i on.
      var starts = ~slabs[index].used
      var length = 1
      while length < count {
        let step = min(length, count - length)
        starts &= starts >> step
        length += step
      }
      guard starts != 0 else { return nil }
      let start = starts.trailingZeroBitCount
      slabs[index].used |= SlabPool.mask(count) << start
      return start
    }

    /// What was taken, and which of it its taker has to populate.
    mutating func granules(_ first: Int, _ count: Int, of index: Int) -> Granules {
      let end = first + count
      let bare = max(first, slabs[index].bareFrom)
      slabs[index].bareFrom = max(end, slabs[index].bareFrom)
      return Granules(slab: slabs[index].base, first: first, bare: min(bare, end)..<end)
    }

    mutating func remove(_ index: Int) -> Slab {
      slabs.swapAt(index, slabs.count - 1)
      return slabs.removeLast()
    }
  }

  private let state = ProcessWide(State())
  private let blocks: BlockCache

  init(_ blocks: BlockCache, granuleByteCount: Int) {
    self.blocks = blocks
    self.granuleByteCount = granuleByteCount
  }

  private static func mask(_ count: Int) -> UInt128 { ~0 >> (UInt128.bitWidth - count) }

  private func granules(_ byteCount: Int) -> Int {
    (byteCount + granuleByteCount - 1) / granuleByteCount
  }

  /// Memory of `byteCount` bytes or up to a granule more, with any content, and the slab that it
  /// lies in; nil when there is no memory.
  ///
  /// - Precondition: `0 < byteCount <= greatestByteCount`.
  func take(byteCount: Int) -> (start: UnsafeMutableRawPointer, byteCount: Int, slab: UInt)? {
    let count = granules(byteCount)
    guard let found = state.withLock({ $0.take(count) }) ?? takeFromNewSlab(count),
      let slab = unsafe UnsafeMutableRawPointer(bitPattern: found.slab)
    else { return nil }
    if !found.bare.isEmpty {
      unsafe Pages.populate(
        slab + found.bare.lowerBound * granuleByteCount,
        byteCount: found.bare.count * granuleByteCount)
    }
    return unsafe (slab + found.first * granuleByteCount, count * granuleByteCount, found.slab)
  }

  private func takeFromNewSlab(_ count: Int) -> Granules? {
    guard let taken = unsafe blocks.take(size: slabByteCount) else { return nil }
    let (base, size) = unsafe (UInt(bitPattern: taken.block), taken.size)
    let bareFrom = unsafe taken.isFresh ? 0 : UInt128.bitWidth
    return state.withLock { state in
      state.slabs.append(
        Slab(base: base, byteCount: size, used: Self.mask(count), bareFrom: bareFrom))
      return state.granules(0, count, of: state.slabs.count - 1)
    }
  }

  /// Takes back what `take` gave.
  func put(_ start: UnsafeMutableRawPointer, byteCount: Int, slab base: UInt) {
    let count = byteCount / granuleByteCount
    let first = Int(UInt(bitPattern: start) - base) / granuleByteCount
    if byteCount >= Pages.hugeByteCount * 2 { unsafe relinquish(start, byteCount: byteCount) }
    let emptied = state.withLock { state -> Slab? in
      guard let index = state.slabs.firstIndex(where: { $0.base == base }) else { return nil }
      state.slabs[index].used &= ~(Self.mask(count) << first)
      state.slabs[index].room = UInt128.bitWidth
      // A small one stays, for a caller that takes and puts a single buffer.
      guard state.slabs[index].used == 0,
        state.slabs.count > 1 || slabByteCount > Self.keptByteCount
      else { return nil }
      return state.remove(index)
    }
    if let emptied { giveBack(emptied) }
  }

  /// Takes back what lies behind the first `wanted` bytes of what `take` gave; gives the bytes that
  /// are left.
  ///
  /// - Precondition: `0 < wanted <= byteCount`.
  func trim(
    _ start: UnsafeMutableRawPointer, byteCount: Int, to wanted: Int, slab base: UInt
  ) -> Int {
    let left = granules(wanted) * granuleByteCount
    if left < byteCount { unsafe put(start + left, byteCount: byteCount - left, slab: base) }
    return left
  }

  /// Offers the whole huge pages to the kernel, as the block cache does.
  private func relinquish(_ start: UnsafeMutableRawPointer, byteCount: Int) {
    let mask = UInt(Pages.hugeByteCount - 1)
    let head = Int((UInt(Pages.hugeByteCount) - (UInt(bitPattern: start) & mask)) & mask)
    let whole = (byteCount - head) & ~Int(mask)
    if whole > 0 { unsafe Pages.relinquish(start + head, byteCount: whole) }
  }

  /// Gives back the slab that stays though it is empty.
  func purge() {
    let emptied = state.withLock { state -> Slab? in
      guard state.slabs.count == 1, state.slabs[0].used == 0 else { return nil }
      return state.remove(0)
    }
    if let emptied { giveBack(emptied) }
  }

  private func giveBack(_ slab: Slab) {
    // SAFETY: the address came from the block cache, and nothing in the slab is in use.
    if let block = unsafe UnsafeMutableRawPointer(bitPattern: slab.base) {
      unsafe blocks.put(block, size: slab.byteCount)
    }
  }
}
