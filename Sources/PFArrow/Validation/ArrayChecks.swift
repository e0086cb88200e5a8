package import PFCore

extension DataType {
  /// The bytes that buffer `index` of an array with `slots` slots has at least; nil for the data
  /// behind offsets, whose size the last offset tells.
  ///
  /// - Throws: `.inconsistent` when there cannot be that many.
  func byteCount(ofBuffer index: Int, slots: Int) throws(ReadError) -> Int? {
    func times(_ width: Int, _ count: Int) throws(ReadError) -> Int {
      let (product, overflow) = count.multipliedReportingOverflow(by: width)
      guard !overflow else {
        throw ReadError(.inconsistent("an array has \(count) slots, more than memory can hold"))
      }
      return product
    }
    if index == 0, hasValidity { return slots / 8 + (slots % 8 == 0 ? 0 : 1) }
    switch self {
    case .union: return try times(index == 0 ? 1 : 4, slots)
    case .boolean: return slots / 8 + (slots % 8 == 0 ? 0 : 1)
    case .binaryView, .utf8View: return try times(16, slots)
    case .binary, .utf8, .list, .map, .largeBinary, .largeUTF8, .largeList:
      guard index == 1 else { return nil }
      guard slots < Int.max else { return try times(8, slots) }
      return try times(alignment(ofBuffer: 1), slots + 1)
    default: return try times(byteWidth ?? 0, slots)
    }
  }
}

extension ArrowArray {
  /// The slots that are believed: arrays of nulls or of empty structs need no memory, and sums of
  /// their lengths must not overflow.
  static let maximumLength = 1 << 48

  /// An array over parts that are not trusted; what it gives holds the invariant of the type.
  ///
  /// Nulls are counted, a bitmap without nulls is left out, and a buffer whose alignment is too
  /// small is copied. Indices of dictionaries and views are checked where slots are valid; UTF-8
  /// and text prefixes of views are not. Children and dictionary have been checked before.
  ///
  /// - Throws: `.inconsistent` that says what is broken; `.outOfMemory`.
  package init(
    checking type: DataType, length: Int, offset: Int = 0, buffers given: [Buffer?],
    children: [ArrowArray] = [], dictionary: ArrowArray? = nil
  ) throws(ReadError) {
    let (slots, overflow) = length.addingReportingOverflow(offset)
    guard length >= 0, offset >= 0, !overflow, slots <= Self.maximumLength else {
      throw ReadError(.inconsistent("an array has \(length) slots behind an offset of \(offset)"))
    }
    guard type.isView ? given.count >= type.bufferCount : given.count == type.bufferCount else {
      throw ReadError(.inconsistent("an array has \(given.count) buffers, not \(type.bufferCount)"))
    }
    var buffers: [Buffer?] = []
    for (index, buffer) in given.enumerated() {
      if index == 0, type.hasValidity, buffer == nil || length == 0 {
        buffers.append(nil)
        continue
      }
      let buffer = buffer ?? .empty
      // No slots may come without a first offset.
      if length > 0, index < type.bufferCount,
        let needed = try type.byteCount(ofBuffer: index, slots: slots)
      {
        guard buffer.byteCount >= needed else {
          throw ReadError(
            .inconsistent(
              "buffer \(index) of an array has \(buffer.byteCount) bytes, \(needed) are needed"))
        }
      }
      do throws(AllocationError) {
        buffers.append(try buffer.aligned(to: type.alignment(ofBuffer: index)))
      } catch { throw ReadError(error) }
    }

    var nullCount = 0
    if case .null = type { nullCount = length }
    if let validity = buffers.first, type.hasValidity, let validity {
      nullCount = length - validity.bytes.countBits(in: offset..<slots)
      if nullCount == 0 { buffers[0] = nil }
    }
    self.init(
      type: type, length: length, nullCount: nullCount,
      // Without slots there need not be an entry to count from.
      offset: length == 0 ? 0 : offset, buffers: buffers, children: children,
      dictionary: dictionary)
    try checkContent()
  }

  /// Checks what slots point to: data, children, dictionary.
  private func checkContent() throws(ReadError) {
    let slots = offset + length
    switch type {
    case .binary, .utf8:
      try checkOffsets(Int32.self, limit: buffers[2]?.byteCount ?? 0)
    case .largeBinary, .largeUTF8:
      try checkOffsets(Int64.self, limit: buffers[2]?.byteCount ?? 0)
    case .list, .map: try checkOffsets(Int32.self, limit: children[0].length)
    case .largeList: try checkOffsets(Int64.self, limit: children[0].length)
    case .binaryView, .utf8View: try checkViews()
    case .fixedSizeList(_, let count):
      let (needed, overflow) = slots.multipliedReportingOverflow(by: count)
      guard !overflow, length == 0 || children[0].length >= needed else {
        throw ReadError(.inconsistent("the child of a fixed-size list is too short"))
      }
    case .structure:
      guard length == 0 || children.allSatisfy({ $0.length >= slots }) else {
        throw ReadError(.inconsistent("a child of a struct is too short"))
      }
    case .union: try checkUnion()
    case .dictionary(let index, _, _): try checkIndices(index)
    default: break
    }
  }

