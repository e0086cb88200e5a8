internal import PFArrow
internal import PFCore

/// BYTE_ARRAY values as Arrow views (Arrow columnar format, "Variable-size Binary View Layout").
///
/// PLAIN bytes need no rearranging: a data buffer holds pieces of pages as they are, lengths
/// included, and views point to the values in it. A piece whose values all fit their views is not
/// kept.
@safe final class ViewOutput: ColumnOutput {
  typealias Word = SIMD2<UInt64>

  /// A position among the data buffers.
  private struct Place {
    let buffer: UInt32
    let offset: Int
  }

  private let isText: Bool
  private var views: MutableBuffer?
  /// The data buffers of the array in the making that are full. The dictionary, if views point to
  /// it, is the first of every array.
  private var full: [Buffer] = []
  /// The data buffer behind those.
  private var data: MutableBuffer?
  private var dataCount = 0

  private var dictionary: [Buffer] = []
  /// The view of each dictionary value.
  private var entries: MutableBuffer?
  private var entryCount = 0

  /// A column of UTF-8 (`isText`) or of bytes.
  init(isText: Bool) { self.isText = isText }

  /// Makes room for `slots` more slots; the first of them.
  private func target(slots: Int) throws(DecodingError) -> UnsafeMutablePointer<Word> {
    let needed = slotCount + slots
    if views == nil {
      views = try MutableBuffer.decoding(byteCount: max(needed, expectedSlotCount) * 16)
    } else {
      try views?.reserveForDecoding(needed * 16, keeping: slotCount * 16)
    }
    guard let start = unsafe views?.start else { throw .outOfMemory(byteCount: needed * 16) }
    return unsafe start.assumingMemoryBound(to: Word.self) + slotCount
  }

  override var valueByteCount: Int {
    full.dropFirst(dictionary.count).reduce(dataCount) { $0 + $1.byteCount }
  }

  override func setDictionary(
    _ bytes: UnsafeRawBufferPointer, count: Int
  ) throws(DecodingError) {
    // Each value has a length of four bytes.
    guard count <= bytes.count / 4 || count == 0 else {
      throw unsafe .limitExceeded(offset: 0, declared: count, limit: bytes.count / 4)
    }
    let table = try MutableBuffer.decoding(byteCount: max(1, count) * 16)
    var cursor = unsafe PlainByteArrays(bytes, offset: 0)
    let pointsAway = try unsafe Self.makeViews(
      of: &cursor, count: count, at: Place(buffer: 0, offset: 0), isText: isText,
      into: table.start.assumingMemoryBound(to: Word.self))
    entries = consume table
    entryCount = count
    if pointsAway {
      try unsafe keep(UnsafeRawBufferPointer(rebasing: bytes[..<cursor.offset]))
      closeData()
      dictionary = full
    }
  }

  override func appendPlain(
    _ bytes: UnsafeRawBufferPointer, count: Int, slots: Int, position: inout PlainPosition
  ) throws(DecodingError) {
    let target = try unsafe target(slots: slots)
    guard count > 0 else { return }
    let first = position.offset
    let byteCount = bytes.count - first
    if byteCount > min(data?.capacity ?? .max, Int(Int32.max)) - dataCount { closeData() }
    guard byteCount <= Int(Int32.max), let buffer = UInt32(exactly: full.count) else {
      throw .limitExceeded(offset: 0, declared: byteCount, limit: Int(Int32.max))
    }
    var cursor = unsafe PlainByteArrays(bytes, offset: first)
    let pointsAway = try unsafe Self.makeViews(
      of: &cursor, count: count, at: Place(buffer: buffer, offset: dataCount), isText: isText,
      into: target)
    position.offset = unsafe cursor.offset
    if pointsAway {
      try unsafe keep(UnsafeRawBufferPointer(rebasing: bytes[first..<position.offset]))
    }
  }

  /// Appends a piece of a page to the data. Where there is a buffer, the piece fits.
  private func keep(_ bytes: UnsafeRawBufferPointer) throws(DecodingError) {
    if data == nil {
      // The footer's word is good for the first buffer of an array.
      let expected = full.count == dictionary.count ? expectedByteCount : 4 << 20
      data = try MutableBuffer.decoding(byteCount: max(bytes.count, min(expected, 1 << 31)))
    }
    if let start = unsafe data?.start, let source = bytes.baseAddress {
      unsafe (start + dataCount).copyMemory(from: source, byteCount: bytes.count)
    }
    dataCount += bytes.count
  }

