internal import PFCore

extension Brotli {
  /// Memory for the tables of one decompression after the other.
  ///
  /// 2.9 MB of addresses, of which a stream touches what its codes need.
  @safe package final class Workspace {
    private var memory: MutableBuffer?

    /// Takes no memory before its first use.
    package init() {}

    /// The parts of the workspace.
    ///
    /// - Throws: `.outOfMemory`.
    func tables() throws(DecodingError) -> Tables {
      if memory == nil {
        do throws(AllocationError) {
          memory = try MutableBuffer(byteCount: Tables.byteCount)
        } catch {
          throw .outOfMemory(byteCount: error.byteCount)
        }
      }
      guard let start = unsafe memory?.start else {
        throw .outOfMemory(byteCount: Tables.byteCount)
      }
      return unsafe Tables(start)
    }
  }

  /// Where the tables of a meta-block are. Valid as long as their workspace.
  @safe struct Tables {
    /// Codes of a kind, and literal block types, are 256 at most.
    static let maximumCount = 256
    /// Entries from one table of a kind to the next.
    static let literalStride = BrotliPrefixCode.capacity(symbolCount: 256)
    static let commandStride = BrotliPrefixCode.capacity(symbolCount: 704)
    static let distanceStride = BrotliPrefixCode.capacity(symbolCount: 520)
    static let smallStride = BrotliPrefixCode.capacity(symbolCount: 272)

    let literals: UnsafeMutablePointer<UInt32>
    let commands: UnsafeMutablePointer<UInt32>
    let distances: UnsafeMutablePointer<UInt32>
    /// Types and lengths of the blocks of the three kinds, then a code that is needed for a while.
    let small: UnsafeMutablePointer<UInt32>
    /// By literal block type and context (64): where its table is in `literals`.
    let literalMap: UnsafeMutablePointer<UInt32>
    /// By distance block type and context (4): where its table is in `distances`.
    let distanceMap: UnsafeMutablePointer<UInt32>
    /// By distance code.
    let distanceLengths: UnsafeMutablePointer<(offset: Int, width: Int)>
    /// By literal block type: the context mode.
    let contextModes: UnsafeMutablePointer<UInt8>
    /// By literal block type: 1 when all contexts share a table.
    let isTrivial: UnsafeMutablePointer<UInt8>
    /// Of the code that is read.
    let lengths: UnsafeMutablePointer<UInt8>

    private static let distanceCount = 520
    private static let wordCount =
      maximumCount * (literalStride + commandStride + distanceStride + 64 + 4) + 7 * smallStride
    static let byteCount =
      16 * distanceCount + 4 * wordCount + 2 * maximumCount + BrotliPrefixCode.maximumSymbolCount

    /// Unsafe precondition: `start` has `byteCount` bytes and is aligned to 8.
    init(_ start: UnsafeMutableRawPointer) {
      unsafe distanceLengths = start.bindMemory(
        to: (offset: Int, width: Int).self, capacity: Self.distanceCount)
      let rest = unsafe start + 16 * Self.distanceCount
      let words = unsafe rest.bindMemory(to: UInt32.self, capacity: Self.wordCount)
      let byteCount = 2 * Self.maximumCount + BrotliPrefixCode.maximumSymbolCount
      let bytes = unsafe (rest + 4 * Self.wordCount).bindMemory(
        to: UInt8.self, capacity: byteCount)
      unsafe literals = words
      unsafe commands = literals + Self.maximumCount * Self.literalStride
      unsafe distances = commands + Self.maximumCount * Self.commandStride
      unsafe small = distances + Self.maximumCount * Self.distanceStride
      unsafe literalMap = small + 7 * Self.smallStride
      unsafe distanceMap = literalMap + Self.maximumCount * 64
      unsafe contextModes = bytes
      unsafe isTrivial = bytes + Self.maximumCount
      unsafe lengths = bytes + 2 * Self.maximumCount
    }
  }
}
