import PFCore

import PFArrow

/// One array of each type, with nulls where the type has them, made from raw buffers.
enum Sample {
  static func buffer<T: BitwiseCopyable>(_ values: [T]) throws -> Buffer {
    try Buffer(copying: values)
  }

  static func bytes(_ text: String) throws -> Buffer { try Buffer(copying: Array(text.utf8)) }

  /// Slots 0, 2, 3 and 4 of five are valid.
  static func validity() throws -> Buffer { try buffer([UInt8(0b11101)]) }

  static func array(
    _ type: DataType, length: Int = 5, _ buffers: [Buffer?], children: [ArrowArray] = [],
    dictionary: ArrowArray? = nil
  ) throws -> ArrowArray {
    try ArrowArray(
      checking: type, length: length, buffers: buffers, children: children,
      dictionary: dictionary)
  }

  static func fixed<T: BitwiseCopyable>(_ type: DataType, _ values: [T]) throws -> ArrowArray {
    try array(type, [try validity(), try buffer(values)])
  }

  static func strings() throws -> ArrowArray {
    try array(
      .utf8, [try validity(), try buffer([Int32]([0, 3, 3, 3, 8, 12])), try bytes("abcwörldend!")])
  }

  static func int32s() throws -> ArrowArray {
    try fixed(.int32, [Int32]([1, 2, -3, .min, .max]))
  }

  /// 4 times 64 bits a value.
  static let wide: [UInt64] = (0..<20).map { $0 % 4 == 3 ? 0 : $0 &* 0x9E37_79B9_7F4A_7C15 }

  static func view(inline text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    return [UInt8(bytes.count), 0, 0, 0] + bytes + [UInt8](repeating: 0, count: 12 - bytes.count)
  }

  static func views() throws -> Buffer {
    let long: [UInt8] = [13, 0, 0, 0] + Array("long".utf8) + [1, 0, 0, 0, 2, 0, 0, 0]
    return try buffer(
      view(inline: "abc") + view(inline: "") + long + view(inline: "")
        + view(inline: "twelve bytes"))
  }

  static func primitives() throws -> [ArrowArray] {
    [
      try array(.null, []),
      try array(.boolean, [try validity(), try buffer([UInt8(0b01011)])]),
      try fixed(.int8, [Int8]([1, 2, 3, .min, .max])),
      try fixed(.uint8, [UInt8]([1, 2, 3, .min, .max])),
      try fixed(.int16, [Int16]([1, 2, 3, .min, .max])),
      try fixed(.uint16, [UInt16]([1, 2, 3, .min, .max])),
      try int32s(),
      try fixed(.uint32, [UInt32]([1, 2, 3, .min, .max])),
      try fixed(.int64, [Int64]([1, 2, 3, .min, .max])),
      try fixed(.uint64, [UInt64]([1, 2, 3, .min, .max])),
      try fixed(.float16, [UInt16]([0x3C00, 0, 0xC000, 0x7C00, 0x2E66])),
      try fixed(.float32, [Float]([0.1, 0, -2, .infinity, 1e20])),
      try fixed(.float64, [Double]([0.1, 0, -2, -.infinity, 1e-7])),
      try fixed(.decimal32(precision: 9, scale: 2), [Int32]([123, 0, -5, 999_999_999, 0])),
      try fixed(.decimal64(precision: 18, scale: 3), [Int64]([123, 0, -5, 99_999, 0])),
      try fixed(.decimal128(precision: 38, scale: 10), Array(wide[..<10])),
      try fixed(.decimal256(precision: 76, scale: -3), wide),
      try fixed(.date32, [Int32]([0, 0, -1, 19_723, 2_932_896])),
      try fixed(.date64, [Int64]([0, 0, -86_400_000, 1_704_067_200_000, 0])),
      try fixed(.time32(.second), [Int32]([0, 0, 1, 86_399, 3_600])),
      try fixed(.time32(.millisecond), [Int32]([0, 0, 1, 86_399_999, 3_600_000])),
      try fixed(.time64(.microsecond), [Int64]([0, 0, 1, 86_399_999_999, 5])),
      try fixed(.time64(.nanosecond), [Int64]([0, 0, 1, 86_399_999_999_999, 5])),
      try fixed(.timestamp(.second, timeZone: nil), [Int64]([0, 0, -1, 1_704_067_200, 1])),
      try fixed(
        .timestamp(.millisecond, timeZone: "UTC"), [Int64]([0, 0, -1, 1_704_067_200_123, 1])),
      try fixed(.timestamp(.microsecond, timeZone: "Europe/Paris"), [Int64]([0, 0, -1, 7, 1])),
      try fixed(.timestamp(.nanosecond, timeZone: "+05:30"), [Int64]([0, 0, -1, .min, .max])),
      try fixed(.duration(.second), [Int64]([0, 0, -1, 90_061, 1])),
      try fixed(.duration(.nanosecond), [Int64]([0, 0, -1, .min, .max])),
      try fixed(.interval(.yearMonth), [Int32]([14, 0, -1, 12, 0])),
      try fixed(.interval(.dayTime), [Int32]([1, 2, 0, 0, -1, 5, 3, 4, 0, 0])),
      try fixed(.interval(.monthDayNano), [Int64]([1, 2, 0, 0, -1, 5, 3, 4, 0, 0])),
      try fixed(.fixedSizeBinary(byteWidth: 2), Array("aabbccddee".utf8)),
      try strings(),
      try array(
        .binary,
        [
          try validity(), try buffer([Int32]([0, 1, 1, 3, 3, 4])),
          try buffer([UInt8]([0, 255, 10, 65])),
        ]),
      try array(
        .largeUTF8, [try validity(), try buffer([Int64]([0, 1, 1, 3, 3, 4])), try bytes("abcd")]),
      try array(
        .largeBinary, [try validity(), try buffer([Int64]([0, 1, 1, 3, 3, 4])), try bytes("abcd")]),
      try array(
        .utf8View, [try validity(), try views(), try bytes("unused"), try bytes("..long enough!!")]),
      try array(
        .binaryView,
        [try validity(), try views(), try bytes("unused"), try bytes("..long enough!!")]),
    ]
  }

