internal import PFArrow
internal import PFCore

extension FieldMapping {
  /// The array of the field, put together from rows of the leaves below it.
  ///
  /// - Parameters:
  ///   - columns: All leaves of the plan, of which those in `leaves` have equally many rows.
  ///   - budget: Charged with what null lists of one size take, which no leaf has.
  /// - Returns: An array of the field's type with as many slots.
  /// - Throws: `.inconsistent` where the leaves disagree about the groups above them, or a map
  ///   has a null key; `.limitExceeded`; `.outOfMemory`.
  func assemble(
    from columns: [DecodedLeaf], _ budget: AllocationBudget
  ) throws(ReadError) -> ArrowArray {
    let columns = columns[leaves]
    if kind == .leaf, depth == 0, columns[leaves.lowerBound].shape.validities.isEmpty {
      return columns[leaves.lowerBound].values.slice(columns[leaves.lowerBound].slots)
    }
    do throws(ReadError) {
      return try assemble(columns, columns.map(\.slots)[...], budget)
    } catch { throw error.at(.init(column: field.name)) }
  }

  /// The same for a part of the table: `columns` are the leaves below, by their index in the plan;
  /// `slots` has for each of them, in their order, the slots at this depth that are wanted, all
  /// equally many.
  private func assemble(
    _ columns: ArraySlice<DecodedLeaf>, _ slots: ArraySlice<Range<Int>>,
    _ budget: AllocationBudget
  ) throws(ReadError) -> ArrowArray {
    guard let first = columns.first, let wanted = slots.first else {
      throw ReadError(.inconsistent("a group has no columns"))
    }
    switch kind {
    case .leaf: return first.values.slice(wanted)
    case .structure:
      let (validity, nullCount) = try validity(columns, slots, from: 0)
      return ArrowArray(
        type: field.type, length: wanted.count, nullCount: nullCount, buffers: [validity],
        children: try assembleChildren(columns, slots, budget))
    case .list, .map:
      let elements = try elements(columns, slots)
      let children = try assembleChildren(columns, elements[...], budget)
      if kind == .map, children[0].children[0].nullCount > 0 {
        throw ReadError(.inconsistent("a map has a null key"))
      }
      if case .fixedSizeList(_, let size) = field.type {
        let (validity, nullCount) = try validity(columns, slots, from: 0)
        return ArrowArray(
          type: field.type, length: wanted.count, nullCount: nullCount, buffers: [validity],
          children: [try padded(children[0], of: first, wanted, toSize: size, budget)])
      }
      // Where the elements begin at 0, offsets and validity are taken as they are.
      let isWhole = elements.first?.lowerBound == 0
      let start = isWhole ? wanted.lowerBound : 0
      let (validity, nullCount) = try validity(columns, slots, from: start)
      let offsets =
        isWhole ? first.shape.offsets[depth] : try rebased(first.shape.offsets[depth], wanted)
      switch field.type {
      case .largeList:
        return ArrowArray(
          type: field.type, length: wanted.count, nullCount: nullCount, offset: start,
          buffers: [validity, try widened(offsets)], children: children)
      default:
        return ArrowArray(
          type: field.type, length: wanted.count, nullCount: nullCount, offset: start,
          buffers: [validity, offsets], children: children)
      }
    }
  }

  private func assembleChildren(
    _ columns: ArraySlice<DecodedLeaf>, _ slots: ArraySlice<Range<Int>>,
    _ budget: AllocationBudget
  ) throws(ReadError) -> [ArrowArray] {
    var arrays: [ArrowArray] = []
    arrays.reserveCapacity(children.count)
    for child in children {
      let start = slots.startIndex + child.leaves.lowerBound - leaves.lowerBound
      arrays.append(
        try child.assemble(
          columns[child.leaves], slots[start..<(start + child.leaves.count)], budget))
    }
    return arrays
  }

