internal import PFArrow
internal import PFCore

/// BYTE_ARRAY values as Arrow strings or bytes with 32-bit offsets.
///
/// An array of these holds at most `byteLimit` bytes (2 GiB); `roomForValues` tells the reader
/// where one must end.
@safe final class ByteArrayOutput: ColumnOutput {
  /// Strings of up to this size are copied in whole vectors, which may reach beyond their end:
  /// both sides keep as many spare bytes.
  private static let spare = 64
  /// Bytes that values of the dictionary may have in one stretch.
  private static let stretchByteCount = 64 << 20
  /// Values whose mean length is taken for that of all.
  private static let sampleCount = 256

  private let isText: Bool
  private let byteLimit: Int
  private var offsets: MutableBuffer?
  private var data: MutableBuffer?
  /// Bytes of values that are done.
  private var dataCount = 0

  private var dictionary: MutableBuffer?
  /// Start and length of each dictionary value.
  private var entries: MutableBuffer?
  private var entryCount = 0
  private var longestEntry = 0
  /// Bytes of all dictionary values.
  private var dictionaryByteCount = 0

  /// A column of UTF-8 (`isText`) or of bytes.
  ///
  /// - Precondition: `0 < byteLimit <= Int32.max`.
  init(isText: Bool, byteLimit: Int) {
    self.isText = isText
    self.byteLimit = byteLimit
  }

  override func roomForValues(plainByteCount: Int) -> Int {
    plainByteCount <= byteLimit - dataCount ? .max : 0
  }

  override func roomForIndices() -> Int {
    guard longestEntry > 0 else { return .max }
    // No more at once than can be afforded before it is charged.
    return min(byteLimit - dataCount, max(Self.stretchByteCount, longestEntry)) / longestEntry
  }

  override var valueByteCount: Int { dataCount }

  override var isHalfFull: Bool { dataCount >= byteLimit / 2 }

  /// Makes room for `slots` more slots; the end offset of the first of them.
  private func ends(slots: Int) throws(DecodingError) -> UnsafeMutablePointer<Int32> {
    let needed = slotCount + slots + 1
    if offsets == nil {
      let made = try MutableBuffer.decoding(byteCount: max(needed, expectedSlotCount + 1) * 4)
      unsafe made.start.storeBytes(of: 0, as: Int32.self)
      offsets = consume made
    } else {
      try offsets?.reserveForDecoding(needed * 4, keeping: (slotCount + 1) * 4)
    }
    guard let start = unsafe offsets?.start else { throw .outOfMemory(byteCount: needed) }
    return unsafe start.assumingMemoryBound(to: Int32.self) + slotCount + 1
  }

