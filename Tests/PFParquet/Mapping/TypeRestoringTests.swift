import PFArrow
import PFCore
import PFParquet
import Testing

@Suite struct `types that Arrow's schema restores` {
  typealias Sketch = SchemaSketch

  /// What a column becomes when the file says that it was `origin`.
  static func restored(_ node: Sketch, _ origin: Field) throws -> Field {
    var builder = FileBuilder([], rowCounts: [])
    builder.nodes = [node]
    builder.metadata = [("ARROW:schema", try stored(Schema([origin])))]
    return try ParquetScanner(builder.open(), ParquetReadOptions()).schema.fields[0]
  }

  /// The schema message in Base64.
  static func stored(_ schema: Schema) throws -> String {
    var bytes: [UInt8] = []
    try Table(schema: schema, batches: []).writeIPCStream { (part) throws(ReadError) in
      for index in part.indices { bytes.append(part[index]) }
    }
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let word = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
      for digit in 0...group.count { text.append(digits[Int(word >> UInt32(18 - 6 * digit)) & 63]) }
      for _ in group.count..<3 { text.append(UInt8(ascii: "=")) }
    }
    return String(decoding: text, as: UTF8.self)
  }

  static let text = leaf(.byteArray, .utf8)
  static let octets = Sketch.leaf("c", .optional, .byteArray)
  static let moment = leaf(.int64, .timestampMicros)

  static func leaf(_ type: PhysicalType, _ annotation: Sketch.Annotation) -> Sketch {
    Sketch(name: "c", repetition: .optional, type: type, annotation: annotation)
  }

  static func list(
    _ repetition: Sketch.Repetition = .optional, _ element: Sketch = .leaf("element", .optional)
  ) -> Sketch {
    .group("c", repetition, .list, [.group("list", .repeated, [element])])
  }

  static func labels(_ index: DataType, _ value: DataType) -> DataType {
    .dictionary(index: index, value: value, isOrdered: true)
  }

  static let leaves: [(node: Sketch, origin: DataType, expected: DataType)] = [
    (text, .largeUTF8, .largeUTF8), (text, .utf8View, .utf8View), (text, .largeBinary, .utf8),
    (text, labels(.int8, .largeUTF8), labels(.int8, .utf8)),
    (text, labels(.uint32, .utf8View), labels(.uint32, .utf8)),
    (text, labels(.int8, .binary), .utf8), (text, .int64, .utf8), (text, .null, .utf8),
    (octets, .largeBinary, .largeBinary), (octets, .binaryView, .binaryView),
    (octets, .largeUTF8, .binary), (octets, labels(.int16, .binary), labels(.int16, .binary)),
    (.leaf("c", .optional), .duration(.second), .duration(.second)),
    (.leaf("c", .optional), .uint64, .int64), (.leaf("c", .optional), .float64, .int64),
    (.leaf("c", .optional, .int32), .duration(.second), .int32),
    (
      moment, .timestamp(.nanosecond, timeZone: "Asia/Tokyo"),
      .timestamp(.microsecond, timeZone: "Asia/Tokyo")
    ),
    (
      moment, .timestamp(.microsecond, timeZone: nil), .timestamp(.microsecond, timeZone: "UTC")
    ),
  ]

  @Test("are those that the values of a leaf can be", arguments: 0..<leaves.count)
  func leaf(index: Int) throws {
    let (node, origin, expected) = Self.leaves[index]
    let pairs = [KeyValue("k", "v")]
    let found = try Self.restored(node, Field("c", origin, metadata: pairs))
    #expect(found == Field("c", expected, metadata: pairs))
    #expect(
      try Self.restored(node, Field("d", origin)).type
        == Self.restored(node, Field("d", .null)).type)
  }

  @Test func `are lists of every kind`() throws {
    let element = Field("element", .int64)
    for repetition in [Sketch.Repetition.optional, .required] {
      let node = Self.list(repetition)
      func type(_ origin: DataType) throws -> DataType {
        try Self.restored(node, Field("c", origin)).type
      }
      #expect(try type(.list(element)) == .list(element))
      #expect(try type(.largeList(element)) == .largeList(element))
      #expect(try type(.fixedSizeList(element, count: 3)) == .fixedSizeList(element, count: 3))
      #expect(try type(.fixedSizeList(element, count: 0)) == .list(element))
      #expect(try type(.int64) == .list(element))
      #expect(
        try type(.largeList(Field("item", .duration(.second))))
          == .largeList(Field("element", .duration(.second))))
    }
  }

  @Test func `reach below structs, lists and maps`() throws {
    let pair = Sketch.group(
      "c", .optional,
      [
        .leaf("a", .optional), Self.list(),
        .group(
          "m", .optional, .map,
          [
            .group(
              "key_value", .repeated,
              [Sketch(name: "key", repetition: .required, type: .byteArray, annotation: .utf8)]
                + [.leaf("value", .optional)])
          ]),
      ])
    func type(_ key: DataType, _ value: DataType, _ list: DataType, isSorted: Bool) -> DataType {
      let entries = DataType.structure([
        Field("key", key, isNullable: false), Field("value", value),
      ])
      return .structure([
        Field("a", value), Field("c", list),
        Field(
          "m",
          .map(entries: Field("entries", entries, isNullable: false), keysSorted: isSorted)),
      ])
    }
    let sizes = DataType.fixedSizeList(Field("element", .duration(.second)), count: 2)
    let origin = type(.largeUTF8, .duration(.second), sizes, isSorted: true)
    #expect(try Self.restored(pair, Field("c", origin)).type == origin)
    let plain = type(.utf8, .int64, .list(Field("element", .int64)), isSorted: false)
    #expect(try Self.restored(pair, Field("c", .int64)).type == plain)
  }
}
