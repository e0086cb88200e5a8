import PFArrow
import PFAvro
import PFCore
import Testing

@Suite("Avro values") struct ValueTests {
  /// Integers around each length of a variable-length integer.
  static let integers: [Int64] =
    [0, 1, -1, .min, .max, .min + 1]
    + (1..<10).flatMap { bytes -> [Int64] in
      let border = Int64(1) << Int64(min(62, 7 * bytes - 1))
      return [border - 1, border, border + 1, -border - 1, -border, -border + 1]
    }

  @Test func longsOfEachLength() throws {
    let array = try column("\"long\"", Self.integers.map(Encode.long))
    #expect(array.type == .int64)
    #expect((0..<array.length).map { array[$0] } == Self.integers.map { .int($0) })
  }

  @Test func intsOfEachLength() throws {
    let values = Self.integers.compactMap { Int32(exactly: $0) } + [.min, .max]
    let array = try column("\"int\"", values.map { Encode.long(Int64($0)) })
    #expect(array.type == .int32)
    #expect((0..<array.length).map { array[$0] } == values.map { .int(Int64($0)) })
  }

  @Test(arguments: [Int64(1) << 31, -(1 << 31) - 1, .max]) func intOfMoreThan32Bits(_ value: Int64)
  {
    let error = failure(Encode.file(record("\"int\""), [(1, Encode.long(value))]))
    #expect(error?.summary == "an integer does not fit its type")
    #expect(error?.place.block == 0)
    #expect(error?.place.column == "a")
  }

  @Test func longOfMoreThan64Bits() {
    let bytes = [UInt8](repeating: 0xFF, count: 9) + [0x02]
    let error = failure(Encode.file(record("\"long\""), [(1, bytes)]))
    #expect(error?.summary == "an integer does not fit its type")
  }

  /// Encodings that are longer than need be are read: the specification forbids none.
  @Test func paddedInteger() throws {
    let array = try column("\"long\"", [[0x82, 0x80, 0x00], [0x80, 0x00]])
    #expect((0..<2).map { array[$0] } == [.int(1), .int(0)])
  }

  @Test func floats() throws {
    let values: [Double] = [0, -0.0, 1.5, -.infinity, .greatestFiniteMagnitude]
    let doubles = try column("\"double\"", values.map(Encode.double))
    #expect((0..<values.count).map { doubles[$0] } == values.map { .float64($0) })
    let floats = try column("\"float\"", [Encode.float(2.5), Encode.float(-0.1)])
    #expect((0..<2).map { floats[$0] } == [.float32(2.5), .float32(-0.1)])
  }

