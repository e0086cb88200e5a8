internal import PFArrow
internal import PFCore

/// FIXED_LEN_BYTE_ARRAY values of any length, as Arrow's fixed-size binary.
@safe final class FixedBytesOutput: ColumnOutput {
  private let width: Int
  private var values: MutableBuffer?
  private var dictionary: MutableBuffer?
  private var dictionaryCount = 0

  init(width: Int) { self.width = width }

  private func byteCount(of slots: Int) throws(DecodingError) -> Int {
    let (bytes, overflow) = slots.multipliedReportingOverflow(by: width)
    guard !overflow else { throw .outOfMemory(byteCount: .max) }
    return bytes
  }

  private func target(slots: Int) throws(DecodingError) -> UnsafeMutableRawPointer {
    let needed = try byteCount(of: slotCount + slots)
    if values == nil {
      values = try MutableBuffer.decoding(
        byteCount: max(needed, try byteCount(of: expectedSlotCount)))
    } else {
      try values?.reserveForDecoding(needed, keeping: slotCount * width)
    }
    guard let start = unsafe values?.start else { throw .outOfMemory(byteCount: needed) }
    return unsafe start + slotCount * width
  }

  override func setDictionary(
    _ bytes: UnsafeRawBufferPointer, count: Int
  ) throws(DecodingError) {
    let needed = try byteCount(of: count)
    guard needed <= bytes.count else {
      throw unsafe .truncated(offset: bytes.count, needed: needed - bytes.count)
    }
    let made = try MutableBuffer.decoding(byteCount: needed)
    if let source = bytes.baseAddress {
      unsafe made.start.copyMemory(from: source, byteCount: needed)
    }
    dictionary = consume made
    dictionaryCount = count
  }

  override func appendPlain(
    _ bytes: UnsafeRawBufferPointer, count: Int, slots: Int, position: inout PlainPosition
  ) throws(DecodingError) {
    let needed = try byteCount(of: count)
    guard needed <= bytes.count - position.offset else {
      throw unsafe .truncated(
        offset: bytes.count, needed: needed - (bytes.count - position.offset))
    }
    let target = try unsafe target(slots: slots)
    if needed > 0, let source = bytes.baseAddress {
      unsafe target.copyMemory(from: source + position.offset, byteCount: needed)
    }
    position.offset += needed
  }

  override func appendIndices(
    _ indices: inout RLEHybridReader, count: Int, slots: Int, scratch: IndexScratch
  ) throws(DecodingError) {
    var target = try unsafe target(slots: slots)
    guard count > 0 else { return }
    guard let entries = unsafe dictionary?.start else { throw .invalidValue(offset: 0) }
    var left = count
    while left > 0 {
      let block = min(left, IndexScratch.capacity)
      try unsafe indices.read(block, into: scratch.indices)
      for slot in 0..<block {
        let index = unsafe Int(scratch.indices[slot])
        guard index < dictionaryCount else { throw .invalidValue(offset: 0) }
        unsafe target.copyMemory(from: entries + index * width, byteCount: width)
        unsafe target += width
      }
      left -= block
    }
  }

  override func append(
    _ values: any FixedWidthDecoder, count: Int, slots: Int
  ) throws(DecodingError) {
    try unsafe values.decode(count, into: target(slots: slots))
  }

  override func spread(values count: Int, slots: Int, bits: UnsafePointer<UInt8>?) {
    if count < slots, let bits = unsafe bits, let start = unsafe values?.start {
      let first = unsafe start + slotCount * width
      var dense = count
      for slot in stride(from: slots - 1, through: 0, by: -1) {
        let target = unsafe first + slot * width
        if unsafe Bits.word(bits, start: slotCount + slot, count: 1) == 1 {
          dense -= 1
          unsafe target.copyMemory(from: first + dense * width, byteCount: width)
        } else {
          unsafe target.initializeMemory(as: UInt8.self, repeating: 0, count: width)
        }
      }
    }
    slotCount += slots
  }

  override func finish(
    type: DataType, validity: Buffer?, nullCount: Int
  ) throws(DecodingError) -> ArrowArray {
    _ = try unsafe target(slots: 0)
    values?.setByteCount(slotCount * width)
    let length = slotCount
    slotCount = 0
    let buffer = values.take()?.freeze() ?? .empty
    return ArrowArray(
      type: type, length: length, nullCount: nullCount, buffers: [validity, buffer])
  }
}
