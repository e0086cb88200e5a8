internal import PFArrow
internal import PFCore

/// BYTE_ARRAY values as Arrow strings or bytes with 32-bit offsets.
///
/// An array of these holds at most 2 GiB; `roomForValues` tells the reader where one must end.
@safe final class ByteArrayOutput: ColumnOutput {
  private static let limit = Int(Int32.max)
  /// Short strings are copied in pieces of this size, which may reach beyond their end: both sides
  /// keep as many spare bytes.
  private static let piece = 16

  private let isText: Bool
  private let expectedByteCount: Int
  private var offsets: MutableBuffer?
  private var data: MutableBuffer?
  /// Bytes of values that are done.
  private var dataCount = 0

  private var dictionary: MutableBuffer?
  /// Start and length of each dictionary value.
  private var entries: MutableBuffer?
  private var entryCount = 0
  private var longestEntry = 0

  /// A column of UTF-8 (`isText`) or of bytes.
  init(isText: Bool, expectedSlotCount: Int, expectedByteCount: Int) {
    self.isText = isText
    self.expectedByteCount = expectedByteCount
    super.init(expectedSlotCount: expectedSlotCount)
  }

  override func roomForValues(plainByteCount: Int) -> Int {
    plainByteCount <= Self.limit - dataCount ? .max : 0
  }

  override func roomForIndices() -> Int {
    longestEntry == 0 ? .max : (Self.limit - dataCount) / longestEntry
  }

  /// Makes room for `slots` more slots; the end offset of the first of them.
  private func ends(slots: Int) throws(DecodingError) -> UnsafeMutablePointer<Int32> {
    let needed = slotCount + slots + 1
    if offsets == nil {
      let made = try MutableBuffer.decoding(byteCount: max(needed, expectedSlotCount + 1) * 4)
      unsafe made.start.storeBytes(of: 0, as: Int32.self)
      offsets = consume made
    } else {
      try offsets?.reserveForDecoding(needed * 4)
    }
    guard let start = unsafe offsets?.start else { throw .outOfMemory(byteCount: needed) }
    return unsafe start.assumingMemoryBound(to: Int32.self) + slotCount + 1
  }

  /// Makes room for `byteCount` more bytes of values, and a piece; where the first of them goes.
  private func room(for byteCount: Int) throws(DecodingError) -> UnsafeMutableRawPointer {
    let needed = dataCount + byteCount + Self.piece
    if data == nil {
      data = try MutableBuffer.decoding(byteCount: max(needed, expectedByteCount))
    } else if needed > data?.capacity ?? 0 {
      // What the slots so far took, for all the slots there will be.
      let estimate = Double(needed) / Double(max(1, slotCount)) * Double(expectedSlotCount) * 1.05
      let bounded = min(estimate, Double(needed) * 8)
      data?.setByteCount(dataCount)
      try data?.reserveForDecoding(max(needed, Int(bounded)))
    }
    guard let start = unsafe data?.start else { throw .outOfMemory(byteCount: needed) }
    return unsafe start + dataCount
  }

  override func setDictionary(
    _ bytes: UnsafeRawBufferPointer, count: Int
  ) throws(DecodingError) {
    // Each value has a length of four bytes.
    guard count <= bytes.count / 4 || count == 0 else {
      throw unsafe .limitExceeded(offset: 0, declared: count, limit: bytes.count / 4)
    }
    let byteCount = bytes.count
    let values = try MutableBuffer.decoding(byteCount: byteCount + Self.piece)
    let table = try MutableBuffer.decoding(byteCount: max(1, count) * 8)
    let slots = unsafe table.start.assumingMemoryBound(to: UInt64.self)
    var cursor = unsafe PlainByteArrays(bytes, offset: 0)
    var end = 0
    var longest = 0
    for index in 0..<count {
      let value = try unsafe cursor.next()
      if let source = value.baseAddress {
        unsafe (values.start + end).copyMemory(from: source, byteCount: value.count)
      }
      unsafe slots[index] = UInt64(end) << 32 | UInt64(value.count)
      longest = max(longest, value.count)
      end += value.count
    }
    if isText {
      for index in 0..<count {
        let (start, length) = unsafe Self.unpack(slots[index])
        try unsafe UTF8Validation.check(values.start + start, byteCount: length)
      }
    }
    dictionary = consume values
    entries = consume table
    entryCount = count
    longestEntry = longest
  }

  @inline(__always)
  private static func unpack(_ entry: UInt64) -> (start: Int, length: Int) {
    (Int(truncatingIfNeeded: entry >> 32), Int(truncatingIfNeeded: entry & 0xFFFF_FFFF))
  }