  @Test func booleans() throws {
    let array = try column("\"boolean\"", [[1], [0], [1], [1], [0], [0], [0], [1], [1]])
    #expect(
      (0..<9).map { array[$0] }
        == [true, false, true, true, false, false, false, true, true].map { .boolean($0) })
    let error = failure(Encode.file(record("\"boolean\""), [(1, [2])]))
    #expect(error?.summary == "a boolean of 2")
  }

  /// Lengths around the vectors in which short strings are copied.
  @Test func strings() throws {
    let texts = (0...80).map { String(repeating: "x", count: $0) } + ["héllo", "日本"]
    let array = try column("\"string\"", texts.map(Encode.string))
    #expect((0..<texts.count).map { array[$0] } == texts.map { .string($0) })
  }

  @Test func textThatIsNotUTF8() {
    // Two halves of one character are valid together, and each alone is not.
    for values in [[[0xFF]], [[0xC3], [0xA9]]] as [[[UInt8]]] {
      let bytes = values.flatMap(Encode.bytes)
      let error = failure(Encode.file(record("\"string\""), [(Int64(values.count), bytes)]))
      #expect(error?.reason == .invalidText(encoding: "UTF-8"))
      #expect(error?.place.column == "a")
    }
  }

  @Test func bytesAndFixed() throws {
    let array = try column("\"bytes\"", [Encode.bytes([1, 2, 255]), Encode.bytes([])])
    #expect((0..<2).map { array[$0] } == [.binary([1, 2, 255]), .binary([])])
    let fixed = try column(
      "{\"type\": \"fixed\", \"name\": \"F\", \"size\": 3}", [[1, 2, 3], [4, 5, 6]])
    #expect(fixed.type == .fixedSizeBinary(byteWidth: 3))
    #expect((0..<2).map { fixed[$0] } == [.binary([1, 2, 3]), .binary([4, 5, 6])])
  }

  @Test func enums() throws {
    let type = "{\"type\": \"enum\", \"name\": \"E\", \"symbols\": [\"x\", \"y\"]}"
    let array = try column(type, [[2], [0]])
    #expect(array.type == .dictionary(index: .int32, value: .utf8, isOrdered: false))
    #expect((0..<2).map { array[$0] } == [.string("y"), .string("x")])
    for symbol: UInt8 in [4, 1] {
      let error = failure(Encode.file(record(type), [(1, [symbol])]))
      #expect(error?.summary.hasPrefix("symbol ") == true)
    }
  }

  @Test func nullables() throws {
    for (type, null) in [("[\"null\", \"long\"]", 0), ("[\"long\", \"null\"]", 2)]
      as [(String, UInt8)]
    {
      let array = try column(type, [[2 - null, 6], [null], [2 - null, 5]])
      #expect(array.type == .int64)
      #expect(array.nullCount == 1)
      #expect((0..<3).map { array[$0] } == [.int(3), .null, .int(-3)])
    }
    let error = failure(Encode.file(record("[\"null\", \"long\"]"), [(1, [4, 0])]))
    #expect(error?.summary == "branch 2 of a union of 2")
  }

  @Test func nullStringsAndStructs() throws {
    let inner =
      "{\"type\": \"record\", \"name\": \"I\", \"fields\": ["
      + "{\"name\": \"s\", \"type\": \"string\"}, {\"name\": \"l\", \"type\": {\"type\": \"array\","
      + " \"items\": \"int\"}}, {\"name\": \"u\", \"type\": [\"int\", \"string\"]}]}"
    let value: [UInt8] = [2] + Encode.string("ab") + [2, 8, 0] + [2] + Encode.string("z")
    let array = try column("[\"null\", \(inner)]", [[0], value, [0]])
    #expect(array.nullCount == 2)
    #expect("\(array[1])" == "{s: \"ab\", l: [4], u: \"z\"}")
    #expect(array[2] == .null)
  }

  @Test func arraysInBlocks() throws {
    // A block of two, one of one with its size before, and the end.
    let value: [UInt8] = [4, 2, 4, 1, 2, 6, 0]
    let array = try column("{\"type\": \"array\", \"items\": \"long\"}", [value, [0]])
    #expect((0..<2).map { array[$0] } == [.list([.int(1), .int(2), .int(3)]), .list([])])
  }

  @Test func maps() throws {
    let value: [UInt8] = [2] + Encode.string("k") + [10, 0]
    let array = try column("{\"type\": \"map\", \"values\": \"long\"}", [[0], value])
    #expect(array[0] == .map([]))
    #expect(array[1] == .map([.init(key: .string("k"), value: .int(5))]))
  }

  /// A count that the bytes left cannot hold is refused before memory is asked for.
  @Test func claimedItems() {
    let many = Encode.long(1 << 40)
    for type in ["\"long\"", "\"string\"", "[\"null\", \"long\"]"] {
      let error = failure(
        Encode.file(record("{\"type\": \"array\", \"items\": \(type)}"), [(1, many + [0, 0])]))
      #expect(error?.summary.contains("1099511627776") == true)
    }
  }

  /// Items of no bytes may be as many as a list can have; they cost nothing.
  @Test func itemsWithoutBytes() throws {
    let type = "{\"type\": \"array\", \"items\": \"null\"}"
    let array = try column(type, [Encode.long(1_000_000_000) + [0], [0]])
    #expect(array.length == 2)
    #expect(array.children[0].length == 1_000_000_000)
    let error = failure(
      Encode.file(
        record(type), [(1, Encode.long(2_000_000_000) + Encode.long(2_000_000_000) + [0])]))
    #expect(error?.reason != nil)
  }

  @Test func recordsWithoutBytes() throws {
    let table = try file(Encode.file(record("\"null\""), [(1 << 30, [])])).read()
    #expect(table.rowCount == 1 << 30)
    #expect(failure(Encode.file(record("\"null\""), [(1 << 40, [])])) != nil)
    #expect(failure(Encode.file(record("\"null\""), [(1, [0])])) != nil)
  }

  @Test func denseUnion() throws {
    let values: [[UInt8]] = [[0], [2, 14], [4] + Encode.string("x"), [2, 1]]
    let array = try column("[\"null\", \"long\", \"string\"]", values)
    #expect(
      array.type
        == .union(
          .dense,
          [
            Field("null", .null), Field("long", .int64, isNullable: false),
            Field("string", .utf8, isNullable: false),
          ], typeIDs: [0, 1, 2]))
    #expect((0..<4).map { array[$0] } == [.null, .int(7), .string("x"), .int(-1)])
  }

  @Test func unionAsStruct() throws {
    let values: [[UInt8]] = [[0], [2, 14], [4] + Encode.string("x")]
    let array = try column("[\"null\", \"long\", \"string\"]", values) {
      $0.unionLayout = .structure
    }
    #expect(array[0] == .null)
    #expect("\(array[1])" == "{long: 7, string: null}")
    #expect("\(array[2])" == "{long: null, string: \"x\"}")
  }

  @Test func decimals() throws {
    func type(_ precision: Int, _ base: String = "\"bytes\"") -> String {
      "{\"type\": \(base), \"logicalType\": \"decimal\", \"precision\": \(precision), \"scale\": 2}"
    }
    let values: [[UInt8]] = [
      [1], [0xFF], [0x00, 0x80], [], [0xFF, 0xFF, 0xFF, 0x00], [0x7F, 0xFF],
    ]
    let array = try column(type(10), values.map(Encode.bytes))
    #expect(array.type == .decimal128(precision: 10, scale: 2))
    #expect(
      (0..<values.count).map { "\(array[$0])" } == [
        "0.01", "-0.01", "1.28", "0.00", "-2.56", "327.67",
      ])
    let wide = try column(type(50), values.map(Encode.bytes))
    #expect((0..<values.count).map { "\(wide[$0])" } == (0..<values.count).map { "\(array[$0])" })
    // Seventeen bytes fit where the first repeats the sign.
    let long = try column(type(10), [Encode.bytes([UInt8](repeating: 0xFF, count: 17))])
    #expect("\(long[0])" == "-0.01")
    let error = failure(
      Encode.file(record(type(10)), [(1, Encode.bytes([1] + [UInt8](repeating: 0, count: 16)))]))
    #expect(error?.summary == "a decimal does not fit its type")
    let fixed = try column(
      "{\"type\": \"fixed\", \"name\": \"D\", \"size\": 2, \"logicalType\": \"decimal\", "
        + "\"precision\": 4, \"scale\": 1}", [[0xFF, 0x9C]])
    #expect("\(fixed[0])" == "-10.0")
  }

  @Test(arguments: [
    ("int", "date", DataType.date32), ("int", "time-millis", .time32(.millisecond)),
    ("long", "time-micros", .time64(.microsecond)),
    ("long", "timestamp-millis", .timestamp(.millisecond, timeZone: "UTC")),
    ("long", "timestamp-micros", .timestamp(.microsecond, timeZone: "UTC")),
    ("long", "timestamp-nanos", .timestamp(.nanosecond, timeZone: "UTC")),
    ("long", "local-timestamp-millis", .timestamp(.millisecond, timeZone: nil)),
    ("long", "local-timestamp-micros", .timestamp(.microsecond, timeZone: nil)),
    ("long", "local-timestamp-nanos", .timestamp(.nanosecond, timeZone: nil)),
    ("string", "uuid", .utf8), ("bytes", "big-decimal", .binary),
    // Of no meaning there: the base type.
    ("string", "date", .utf8), ("long", "sundial", .int64), ("int", "timestamp-micros", .int32),
  ]) func logicalTypes(base: String, name: String, type: DataType) throws {
    let array = try column("{\"type\": \"\(base)\", \"logicalType\": \"\(name)\"}", [[0]])
    #expect(array.type == type)
  }

  @Test func durations() throws {
    let type = "{\"type\": \"fixed\", \"name\": \"D\", \"size\": 12, \"logicalType\": \"duration\"}"
    let array = try column(type, [[1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]])
    #expect(array[0] == .interval(months: 1, days: 2, nanoseconds: 3_000_000))
    let error = failure(
      Encode.file(record(type), [(1, [0, 0, 0, 0x80] + [UInt8](repeating: 0, count: 8))]))
    #expect(error?.summary.contains("duration") == true)
  }

  @Test func valueThatIsNoRecord() throws {
    let table = try file("\"long\"", [[2], [4]]).read()
    #expect(table.schema.fields.map(\.name) == ["value"])
    #expect(rows(table) == [["1"], ["2"]])
  }

  /// Each cut of the bytes of every type is an error, never a value.
  @Test func cutBytes() {
    let fields = [
      "\"boolean\"", "\"int\"", "\"long\"", "\"float\"", "\"double\"", "\"bytes\"", "\"string\"",
      "[\"null\", \"string\"]", "{\"type\": \"array\", \"items\": \"int\"}",
      "{\"type\": \"fixed\", \"name\": \"F\", \"size\": 5}",
    ]
    let schema = record(
      fields[0], fields[1], fields[2], fields[3], fields[4], fields[5], fields[6], fields[7],
      fields[8], fields[9])
    let parts: [[UInt8]] = [
      [1], Encode.long(300), Encode.long(1 << 40), Encode.float(1), Encode.double(2),
      Encode.bytes([1, 2, 3]), Encode.string("abc"), [2] + Encode.string("d"), [4, 2, 4, 0],
      [1, 2, 3, 4, 5],
    ]
    let bytes = parts.flatMap { $0 }
    #expect(failure(Encode.file(schema, [(1, bytes)])) == nil)
    for count in 0..<bytes.count {
      #expect(failure(Encode.file(schema, [(1, Array(bytes[..<count]))])) != nil)
    }
    #expect(failure(Encode.file(schema, [(1, bytes + [0])])) != nil)
  }

  @Test func recursiveSchema() {
    let schema =
      "{\"type\": \"record\", \"name\": \"Node\", \"fields\": ["
      + "{\"name\": \"next\", \"type\": [\"null\", \"Node\"]}]}"
    let error = failure(Encode.file(schema, [(1, [0])]))
    #expect(error?.summary.contains("Node") == true)
    #expect(error?.place.column == "next")
  }

  /// A schema of a few names that stands for 2^40 values is refused, and quickly.
  @Test func schemaThatGrows() {
    var fields =
      "{\"name\": \"x\", \"type\": {\"type\": \"record\", \"name\": \"R0\", \"fields\": []}}"
    for level in 1..<40 {
      fields +=
        ", {\"name\": \"f\(level)\", \"type\": {\"type\": \"record\", \"name\": \"R\(level)\","
        + " \"fields\": [{\"name\": \"a\", \"type\": \"R\(level - 1)\"},"
        + " {\"name\": \"b\", \"type\": \"R\(level - 1)\"}]}}"
    }
    let schema = "{\"type\": \"record\", \"name\": \"Top\", \"fields\": [\(fields)]}"
    let error = failure(Encode.file(schema, [(1, [])]))
    if case .limitExceeded = error?.reason {} else { Issue.record("\(String(describing: error))") }
  }
}
