internal import PFCore

/// Where the values of a data page come from, and how far they are read.
///
/// SAFETY: whoever makes one promises that the bytes of the page outlive it.
@unsafe enum PageValues {
  /// Bytes of values that are decoded at once where shared prefixes may make much of little.
  private static let stretchByteCount = 16 << 20

  case none
  case plain(UnsafeRawBufferPointer, PlainPosition)
  case indices(RLEHybridReader)
  case fixedWidth(any FixedWidthDecoder)
  case byteArrays(any ByteArrayDecoder)

  /// The values of a page of `slotCount` slots.
  ///
  /// - Throws: `.unsupported` for an encoding that is not known or not allowed for the column's
  ///   type; what is wrong with its header.
  init(
    _ bytes: UnsafeRawBufferPointer, in encoding: Encoding, of leaf: LeafColumn, slotCount: Int
  ) throws(ReadError) {
    let type = leaf.physicalType
    if encoding == .alp, type == .float || type == .double,
      let mode = unsafe ALPDecoder.unknownMode(of: bytes)
    {
      throw ReadError(.unsupported(feature: mode))
    }
    let made: PageValues?
    do throws(DecodingError) {
      unsafe made = try Self.make(bytes, in: encoding, of: leaf, slotCount: slotCount)
    } catch { throw ReadError(error) }
    guard let made = unsafe made else {
      throw ReadError(.unsupported(feature: "encoding \(encoding) of \(type) values"))
    }
    unsafe self = made
  }

  private static func make(
    _ bytes: UnsafeRawBufferPointer, in encoding: Encoding, of leaf: LeafColumn, slotCount: Int
  ) throws(DecodingError) -> PageValues? {
    switch (encoding, leaf.physicalType) {
    case (.plain, _): return unsafe .plain(bytes, PlainPosition())
    // Bits of a dictionary's indices would pass for booleans.
    case (.plainDictionary, .boolean), (.rleDictionary, .boolean): return nil
    case (.plainDictionary, _), (.rleDictionary, _):
      // A page of nulls alone may lack the width, and the chunk its dictionary. With a width
      // of 0, a value would need no bytes; with 1, asking for one is an error.
      let width = unsafe bytes.first ?? 1
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
      return unsafe .indices(try RLEHybridReader(rest, bitWidth: Int(width)))
    case (.rle, .boolean):
      var cursor = unsafe PlainByteArrays(bytes, offset: 0)
      return unsafe .indices(try RLEHybridReader(cursor.next(), bitWidth: 1))
    case (.deltaBinaryPacked, .int32):
      return unsafe .fixedWidth(try DeltaBinaryPackedDecoder(bytes, width: 4, limit: slotCount))
    case (.deltaBinaryPacked, .int64):
      return unsafe .fixedWidth(try DeltaBinaryPackedDecoder(bytes, width: 8, limit: slotCount))
    case (.deltaLengthByteArray, .byteArray):
      return unsafe .byteArrays(try DeltaLengthByteArrayDecoder(bytes, limit: slotCount))
    case (.deltaByteArray, .byteArray):
      return unsafe .byteArrays(try DeltaByteArrayDecoder(bytes, limit: slotCount))
    case (.deltaByteArray, .fixedLenByteArray):
      let values = try unsafe DeltaByteArrayDecoder(bytes, limit: slotCount)
      return unsafe .fixedWidth(FixedLengthDecoder(values, width: leaf.typeLength))
    case (.byteStreamSplit, .int32), (.byteStreamSplit, .float):
      return unsafe .fixedWidth(try ByteStreamSplitDecoder(bytes, width: 4, limit: slotCount))
    case (.byteStreamSplit, .int64), (.byteStreamSplit, .double):
      return unsafe .fixedWidth(try ByteStreamSplitDecoder(bytes, width: 8, limit: slotCount))
    case (.byteStreamSplit, .fixedLenByteArray):
      return unsafe .fixedWidth(
        try ByteStreamSplitDecoder(bytes, width: leaf.typeLength, limit: slotCount))
    case (.alp, .float):
      return unsafe .fixedWidth(try ALPDecoder(bytes, width: 4, limit: slotCount))
    case (.alp, .double):
      return unsafe .fixedWidth(try ALPDecoder(bytes, width: 8, limit: slotCount))
    default: return nil
    }
  }