  override func appendPlain(
    _ bytes: UnsafeRawBufferPointer, count: Int, slots: Int, position: inout PlainPosition
  ) throws(DecodingError) {
    let ends = try unsafe ends(slots: slots)
    guard count > 0 else { return }
    let start = try unsafe room(for: bytes.count - position.offset)
    var cursor = unsafe PlainByteArrays(bytes, offset: position.offset)
    // SAFETY: the values and their lengths lie between `offset` and the end of the page, so their
    // bytes fit the room; a piece may reach 16 bytes further, which the room has and the page is
    // asked for.
    var target = unsafe start
    var end = dataCount
    for slot in 0..<count {
      let length = try unsafe cursor.nextLength()
      if unsafe length <= Self.piece && cursor.remaining >= Self.piece {
        unsafe target.storeBytes(
          of: cursor.current.loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
      } else {
        unsafe target.copyMemory(from: cursor.current, byteCount: length)
      }
      unsafe cursor.skip(length)
      unsafe target += length
      end &+= length
      unsafe ends[slot] = Int32(truncatingIfNeeded: end)
    }
    if isText { try unsafe validate(start, byteCount: end - dataCount, ends: ends, count: count) }
    position.offset = unsafe cursor.offset
    dataCount = end
  }

  /// All strings are valid when their bytes are, taken together, and none begins in mid-character.
  private func validate(
    _ start: UnsafeMutableRawPointer, byteCount: Int, ends: UnsafeMutablePointer<Int32>, count: Int
  ) throws(DecodingError) {
    if try unsafe UTF8Validation.check(start, byteCount: byteCount) == .ascii { return }
    let base = dataCount
    for slot in 0..<count {
      let offset = unsafe Int(ends[slot]) - base
      guard offset < byteCount else { break }
      let byte = unsafe start.load(fromByteOffset: offset, as: UInt8.self)
      guard byte & 0xC0 != 0x80 else { throw .invalidValue(offset: offset) }
    }
  }

  override func appendIndices(
    _ indices: inout RLEHybridReader, count: Int, slots: Int, scratch: IndexScratch
  ) throws(DecodingError) {
    let ends = try unsafe ends(slots: slots)
    guard count > 0 else { return }
    guard let values = unsafe dictionary?.start,
      let table = unsafe entries?.start.assumingMemoryBound(to: UInt64.self)
    else { throw .invalidValue(offset: 0) }
    // The room of a block is asked for at once; blocks are small where values are long.
    let blockLimit = max(1, min(IndexScratch.capacity, (1 << 22) / max(1, longestEntry)))
    let entryLimit = UInt32(truncatingIfNeeded: entryCount)
    var done = 0
    while done < count {
      let block = min(count - done, blockLimit)
      try unsafe indices.read(block, into: scratch.indices)
      var target = try unsafe room(for: block * longestEntry)
      var end = dataCount
      for slot in 0..<block {
        let index = unsafe scratch.indices[slot]
        guard index < entryLimit else { throw .invalidValue(offset: 0) }
        let (start, length) = unsafe Self.unpack(table[Int(truncatingIfNeeded: index)])
        // SAFETY: entries lie inside the dictionary's bytes, which have a spare piece; the room
        // holds a block of the longest entries and a piece.
        var source = unsafe values + start
        if length <= Self.piece {
          unsafe target.storeBytes(
            of: source.loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
        } else if length <= 4 * Self.piece {
          var copy = unsafe target
          var left = length
          while left > 0 {
            unsafe copy.storeBytes(
              of: source.loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
            unsafe copy += Self.piece
            unsafe source += Self.piece
            left -= Self.piece
          }
        } else {
          unsafe target.copyMemory(from: source, byteCount: length)
        }
        unsafe target += length
        end &+= length
        unsafe ends[done &+ slot] = Int32(truncatingIfNeeded: end)
      }
      dataCount = end
      done += block
    }
  }

  override func spread(values count: Int, slots: Int, bits: UnsafePointer<UInt8>?) {
    if count < slots, let bits = unsafe bits,
      let start = unsafe offsets?.start.assumingMemoryBound(to: Int32.self)
    {
      let ends = unsafe start + slotCount + 1
      unsafe Spreading.spreadOffsets(
        ends, valueCount: count, slotCount: slots, bits: bits,
        start: slotCount)
    }
    slotCount += slots
  }

  override func finish(
    type: DataType, validity: Buffer?, nullCount: Int
  ) throws(DecodingError) -> ArrowArray {
    _ = try unsafe ends(slots: 0)
    offsets?.setByteCount((slotCount + 1) * 4)
    data?.setByteCount(dataCount)
    let length = slotCount
    slotCount = 0
    dataCount = 0
    return ArrowArray(
      type: type, length: length, nullCount: nullCount,
      buffers: [
        validity, offsets.take()?.freeze() ?? .empty, data.take()?.freeze() ?? .empty,
      ])
  }
}

/// A walk over PLAIN byte arrays: a length of four bytes, then the bytes (Encodings.md, "Plain").
///
/// SAFETY: whoever makes one promises that the bytes outlive it. It reads only inside them.
@unsafe struct PlainByteArrays {
  private let base: UnsafeRawPointer
  private let byteCount: Int
  private(set) var offset: Int

  init(_ bytes: UnsafeRawBufferPointer, offset: Int) {
    unsafe base = bytes.baseAddress ?? Buffer.empty.address
    unsafe byteCount = bytes.count
    unsafe self.offset = offset
  }

  var current: UnsafeRawPointer { unsafe base + offset }
  var remaining: Int { unsafe byteCount &- offset }

  /// Reads the length of the next value, which is then known to be there.
  @inline(__always)
  mutating func nextLength() throws(DecodingError) -> Int {
    guard unsafe remaining >= 4 else {
      throw unsafe .truncated(offset: offset, needed: 4 - remaining)
    }
    let length = unsafe Int(base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    unsafe offset &+= 4
    guard unsafe length <= remaining else {
      throw unsafe .truncated(offset: offset, needed: length - remaining)
    }
    return length
  }

  @inline(__always)
  mutating func skip(_ length: Int) { unsafe offset &+= length }

  mutating func next() throws(DecodingError) -> UnsafeRawBufferPointer {
    let length = try unsafe nextLength()
    defer { unsafe skip(length) }
    return unsafe UnsafeRawBufferPointer(start: current, count: length)
  }
}
