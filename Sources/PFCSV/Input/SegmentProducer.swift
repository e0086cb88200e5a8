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
    var wanted = max(chunkByteCount, carried.byteCount * 2)
    while true {
      var buffer = try room(wanted + Window.spare)
      buffer.append(carried.bytes)
      if !isAtEnd { try fill(&buffer, to: wanted) }
      let count = buffer.byteCount
      guard count > 0 else { return nil }
      guard count <= Window.largest else {
        throw ReadError(
          .limitExceeded(
            limit: "the bytes of a record", declared: count, maximum: Window.largest),
          at: .init(file: name, offset: base))
      }
      guard !isAtEnd else {
        carried = .empty
        return try finish(&buffer, count)
      }
      try zero(&buffer, behind: count)
      let border: Int
      if let last = unsafe lastLineEnd(buffer.start, count, dialect) {
        border = last
      } else {
        // SAFETY: the bytes are lent to the finder, and written again only when it is done.
        let bytes = unsafe Buffer(start: buffer.start, byteCount: buffer.byteCount, owner: nil)
        let source = SegmentSource(bytes, count: count, base: base, name: name)
        border = try lastBorder(of: source, dialect) - base
      }
      do throws(AllocationError) {
        // SAFETY: the bytes are those in use; `buffer` lives on.
        let rest = unsafe Buffer(
          start: buffer.start + border, byteCount: count - border, owner: nil)
        carried = try Buffer(copying: rest.bytes)
      } catch { throw ReadError(error) }
      if border > 0 { return try finish(&buffer, border) }
      // One record, and not all of it.
      wanted = count * 2
    }
  }

  /// The first `count` bytes as the next segment.
  private func finish(_ buffer: inout MutableBuffer, _ count: Int) throws(ReadError) -> Segment {
    try zero(&buffer, behind: count)
    var done = try room(0)
    swap(&done, &buffer)
    let source = SegmentSource(done.freeze(), count: count, base: base, name: name)
    defer {
      index += 1
      base += count
    }
    return Segment(index: index, source: source)
  }

  /// Writes the zeros that stand behind a segment.
  private func zero(_ buffer: inout MutableBuffer, behind count: Int) throws(ReadError) {
    buffer.setByteCount(count)
    do throws(AllocationError) {
      try buffer.fill(upTo: count + Window.spare)
    } catch { throw ReadError(error) }
  }

  /// The byte behind the last line end whose next byte is known; nil where a quote may make it none,
  /// or there is none.
  ///
  /// SAFETY: the caller promises `count` readable bytes and `Window.spare` more.
  @unsafe private func lastLineEnd(
    _ start: UnsafeMutableRawPointer, _ count: Int, _ dialect: CompiledDialect
  ) -> Int? {
    let bytes = unsafe UnsafePointer(start.assumingMemoryBound(to: UInt8.self))
    guard !dialect.hasEscape else { return nil }
    if dialect.quote != CompiledDialect.none {
      let quote = UInt8(truncatingIfNeeded: dialect.quote)
      var position = 0
      while position < count {
        if unsafe Bytes64(bytes + position).contains(quote, or: quote) { return nil }
        position &+= 64
      }
    }
    var end = count
    while end > 0 {
      let byte = unsafe bytes[end &- 1]
      if byte == 0x0A || byte == 0x0D && end < count { break }
      end &-= 1
    }
    return end > 0 ? end : nil
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
    defer { reader.window.close() }
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