  static func nested() throws -> [ArrowArray] {
    let (item, int) = (Field("item", .utf8), Field("n", .int32))
    let entries = Field(
      "entries", .structure([Field("key", .int32, isNullable: false), Field("value", .utf8)]),
      isNullable: false)
    let keys = try array(.int32, [nil, try buffer([Int32]([1, 2, 3, 4, 5]))])
    let entryArray = try array(entries.type, [nil], children: [keys, try strings()])
    let list = try array(
      .list(item), [try validity(), try buffer([Int32]([0, 2, 2, 2, 5, 5]))],
      children: [try strings()])
    let pair: DataType = .structure([Field("text", .utf8, metadata: [KeyValue("k", "v")]), int])
    let texts = try strings()
    return [
      list,
      try array(
        .largeList(item), [try validity(), try buffer([Int64]([0, 2, 2, 2, 5, 5]))],
        children: [texts]),
      try array(.fixedSizeList(int, count: 1), [try validity()], children: [try int32s()]),
      try array(pair, [try validity()], children: [texts, try int32s()]),
      try array(
        .map(entries: entries, keysSorted: true),
        [try validity(), try buffer([Int32]([0, 2, 2, 2, 4, 5]))], children: [entryArray]),
      try array(
        .dictionary(index: .int8, value: .utf8, isOrdered: true),
        [try validity(), try buffer([Int8]([0, 99, 4, 2, 0]))], dictionary: texts),
      try array(
        .dictionary(index: .uint64, value: .list(item), isOrdered: false),
        [nil, try buffer([UInt64]([0, 1, 2, 3, 0]))], dictionary: list),
      try array(
        .union(.dense, [item, int], typeIDs: [0, 7]),
        [try buffer([Int8]([0, 7, 7, 0, 0])), try buffer([Int32]([0, 0, 1, 1, 4]))],
        children: [texts, try int32s()]),
      try array(
        .union(.sparse, [item, int], typeIDs: [5, 7]), [try buffer([Int8]([5, 7, 7, 5, 5]))],
        children: [texts, try int32s()]),
      try array(
        .list(Field("l", list.type)), [try validity(), try buffer([Int32]([0, 2, 2, 2, 5, 5]))],
        children: [list]),
    ]
  }

  static func all() throws -> [ArrowArray] { try primitives() + nested() }

  /// All samples as the columns of one batch.
  static func batch() throws -> RecordBatch {
    let columns = try all()
    let fields = columns.enumerated().map {
      Field(
        "column \($0) é", $1.type, metadata: $0 == 1 ? [KeyValue("a", "b"), KeyValue("a", "")] : [])
    }
    return RecordBatch(
      schema: Schema(fields, metadata: [KeyValue("schema", "metadata")]), columns: columns,
      rowCount: 5)
  }
}

/// Whether both have the same layout: type, counts, and the bytes of all buffers. Bytes beyond the
/// last slot may be missing on one side.
func haveSameLayout(_ left: ArrowArray, _ right: ArrowArray) -> Bool {
  func agree(_ left: Buffer?, _ right: Buffer?) -> Bool {
    guard let left, let right else { return (left == nil) == (right == nil) }
    let count = min(left.byteCount, right.byteCount)
    return left.slice(offset: 0, byteCount: count) == right.slice(offset: 0, byteCount: count)
  }
  let (leftParts, rightParts) = (
    left.children + [left.dictionary].compactMap { $0 },
    right.children + [right.dictionary].compactMap { $0 }
  )
  return left.type == right.type && left.length == right.length
    && left.nullCount == right.nullCount && left.offset == right.offset
    && left.buffers.count == right.buffers.count && leftParts.count == rightParts.count
    && zip(left.buffers, right.buffers).allSatisfy { agree($0, $1) }
    && zip(leftParts, rightParts).allSatisfy { haveSameLayout($0, $1) }
}