  /// Slots that surely fit the array that `output` makes.
  func room(in output: ColumnOutput) throws(DecodingError) -> Int {
    switch unsafe self {
    case .none, .fixedWidth: return .max
    case .plain(let bytes, let position):
      return output.roomForValues(plainByteCount: bytes.count - position.offset)
    case .indices: return output.roomForIndices()
    case .byteArrays(let values):
      let lengths = try unsafe values.lengthsAhead()
      var count = lengths.count
      var byteCount = 4 * count
      for index in 0..<count { unsafe byteCount += Int(lengths[index]) }
      while count > 0 {
        let isShort = unsafe byteCount <= Self.stretchByteCount || count == 1
        if isShort, output.roomForValues(plainByteCount: byteCount) > 0 { break }
        count -= 1
        unsafe byteCount -= 4 + Int(lengths[count])
      }
      return count == values.valuesLeft ? .max : count
    }
  }

  /// Checks, behind the page's last slot, that no value is left.
  ///
  /// - Throws: `.invalidValue` when levels ask for fewer values than the encoding counts.
  func checkEnd() throws(DecodingError) {
    let left =
      switch unsafe self {
      case .fixedWidth(let values): values.valuesLeft
      case .byteArrays(let values): values.valuesLeft
      case .none, .plain, .indices: 0
      }
    guard left == 0 else { throw .invalidValue(offset: 0) }
  }

  /// Appends the next `count` values to `output`, with room for `slots` slots.
  mutating func append(
    _ count: Int, slots: Int, to output: ColumnOutput, scratch: IndexScratch
  ) throws(DecodingError) {
    switch unsafe self {
    case .plain(let bytes, var position):
      try unsafe output.appendPlain(bytes, count: count, slots: slots, position: &position)
      unsafe self = .plain(bytes, position)
    case .indices(var indices):
      unsafe self = .none
      try unsafe output.appendIndices(&indices, count: count, slots: slots, scratch: scratch)
      unsafe self = .indices(indices)
    case .fixedWidth(let values): try output.append(values, count: count, slots: slots)
    case .byteArrays(let values): try output.append(values, count: count, slots: slots)
    case .none: throw .invalidValue(offset: 0)
    }
  }

  /// Passes over the next `count` values.
  mutating func skip(_ count: Int, of leaf: LeafColumn) throws(DecodingError) {
    switch unsafe self {
    case .plain(let bytes, var position):
      try unsafe PlainSkipping.skip(bytes, count: count, of: leaf, &position)
      unsafe self = .plain(bytes, position)
    case .indices(var indices):
      unsafe self = .none
      try unsafe indices.skip(count)
      unsafe self = .indices(indices)
    case .fixedWidth(let values):
      let block = max(1, min(count, (1 << 16) / values.width))
      let room = try MutableBuffer.decoding(byteCount: block * values.width)
      var left = count
      while left > 0 {
        try unsafe values.decode(min(left, block), into: room.start)
        left -= min(left, block)
      }
    case .byteArrays(let values):
      var left = count
      while left > 0 {
        let lengths = try unsafe values.lengthsAhead()
        guard lengths.count > 0 else { throw .truncated(offset: 0, needed: 1) }
        var (block, byteCount) = (0, 0)
        while block < min(left, lengths.count),
          unsafe block == 0 || byteCount < Self.stretchByteCount
        {
          unsafe byteCount += Int(lengths[block])
          block += 1
        }
        let room = try MutableBuffer.decoding(byteCount: byteCount)
        try unsafe values.decode(block, into: room.start, capacity: byteCount)
        left -= block
      }
    case .none: throw .invalidValue(offset: 0)
    }
  }
}
