public import PFCore

extension ArrowArray {
  /// The selected slots, in order, in memory of their own; dictionaries and the data behind views
  /// are shared.
  ///
  /// - Precondition: the selection is one of `length` rows.
  /// - Throws: `AllocationError` when there is no memory.
  public func filter(_ selection: RowSelection) throws(AllocationError) -> ArrowArray {
    precondition(selection.rowCount == length, "a selection of other rows")
    if selection.isAll { return self }
    return try take(selection.ranges)
  }

  /// The slots of `ranges`, one range behind the other, in any order.
  ///
  /// - Precondition: the ranges lie inside `0 ..< length`.
  /// - Throws: `AllocationError` when there is no memory, or 32 bits cannot hold the offsets.
  package func take(_ ranges: [Range<Int>]) throws(AllocationError) -> ArrowArray {
    var count = 0
    for range in ranges {
      precondition(range.lowerBound >= 0 && range.upperBound <= length, "slots outside the array")
      count += range.count
    }
    let (bitmap, nulls) = try takeValidity(ranges, count: count)
    func made(
      _ buffers: [Buffer?], _ children: [ArrowArray] = [], nullCount: Int? = nil
    ) -> ArrowArray {
      ArrowArray(
        type: type, length: count, nullCount: nullCount ?? nulls, buffers: buffers,
        children: children, dictionary: dictionary)
    }
    switch type {
    case .null: return made([], nullCount: count)
    case .boolean:
      return made([bitmap, try takeBits(buffers[1], ranges, count: count).bits])
    case .utf8, .binary:
      let (offsets, bytes) = try takeOffsets(ranges, count: count, Int32.self)
      return made([bitmap, offsets, try Self.copy(buffers[2], bytes, width: 1)])
    case .largeUTF8, .largeBinary:
      let (offsets, bytes) = try takeOffsets(ranges, count: count, Int64.self)
      return made([bitmap, offsets, try Self.copy(buffers[2], bytes, width: 1)])
    case .utf8View, .binaryView:
      let views = try Self.copy(buffers[1], shifted(ranges), width: 16)
      return made([bitmap, views] + buffers.dropFirst(2))
    case .list, .map:
      let (offsets, slots) = try takeOffsets(ranges, count: count, Int32.self)
      return made([bitmap, offsets], [try children[0].take(slots)])
    case .largeList:
      let (offsets, slots) = try takeOffsets(ranges, count: count, Int64.self)
      return made([bitmap, offsets], [try children[0].take(slots)])
    case .fixedSizeList(_, let size):
      let slots = shifted(ranges).map { ($0.lowerBound * size)..<($0.upperBound * size) }
      return made([bitmap], [try children[0].take(slots)])
    case .structure:
      let slots = shifted(ranges)
      var taken: [ArrowArray] = []
      for child in children { taken.append(try child.take(slots)) }
      return made([bitmap], taken)
    case .union(let mode, _, _):
      let slots = shifted(ranges)
      let codes = try Self.copy(buffers[0], slots, width: 1)
      if mode == .dense {
        return made([codes, try Self.copy(buffers[1], slots, width: 4)], children)
      }
      var taken: [ArrowArray] = []
      for child in children { taken.append(try child.take(slots)) }
      return made([codes], taken)
    default:
      let values = try Self.copy(buffers[1], shifted(ranges), width: type.byteWidth ?? 0)
      return made([bitmap, values])
    }
  }

  /// The ranges as slots of the buffers.
  private func shifted(_ ranges: [Range<Int>]) -> [Range<Int>] {
    offset == 0
      ? ranges : ranges.map { ($0.lowerBound + offset)..<($0.upperBound + offset) }
  }

  private func takeValidity(
    _ ranges: [Range<Int>], count: Int
  ) throws(AllocationError) -> (bitmap: Buffer?, nullCount: Int) {
    guard nullCount > 0, let validity else { return (nil, 0) }
    let (bits, ones) = try takeBits(validity, ranges, count: count)
    return ones == count ? (nil, 0) : (bits, count - ones)
  }

