/// Writes FlatBuffers from the end to the start, children before what points to them.
///
/// A position is the distance of an object's first byte from the end of the bytes.
struct FlatBufferWriter {
  /// The bytes written, the last one first.
  private var reversed: [UInt8] = []

  /// The value of a table's field. A nil offset leaves the field out.
  enum Value {
    case bool(Bool)
    case uint8(UInt8)
    case int16(Int16)
    case int32(Int32)
    case int64(Int64)
    case offset(Int?)

    fileprivate var byteCount: Int {
      switch self {
      case .bool, .uint8: 1
      case .int16: 2
      case .int32, .offset: 4
      case .int64: 8
      }
    }
  }

  /// Writes a table whose field `i` is `fields[i]`.
  mutating func table(_ fields: [Value]) -> Int {
    let present = fields.enumerated().filter { _, value in
      if case .offset(nil) = value { false } else { true }
    }
    let end = reversed.count
    var positions = [Int](repeating: 0, count: fields.count)
    // Small fields first, which in memory are the last: then few bytes are lost to alignment.
    for (index, value) in present.sorted(by: { $0.element.byteCount < $1.element.byteCount }) {
      align(to: value.byteCount, adding: value.byteCount)
      push(value)
      positions[index] = reversed.count
    }
    align(to: 4, adding: 4)
    let vtableByteCount = 4 + 2 * fields.count
    push(Int32(vtableByteCount))
    let table = reversed.count
    for position in positions.reversed() { push(UInt16(position == 0 ? 0 : table - position)) }
    push(UInt16(table - end))
    push(UInt16(vtableByteCount))
    return table
  }

  mutating func string(_ text: String) -> Int {
    let bytes = Array(text.utf8)
    align(to: 4, adding: bytes.count + 1)
    reversed.append(0)
    reversed.append(contentsOf: bytes.reversed())
    push(UInt32(truncatingIfNeeded: bytes.count))
    return reversed.count
  }

  mutating func vector(of positions: [Int]) -> Int {
    align(to: 4, adding: 0)
    for position in positions.reversed() { pushOffset(to: position) }
    push(UInt32(positions.count))
    return reversed.count
  }

  mutating func vector<T: FixedWidthInteger>(_ values: [T]) -> Int {
    align(to: max(4, MemoryLayout<T>.size), adding: MemoryLayout<T>.size * values.count)
    for value in values.reversed() { push(value) }
    push(UInt32(values.count))
    return reversed.count
  }

  /// Writes a vector of structs of two 64-bit integers.
  mutating func vector(pairs: [(Int64, Int64)]) -> Int {
    align(to: 8, adding: 0)
    for (first, second) in pairs.reversed() {
      push(second)
      push(first)
    }
    push(UInt32(pairs.count))
    return reversed.count
  }

  /// The bytes, with `root` as the root table; their count is a multiple of 8.
  mutating func finish(root: Int) -> [UInt8] {
    align(to: 8, adding: 4)
    pushOffset(to: root)
    return reversed.reversed()
  }

  /// Pads so that the object of `byteCount` bytes that comes next starts aligned.
  private mutating func align(to alignment: Int, adding byteCount: Int) {
    while (reversed.count + byteCount) % alignment != 0 { reversed.append(0) }
  }

  private mutating func push(_ value: Value) {
    switch value {
    case .bool(let flag): push(flag ? UInt8(1) : 0)
    case .uint8(let number): push(number)
    case .int16(let number): push(number)
    case .int32(let number): push(number)
    case .int64(let number): push(number)
    case .offset(let position): if let position { pushOffset(to: position) }
    }
  }

  private mutating func pushOffset(to position: Int) {
    push(UInt32(reversed.count + 4 - position))
  }

  private mutating func push<T: FixedWidthInteger>(_ value: T) {
    for shift in stride(from: T.bitWidth - 8, through: 0, by: -8) {
      reversed.append(UInt8(truncatingIfNeeded: value >> T(shift)))
    }
  }
}
