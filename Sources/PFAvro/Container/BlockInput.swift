internal import PFCore

/// Reads the stored bytes of blocks, some neighbours at a time, into memory that is used again.
final class BlockInput {
  private let source: any ByteSource
  private var window: MutableBuffer
  /// In the place of the window, where the source has the bytes in memory.
  private var borrowed: Buffer?
  /// The bytes of the file that are at hand.
  private var range = 0..<0

  /// What is read at once: few calls, and all of it still in the processor's cache when it is
  /// decoded. Where small reads are slow, a whole group of blocks is.
  private static let pieceByteCount = 128 << 10

  init(_ source: any ByteSource) throws(AllocationError) {
    self.source = source
    window = try MutableBuffer(byteCount: 0)
  }

  /// The bytes of the block at a place of a group, whose next blocks may be read with it.
  ///
  /// - Returns: The first byte; the sync marker lies behind the last. Valid until the next call.
  /// - Throws: `.source`, `.outOfMemory`.
  @unsafe func bytes(
    ofBlock place: Int, in group: BlockGroup
  ) throws(ReadError) -> UnsafeRawPointer {
    let block = group.blocks[place]
    if block.dataOffset < range.lowerBound || block.end > range.upperBound {
      do throws(SourceError) {
        borrowed = try source.borrow(
          at: block.dataOffset, byteCount: block.end - block.dataOffset)
      } catch { throw ReadError(error) }
      range = block.dataOffset..<block.end
      if borrowed == nil { try read(place, group) }
    }
    let start = unsafe borrowed?.address ?? UnsafeRawPointer(window.start)
    return unsafe start + (block.dataOffset - range.lowerBound)
  }

  private func read(_ place: Int, _ group: BlockGroup) throws(ReadError) {
    let first = group.blocks[place].dataOffset
    var end = group.blocks[place].end
    for next in group.blocks[(place + 1)...] {
      guard source.prefersLargeReads || next.end - first <= Self.pieceByteCount else { break }
      end = next.end
    }
    // Nothing is at hand should the read fail.
    range = 0..<0
    window.setByteCount(0)
    do throws(AllocationError) {
      try window.reserve(end - first)
    } catch { throw ReadError(error) }
    do throws(SourceError) {
      // SAFETY: so many writable bytes, which nobody else has.
      var target = unsafe MutableSpan<UInt8>(
        _unsafeStart: window.start.assumingMemoryBound(to: UInt8.self), count: end - first)
      try source.read(at: first, into: &target)
    } catch { throw ReadError(error) }
    range = first..<end
  }
}
