internal import PFArrow
internal import PFCore

/// Booleans: PLAIN is one bit a value in Arrow's own order, RLE is the hybrid of width 1.
@safe final class BooleanOutput: ColumnOutput {
  private var values: MutableBuffer?

  /// Makes room for `slots` more slots, whose bits are 0.
  private func target(slots: Int) throws(DecodingError) -> UnsafeMutablePointer<UInt8> {
    let needed = (slotCount + slots + 7) >> 3
    if values == nil {
      values = try MutableBuffer.decoding(byteCount: max(needed, (expectedSlotCount + 7) >> 3))
    }
    try values?.fillForDecoding(upTo: needed)
    guard let start = unsafe values?.start else { throw .outOfMemory(byteCount: needed) }
    return unsafe start.assumingMemoryBound(to: UInt8.self)
  }

  override func setDictionary(
    _ bytes: UnsafeRawBufferPointer, count: Int
  ) throws(DecodingError) {
    throw .invalidValue(offset: 0)  // no encoding of booleans has a dictionary
  }

  override func appendPlain(
    _ bytes: UnsafeRawBufferPointer, count: Int, slots: Int, position: inout PlainPosition
  ) throws(DecodingError) {
    let end = position.bit + count
    guard end <= bytes.count * 8 else {
      throw unsafe .truncated(offset: bytes.count, needed: (end + 7) >> 3 - bytes.count)
    }
    let target = try unsafe target(slots: slots)
    if count > 0, let source = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) {
      _ = unsafe Bits.copy(
        source, start: position.bit, to: target, start: slotCount, count: count)
    }
    position.bit = end
  }

  override func appendIndices(
    _ indices: inout RLEHybridReader, count: Int, slots: Int, scratch: IndexScratch
  ) throws(DecodingError) {
    let target = try unsafe target(slots: slots)
    var done = 0
    while done < count {
      switch try unsafe indices.next(limit: count - done) {
      case .repeated(let value, let run):
        if value != 0 { unsafe Bits.set(target, start: slotCount + done, count: run) }
        done += run
      case .packed(let source, _, let start, let run):
        _ = unsafe Bits.copy(
          source.assumingMemoryBound(to: UInt8.self), start: start, to: target,
          start: slotCount + done, count: run)
        done += run
      }
    }
  }

  override func spread(values count: Int, slots: Int, bits: UnsafePointer<UInt8>?) {
    if count < slots, let bits = unsafe bits,
      let start = unsafe values?.start.assumingMemoryBound(to: UInt8.self)
    {
      var dense = slotCount + count
      for slot in stride(from: slotCount + slots - 1, through: slotCount, by: -1) {
        var isTrue = false
        if unsafe Bits.word(bits, start: slot, count: 1) == 1 {
          dense -= 1
          isTrue = unsafe Bits.word(start, start: dense, count: 1) == 1
        }
        if isTrue {
          unsafe Bits.set(start, start: slot, count: 1)
        } else {
          unsafe Bits.clear(start, start: slot, count: 1)
        }
      }
    }
    slotCount += slots
  }

  override func finish(
    type: DataType, validity: Buffer?, nullCount: Int
  ) throws(DecodingError) -> ArrowArray {
    _ = try unsafe target(slots: 0)
    values?.setByteCount((slotCount + 7) >> 3)
    let length = slotCount
    slotCount = 0
    let buffer = values.take()?.freeze() ?? .empty
    return ArrowArray(
      type: type, length: length, nullCount: nullCount, buffers: [validity, buffer])
  }
}