  /// The bits of the ranges, and how many of them are set.
  private func takeBits(
    _ source: Buffer?, _ ranges: [Range<Int>], count: Int
  ) throws(AllocationError) -> (bits: Buffer, ones: Int) {
    let source = source ?? .empty
    precondition(
      length == 0 || (offset + length + 7) >> 3 <= source.byteCount, "bits outside the buffer")
    var target = try MutableBuffer(byteCount: (count + 7) >> 3)
    try target.fill(upTo: (count + 7) >> 3)
    var done = 0
    var ones = 0
    for range in ranges {
      // SAFETY: the bits of the source lie inside it (precondition, and the ranges lie inside the
      // array); those of the target inside the `count` bits that are zeroed above.
      ones += unsafe Bits.copy(
        source.address.assumingMemoryBound(to: UInt8.self), start: offset + range.lowerBound,
        to: target.start.assumingMemoryBound(to: UInt8.self), start: done, count: range.count)
      done += range.count
    }
    return (target.freeze(), ones)
  }

  /// The offsets of the slots of `ranges`, from 0 on, and what they point to: bytes or child slots.
  private func takeOffsets<T: FixedWidthInteger & BitwiseCopyable>(
    _ ranges: [Range<Int>], count: Int, _: T.Type
  ) throws(AllocationError) -> (offsets: Buffer, targets: [Range<Int>]) {
    var target = try MutableBuffer(byteCount: (count + 1) * MemoryLayout<T>.size)
    target.append(T(0))
    guard count > 0 else { return (target.freeze(), []) }
    let source = elements(of: T.self)
    var targets: [Range<Int>] = []
    targets.reserveCapacity(ranges.count)
    var end = 0
    for range in ranges where !range.isEmpty {
      let first = Int(source[offset + range.lowerBound])
      let base = end - first
      for slot in range {
        end = base + Int(source[offset + slot + 1])
        // Ranges may repeat slots, and then need more than the source did.
        guard let fits = T(exactly: end) else { throw AllocationError(byteCount: end) }
        target.append(fits)
      }
      if end - base > first { targets.append(first..<(end - base)) }
    }
    return (target.freeze(), targets)
  }

  /// Elements of `width` bytes, range by range.
  ///
  /// - Precondition: the ranges lie inside the buffer.
  private static func copy(
    _ source: Buffer?, _ ranges: [Range<Int>], width: Int
  ) throws(AllocationError) -> Buffer {
    let source = source ?? .empty
    let available = width == 0 ? Int.max : source.byteCount / width
    var count = 0
    for range in ranges {
      precondition(
        range.lowerBound >= 0 && range.upperBound <= available, "elements outside the buffer")
      count += range.count
    }
    var target = try MutableBuffer(byteCount: count * width)
    // SAFETY: every range lies inside the source (precondition above), and the target has room for
    // all of them.
    switch width {
    case 4: unsafe copy(source.address, ranges, to: target.start, UInt32.self)
    case 8: unsafe copy(source.address, ranges, to: target.start, UInt64.self)
    default:
      var end = unsafe target.start
      for range in ranges {
        let byteCount = range.count * width
        unsafe end.copyMemory(from: source.address + range.lowerBound * width, byteCount: byteCount)
        unsafe end += byteCount
      }
    }
    target.setByteCount(count * width)
    return target.freeze()
  }

  /// SAFETY: as many readable and writable elements as the ranges have.
  @inline(__always)
  private static func copy<T: BitwiseCopyable>(
    _ source: UnsafeRawPointer, _ ranges: [Range<Int>], to target: UnsafeMutableRawPointer,
    _: T.Type
  ) {
    let width = MemoryLayout<T>.size
    var end = unsafe target
    for range in ranges {
      if range.count < 8 {
        // WHY not `copyMemory`: a call for each of many short ranges is most of their cost.
        for slot in range {
          let value = unsafe source.loadUnaligned(fromByteOffset: slot &* width, as: T.self)
          unsafe end.storeBytes(of: value, as: T.self)
          unsafe end += width
        }
      } else {
        unsafe end.copyMemory(
          from: source + range.lowerBound &* width, byteCount: range.count &* width)
        unsafe end += range.count &* width
      }
    }
  }
}