  private func checkOffsets<T: FixedWidthInteger & SignedInteger & BitwiseCopyable>(
    _: T.Type, limit: Int
  ) throws(ReadError) {
    guard length > 0, let buffer = buffers[1] else { return }
    let offsets = buffer.span(of: T.self).extracting(offset...(offset + length))
    // One sign bit tells of any negative offset or step; differences of offsets that are not
    // negative cannot overflow.
    var signs = offsets[0]
    for index in 1..<offsets.count {
      signs |= offsets[index] | (offsets[index] &- offsets[index - 1])
    }
    guard signs >= 0 else {
      throw ReadError(.inconsistent("the offsets of an array decrease or are negative"))
    }
    guard Int(offsets[length]) <= limit else {
      throw ReadError(
        .inconsistent(
          "the last offset of an array is \(offsets[length]), beyond the \(limit) there"))
    }
  }

  private func checkViews() throws(ReadError) {
    for index in 0..<length where isValid(index) {
      let view = view(at: index)
      guard view.byteCount >= 0 else {
        throw ReadError(.inconsistent("a view has a length of \(view.byteCount)"))
      }
      guard view.byteCount > View.inlineByteCount else { continue }
      guard view.bufferIndex >= 0, view.bufferIndex < buffers.count - 2, view.offset >= 0,
        view.offset + view.byteCount <= buffers[view.bufferIndex + 2]?.byteCount ?? 0
      else { throw ReadError(.inconsistent("a view lies outside its data buffers")) }
    }
  }

  private func checkUnion() throws(ReadError) {
    guard case .union(let mode, _, let typeIDs) = type, length > 0, let codes = buffers[0] else {
      return
    }
    var childOf = [Int](repeating: -1, count: 256)
    for (index, code) in typeIDs.enumerated() { childOf[Int(UInt8(bitPattern: code))] = index }
    let slots = offset..<(offset + length)
    for slot in slots where childOf[Int(codes.bytes[slot])] < 0 {
      throw ReadError(.inconsistent("a slot of a union has a type id that its type lacks"))
    }
    switch mode {
    case .sparse:
      guard children.allSatisfy({ $0.length >= slots.upperBound }) else {
        throw ReadError(.inconsistent("a child of a sparse union is too short"))
      }
    case .dense:
      guard let buffer = buffers[1] else { return }
      let offsets = buffer.span(of: Int32.self)
      for slot in slots {
        let child = children[childOf[Int(codes.bytes[slot])]]
        guard offsets[slot] >= 0, offsets[slot] < child.length else {
          throw ReadError(.inconsistent("an offset of a dense union lies outside its child"))
        }
      }
    }
  }

  private func checkIndices(_ index: DataType) throws(ReadError) {
    switch index {
    case .int8: try checkIndices(of: Int8.self)
    case .int16: try checkIndices(of: Int16.self)
    case .int32: try checkIndices(of: Int32.self)
    case .int64: try checkIndices(of: Int64.self)
    case .uint8: try checkIndices(of: UInt8.self)
    case .uint16: try checkIndices(of: UInt16.self)
    case .uint32: try checkIndices(of: UInt32.self)
    case .uint64: try checkIndices(of: UInt64.self)
    default: throw ReadError(.inconsistent("the indices of a dictionary are no integers"))
    }
  }

  private func checkIndices<T: FixedWidthInteger & BitwiseCopyable>(
    of _: T.Type
  ) throws(ReadError) {
    guard length > 0, let buffer = buffers[1], let dictionary else { return }
    let indices = buffer.span(of: T.self).extracting(offset..<(offset + length))
    let count = dictionary.length
    var areInside = true
    if nullCount == 0 {
      for index in indices.indices {
        let value = indices[index]
        areInside = areInside && value >= 0 && value < count
      }
    } else {
      for index in indices.indices where isValid(index) {
        areInside = areInside && indices[index] >= 0 && indices[index] < count
      }
    }
    guard areInside else {
      throw ReadError(.inconsistent("an index lies outside its dictionary of \(count) values"))
    }
  }
}

extension Buffer {
  /// The buffer, or a copy of it where its memory is not aligned to `alignment` bytes.
  fileprivate func aligned(to alignment: Int) throws(AllocationError) -> Buffer {
    let address = unsafe UInt(bitPattern: address)
    if byteCount == 0 { return .empty }
    return address % UInt(alignment) == 0 ? self : try Buffer(copying: bytes)
  }
}
