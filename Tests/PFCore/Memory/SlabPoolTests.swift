@testable import PFCore
import Testing

@Suite struct `the slab pool` {
  static let granule = 64 << 10

  static func pool() -> SlabPool {
    SlabPool(BlockCache(capacity: 64 << 20), granuleByteCount: granule)
  }

  @Test(
    "gives aligned memory of the size, a granule too large at most",
    arguments: [1, 65_535, 65_536, 65_537, 1 << 20, (1 << 20) + 4, 4 << 20])
  func sizes(byteCount: Int) throws {
    let pool = Self.pool()
    let taken = unsafe try #require(unsafe pool.take(byteCount: byteCount))
    #expect(unsafe taken.byteCount >= byteCount && taken.byteCount < byteCount + Self.granule)
    #expect(unsafe UInt(bitPattern: taken.start) % 64 == 0)
    unsafe pool.put(taken.start, byteCount: taken.byteCount, slab: taken.slab)
    pool.purge()
  }

  @Test(
    "loses a sixteenth of a large buffer at most, and 16 KiB of a small one",
    arguments: [64 << 10, 100_000, (1 << 20) - 1, (1 << 20) + 1, (4 << 20) + 1, 16 << 20])
  func waste(byteCount: Int) throws {
    let buffer = try MutableBuffer(byteCount: byteCount)
    #expect(buffer.capacity - byteCount <= max(16 << 10, byteCount / 16))
  }

  @Test func `packs buffers side by side and fills the holes`() throws {
    let pool = Self.pool()
    var taken = unsafe [(start: UnsafeMutableRawPointer, byteCount: Int, slab: UInt)]()
    for _ in 0..<128 {
      unsafe taken.append(try #require(unsafe pool.take(byteCount: Self.granule)))
    }
    let slabs = unsafe Set(taken.map { unsafe $0.slab })
    let starts = unsafe Set(taken.map { unsafe UInt(bitPattern: $0.start) })
    #expect(slabs.count == 1 && starts.count == 128)
    // The slab is full.
    let other = unsafe try #require(unsafe pool.take(byteCount: 1))
    #expect(unsafe !slabs.contains(other.slab))
    // A hole of three granules holds three, and not four.
    for index in 40..<43 {
      unsafe pool.put(
        taken[index].start, byteCount: taken[index].byteCount, slab: taken[index].slab)
    }
    let four = unsafe try #require(unsafe pool.take(byteCount: 4 * Self.granule))
    #expect(unsafe four.slab == other.slab)
    let rest = unsafe try #require(unsafe pool.take(byteCount: 123 * Self.granule / 2))
    #expect(unsafe rest.slab == other.slab)
    let last = unsafe try #require(unsafe pool.take(byteCount: 61 * Self.granule))
    #expect(unsafe last.slab == other.slab)
    let three = unsafe try #require(unsafe pool.take(byteCount: 3 * Self.granule))
    #expect(unsafe three.start == taken[40].start)
  }

  @Test func `finds the room of the last of many slabs, and that of the first once it is there`()
    throws
  {
    let pool = Self.pool()
    var taken = unsafe [(start: UnsafeMutableRawPointer, byteCount: Int, slab: UInt)]()
    for _ in 0..<40 {
      // All but four granules of a slab.
      unsafe taken.append(try #require(unsafe pool.take(byteCount: 64 * Self.granule)))
      unsafe taken.append(try #require(unsafe pool.take(byteCount: 60 * Self.granule)))
    }
    let ten = unsafe try #require(unsafe pool.take(byteCount: 10 * Self.granule))
    let more = unsafe try #require(unsafe pool.take(byteCount: 10 * Self.granule))
    #expect(unsafe more.slab == ten.slab)
    #expect(unsafe !taken.contains { unsafe $0.slab == ten.slab })
    let four = unsafe try #require(unsafe pool.take(byteCount: 4 * Self.granule))
    #expect(unsafe four.slab == taken[0].slab)
    unsafe pool.put(taken[2].start, byteCount: taken[2].byteCount, slab: taken[2].slab)
    let again = unsafe try #require(unsafe pool.take(byteCount: 10 * Self.granule))
    #expect(unsafe again.start == taken[2].start)
  }

  @Test func `takes the end of a buffer back`() throws {
    let pool = Self.pool()
    let whole = unsafe try #require(unsafe pool.take(byteCount: 40 * Self.granule))
    for (wanted, left) in [(39 * Self.granule + 1, 40), (10 * Self.granule, 10), (1, 1)] {
      let kept = unsafe pool.trim(
        whole.start, byteCount: 40 * Self.granule, to: wanted, slab: whole.slab)
      #expect(kept == left * Self.granule)
      let rest = unsafe try #require(unsafe pool.take(byteCount: 60 * Self.granule))
      #expect(unsafe rest.slab == whole.slab)
      #expect(unsafe rest.start == whole.start + kept)
      unsafe pool.put(rest.start, byteCount: rest.byteCount, slab: rest.slab)
      // The end is taken again, for the next round.
      if left < 40 {
        let end = unsafe try #require(unsafe pool.take(byteCount: (40 - left) * Self.granule))
        #expect(unsafe end.start == whole.start + kept)
      }
    }
  }

  @Test(
    "buffers of all homes hold what was written, cut at their end or not",
    arguments: [
      100, 65_535, 65_536, 1 << 20, 4 << 20, (4 << 20) + 1, 9 << 20, 17 << 20,
    ])
  func homes(capacity: Int) throws {
    var buffers: [(buffer: Buffer, mark: UInt8)] = []
    for (mark, share) in [1, 2, 3, 5, 9].enumerated() {
      var made = try MutableBuffer(byteCount: capacity)
      #expect(made.capacity >= capacity)
      try made.fill(upTo: capacity / share, with: UInt8(mark))
      buffers.append((made.freeze(), UInt8(mark)))
    }
    for (buffer, mark) in buffers {
      let bytes = buffer.bytes
      // Some of each page, and the end.
      #expect(stride(from: 0, to: bytes.count, by: 1021).allSatisfy { bytes[$0] == mark })
      #expect(bytes[bytes.count - 1] == mark)
    }
  }

  @Test func `serves threads at once, each its own memory`() async {
    let pool = Self.pool()
    await withTaskGroup(of: Bool.self) { group in
      for task in 0..<8 {
        group.addTask {
          for round in 0..<200 {
            let byteCount = Self.granule * (1 + (task * 7 + round) % 60)
            guard let taken = unsafe pool.take(byteCount: byteCount) else { return false }
            let (start, end) = unsafe (taken.start, taken.start + (taken.byteCount - 8))
            let mark = UInt64(task << 32 | round)
            unsafe start.storeBytes(of: mark, as: UInt64.self)
            unsafe end.storeBytes(of: mark, as: UInt64.self)
            let isOwn = unsafe start.load(as: UInt64.self) == mark
            let isWhole = unsafe end.load(as: UInt64.self) == mark
            unsafe pool.put(taken.start, byteCount: taken.byteCount, slab: taken.slab)
            guard isOwn, isWhole else { return false }
          }
          return true
        }
      }
      for await isOwn in group { #expect(isOwn) }
    }
    pool.purge()
  }
}
