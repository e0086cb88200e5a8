internal import PFArrow
internal import PFCore

/// BYTE_ARRAY values as indices into an Arrow dictionary.
///
/// Indices of the dictionary page are taken as they are. Where a writer went on in PLAIN, the
/// array ends, and the next one has a dictionary of its own, of the values that it holds: one
/// array never needs both.
@safe final class DictionaryOutput: ColumnOutput {
  private let isText: Bool
  private let byteLimit: Int
  private var indices: MutableBuffer?
  /// The values of the dictionary page.
  private var page: ArrowArray?
  /// The values that were PLAIN.
  private var interned: ByteArrayInterner?
  private var usesPage = false

  /// A column of UTF-8 (`isText`) or of bytes; `byteLimit` bounds a dictionary of PLAIN values.
  init(isText: Bool, byteLimit: Int) {
    self.isText = isText
    self.byteLimit = byteLimit
  }

  override func roomForValues(plainByteCount: Int) -> Int {
    if usesPage { return 0 }
    return plainByteCount <= byteLimit - (interned?.byteCount ?? 0) ? .max : 0
  }

  override func roomForIndices() -> Int { interned == nil ? .max : 0 }

  /// Makes room for `slots` more slots; the first of them.
  private func target(slots: Int) throws(DecodingError) -> UnsafeMutablePointer<UInt32> {
    let needed = slotCount + slots
    if indices == nil {
      indices = try MutableBuffer.decoding(byteCount: max(needed, expectedSlotCount) * 4)
    } else {
      try indices?.reserveForDecoding(needed * 4, keeping: slotCount * 4)
    }
    guard let start = unsafe indices?.start else { throw .outOfMemory(byteCount: needed * 4) }
    return unsafe start.assumingMemoryBound(to: UInt32.self) + slotCount
  }

  override func setDictionary(
    _ bytes: UnsafeRawBufferPointer, count: Int
  ) throws(DecodingError) {
    let values = ByteArrayOutput(isText: isText, byteLimit: Int(Int32.max))
    guard count <= bytes.count / 4 || count == 0 else {
      throw unsafe .limitExceeded(offset: 0, declared: count, limit: bytes.count / 4)
    }
    values.expectedSlotCount = count
    var position = PlainPosition()
    try unsafe values.appendPlain(bytes, count: count, slots: count, position: &position)
    unsafe values.spread(values: count, slots: count, bits: nil)
    page = try values.finish(type: isText ? .utf8 : .binary, validity: nil, nullCount: 0)
  }

  override func appendPlain(
    _ bytes: UnsafeRawBufferPointer, count: Int, slots: Int, position: inout PlainPosition
  ) throws(DecodingError) {
    let target = try unsafe target(slots: slots)
    guard count > 0 else { return }
    // Taken out for the loop: a property of a class is guarded at each access.
    var values = if let own = interned.take() { own } else { try ByteArrayInterner() }
    let known = values.count
    var cursor = unsafe PlainByteArrays(bytes, offset: position.offset)
    for slot in 0..<count {
      let value = try unsafe cursor.next()
      unsafe target[slot] = try values.index(of: value)
    }
    if isText { try values.validate(from: known) }
    interned = consume values
    position.offset = unsafe cursor.offset
  }

  override func appendIndices(
    _ indices: inout RLEHybridReader, count: Int, slots: Int, scratch: IndexScratch
  ) throws(DecodingError) {
    let target = try unsafe target(slots: slots)
    guard count > 0 else { return }
    guard let page else { throw .invalidValue(offset: 0) }
    usesPage = true
    try unsafe indices.read(count, into: target)
    var largest: UInt32 = 0
    for slot in 0..<count { largest = unsafe max(largest, target[slot]) }
    guard Int(largest) < page.length else { throw .invalidValue(offset: 0) }
  }

  override func spread(values count: Int, slots: Int, bits: UnsafePointer<UInt8>?) {
    if count < slots, let bits = unsafe bits,
      let start = unsafe indices?.start.assumingMemoryBound(to: UInt32.self)
    {
      unsafe Spreading.spread(
        start + slotCount, valueCount: count, slotCount: slots, filler: 0, bits: bits,
        start: slotCount)
    }
    slotCount += slots
  }

  override func finish(
    type: DataType, validity: Buffer?, nullCount: Int
  ) throws(DecodingError) -> ArrowArray {
    _ = try unsafe target(slots: 0)
    indices?.setByteCount(slotCount * 4)
    let valueType: DataType = isText ? .utf8 : .binary
    let values: ArrowArray
    if let own = interned.take() {
      values = own.array(of: valueType)
    } else if let page {
      values = page
    } else {
      values = try ByteArrayInterner().array(of: valueType)
    }
    let array = ArrowArray(
      type: type, length: slotCount, nullCount: nullCount,
      buffers: [validity, indices.take()?.freeze() ?? .empty],
      dictionary: values)
    slotCount = 0
    usesPage = false
    return array
  }
}