  /// The slots of the elements that the lists in `slots` hold, for each leaf. They are proven to
  /// be equally many.
  private func elements(
    _ columns: ArraySlice<DecodedLeaf>, _ slots: ArraySlice<Range<Int>>
  ) throws(ReadError) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(slots.count)
    for (column, range) in zip(columns, slots) {
      ranges.append(
        column.offset(
          at: depth, of: range.lowerBound)..<column.offset(at: depth, of: range.upperBound))
      guard ranges.count > 1, let first = columns.first, let wanted = slots.first else { continue }
      // What the first leaf says is taken for all.
      guard
        Self.agree(first.shape.offsets[depth], wanted, column.shape.offsets[depth], range)
      else { throw disagreement }
    }
    return ranges
  }

  /// The validity of the slots, whose first has bit `start`.
  private func validity(
    _ columns: ArraySlice<DecodedLeaf>, _ slots: ArraySlice<Range<Int>>, from start: Int
  ) throws(ReadError) -> (Buffer?, nullCount: Int) {
    guard let index = validityIndex, let wanted = slots.first else { return (nil, 0) }
    let bitmap = columns.first.flatMap { $0.shape.validities[index] }
    for (column, range) in zip(columns, slots).dropFirst() {
      guard
        Self.agree(
          bitmap, from: wanted.lowerBound, column.shape.validities[index], from: range.lowerBound,
          count: wanted.count)
      else { throw disagreement }
    }
    guard let bitmap else { return (nil, 0) }
    let nullCount = wanted.count - bitmap.bytes.countBits(in: wanted)
    if nullCount == 0 { return (nil, 0) }
    if start == wanted.lowerBound { return (bitmap, nullCount) }
    do throws(AllocationError) {
      return (try Buffer(copyingBits: wanted, of: bitmap), nullCount)
    } catch { throw ReadError(error) }
  }

  private var disagreement: ReadError {
    ReadError(
      .inconsistent("the columns below \"\(field.name)\" disagree about where it is and is null"))
  }

  /// Whether the offsets of both ranges of lists are the same but for what they start from.
  private static func agree(
    _ left: Buffer, _ leftSlots: Range<Int>, _ right: Buffer, _ rightSlots: Range<Int>
  ) -> Bool {
    guard leftSlots.count == rightSlots.count else { return false }
    let left = left.span(of: Int32.self).extracting(leftSlots.lowerBound...leftSlots.upperBound)
    let right = right.span(of: Int32.self).extracting(rightSlots.lowerBound...rightSlots.upperBound)
    let base = left[0] &- right[0]
    var difference: Int32 = 0
    for index in left.indices { difference |= (left[index] &- right[index]) ^ base }
    return difference == 0
  }

  /// Whether `count` bits are the same; without a bitmap, all are set.
  private static func agree(
    _ left: Buffer?, from leftStart: Int, _ right: Buffer?, from rightStart: Int, count: Int
  ) -> Bool {
    var done = 0
    while done < count {
      let step = min(64, count - done)
      let all = ~UInt64(0) >> UInt64(truncatingIfNeeded: 64 - step)
      let ours = left?.bits(from: leftStart + done, count: step) ?? all
      guard ours == right?.bits(from: rightStart + done, count: step) ?? all else { return false }
      done += step
    }
    return true
  }

  private func widened(_ buffer: Buffer) throws(ReadError) -> Buffer {
    let offsets = buffer.span(of: Int32.self)
    do throws(AllocationError) {
      var wide = try MutableBuffer(byteCount: offsets.count * 8)
      for index in offsets.indices { wide.append(Int64(offsets[index])) }
      return wide.freeze()
    } catch { throw ReadError(error) }
  }

  /// The offsets of a range of lists, from 0 on.
  private func rebased(_ buffer: Buffer, _ slots: Range<Int>) throws(ReadError) -> Buffer {
    let offsets = buffer.span(of: Int32.self).extracting(slots.lowerBound...slots.upperBound)
    do throws(AllocationError) {
      var copy = try MutableBuffer(byteCount: offsets.count * 4)
      for index in offsets.indices { copy.append(offsets[index] - offsets[0]) }
      return copy.freeze()
    } catch { throw ReadError(error) }
  }
}

extension ArrowArray {
  fileprivate func slice(_ range: Range<Int>) -> ArrowArray {
    slice(start: range.lowerBound, count: range.count)
  }
}

extension Buffer {
  /// The `count` bits from `start`, 64 at most. Precondition: they lie inside the buffer.
  fileprivate func bits(from start: Int, count: Int) -> UInt64 {
    precondition(start >= 0 && start + count <= byteCount * 8, "bits outside the buffer")
    // SAFETY: the bits lie inside the buffer.
    return unsafe Bits.word(
      address.assumingMemoryBound(to: UInt8.self), start: start, count: count)
  }

  /// The bits of `range`, from bit 0 on.
  fileprivate init(copyingBits range: Range<Int>, of source: Buffer) throws(AllocationError) {
    precondition(range.upperBound <= source.byteCount * 8, "bits outside the buffer")
    var copy = try MutableBuffer(byteCount: (range.count + 7) >> 3)
    try copy.fill(upTo: (range.count + 7) >> 3)
    // SAFETY: the bits lie inside the source, and as many are 0 in the copy.
    _ = unsafe Bits.copy(
      source.address.assumingMemoryBound(to: UInt8.self), start: range.lowerBound,
      to: copy.start.assumingMemoryBound(to: UInt8.self), start: 0, count: range.count)
    self = copy.freeze()
  }
}
