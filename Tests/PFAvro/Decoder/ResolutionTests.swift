import PFArrow
import PFAvro
import PFCore
import Testing

@Suite("Avro schema resolution") struct ResolutionTests {
  /// What values written as one type are as another.
  private func read(
    _ writer: String, as reader: String, _ values: [[UInt8]], columns: [String]? = nil
  ) throws -> Table {
    var options = AvroReadOptions()
    options.readerSchema = try AvroSchema(parsing: reader)
    options.columns = columns
    return try file(writer, values).read(options)
  }

  private func why(_ writer: String, as reader: String, _ values: [[UInt8]]) -> String? {
    do {
      _ = try read(writer, as: reader, values)
      return nil
    } catch { return (error as? ReadError)?.summary }
  }

  @Test(arguments: [
    ("int", "long", "7"), ("int", "float", "7.0"), ("int", "double", "7.0"),
    ("long", "float", "7.0"),
    ("long", "double", "7.0"),
  ]) func integersWiden(writer: String, reader: String, text: String) throws {
    let table = try read(record("\"\(writer)\""), as: record("\"\(reader)\""), [[14]])
    #expect(rows(table) == [[text]])
  }

  @Test func otherPromotions() throws {
    #expect(
      rows(try read(record("\"float\""), as: record("\"double\""), [Encode.float(1.5)])) == [
        ["1.5"]
      ])
    #expect(
      rows(try read(record("\"bytes\""), as: record("\"string\""), [Encode.string("x")])) == [["x"]]
    )
    #expect(
      try read(record("\"string\""), as: record("\"bytes\""), [Encode.string("x")])
        .batches[0].columns[0][0] == .binary([0x78]))
  }

  @Test(arguments: [
    ("long", "int"), ("double", "float"), ("string", "int"), ("boolean", "int"), ("int", "boolean"),
  ]) func typesThatDoNotFit(writer: String, reader: String) {
    #expect(
      why(record("\"\(writer)\""), as: record("\"\(reader)\""), [[0]])
        == "\(writer) of the file cannot be read as \(reader)")
  }

  @Test func fieldsByNameAliasAndDefault() throws {
    let writer = record("\"long\"", "\"string\"", "\"long\"")
    let reader = """
      {"type": "record", "name": "R", "fields": [
        {"name": "new", "type": "string", "default": "none"},
        {"name": "text", "aliases": ["b"], "type": "string"},
        {"name": "list", "type": {"type": "array", "items": "int"}, "default": [1, 2]},
        {"name": "maybe", "type": ["null", "long"], "default": null},
        {"name": "a", "type": "double"}]}
      """
    let values = [[2] + Encode.string("x") + [8], [4] + Encode.string("y") + [10]] as [[UInt8]]
    let table = try read(writer, as: reader, values)
    #expect(table.schema.fields.map(\.name) == ["new", "text", "list", "maybe", "a"])
    #expect(
      rows(table) == [["none", "x", "[1, 2]", nil, "1.0"], ["none", "y", "[1, 2]", nil, "2.0"]])
  }

  @Test func fieldWithoutDefault() {
    let reader = record("\"long\"", "\"long\"")
    #expect(why(record("\"long\""), as: reader, [[2]])?.contains("no default") == true)
  }

  @Test func unionsOfTheWriter() throws {
    let writer = record("[\"null\", \"int\", \"string\"]")
    let values: [[UInt8]] = [[2, 6], [0], [4] + Encode.string("x")]
    // As one type: a value of another branch is an error, and only where there is one.
    #expect(rows(try read(writer, as: record("\"long\""), [[2, 6]])) == [["3"]])
    #expect(why(writer, as: record("\"long\""), values)?.contains("null") == true)
    #expect(
      rows(try read(writer, as: record("[\"long\", \"null\"]"), [[2, 6], [0]])) == [["3"], [nil]])
    // As another union, in another order.
    #expect(
      rows(try read(writer, as: record("[\"string\", \"long\", \"null\"]"), values))
        == [["3"], [nil], ["x"]])
  }

  @Test func intoUnions() throws {
    #expect(rows(try read(record("\"int\""), as: record("[\"null\", \"long\"]"), [[6]])) == [["3"]])
    #expect(
      rows(try read(record("\"int\""), as: record("[\"string\", \"double\", \"long\"]"), [[6]]))
        == [["3.0"]])
    #expect(
      rows(try read(record("\"null\""), as: record("[\"string\", \"null\"]"), [[]])) == [[nil]])
  }

  @Test func enums() throws {
    func type(_ symbols: String, _ more: String = "") -> String {
      record("{\"type\": \"enum\", \"name\": \"E\", \"symbols\": [\(symbols)]\(more)}")
    }
    let writer = type("\"x\", \"y\", \"z\"")
    #expect(
      rows(try read(writer, as: type("\"z\", \"x\""), [[0], [4]])) == [["x"], ["z"]])
    #expect(
      rows(try read(writer, as: type("\"z\", \"x\"", ", \"default\": \"z\""), [[2]])) == [["z"]])
    #expect(why(writer, as: type("\"z\", \"x\""), [[2]])?.contains("symbol 1") == true)
  }

  @Test func columns() throws {
    let inner =
      "{\"type\": \"record\", \"name\": \"I\", \"fields\": ["
      + "{\"name\": \"x\", \"type\": \"string\"}, {\"name\": \"y\", \"type\": \"long\"}]}"
    let schema = record(
      "\"long\"", "{\"type\": \"array\", \"items\": \(inner)}", "[\"null\", \"string\", \"int\"]",
      "{\"type\": \"map\", \"values\": \"double\"}", "\"boolean\"")
    let value: [UInt8] =
      [2] + [4] + Encode.string("p") + [2] + Encode.string("q") + [4, 0]
      + [2] + Encode.string("u") + [1, 20] + Encode.string("k") + Encode.double(1) + [0] + [1]
    var options = AvroReadOptions()
    options.columns = ["e", "b.y", "a"]
    let table = try file(schema, [value, value]).read(options)
    #expect(table.schema.fields.map(\.name) == ["e", "b", "a"])
    #expect(rows(table)[1] == ["true", "[{y: 1}, {y: 2}]", "1"])
    options.columns = ["bb"]
    #expect(throws: ReadError.self) { try file(schema, [value]).read(options) }
    options.columns = []
    #expect(try file(schema, [value, value]).read(options).rowCount == 2)
  }
}