  private func closeData() {
    guard var done = data.take() else { return }
    done.setByteCount(dataCount)
    full.append(done.freeze())
    dataCount = 0
  }

  override func appendIndices(
    _ indices: inout RLEHybridReader, count: Int, slots: Int, scratch: IndexScratch
  ) throws(DecodingError) {
    let target = try unsafe target(slots: slots)
    guard count > 0 else { return }
    guard let entries = unsafe entries?.start.assumingMemoryBound(to: Word.self) else {
      throw .invalidValue(offset: 0)
    }
    try unsafe Gathering.gather(
      &indices, count: count, from: entries, entryCount: entryCount, scratch: scratch,
      into: target)
  }

  override func spread(values count: Int, slots: Int, bits: UnsafePointer<UInt8>?) {
    if count < slots, let bits = unsafe bits,
      let start = unsafe views?.start.assumingMemoryBound(to: Word.self)
    {
      unsafe Spreading.spread(
        start + slotCount, valueCount: count, slotCount: slots, filler: .zero, bits: bits,
        start: slotCount)
    }
    slotCount += slots
  }

  override func finish(
    type: DataType, validity: Buffer?, nullCount: Int
  ) throws(DecodingError) -> ArrowArray {
    _ = try unsafe target(slots: 0)
    views?.setByteCount(slotCount * 16)
    closeData()
    let array = ArrowArray(
      type: type, length: slotCount, nullCount: nullCount,
      buffers: [validity, views.take()?.freeze() ?? .empty] + full)
    slotCount = 0
    full = dictionary
    return array
  }
}

// MARK: - Views of PLAIN bytes

extension ViewOutput {
  /// Writes the views of the next `count` values; those of more than 12 bytes point to where the
  /// cursor's bytes from here on will be kept. Returns whether any does.
  ///
  /// SAFETY: room for `count` views at `target`.
  /// - Precondition: `place.offset` and the bytes left together fit 31 bits.
  /// - Throws: `.truncated`; `.invalidValue` for a string that is not UTF-8.
  private static func makeViews(
    of cursor: inout PlainByteArrays, count: Int, at place: Place, isText: Bool,
    into target: UnsafeMutablePointer<Word>
  ) throws(DecodingError) -> Bool {
    let first = unsafe cursor.offset
    let start = unsafe cursor.current
    let buffer = UInt64(place.buffer)
    var longest = 0
    for slot in 0..<count {
      let room = unsafe cursor.remaining
      let length = try unsafe cursor.nextLength()
      // A length of four bytes before the value is how a view begins, too.
      if room >= 16 {
        let bytes = unsafe (cursor.current - 4).loadUnaligned(as: Word.self)
        let value = inline(bytes, byteCount: length)
        let offset = unsafe UInt64(truncatingIfNeeded: place.offset &+ cursor.offset &- first)
        unsafe target[slot] = Word(value[0], length > 12 ? buffer | offset << 32 : value[1])
      } else {
        // The end of the page, where a value has 11 bytes at most.
        var bytes = Word.zero
        unsafe withUnsafeMutableBytes(of: &bytes) {
          unsafe $0.copyMemory(
            from: UnsafeRawBufferPointer(start: cursor.current - 4, count: length + 4))
        }
        unsafe target[slot] = bytes
      }
      unsafe cursor.skip(length)
      longest = max(longest, length)
    }
    if isText {
      try unsafe validate(start, byteCount: cursor.offset - first, count: count, longest)
    }
    return longest > 12
  }

  /// The view without what follows the value: the length and up to 12 bytes stay.
  @inline(__always)
  private static func inline(_ bytes: Word, byteCount: Int) -> Word {
    // Shifts of 64 and more give 0.
    let low = 32 &+ byteCount &* 8
    return Word(
      bytes[0] & ~(UInt64.max << low), bytes[1] & ~(UInt64.max << max(0, low &- 64)))
  }

  /// Checks `count` values with their lengths. A length below 128 is ASCII itself, so that values
  /// may be checked in one go: no character reaches from one into the next.
  private static func validate(
    _ start: UnsafeRawPointer, byteCount: Int, count: Int, _ longest: Int
  ) throws(DecodingError) {
    if longest < 128 {
      try unsafe UTF8Validation.check(start, byteCount: byteCount)
      return
    }
    var cursor = unsafe PlainByteArrays(
      UnsafeRawBufferPointer(start: start, count: byteCount), offset: 0)
    for _ in 0..<count {
      let value = try unsafe cursor.next()
      guard let bytes = value.baseAddress else { continue }
      try unsafe UTF8Validation.check(bytes, byteCount: value.count)
    }
  }
}
