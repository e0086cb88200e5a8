import PFParquet
import Testing

@Suite struct `typed statistics` {
  @Test func `bounds of a written file have its columns' types`() throws {
    let metaData = try FileMetaData(decoding: FooterFixture.fixture("types"))
    let tree = try SchemaTree(metaData.schema)
    var bounds: [String: String] = [:]
    for leaf in tree.leaves {
      let column = try #require(try metaData.rowGroups[0].columns[leaf.index].metaData)
      let statistics = try #require(try metaData.typedStatistics(of: column, leaf: leaf))
      let min = try #require(statistics.min)
      let max = try #require(statistics.max)
      #expect(statistics.isMinExact == true)
      #expect(
        statistics.nullCount == (["half", "name"].contains(tree.dottedPath(of: leaf)) ? 1 : 0))
      bounds[tree.dottedPath(of: leaf)] = "\(min) \(max)"
    }
    #expect(
      bounds == [
        "id": "0 3", "flag": "false true", "small": "-3 0", "unsigned": "4000000000 4000000003",
        "ratio": "-0.0 1.5", "half": "-0.0 1.5", "name": "alpha żółw", "blob": "0x00ff 0x03ff",
        "code": "0x000000 0x030303", "price": "-2.25 1.25", "day": "19780 19782",
        "clock": "45000000000 45003000000", "seen": "1709208000000 1709208180000",
        "local": "-60000000000 -57000000000",
        "key": "0x\(String(repeating: "0", count: 32)) 0x\(String(repeating: "0", count: 31))3",
      ])
  }

  // MARK: Which bounds are trusted

  /// Types bounds of a leaf: 4 bytes 1 and 2, as the new fields, the old fields or both.
  static func typed(
    _ element: SchemaElement, new: Bool, old: Bool, order: ColumnOrder?,
    min: [UInt8] = [1, 0, 0, 0], max: [UInt8] = [2, 0, 0, 0]
  ) throws -> TypedStatistics {
    let tree = try SchemaTree([SchemaElement(name: "r", numChildren: 1), element])
    let bytes = min + max
    let low = 0..<min.count
    let high = min.count..<bytes.count
    var statistics = Statistics()
    if new { (statistics.minValue, statistics.maxValue) = (low, high) }
    if old { (statistics.min, statistics.max) = (low, high) }
    return TypedStatistics(
      statistics, in: bytes.span, kind: StatisticsKind(tree.leaves[0]), order: order)
  }

  static let int32 = SchemaElement(name: "c", type: .int32)
  static let uint32 = SchemaElement(name: "c", type: .int32, convertedType: .uint32)
  static let text = SchemaElement(name: "c", type: .byteArray, convertedType: .utf8)
  static let int96 = SchemaElement(name: "c", type: .int96)
  static let interval = SchemaElement(
    name: "c", type: .fixedLenByteArray, typeLength: 12, convertedType: .interval)
  static let future = SchemaElement(name: "c", type: .int32, logicalType: .unknown(id: 50))
  static let float = SchemaElement(name: "c", type: .float)

  static let trust: [(element: SchemaElement, new: Bool, order: ColumnOrder?, isTrusted: Bool)] = [
    (int32, true, .typeOrder, true), (int32, false, .typeOrder, true), (int32, true, nil, true),
    (int32, true, .unknown(id: 9), false), (uint32, true, .typeOrder, true),
    (uint32, false, .typeOrder, false), (uint32, true, nil, false),
    (text, true, .typeOrder, true), (text, false, nil, false), (text, true, nil, false),
    (int96, true, .typeOrder, false), (int96, false, nil, false),
    (int96, true, .int96TimestampOrder, true), (interval, true, .typeOrder, false),
    (future, true, .typeOrder, false), (future, false, nil, false),
    (float, true, .ieee754TotalOrder, true), (text, true, .ieee754TotalOrder, false),
  ]

  @Test("bounds are given only in an order that is known", arguments: trust)
  func trusted(element: SchemaElement, new: Bool, order: ColumnOrder?, isTrusted: Bool) throws {
    let statistics = try Self.typed(element, new: new, old: !new, order: order)
    #expect((statistics.min != nil) == isTrusted)
    #expect((statistics.max != nil) == isTrusted)
  }

  @Test func `the new fields come before the old`() throws {
    let tree = try SchemaTree([SchemaElement(name: "r", numChildren: 1), Self.int32])
    let bytes: [UInt8] = [7, 0, 0, 0, 8, 0, 0, 0]
    var raw = Statistics()
    (raw.minValue, raw.min) = (0..<4, 4..<8)
    (raw.isMinValueExact, raw.isMaxValueExact) = (false, true)
    let statistics = TypedStatistics(
      raw, in: bytes.span, kind: StatisticsKind(tree.leaves[0]), order: .typeOrder)
    #expect(statistics.min == .int64(7))
    #expect(statistics.isMinExact == false)
    // Nothing is exact about a bound that is not there.
    #expect(statistics.max == nil)
    #expect(statistics.isMaxExact == nil)
  }

  // MARK: Floating point

  static func floatBounds(
    _ min: Float, _ max: Float, order: ColumnOrder = .typeOrder
  ) throws -> TypedStatistics {
    func bytes(_ value: Float) -> [UInt8] {
      (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> ($0 * 8)) }
    }
    return try typed(
      Self.float, new: true, old: false, order: order, min: bytes(min), max: bytes(max))
  }

  @Test func `a NaN bound spoils both`() throws {
    for (min, max) in [(Float.nan, 1), (1, .nan), (.nan, .nan)] as [(Float, Float)] {
      let statistics = try Self.floatBounds(min, max)
      #expect(statistics.min == nil && statistics.max == nil)
    }
  }

  @Test func `a zero bound covers the zero of the other sign`() throws {
    let zeros = try Self.floatBounds(0.0, -0.0)
    #expect(zeros.min?.description == "-0.0")
    #expect(zeros.max?.description == "0.0")
    let total = try Self.floatBounds(0.0, 0.0, order: .ieee754TotalOrder)
    #expect(total.min?.description == "0.0")
  }

  @Test func `infinities are bounds`() throws {
    let statistics = try Self.floatBounds(-.infinity, .infinity)
    #expect(statistics.min == .double(-.infinity))
    #expect(statistics.max == .double(.infinity))
  }

  // MARK: Values

  static func value(_ element: SchemaElement, _ bytes: [UInt8]) throws -> StatisticsValue? {
    let tree = try SchemaTree([SchemaElement(name: "r", numChildren: 1), element])
    return StatisticsKind(tree.leaves[0]).value(of: bytes.span)
  }

  @Test func `values of a wrong length are left out`() throws {
    for length in [0, 1, 3, 5, 8] {
      let value = try Self.value(Self.int32, [UInt8](repeating: 1, count: length))
      #expect(value == nil)
    }
    let bool = try Self.value(.init(name: "c", type: .boolean), [2])
    #expect(bool == nil)
    let decimal = SchemaElement(name: "c", type: .byteArray, convertedType: .decimal)
    for length in [0, 33] {
      let value = try Self.value(decimal, [UInt8](repeating: 1, count: length))
      #expect(value == nil)
    }
  }

  static let decimals: [(type: PhysicalType, bytes: [UInt8], scale: Int32, text: String)] = [
    (.int32, [0x83, 0xFF, 0xFF, 0xFF], 2, "-1.25"), (.byteArray, [0x7D], 2, "1.25"),
    (.byteArray, [0x83], 2, "-1.25"), (.byteArray, [0x00, 0x05], 3, "0.005"),
    (.byteArray, [0xFF], 3, "-0.001"), (.byteArray, [0x00], 0, "0"),
    (.byteArray, [0x00], 2, "0.00"),
    (.byteArray, [0x80], 0, "-128"),
    (.int64, [0, 0, 0, 0, 0, 0, 0, 0x80], 0, "-9223372036854775808"),
    (.byteArray, [0x05], -3, "5E3"), (.byteArray, [0xFB], .max, "-5E-2147483647"),
    (
      .byteArray, [0x7F] + [UInt8](repeating: 0xFF, count: 15), 0,
      "170141183460469231731687303715884105727"
    ),
  ]

  @Test("decimals have their point", arguments: decimals)
  func showsDecimals(type: PhysicalType, bytes: [UInt8], scale: Int32, text: String) throws {
    for element in [
      SchemaElement(name: "c", type: type, convertedType: .decimal, scale: scale, precision: 9),
      SchemaElement(name: "c", type: type, logicalType: .decimal(scale: scale, precision: 9)),
    ] {
      let value = try Self.value(element, bytes)
      #expect(value?.description == text)
    }
  }

  static let halves: [(bits: UInt16, value: Double?)] = [
    (0x3C00, 1), (0xC000, -2), (0x7BFF, 65504), (0x0001, 0x1p-24), (0x0400, 0x1p-14),
    (0x7C00, .infinity), (0xFC00, -.infinity), (0x7C01, nil),
  ]

  @Test("FLOAT16 bounds are widened", arguments: halves)
  func widensHalves(bits: UInt16, value: Double?) throws {
    let element = SchemaElement(
      name: "c", type: .fixedLenByteArray, typeLength: 2, logicalType: .float16)
    let bytes = [UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8)]
    let read = try Self.value(element, bytes)
    #expect(read == value.map { .double($0) })
  }
}
