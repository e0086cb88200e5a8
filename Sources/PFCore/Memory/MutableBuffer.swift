/// There was no memory for a buffer.
public struct AllocationError: Error, Equatable, Sendable {
  /// The bytes that were asked for.
  public let byteCount: Int

  package init(byteCount: Int) { self.byteCount = byteCount }
}

/// The memory of a buffer, freed with the last reference.
@safe final class BufferStorage: Sendable {
  // SAFETY: one MutableBuffer writes it; once frozen nobody does.
  nonisolated(unsafe) let start: UnsafeMutableRawPointer
  let capacity: Int
  private let home: Home

  /// Bytes that go back to a slab; fewer than `capacity` where the end went back before.
  // SAFETY: changed by `trim` alone, as long as one MutableBuffer has the storage.
  private nonisolated(unsafe) var slabByteCount = 0

  private enum Home { case heap, block, slab(SlabPool, UInt) }

  /// Below this, `malloc` serves; above, memory that is kept for the next buffer does.
  fileprivate static let keptThreshold = 64 << 10

  init(capacity wanted: Int) throws(AllocationError) {
    guard wanted >= 0, wanted <= Int.max - 63 else { throw AllocationError(byteCount: wanted) }
    if wanted >= Self.keptThreshold, let pool = SlabPool.pool(for: wanted),
      let taken = unsafe pool.take(byteCount: wanted)
    {
      unsafe start = taken.start
      capacity = unsafe taken.byteCount
      home = unsafe .slab(pool, taken.slab)
      unsafe slabByteCount = taken.byteCount
    } else if wanted >= Self.keptThreshold {
      guard let size = BlockCache.blockSize(for: wanted),
        let taken = unsafe BlockCache.shared.take(size: size)
      else { throw AllocationError(byteCount: wanted) }
      if unsafe taken.isFresh { unsafe Pages.populate(taken.block, byteCount: wanted) }
      unsafe start = taken.block
      capacity = unsafe taken.size
      home = .block
    } else {
      let size = max(64, (wanted + 63) & ~63)
      guard let memory = unsafe Heap.allocate(byteCount: size) else {
        throw AllocationError(byteCount: wanted)
      }
      unsafe start = memory
      capacity = size
      home = .heap
    }
  }

  /// Gives the memory behind the first `byteCount` bytes back, where it is part of a slab.
  fileprivate func trim(to byteCount: Int) {
    guard case .slab(let pool, let slab) = home, byteCount > 0 else { return }
    unsafe slabByteCount = pool.trim(start, byteCount: slabByteCount, to: byteCount, slab: slab)
  }

  fileprivate var isInSlab: Bool {
    if case .slab = home { true } else { false }
  }

  deinit {
    switch home {
    case .heap: unsafe Heap.free(start)
    case .block: unsafe BlockCache.shared.put(start, size: capacity)
    case .slab(let pool, let slab):
      unsafe pool.put(start, byteCount: slabByteCount, slab: slab)
    }
  }
}

/// Growing, uniquely owned bytes that become a `Buffer` without a copy.
///
/// Memory is aligned to 64 bytes. Content beyond `byteCount` is unspecified until written.
@safe package struct MutableBuffer: ~Copyable {
  private var storage: BufferStorage
  /// The bytes in use. Invariant: `0 <= byteCount <= capacity`.
  package private(set) var byteCount: Int

  /// Room for `byteCount` bytes, none in use.
  ///
  /// - Throws: when there is no memory.
  package init(byteCount: Int) throws(AllocationError) {
    storage = try BufferStorage(capacity: byteCount)
    self.byteCount = 0
  }

  /// The bytes that fit without growing.
  package var capacity: Int { storage.capacity }

  /// The first byte. Valid until the buffer grows or is frozen; `capacity` bytes are writable.
  @unsafe package var start: UnsafeMutableRawPointer { unsafe storage.start }

  /// Makes room for `byteCount` bytes in all, growing by half at least.
  ///
  /// - Throws: when there is no memory; the content is then as before.
  @inline(__always)
  package mutating func reserve(_ byteCount: Int) throws(AllocationError) {
    if byteCount > storage.capacity { try grow(to: byteCount) }
  }

  @inline(never)
  private mutating func grow(to byteCount: Int) throws(AllocationError) {
    let (half, overflow) = storage.capacity.addingReportingOverflow(storage.capacity / 2)
    let larger = try BufferStorage(capacity: overflow ? byteCount : max(byteCount, half))
    unsafe larger.start.copyMemory(from: storage.start, byteCount: self.byteCount)
    storage = larger
  }

  /// Declares the first `byteCount` bytes in use.
  ///
  /// - Precondition: they fit the capacity and have been written.
  package mutating func setByteCount(_ byteCount: Int) {
    precondition(byteCount >= 0 && byteCount <= storage.capacity, "beyond the capacity")
    self.byteCount = byteCount
  }

  /// Appends a value. Precondition: it fits the capacity, or memory can be had.
  package mutating func append<T: BitwiseCopyable>(_ value: T) {
    let end = byteCount + MemoryLayout<T>.size
    precondition((try? reserve(end)) != nil, "no memory")
    unsafe (start + byteCount).storeBytes(of: value, as: T.self)
    byteCount = end
  }

  /// Appends bytes. Precondition: they fit the capacity, or memory can be had.
  package mutating func append(_ bytes: Span<UInt8>) {
    let end = byteCount + bytes.count
    precondition((try? reserve(end)) != nil, "no memory")
    let target = unsafe start + byteCount
    unsafe bytes.withUnsafeBufferPointer { source in
      if let base = source.baseAddress {
        unsafe target.copyMemory(from: base, byteCount: source.count)
      }
    }
    byteCount = end
  }

  /// Sets all bytes from `byteCount` up to `end` to `value` and declares them in use.
  package mutating func fill(upTo end: Int, with value: UInt8 = 0) throws(AllocationError) {
    try reserve(end)
    if end > byteCount {
      unsafe (start + byteCount).initializeMemory(
        as: UInt8.self, repeating: value, count: end - byteCount)
    }
    byteCount = max(byteCount, end)
  }

  /// Ends the writing; the padding to a multiple of 64 bytes is zeroed.
  package consuming func freeze() -> Buffer {
    // WHY a copy: pages that were reserved in vain would live as long as the data, and a table has
    // many buffers. A slab takes them back as they are.
    if capacity >= BufferStorage.keptThreshold, byteCount < capacity / 4,
      byteCount < BufferStorage.keptThreshold || !storage.isInSlab,
      let smaller = try? BufferStorage(capacity: byteCount), smaller.capacity < capacity
    {
      unsafe smaller.start.copyMemory(from: storage.start, byteCount: byteCount)
      storage = smaller
    } else {
      storage.trim(to: byteCount)
    }
    let padded = min(capacity, (byteCount + 63) & ~63)
    unsafe (start + byteCount).initializeMemory(
      as: UInt8.self, repeating: 0, count: padded - byteCount)
    return unsafe Buffer(start: storage.start, byteCount: byteCount, owner: storage)
  }
}
