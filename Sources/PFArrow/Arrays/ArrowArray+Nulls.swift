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
}
