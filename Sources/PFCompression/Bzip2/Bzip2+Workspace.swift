internal import PFCore

extension Bzip2 {
  /// The memory of a decoder: seven times the largest block that it met, 6.3 MB at most.
  ///
  /// Made once and used for one input after the other, by one thread at a time.
  @safe package final class Workspace {
    /// Where in `tables` things are.
    private enum Layout {
      static let entries = 0
      static let sorted = entries + 2 * Code.entryCount * Code.maximumCount
      static let selectors = sorted + 2 * 260 * Code.maximumCount
      static let list = selectors + Code.maximumSelectorCount + 46
      static let counts = list + 16 + 256 + 16
      static let segments = counts + 4 * 256
      static let byteCount = segments + MemoryLayout<Segment>.stride * Segment.maximumCount
    }

    private var tables: MutableBuffer?
    private var blockMemory: MutableBuffer?
    private var linkMemory: MutableBuffer?
    private var laneMemory: MutableBuffer?
    /// Bytes of a block, before runs are expanded.
    private(set) var blockLimit = 0

    /// Takes no memory before its first use.
    package init() {}

    /// Bytes behind the end of a block which may be written: what the groups of symbols write before
    /// the end is looked at.
    static let blockSlack = Code.groupSize * 16 + 64

    /// Makes room for a stream with blocks of `blockLimit` bytes.
    func begin(blockLimit: Int) throws(DecodingError) {
      self.blockLimit = blockLimit
      try Self.reserve(Layout.byteCount, in: &tables)
      try Self.reserve(blockLimit + Self.blockSlack, in: &blockMemory)
    }

    private static func reserve(
      _ byteCount: Int, in memory: inout MutableBuffer?
    ) throws(DecodingError) {
      if let capacity = memory?.capacity, capacity >= byteCount { return }
      memory = nil
      memory = try .decompressing(byteCount: byteCount)
    }

    // SAFETY of what follows: each lies within its memory as `Layout` says or `reserve` made it;
    // it is valid as long as the workspace, or until more is reserved.

    private func table(_ offset: Int) -> UnsafeMutableRawPointer {
      guard let start = unsafe tables?.start else { preconditionFailure("begin was not called") }
      return unsafe start + offset
    }

    /// The block, with `blockSlack` bytes behind `blockLimit`.
    var block: UnsafeMutablePointer<UInt8> {
      guard let start = unsafe blockMemory?.start else {
        preconditionFailure("begin was not called")
      }
      return unsafe start.assumingMemoryBound(to: UInt8.self)
    }

    func code(_ index: Int) -> Code {
      unsafe Code(
        entries: table(Layout.entries + 2 * Code.entryCount * index)
          .assumingMemoryBound(to: UInt16.self),
        sorted: table(Layout.sorted + 2 * 260 * index).assumingMemoryBound(to: UInt16.self))
    }

    var entries: UnsafeMutablePointer<UInt16> {
      unsafe table(Layout.entries).assumingMemoryBound(to: UInt16.self)
    }

    /// By group: its code.
    var selectors: UnsafeMutablePointer<UInt8> {
      unsafe table(Layout.selectors).assumingMemoryBound(to: UInt8.self)
    }

    /// The bytes of the block, moved to the front; 16 bytes of room on both sides of the 256.
    var list: UnsafeMutablePointer<UInt8> {
      unsafe table(Layout.list + 16).assumingMemoryBound(to: UInt8.self)
    }

    /// By byte: how often it is in the block.
    var counts: UnsafeMutablePointer<UInt32> {
      unsafe table(Layout.counts).assumingMemoryBound(to: UInt32.self)
    }

    var segments: UnsafeMutablePointer<Segment> {
      unsafe table(Layout.segments).assumingMemoryBound(to: Segment.self)
    }

    /// Room for `count` links.
    func links(_ count: Int) throws(DecodingError) -> UnsafeMutablePointer<UInt32> {
      try Self.reserve(4 * count, in: &linkMemory)
      guard let start = unsafe linkMemory?.start else { throw .outOfMemory(byteCount: 4 * count) }
      return unsafe start.assumingMemoryBound(to: UInt32.self)
    }

    /// Room for `byteCount` bytes of all lanes.
    func lanes(_ byteCount: Int) throws(DecodingError) -> UnsafeMutablePointer<UInt8> {
      try Self.reserve(byteCount, in: &laneMemory)
      guard let start = unsafe laneMemory?.start else { throw .outOfMemory(byteCount: byteCount) }
      return unsafe start.assumingMemoryBound(to: UInt8.self)
    }
  }
}
