internal import PFCompression
internal import PFCore

/// The bytes of a column chunk, front to back, through a window that slides over the file.
///
/// Only the window is in memory: a page and the header behind it, so that what is decompressed
/// next was read a moment ago and is still in the cache. Sources that have their bytes in memory
/// lend them; slow ones are asked for the whole chunk at once.
@safe final class ChunkInput {
  private static let readSize = 256 << 10
  /// A chunk of up to this size is read at once.
  private static let wholeReadSize = 1 << 20
  /// The first read where only some of the chunk is wanted; each further one is twice as large.
  private static let partialReadSize = 16 << 10
  /// Read beyond a page, for the header of the next.
  private static let headerAllowance = 512

  private let source: any ByteSource
  /// No byte from here on belongs to a column chunk.
  private let limit: Int
  /// Where the footer says that the chunk ends. No page begins behind it, but the last one may
  /// reach further: old writers left the dictionary's header out of the size (PARQUET-816).
  private let expectedEnd: Int

  private var lent: Buffer?
  private var window: MutableBuffer?
  /// The unread bytes of the window.
  private var start = 0
  private var end = 0
  /// The file offset of the next unread byte.
  private(set) var position: Int
  /// Where what is wanted ends, as far as is known: there is no reading ahead behind it.
  var readAheadEnd: Int?
  /// Whether only some of the chunk is wanted: then slow sources are not asked for all of it.
  var isPartial = false
  private var partialReadSize = ChunkInput.partialReadSize

  /// The bytes from `offset` on, of which the footer promises `byteCount`, none behind `limit`;
  /// `bytes` are the first of them, where they were read before.
  init(
    _ source: any ByteSource, offset: Int, byteCount: Int, limit: Int, bytes: Buffer? = nil,
    reusing: ChunkScratch
  ) throws(ReadError) {
    self.source = source
    self.limit = limit
    position = offset
    let (sum, overflow) = offset.addingReportingOverflow(byteCount)
    expectedEnd = overflow ? limit : min(sum, limit)
    do throws(SourceError) {
      if let bytes {
        lent = bytes
      } else {
        lent = try source.borrow(at: offset, byteCount: limit - offset)
      }
    } catch { throw ReadError(error) }
    if let lent {
      end = lent.byteCount
    } else {
      window = reusing.window.take()
    }
  }

  /// Gives the window's memory back for the next chunk.
  func recycle(into scratch: ChunkScratch) { scratch.window = window.take() }

  /// The bytes from here on: `count` at least, unless the chunks of the file end before.
  ///
  /// Valid until the next call.
  func bytes(atLeast count: Int) throws(ReadError) -> UnsafeRawBufferPointer {
    if let lent, end - start >= count || position + (end - start) >= limit {
      return unsafe UnsafeRawBufferPointer(start: lent.address + start, count: end - start)
    }
    // Bytes that were read before may end early.
    if lent != nil { giveUpLent() }
    if end - start < count, position + (end - start) < limit { try refill(count) }
    guard let base = unsafe window?.start else {
      return unsafe UnsafeRawBufferPointer(start: nil, count: 0)
    }
    return unsafe UnsafeRawBufferPointer(start: base + start, count: end - start)
  }

  /// Whether no further page begins in the chunk.
  var isAtEnd: Bool { position >= expectedEnd }

  /// The bytes up to where the footer says that the chunk ends.
  var expectedByteCount: Int { max(0, expectedEnd - position) }

  /// Moves past `count` bytes. Precondition: `bytes(atLeast:)` has shown them.
  func advance(_ count: Int) {
    precondition(count >= 0 && count <= end - start, "beyond the window")
    start += count
    position += count
  }

  /// Moves past `count` bytes that need not have been read.
  ///
  /// - Throws: `.truncated` where the chunks of the file end before.
  func skip(_ count: Int) throws(ReadError) {
    if count <= end - start {
      advance(count)
      return
    }
    guard count <= limit - position else {
      throw ReadError(.truncated(offset: position, needed: count - (limit - position)))
    }
    if lent != nil { giveUpLent() }
    (start, end) = (0, 0)
    position += count
  }

  /// Goes on with the source itself.
  private func giveUpLent() {
    lent = nil
    (start, end) = (0, 0)
  }

  private func refill(_ count: Int) throws(ReadError) {
    let unread = end - start
    let next = position + unread
    let needed = count - unread
    var wanted = max(needed + Self.headerAllowance, isPartial ? partialReadSize : Self.readSize)
    if isPartial { partialReadSize = min(partialReadSize * 2, Self.readSize) }
    let isWhole = source.prefersLargeReads || expectedEnd - next <= Self.wholeReadSize
    if isWhole, !isPartial { wanted = max(wanted, expectedEnd - next) }
    // Not beyond the chunk, unless its end is not where the footer says.
    if needed > expectedEnd - next {
      wanted = min(needed + Self.headerAllowance, limit - next)
    } else {
      wanted = min(wanted, expectedEnd - next)
      if let end = readAheadEnd, end - next >= needed { wanted = min(wanted, end - next) }
    }

    if window == nil || (window?.capacity ?? 0) < unread + wanted {
      do throws(AllocationError) {
        let larger = try MutableBuffer(byteCount: unread + wanted)
        if unread > 0, let old = unsafe window?.start {
          unsafe larger.start.copyMemory(from: old + start, byteCount: unread)
        }
        window = consume larger
      } catch { throw ReadError(error) }
    } else if start > 0, unread > 0, let base = unsafe window?.start {
      // Both ranges are in one buffer and may overlap; `copyMemory` allows that.
      unsafe base.copyMemory(from: base + start, byteCount: unread)
    }
    start = 0
    end = unread
    guard let base = unsafe window?.start else { return }
    do throws(SourceError) {
      // SAFETY: the capacity holds `unread + wanted` bytes; nobody else sees the buffer.
      var target = unsafe MutableSpan<UInt8>(
        _unsafeStart: (base + unread).assumingMemoryBound(to: UInt8.self), count: wanted)
      try source.read(at: next, into: &target)
    } catch { throw ReadError(error).at(.init(offset: next)) }
    end = unread + wanted
  }
}

/// Memory that one thread uses for one column chunk after the other.
final class ChunkScratch {
  /// The window of `ChunkInput`.
  var window: MutableBuffer?
  /// The decompressed page.
  var page: MutableBuffer?
  let indices = IndexScratch()
  private var zstandard: Zstandard.Workspace?
  /// The tables of BROTLI pages, made for the first of them.
  lazy var brotli = Brotli.Workspace()

  init() {}

  /// The tables of ZSTD pages, made for the first of them.
  func zstandardWorkspace() throws(DecodingError) -> Zstandard.Workspace {
    if let zstandard { return zstandard }
    do throws(AllocationError) {
      let workspace = try Zstandard.Workspace()
      zstandard = workspace
      return workspace
    } catch { throw .outOfMemory(byteCount: error.byteCount) }
  }
}
