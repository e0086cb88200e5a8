package import PFArrow
package import PFCore

/// Types that hold the values of several files without a loss.
package enum Widening {
  /// The narrowest type that holds all values of both; nil where there is none.
  ///
  /// Integers of one sign, floats, and decimals of one scale widen; nulls become anything; nested
  /// types widen with what is in them.
  package static func common(_ left: DataType, _ right: DataType) -> DataType? {
    if left == right { return left }
    switch (left, right) {
    case (.null, let other), (let other, .null): return other
    case (.decimal128(let precision, let scale), .decimal128(let other, let otherScale))
    where scale == otherScale:
      return .decimal128(precision: max(precision, other), scale: scale)
    case (.decimal256(let precision, let scale), .decimal256(let other, let otherScale))
    where scale == otherScale:
      return .decimal256(precision: max(precision, other), scale: scale)
    case (.list(let left), .list(let right)): return common(left, right).map { .list($0) }
    case (.largeList(let left), .largeList(let right)):
      return common(left, right).map { .largeList($0) }
    case (.fixedSizeList(let left, let count), .fixedSizeList(let right, let otherCount))
    where count == otherCount:
      return common(left, right).map { .fixedSizeList($0, count: count) }
    case (.map(let left, let isSorted), .map(let right, let other)):
      return common(left, right).map { .map(entries: $0, keysSorted: isSorted && other) }
    case (.structure(let left), .structure(let right)):
      guard left.map(\.name) == right.map(\.name) else { return nil }
      var fields: [Field] = []
      for (left, right) in zip(left, right) {
        guard let field = common(left, right) else { return nil }
        fields.append(field)
      }
      return .structure(fields)
    default: break
    }
    for ladder in ladders {
      if let low = ladder.firstIndex(of: left), let high = ladder.firstIndex(of: right) {
        return ladder[max(low, high)]
      }
    }
    return nil
  }

  /// The field for both; the first one's name and metadata.
  package static func common(_ left: Field, _ right: Field) -> Field? {
    guard let type = common(left.type, right.type) else { return nil }
    var field = left
    field.type = type
    field.isNullable =
      left.isNullable || right.isNullable || type != left.type && left.type == .null
    return field
  }

  private static let ladders: [[DataType]] = [
    [.int8, .int16, .int32, .int64], [.uint8, .uint16, .uint32, .uint64],
    [.float16, .float32, .float64],
  ]

  /// The same values in a type that `common` gave.
  ///
  /// - Throws: `AllocationError` when there is no memory.
  package static func widen(_ array: ArrowArray, to type: DataType) throws(AllocationError)
    -> ArrowArray
  {
    if array.type == type { return array }
    if case .null = array.type { return try .nulls(type, count: array.length) }
    let fields = type.children
    if !fields.isEmpty {
      var children: [ArrowArray] = []
      for (child, field) in zip(array.children, fields) {
        children.append(try widen(child, to: field.type))
      }
      return array.with(type, buffers: array.buffers, children: children)
    }
    guard array.buffers.count == 2, let old = array.buffers[1] else {
      return array.with(type, buffers: array.buffers)
    }
    let slots = array.offset + array.length
    let values =
      switch (array.type, type) {
      case (.int8, .int16): try convert(old, slots) { (value: Int8) in Int16(value) }
      case (.int8, .int32): try convert(old, slots) { (value: Int8) in Int32(value) }
      case (.int8, .int64): try convert(old, slots) { (value: Int8) in Int64(value) }
      case (.int16, .int32): try convert(old, slots) { (value: Int16) in Int32(value) }
      case (.int16, .int64): try convert(old, slots) { (value: Int16) in Int64(value) }
      case (.int32, .int64): try convert(old, slots) { (value: Int32) in Int64(value) }
      case (.uint8, .uint16): try convert(old, slots) { (value: UInt8) in UInt16(value) }
      case (.uint8, .uint32): try convert(old, slots) { (value: UInt8) in UInt32(value) }
      case (.uint8, .uint64): try convert(old, slots) { (value: UInt8) in UInt64(value) }
      case (.uint16, .uint32): try convert(old, slots) { (value: UInt16) in UInt32(value) }
      case (.uint16, .uint64): try convert(old, slots) { (value: UInt16) in UInt64(value) }
      case (.uint32, .uint64): try convert(old, slots) { (value: UInt32) in UInt64(value) }
      case (.float16, .float32): try convert(old, slots) { Float(StatisticsKind.widened($0)) }
      case (.float16, .float64): try convert(old, slots) { StatisticsKind.widened($0) }
      case (.float32, .float64): try convert(old, slots) { (value: Float) in Double(value) }
      // Decimals of another precision have the same bytes.
      default: old
      }
    return array.with(type, buffers: [array.buffers[0], values])
  }

  private static func convert<Old: BitwiseCopyable, New: BitwiseCopyable>(
    _ buffer: Buffer, _ count: Int, _ body: (Old) -> New
  ) throws(AllocationError) -> Buffer {
    var values = try MutableBuffer(byteCount: count * MemoryLayout<New>.stride)
    let old = buffer.span(of: Old.self)
    for index in 0..<min(count, old.count) { values.append(body(old[index])) }
    return values.freeze()
  }
}

extension ArrowArray {
  /// The same slots with other buffers behind them.
  fileprivate func with(
    _ type: DataType, buffers: [Buffer?], children: [ArrowArray] = []
  ) -> ArrowArray {
    ArrowArray(
      type: type, length: length, nullCount: nullCount, offset: offset, buffers: buffers,
      children: children, dictionary: dictionary)
  }
}
