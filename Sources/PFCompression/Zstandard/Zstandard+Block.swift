internal import PFCore

extension Zstandard {
  /// Where blocks are decoded to.
  @unsafe struct Target {
    /// The first byte that a match may copy: the start of the frame, or what is left of it.
    var start: UnsafeMutablePointer<UInt8>
    /// Bytes behind `start` that are written.
    var written: Int
    /// Bytes behind `start` that may become output.
    var limit: Int
    /// Bytes behind `start` that may be written, at least `limit`.
    var capacity: Int
  }
}

extension Zstandard.Workspace {
  /// Decodes the content of one block behind what is written.
  ///
  /// SAFETY: `content` and the eight bytes before it are readable; `target` tells the truth.
  /// - Throws: with offsets in `content`. Bytes behind `written` may be overwritten then.
  func decodeBlock(
    _ header: Zstandard.BlockHeader, _ content: UnsafeRawBufferPointer, limit: Int,
    into target: inout Zstandard.Target
  ) throws(DecodingError) {
    guard let source = content.baseAddress else { throw .truncated(offset: 0, needed: 1) }
    let end = unsafe target.start + target.written
    let room = unsafe target.limit - target.written
    switch header.kind {
    case .compressed:
      try unsafe decodeCompressed(content, limit: limit, into: &target)
      return
    case .raw, .runLength:
      guard header.size <= room else {
        throw unsafe .limitExceeded(
          offset: 0, declared: target.written + header.size, limit: target.limit)
      }
      if header.kind == .raw {
        unsafe MatchCopy.copyLiterals(source, to: end, count: header.size)
      } else {
        unsafe end.update(repeating: source.load(as: UInt8.self), count: header.size)
      }
      unsafe target.written += header.size
    }
  }

  /// RFC 8878, section 3.1.1.3.
  private func decodeCompressed(
    _ content: UnsafeRawBufferPointer, limit: Int, into target: inout Zstandard.Target
  ) throws(DecodingError) {
    let bytes = unsafe content.bindMemory(to: UInt8.self)
    var reader = unsafe ByteReader(Span(_unsafeElements: bytes))
    let header = try Zstandard.LiteralsHeader(&reader, limit: limit)

    // Nothing but literals: they need not be copied.
    let sectionEnd = reader.offset + header.byteCount
    let room = unsafe target.limit - target.written
    let isAlone =
      sectionEnd == content.count - 1 && reader.bytes[sectionEnd] == 0 && header.count <= room
    let literals = try unsafe readLiterals(
      header, &reader, content, into: isAlone ? target.start + target.written : nil)
    if isAlone {
      unsafe target.written += header.count
      return
    }

    let count = try readSequenceCount(&reader)
    if count > 0 {
      try readSequenceTables(&reader)
    } else if reader.remaining > 0 {
      throw .invalidValue(offset: reader.offset)
    }
    let offset = reader.offset
    let blockRoom = min(room, limit)
    var run = unsafe SequenceRun(
      literals: literals.start, literalCount: literals.count, target: target, room: blockRoom,
      repeats: repeats, count: count)
    if count > 0 {
      guard let base = content.baseAddress,
        let bits = unsafe BackwardBits(base + offset, count: reader.remaining),
        unsafe run.decode(bits, tables, logs: tableLogs)
      else { throw .invalidValue(offset: offset) }
      repeats = unsafe run.repeats
    }
    guard unsafe run.appendLastLiterals() else {
      throw unsafe .limitExceeded(
        offset: offset, declared: run.written + run.literalCount, limit: run.limit)
    }
    unsafe target.written = run.written
  }

  /// Section 3.1.1.3.2.1.
  private func readSequenceCount(_ reader: inout ByteReader) throws(DecodingError) -> Int {
    let first = Int(try reader.readByte())
    if first < 128 { return first }
    if first < 255 { return (first - 128) << 8 | Int(try reader.readByte()) }
    return Int(try reader.readLittleEndian(UInt16.self)) + 0x7F00
  }

  private func readSequenceTables(_ reader: inout ByteReader) throws(DecodingError) {
    let start = reader.offset
    let modes = try reader.readByte()
    guard modes & 3 == 0 else { throw .invalidValue(offset: start) }
    try readTable(.literalLength, mode: modes >> 6, &reader)
    try readTable(.offset, mode: modes >> 4, &reader)
    try readTable(.matchLength, mode: modes >> 2, &reader)
    hasSequenceTables = true
  }
}