  /// Makes room for `byteCount` more bytes of values, and spare ones; where the first of them goes.
  private func room(for byteCount: Int) throws(DecodingError) -> UnsafeMutableRawPointer {
    let needed = dataCount + byteCount + Self.spare
    if data == nil {
      data = try MutableBuffer.decoding(byteCount: max(needed, expectedByteCount))
    } else if needed > data?.capacity ?? 0 {
      // What the slots so far took, for all the slots there will be.
      let estimate = Double(needed) / Double(max(1, slotCount)) * Double(expectedSlotCount) * 1.05
      let bounded = min(estimate, Double(needed) * 8)
      try data?.reserveForDecoding(max(needed, Int(bounded)), keeping: dataCount)
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
    let values = try MutableBuffer.decoding(byteCount: byteCount + Self.spare)
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
    if isText, try unsafe UTF8Validation.check(values.start, byteCount: end) == .multibyte {
      for index in 0..<count {
        let (start, length) = unsafe Self.unpack(slots[index])
        let byte = unsafe values.start.load(fromByteOffset: start, as: UInt8.self)
        guard length == 0 || byte & 0xC0 != 0x80 else { throw .invalidValue(offset: start) }
      }
    }
    dictionary = consume values
    entries = consume table
    entryCount = count
    longestEntry = longest
    dictionaryByteCount = end
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
    // bytes fit the room; a copy may reach 64 bytes further, which the room has and the page is
    // asked for.
    var target = unsafe start
    var end = dataCount
    for slot in 0..<count {
      let length = try unsafe cursor.nextLength()
      let source = unsafe cursor.current
      if unsafe length <= 32 && cursor.remaining >= 32 {
        unsafe Vectors.copy(2, from: source, to: target)
      } else if unsafe length <= 64 && cursor.remaining >= 64 {
        unsafe Vectors.copy(4, from: source, to: target)
      } else {
        unsafe target.copyMemory(from: source, byteCount: length)
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
    let ends = unsafe try ends(slots: slots)
    guard count > 0 else { return }
    // The room of a block is asked for at once; blocks are small where values are long.
    let blockLimit = max(1, min(IndexScratch.capacity, (1 << 22) / max(1, longestEntry)))
    var done = 0
    while done < count {
      let block = min(count - done, blockLimit)
      try unsafe indices.read(block, into: scratch.indices)
      if data == nil {
        // Few values tell less than the mean of the dictionary.
        let mean =
          block < Self.sampleCount
          ? Double(dictionaryByteCount) / Double(max(1, entryCount))
          : Double(try unsafe byteCount(of: scratch.indices, block)) / Double(block)
        // The last block asks for room for the longest values.
        expectBytes(mean * Double(count) / Double(slots), spare: min(block * longestEntry, 1 << 16))
      }
      let target = unsafe try room(for: block * longestEntry)
      // WHY by the longest value: copies of one size need no branch, and lengths are noise to the
      // branch predictor.
      switch longestEntry {
      case ...16: try unsafe copy(1, scratch.indices, block, to: target, ends + done)
      case ...32: try unsafe copy(2, scratch.indices, block, to: target, ends + done)
      case ...48: try unsafe copy(3, scratch.indices, block, to: target, ends + done)
      case ...64: try unsafe copy(4, scratch.indices, block, to: target, ends + done)
      default: try unsafe copy(nil, scratch.indices, block, to: target, ends + done)
      }
      done += block
    }
  }

  /// Bytes of the values of `count` indices.
  ///
  /// SAFETY: as many indices.
  private func byteCount(
    of indices: UnsafeMutablePointer<UInt32>, _ count: Int
  ) throws(DecodingError) -> Int {
    guard let table = unsafe entries?.start.assumingMemoryBound(to: UInt64.self) else {
      throw .invalidValue(offset: 0)
    }
    var sum = 0
    for slot in 0..<count {
      let index = unsafe Int(indices[slot])
      guard index < entryCount else { throw .invalidValue(offset: 0) }
      unsafe sum &+= Self.unpack(table[index]).length
    }
    return sum
  }

  /// With a dictionary the footer says nothing of the bytes; the first values do.
  private func expectBytes(_ perSlot: Double, spare: Int) {
    let estimate = perSlot * Double(expectedSlotCount) * 1.05 + Double(spare)
    let bounded = Int(min(estimate, Double(min(plausibleByteCount, byteLimit))))
    expectedByteCount = max(expectedByteCount, bounded)
  }

  /// Copies the values of `count` indices behind each other and writes their end offsets.
  ///
  /// SAFETY: `target` has room for `count` of the longest values and a spare; `vectors` of 16
  /// bytes hold the longest value, nil copies each by its length.
  @inline(__always)
  private func copy(
    _ vectors: Int?, _ indices: UnsafeMutablePointer<UInt32>, _ count: Int,
    to start: UnsafeMutableRawPointer, _ ends: UnsafeMutablePointer<Int32>
  ) throws(DecodingError) {
    guard let values = unsafe dictionary?.start,
      let table = unsafe entries?.start.assumingMemoryBound(to: UInt64.self)
    else { throw .invalidValue(offset: 0) }
    let limit = UInt32(truncatingIfNeeded: entryCount)
    var target = unsafe start
    var end = dataCount
    for slot in 0..<count {
      let index = unsafe indices[slot]
      guard index < limit else { throw .invalidValue(offset: 0) }
      let (start, length) = unsafe Self.unpack(table[Int(truncatingIfNeeded: index)])
      if let vectors {
        unsafe Vectors.copy(vectors, from: values + start, to: target)
      } else {
        unsafe target.copyMemory(from: values + start, byteCount: length)
      }
      unsafe target += length
      end &+= length
      unsafe ends[slot] = Int32(truncatingIfNeeded: end)
    }
    dataCount = end
  }

  override func append(
    _ values: any ByteArrayDecoder, count: Int, slots: Int
  ) throws(DecodingError) {
    let ends = try unsafe ends(slots: slots)
    let lengths = try unsafe values.lengthsAhead()
    guard count <= lengths.count else { throw .truncated(offset: 0, needed: count) }
    var end = dataCount
    for slot in 0..<count {
      unsafe end &+= Int(lengths[slot])
      unsafe ends[slot] = Int32(truncatingIfNeeded: end)
    }
    let byteCount = end - dataCount
    guard byteCount <= byteLimit - dataCount else {
      throw .limitExceeded(offset: 0, declared: byteCount, limit: byteLimit - dataCount)
    }
    if data == nil, count > 0 {
      // The footer counts a shared prefix once: these values tell more.
      let estimate = Double(byteCount) / Double(slots) * Double(expectedSlotCount) * 1.05
      let bounded = Int(min(estimate, Double(min(plausibleByteCount, byteLimit))))
      expectedByteCount = max(expectedByteCount, bounded)
    }
    let start = try unsafe room(for: byteCount)
    try unsafe values.decode(count, into: start, capacity: byteCount + Self.spare)
    if isText { try unsafe validate(start, byteCount: byteCount, ends: ends, count: count) }
    dataCount = end
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
    let ends =
      switch type {
      case .largeUTF8, .largeBinary: try wideOffsets()
      default: offsets.take()?.freeze() ?? .empty
      }
    let length = slotCount
    slotCount = 0
    dataCount = 0
    return ArrowArray(
      type: type, length: length, nullCount: nullCount,
      buffers: [validity, ends, data.take()?.freeze() ?? .empty])
  }

  /// The offsets in 64 bits; the output has none any more.
  private func wideOffsets() throws(DecodingError) -> Buffer {
    guard let narrow = offsets.take() else { return .empty }
    var wide = try MutableBuffer.decoding(byteCount: (slotCount + 1) * 8)
    let source = unsafe narrow.start.assumingMemoryBound(to: Int32.self)
    let target = unsafe wide.start.assumingMemoryBound(to: Int64.self)
    for slot in 0...slotCount { unsafe target[slot] = Int64(source[slot]) }
    wide.setByteCount((slotCount + 1) * 8)
    return wide.freeze()
  }
}
