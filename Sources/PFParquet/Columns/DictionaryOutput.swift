internal import PFArrow
internal import PFCore

/// BYTE_ARRAY values as indices into an Arrow dictionary.
///
/// Indices of the dictionary page are taken as they are. Once values are PLAIN, as where a writer
/// gave its dictionary up, the array gets a dictionary of its own, which holds those of the page
/// only if the array needs them.
@safe final class DictionaryOutput: ColumnOutput {
  private let isText: Bool
  private let index: DataType
  private let byteLimit: Int
  private var indices: MutableBuffer?
  /// The values of the dictionary page.
  private var page: ArrowArray?
  /// Whether the array has indices of the page.
  private var usesPage = false
  /// The dictionary of an array with PLAIN values.
  private var own: ByteArrayInterner?
  /// Where the values of the page are in it, once they were needed.
  private var places: [UInt32]?

  /// A column of UTF-8 (`isText`) or of bytes; `byteLimit` bounds a dictionary of PLAIN values.
  ///
  /// - Precondition: `index` is an integer type.
  init(isText: Bool, index: DataType, byteLimit: Int) {
    self.isText = isText
    self.index = index
    self.byteLimit = byteLimit
  }

  override func roomForValues(plainByteCount: Int) -> Int {
    plainByteCount <= byteLimit - (own?.byteCount ?? 0) ? .max : 0
  }

  override var valueByteCount: Int {
    switch own {
    case .some(let values): values.byteCount
    case .none: 0
    }
  }

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
    if own == nil {
      own = try ByteArrayInterner()
      if usesPage { unsafe move(target - slotCount, count: slotCount, to: try placesInOwn()) }
    }
    // Taken out for the loop: a property of a class is guarded at each access.
    guard var values = own.take() else { return }
    let known = values.count
    var cursor = unsafe PlainByteArrays(bytes, offset: position.offset)
    for slot in 0..<count {
      unsafe target[slot] = try values.index(of: cursor.next())
    }
    if isText { try values.validate(from: known) }
    own = consume values
    position.offset = unsafe cursor.offset
  }

  override func appendIndices(
    _ indices: inout RLEHybridReader, count: Int, slots: Int, scratch: IndexScratch
  ) throws(DecodingError) {
    let target = try unsafe target(slots: slots)
    guard count > 0 else { return }
    guard let page else { throw .invalidValue(offset: 0) }
    try unsafe indices.read(count, into: target)
    var largest: UInt32 = 0
    for slot in 0..<count { largest = unsafe max(largest, target[slot]) }
    guard Int(largest) < page.length else { throw .invalidValue(offset: 0) }
    usesPage = true
    if own != nil { unsafe move(target, count: count, to: try placesInOwn()) }
  }

  /// Makes indices of the page such of the own dictionary.
  ///
  /// SAFETY: `count` indices, all of values of the page.
  private func move(_ indices: UnsafeMutablePointer<UInt32>, count: Int, to places: [UInt32]) {
    for slot in 0..<count { unsafe indices[slot] = places[Int(indices[slot])] }
  }

  private func placesInOwn() throws(DecodingError) -> [UInt32] {
    if let places { return places }
    guard let page, var values = own.take() else { return [] }
    var made: [UInt32] = []
    made.reserveCapacity(page.length)
    for index in 0..<page.length {
      let (data, range) = page.byteRange(at: index)
      // SAFETY: `page` holds the bytes.
      let value = unsafe UnsafeRawBufferPointer(
        start: data.address + range.lowerBound, count: range.count)
      made.append(try unsafe values.index(of: value))
    }
    own = consume values
    places = made
    return made
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
    let values =
      if let own = own.take() { own.array(of: valueType) } else if let page { page } else {
        try ByteArrayInterner().array(of: valueType)
      }
    // The last index of all; a narrow type that Arrow's schema asks for may not reach it.
    let (last, limit) = (values.length - 1, index.largestIndex)
    guard last <= limit else { throw .limitExceeded(offset: 0, declared: last, limit: limit) }
    let array = ArrowArray(
      type: type, length: slotCount, nullCount: nullCount, buffers: [validity, indices],
      dictionary: values)
    slotCount = 0
    usesPage = false
    places = nil
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
    var resized = try MutableBuffer.decoding(byteCount: slotCount * width + 8)
    for slot in 0..<slotCount {
      // Little-endian: the next one overwrites what is too much.
      unsafe resized.start.storeBytes(
        of: UInt64(source[slot]), toByteOffset: slot * width, as: UInt64.self)
    }
    resized.setByteCount(slotCount * width)
    return resized.freeze()
  }
}

extension DataType {
  /// The largest index that an index type reaches, of those that dictionaries here have.
  fileprivate var largestIndex: Int {
    switch self {
    case .int8: Int(Int8.max)
    case .uint8: Int(UInt8.max)
    case .int16: Int(Int16.max)
    case .uint16: Int(UInt16.max)
    default: Int(Int32.max)
    }
  }
}
