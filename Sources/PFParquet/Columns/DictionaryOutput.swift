internal import PFArrow
internal import PFCore

/// BYTE_ARRAY values as indices into an Arrow dictionary.
///
/// Indices of the dictionary page are taken as they are. Where a writer went on in PLAIN, the
/// array ends, and the next one has a dictionary of its own, of the values that it holds: one
/// array never needs both.
@safe final class DictionaryOutput: ColumnOutput {
  private let isText: Bool
  private let index: DataType
  /// The most values that indices of their type reach.
  private let entryLimit: Int
  private let byteLimit: Int
  private var indices: MutableBuffer?
  /// The values of the dictionary page.
  private var page: ArrowArray?
  /// The values that were PLAIN.
  private var interned: ByteArrayInterner?
  private var usesPage = false

  /// A column of UTF-8 (`isText`) or of bytes; `byteLimit` bounds a dictionary of PLAIN values.
  ///
  /// - Precondition: `index` is an integer type.
  init(isText: Bool, index: DataType, byteLimit: Int) {
    self.isText = isText
    self.index = index
    entryLimit =
      switch index {
      case .int8: 1 << 7
      case .uint8: 1 << 8
      case .int16: 1 << 15
      case .uint16: 1 << 16
      default: 1 << 31 - 1
      }
    self.byteLimit = byteLimit
  }

  override func roomForValues(plainByteCount: Int) -> Int {
    if usesPage { return 0 }
    guard plainByteCount <= byteLimit - (interned?.byteCount ?? 0) else { return 0 }
    // All of them may be new.
    return entryLimit - (interned?.count ?? 0)
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
    guard count <= entryLimit else { throw .integerOverflow(offset: 0) }
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
    let indices = try narrowIndices()
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
      buffers: [validity, indices],
      dictionary: values)
    slotCount = 0
    usesPage = false
    return array
  }

  /// The indices in the width of their type; the output has none any more.
  private func narrowIndices() throws(DecodingError) -> Buffer {
    guard var made = indices.take() else { return .empty }
    let width = index.byteWidth ?? 4
    guard width != 4 else {
      made.setByteCount(slotCount * 4)
      return made.freeze()
    }
    let source = unsafe made.start.assumingMemoryBound(to: UInt32.self)
    var resized = try MutableBuffer.decoding(byteCount: slotCount * width)
    for slot in 0..<slotCount {
      // Indices are below the limit of the type, which is little-endian.
      let value = unsafe UInt64(source[slot])
      switch width {
      case 1: unsafe resized.start.storeBytes(of: UInt8(truncatingIfNeeded: value), toByteOffset: slot, as: UInt8.self)
      case 2: unsafe resized.start.storeBytes(of: UInt16(truncatingIfNeeded: value), toByteOffset: slot * 2, as: UInt16.self)
      default: unsafe resized.start.storeBytes(of: value, toByteOffset: slot * 8, as: UInt64.self)
      }
    }
    resized.setByteCount(slotCount * width)
    return resized.freeze()
  }
}
