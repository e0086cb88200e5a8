import PFArrow
import PFParquet
import Testing

@Suite struct `widening` {
  static let item = Field("item", .int32)
  static let wideItem = Field("item", .int64)

  static let types: [(left: DataType, right: DataType, common: DataType?)] = [
    (.int32, .int32, .int32), (.int8, .int64, .int64), (.uint16, .uint8, .uint16),
    (.float32, .float64, .float64), (.null, .utf8, .utf8), (.int32, .uint32, nil),
    (.int64, .float64, nil), (.utf8, .binary, nil), (.date32, .int32, nil),
    (
      .decimal128(precision: 5, scale: 2), .decimal128(precision: 9, scale: 2),
      .decimal128(precision: 9, scale: 2)
    ),
    (.decimal128(precision: 5, scale: 2), .decimal128(precision: 9, scale: 3), nil),
    (.list(item), .list(wideItem), .list(wideItem)),
    (.structure([item]), .structure([wideItem]), .structure([wideItem])),
    (.structure([item]), .structure([Field("other", .int32)]), nil),
    (.timestamp(.millisecond, timeZone: nil), .timestamp(.microsecond, timeZone: nil), nil),
  ]

  @Test("has one type for two, or none", arguments: types)
  func common(left: DataType, right: DataType, common: DataType?) {
    #expect(Widening.common(left, right) == common)
    #expect(Widening.common(right, left) == common)
  }

  @Test func `keeps slots, nulls and slices`() throws {
    let builder = PrimitiveBuilder<Int32>()
    builder.append(contentsOf: [1, nil, -3, .max, nil])
    let slice = try builder.finish().slice(start: 1, count: 3)
    let wide = try Widening.widen(slice, to: .int64)
    #expect(wide.type == .int64 && wide.length == 3 && wide.nullCount == 1)
    #expect((0..<3).map { wide[$0] } == [.null, .int(-3), .int(Int64(Int32.max))])
  }

  static let nullable: [DataType] = [
    .null, .boolean, .int8, .float64, .decimal128(precision: 9, scale: 2), .utf8, .largeBinary,
    .utf8View, .fixedSizeBinary(byteWidth: 3), .list(item), .fixedSizeList(item, count: 3),
    .structure([item, Field("s", .utf8)]),
    .dictionary(index: .int32, value: .utf8, isOrdered: false),
  ]

  @Test("makes nulls of any type", arguments: nullable, [0, 1, 9, 64])
  func nulls(type: DataType, count: Int) throws {
    let nulls = try Widening.widen(
      ArrowArray(type: .null, length: count, nullCount: count, buffers: []), to: type)
    #expect(nulls.type == type && nulls.length == count && nulls.nullCount == count)
    #expect((0..<count).allSatisfy { !nulls.isValid($0) })
  }
}
