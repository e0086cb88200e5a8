package import PFCore

extension ArrowArray {
  /// An array of `count` nulls.
  ///
  /// - Throws: `AllocationError` when there is no memory.
  /// - Complexity: O(count) bytes for each buffer of the type.
  package static func nulls(_ type: DataType, count: Int) throws(AllocationError) -> ArrowArray {
    func zeros(_ byteCount: Int) throws(AllocationError) -> Buffer {
      var bytes = try MutableBuffer(byteCount: byteCount)
      try bytes.fill(upTo: byteCount)
      return bytes.freeze()
    }
    var buffers: [Buffer?] = type.hasValidity ? [try zeros((count + 7) / 8)] : []
    var children: [ArrowArray] = []
    var dictionary: ArrowArray?
    switch type {
    case .null: break
    case .boolean: buffers.append(try zeros((count + 7) / 8))
    case .binary, .utf8: buffers += [try zeros(4 * (count + 1)), .empty]
    case .largeBinary, .largeUTF8: buffers += [try zeros(8 * (count + 1)), .empty]
    case .binaryView, .utf8View: buffers.append(try zeros(16 * count))
    case .list(let field), .map(let field, _):
      buffers.append(try zeros(4 * (count + 1)))
      children = [try nulls(field.type, count: 0)]
    case .largeList(let field):
      buffers.append(try zeros(8 * (count + 1)))
      children = [try nulls(field.type, count: 0)]
    case .fixedSizeList(let field, let size):
      let (slots, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow else { throw AllocationError(byteCount: .max) }
      children = [try nulls(field.type, count: slots)]
    case .structure(let fields):
      for field in fields { children.append(try nulls(field.type, count: count)) }
    case .union(let mode, let fields, let typeIDs):
      // A union has no nulls of its own: each slot is a null of the first child.
      var codes = try MutableBuffer(byteCount: count)
      try codes.fill(upTo: count, with: UInt8(bitPattern: typeIDs.first ?? 0))
      buffers = [codes.freeze()]
      if mode == .dense { buffers.append(try zeros(4 * count)) }
      for (index, field) in fields.enumerated() {
        let slots = mode == .sparse ? count : index == 0 ? min(count, 1) : 0
        children.append(try nulls(field.type, count: slots))
      }
    case .dictionary(_, let value, _):
      dictionary = try nulls(value, count: 0)
      buffers.append(try zeros((type.byteWidth ?? 0) * count))
    default: buffers.append(try zeros((type.byteWidth ?? 0) * count))
    }
    let nullCount = if case .union = type { 0 } else { count }
    return ArrowArray(
      type: type, length: count, nullCount: nullCount, buffers: buffers, children: children,
      dictionary: dictionary)
  }

  /// The same slots and `count` nulls behind them, in memory of their own; elements of lists and
  /// the data behind views are shared.
  ///
  /// - Precondition: there is no union, which has no nulls of its own, but in a list.
  /// - Throws: `AllocationError` when there is no memory.
  package func appendingNulls(_ count: Int) throws(AllocationError) -> ArrowArray {
    let used = offset + length
    let total = used + count
    var buffers = buffers
    var children = children
    if type.hasValidity { buffers[0] = try Self.extendBits(validity, of: used, to: total) }
    switch type {
    case .null: break
    case .boolean: buffers[1] = try Self.extendBits(buffers[1], of: used, to: total)
    case .binary, .utf8, .list, .map: buffers[1] = try repeatOffset(Int32.self, upTo: total)
    case .largeBinary, .largeUTF8, .largeList:
      buffers[1] = try repeatOffset(Int64.self, upTo: total)
    case .binaryView, .utf8View:
      buffers[1] = try Self.extend(buffers[1], of: used, to: total, width: 16)
    case .fixedSizeList(_, let size):
      children[0] = try children[0].slice(start: 0, count: used * size).appendingNulls(count * size)
    case .structure:
      for index in children.indices {
        children[index] = try children[index].slice(start: 0, count: used).appendingNulls(count)
      }
    case .union: preconditionFailure("a union has no nulls of its own")
    default:
      buffers[1] = try Self.extend(buffers[1], of: used, to: total, width: type.byteWidth ?? 0)
    }
    return ArrowArray(
      type: type, length: length + count, nullCount: nullCount + count, offset: offset,
      buffers: buffers, children: children, dictionary: dictionary)
  }

  /// The first `used` bits, or as many that are set where there is no buffer, and zeros.
  private static func extendBits(
    _ source: Buffer?, of used: Int, to total: Int
  ) throws(AllocationError) -> Buffer {
    precondition(source.map { used <= $0.byteCount << 3 } ?? true, "bits outside the buffer")
    var bits = try MutableBuffer(byteCount: (total + 7) >> 3)
    try bits.fill(upTo: (total + 7) >> 3)
    let target = unsafe bits.start.assumingMemoryBound(to: UInt8.self)
    // SAFETY: `used` bits lie inside the source (precondition) and inside the zeroed `total`.
    if let source {
      _ = unsafe Bits.copy(
        source.address.assumingMemoryBound(to: UInt8.self), start: 0, to: target, start: 0,
        count: used)
    } else {
      unsafe Bits.set(target, start: 0, count: used)
    }
    return bits.freeze()
  }

  /// The first `used` elements of `width` bytes, and zeros.
  private static func extend(
    _ source: Buffer?, of used: Int, to total: Int, width: Int
  ) throws(AllocationError) -> Buffer {
    var bytes = try MutableBuffer(byteCount: total * width)
    let source = source ?? .empty
    bytes.append(source.bytes.extracting(0..<(used * width)))
    try bytes.fill(upTo: total * width)
    return bytes.freeze()
  }

  /// The offsets of the slots up to the array's end, whose own is repeated for those up to `total`.
  private func repeatOffset<T: FixedWidthInteger & BitwiseCopyable>(
    _: T.Type, upTo total: Int
  ) throws(AllocationError) -> Buffer {
    let source = elements(of: T.self)
    let end = offset + length
    var offsets = try MutableBuffer(byteCount: (total + 1) * MemoryLayout<T>.size)
    // An array without slots may have no offsets at all.
    let last = source.isEmpty ? 0 : source[end]
    for slot in 0...total { offsets.append(slot < end ? source[slot] : last) }
    return offsets.freeze()
  }
}
