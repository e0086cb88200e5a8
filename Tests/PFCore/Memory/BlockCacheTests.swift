@testable import PFCore
import Synchronization
import Testing

#if os(Linux)
  import Glibc
#endif

@Suite struct `the block cache` {
  static let huge = Pages.hugeByteCount

  @Test func `rounds to whole huge pages, an eighth too large at most`() {
    for byteCount in [1, Self.huge - 1, Self.huge, Self.huge + 1, 100 << 20, 12_345_678_901] {
      let size = BlockCache.blockSize(for: byteCount) ?? 0
      #expect(size >= byteCount && size % Self.huge == 0)
      #expect(size <= byteCount + byteCount / 8 + Self.huge)
      #expect(BlockCache.blockSize(for: size) == size)
    }
    #expect(BlockCache.blockSize(for: .max) == nil)
    #expect(BlockCache.blockSize(for: .max - Self.huge) == nil)
  }

  @Test func `gives a block back for a request of about its size, and once`() throws {
    let cache = BlockCache(capacity: 64 << 20)
    let first = unsafe try #require(unsafe cache.take(size: 3 * Self.huge))
    unsafe cache.put(first.block, size: first.size)
    // Too large by half at most; a smaller one never does.
    let larger = unsafe try #require(unsafe cache.take(size: 4 * Self.huge))
    #expect(unsafe larger.block != first.block && larger.size == 4 * Self.huge)
    let small = unsafe try #require(unsafe cache.take(size: Self.huge))
    #expect(unsafe small.size == Self.huge)
    unsafe cache.put(larger.block, size: larger.size)
    unsafe cache.put(small.block, size: small.size)
    let again = unsafe try #require(unsafe cache.take(size: 3 * Self.huge))
    #expect(unsafe again.size == 4 * Self.huge && again.block == larger.block)
    let other = unsafe try #require(unsafe cache.take(size: 3 * Self.huge))
    #expect(unsafe other.block != again.block)
    unsafe cache.put(again.block, size: again.size)
    unsafe cache.put(other.block, size: other.size)
    cache.purge()
    cache.purge()
  }

  #if os(Linux)
    @Test func `populates what is about to be written, with zeros`() throws {
      let size = 4 * Self.huge
      let block = unsafe try #require(unsafe Pages.map(byteCount: size))
      defer { unsafe Pages.unmap(block, byteCount: size) }
      #expect(unsafe Self.residentByteCount(block, size) == 0)
      let start = unsafe block + Self.huge / 2
      unsafe Pages.populate(start, byteCount: 2 * Self.huge)
      let resident = unsafe Self.residentByteCount(start, 2 * Self.huge)
      // Kernels before 5.14 leave it to the first touch.
      #expect(resident == 2 * Self.huge || resident == 0)
      // At most the huge pages that it begins and ends in.
      #expect(unsafe Self.residentByteCount(block, size) <= 3 * Self.huge)
      let bytes = unsafe UnsafeRawBufferPointer(start: block, count: size)
      #expect(unsafe bytes.allSatisfy { $0 == 0 })
    }

    private static func residentByteCount(_ start: UnsafeRawPointer, _ byteCount: Int) -> Int {
      let pageByteCount = Int(sysconf(Int32(_SC_PAGESIZE)))
      var flags = [UInt8](repeating: 0, count: byteCount / pageByteCount)
      unsafe mincore(UnsafeMutableRawPointer(mutating: start), byteCount, &flags)
      return flags.count { $0 & 1 == 1 } * pageByteCount
    }
  #endif

  @Test func `serves threads at once, each its own block`() async {
    let cache = BlockCache(capacity: 8 << 20)
    await withTaskGroup(of: Bool.self) { group in
      for task in 0..<8 {
        group.addTask {
          for round in 0..<100 {
            let size = Self.huge * (1 + (task + round) % 3)
            guard let taken = unsafe cache.take(size: size), unsafe taken.size >= size else {
              return false
            }
            let (start, end) = unsafe (taken.block, taken.block + (taken.size - 8))
            let mark = UInt64(task << 32 | round)
            unsafe start.storeBytes(of: mark, as: UInt64.self)
            unsafe end.storeBytes(of: mark, as: UInt64.self)
            let isOwn = unsafe start.load(as: UInt64.self) == mark
            let isWhole = unsafe end.load(as: UInt64.self) == mark
            unsafe cache.put(taken.block, size: taken.size)
            guard isOwn, isWhole else { return false }
          }
          return true
        }
      }
      for await isOwn in group { #expect(isOwn) }
    }
    cache.purge()
  }
}
