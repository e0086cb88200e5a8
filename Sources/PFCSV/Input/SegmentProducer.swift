internal import PFCore
internal import Synchronization

/// Cuts a stream into segments of whole records.
///
/// What is behind the last record border of a segment is the begin of the next one, so that no
/// start has to be guessed. Where the borders are does not depend on threads.
@safe final class SegmentProducer: @unchecked Sendable {
  // SAFETY: everything below is used with `lock` held.
  private let lock = Mutex(())
  private let stream: CSVInput
  private let name: String
  private let chunkByteCount: Int
  private var skip: Int
  private var base = 0
  private var carried = Buffer.empty
  private var index = 0
  private var isAtEnd = false
  private var finder: BlockReader?

  /// One stretch of whole records.
  struct Segment: Sendable {
    var index: Int
    var source: SegmentSource
  }

  init(
    _ stream: TextSource.Stream, skipping skip: Int, chunkByteCount: Int
  ) throws(ReadError) {
    self.stream = try stream.open()
    name = stream.source.name
    self.chunkByteCount = chunkByteCount
    self.skip = skip
  }

  /// The first bytes, and whether they are all.
  func front() throws(ReadError) -> (Buffer, isWhole: Bool) {
    var buffer = try room(chunkByteCount + 1)
    try fill(&buffer, to: chunkByteCount + 1)
    return (buffer.freeze(), isAtEnd)
  }

  /// The next segment; nil behind the last, and behind the one of index `last`.
  ///
  /// - Throws: what the stream throws; `.limitExceeded` for a record that is too large.
  func next(
    _ dialect: CompiledDialect, upTo last: Int = .max
  ) throws(ReadError) -> Segment? {
    try lock.withLock { _ throws(ReadError) in
      guard index <= last else { return nil }
      return try makeNext(dialect)
    }
  }

  private func makeNext(_ dialect: CompiledDialect) throws(ReadError) -> Segment? {
    if skip > 0 {
      var skipped = try room(skip)
      try fill(&skipped, to: skip)
      base = skip
      skip = 0
    }
    var wanted = chunkByteCount
    while true {
      let held = carried.byteCount
      var buffer = try room(held + wanted)
      buffer.append(carried.bytes)
      if !isAtEnd { try fill(&buffer, to: held + wanted) }
      let bytes = buffer.freeze()
      guard bytes.byteCount > 0 else { return nil }
      guard bytes.byteCount <= Window.largest else {
        throw ReadError(
          .limitExceeded(
            limit: "the bytes of a record", declared: bytes.byteCount, maximum: Window.largest),
          at: .init(file: name, offset: base))
      }
      let source = SegmentSource(bytes, base: base, name: name)
      var border = source.byteCount
      if !isAtEnd {
        border = try lastBorder(of: source, dialect)
        if border == base {
          // One record, and not all of it.
          carried = bytes
          wanted = bytes.byteCount
          continue
        }
      }
      let count = border - base
      // A copy: the segment goes before its rest does.
      do throws(AllocationError) {
        carried = try Buffer(
          copying: bytes.slice(offset: count, byteCount: bytes.byteCount - count).bytes)
      } catch { throw ReadError(error) }
      let segment = Segment(
        index: index,
        source: SegmentSource(bytes.slice(offset: 0, byteCount: count), base: base, name: name))
      index += 1
      base = border
      return segment
    }
  }

  /// The end of the last record that is whole.
  private func lastBorder(
    of source: SegmentSource, _ dialect: CompiledDialect
  ) throws(ReadError) -> Int {
    let reader: BlockReader
    if let finder {
      reader = finder
    } else {
      reader = try BlockReader(Window(source), dialect, blockByteCount: 64 << 10)
      finder = reader
    }
    reader.window.open(source, hasMore: true)
    var border = source.base
    let end = source.byteCount
    while border < end,
      try reader.next(at: border, goal: end, width: 0, reach: end - 1),
      reader.block.byteCount > 0
    {
      border += reader.block.byteCount
    }
    return border
  }

  private func room(_ byteCount: Int) throws(ReadError) -> MutableBuffer {
    do throws(AllocationError) {
      return try MutableBuffer(byteCount: byteCount)
    } catch { throw ReadError(error) }
  }

  /// Reads until the buffer holds `end` bytes, or the stream ends.
  private func fill(_ buffer: inout MutableBuffer, to end: Int) throws(ReadError) {
    while buffer.byteCount < end {
      // SAFETY: the buffer has room for `end` bytes.
      let count = try unsafe stream.read(
        into: UnsafeMutableRawBufferPointer(
          start: buffer.start + buffer.byteCount, count: end - buffer.byteCount))
      guard count > 0 else {
        isAtEnd = true
        return
      }
      buffer.setByteCount(buffer.byteCount + count)
    }
  }
}
