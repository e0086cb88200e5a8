import PFArrow
import PFParquet
import Testing

/// LogicalTypes.md, "Nested Types", with what older writers made of it.
@Suite struct `groups of the schema` {
  typealias Sketch = SchemaSketch

  static func field(_ node: Sketch) throws -> Field? {
    try Sketch.file([node]).schema().fields.first
  }

  static func list(_ name: String, _ element: Field, isNullable: Bool = true) -> Field {
    Field(name, .list(element), isNullable: isNullable)
  }

  static let number = Field("element", .int64)

  @Test func `of three levels are lists, nullable as their parts are`() throws {
    for (outer, inner) in [(true, true), (true, false), (false, true), (false, false)] {
      let node = Sketch.group(
        "a", outer ? .optional : .required, .list,
        [.group("list", .repeated, [.leaf("element", inner ? .optional : .required)])])
      #expect(
        try Self.field(node)
          == Self.list("a", Field("element", .int64, isNullable: inner), isNullable: outer))
    }
  }

  @Test func `of three levels are lists whatever their names`() throws {
    let node = Sketch.group(
      "a", .optional, .list, [.group("bag", .repeated, [.leaf("array_element", .optional)])])
    #expect(try Self.field(node) == Self.list("a", Field("array_element", .int64)))
  }

  /// The examples of "Backward-compatibility rules", in their order.
  @Test func `of two levels are lists of required elements`() throws {
    func element(_ repeated: Sketch) throws -> Field? {
      guard
        case .list(let element)? = try Self.field(.group("my_list", .optional, .list, [repeated]))?
          .type
      else { return nil }
      return element
    }
    let text = Field("str", .int64, isNullable: false)
    #expect(try element(.leaf("element", .repeated)) == Field("element", .int64, isNullable: false))
    #expect(
      try element(.group("element", .repeated, [.leaf("str", .required), .leaf("num", .optional)]))
        == Field(
          "element", .structure([text, Field("num", .int64)]), isNullable: false))
    #expect(
      try element(.group("element", .repeated, [.leaf("str", .repeated)]))
        == Field(
          "element", .structure([Self.list("str", text, isNullable: false)]), isNullable: false))
    for name in ["array", "my_list_tuple"] {
      #expect(
        try element(.group(name, .repeated, [.leaf("str", .required)]))
          == Field(name, .structure([text]), isNullable: false))
    }
    #expect(try element(.group("other_tuple", .repeated, [.leaf("str", .required)])) == text)
    // A list in a list of Avro's writer.
    #expect(
      try element(.group("array", .repeated, .list, [.leaf("array", .repeated)]))
        == Self.list("array", Field("array", .int64, isNullable: false), isNullable: false))
    // A map in such a list.
    let entries = Sketch.group(
      "key_value", .repeated, [.leaf("key", .required), .leaf("value", .optional)])
    guard case .map? = try element(.group("element", .repeated, .map, [entries]))?.type else {
      Issue.record("an annotated element is no map")
      return
    }
  }

  @Test func `without annotation are lists where they are repeated`() throws {
    let leaf = Field("a", .int64, isNullable: false)
    #expect(try Self.field(.leaf("a", .repeated)) == Self.list("a", leaf, isNullable: false))
    #expect(
      try Self.field(.group("a", .repeated, [.leaf("x", .optional)]))
        == Self.list(
          "a", Field("a", .structure([Field("x", .int64)]), isNullable: false), isNullable: false))
    #expect(
      try Self.field(.group("a", .optional, [.leaf("x", .repeated)]))
        == Field(
          "a",
          .structure([
            Self.list("x", Field("x", .int64, isNullable: false), isNullable: false)
          ])))
  }

  static func map(_ name: String, key: String = "key", value: String = "value") -> Field {
    Field(
      name,
      .map(
        entries: Field(
          "entries", .structure([Field(key, .int64, isNullable: false), Field(value, .int64)]),
          isNullable: false), keysSorted: false))
  }

  @Test func `are maps, old ones too`() throws {
    let fields: [Sketch] = [.leaf("key", .required), .leaf("value", .optional)]
    #expect(
      try Self.field(.group("m", .optional, .map, [.group("key_value", .repeated, fields)]))
        == Self.map("m"))
    #expect(
      try Self.field(.group("m", .optional, .map, [.group("map", .repeated, .mapKeyValue, fields)]))
        == Self.map("m"))
    #expect(
      try Self.field(.group("m", .optional, .mapKeyValue, [.group("map", .repeated, fields)]))
        == Self.map("m"))
    // Keys of Hive may be optional; a null among them is an error when it is met.
    #expect(
      try Self.field(
        .group(
          "m", .optional, .map,
          [.group("pair", .repeated, [.leaf("k", .optional), .leaf("v", .optional)])]))
        == Self.map("m", key: "k", value: "v"))
    // Without values it is the set of its keys.
    #expect(
      try Self.field(
        .group("m", .optional, .map, [.group("key_value", .repeated, [.leaf("key", .required)])]))
        == Self.list("m", Field("key", .int64, isNullable: false)))
  }

  @Test func `whose annotation does not fit are structs`() throws {
    let x = Field("x", .int64)
    for annotation in [Sketch.Annotation.list, .map] {
      #expect(
        try Self.field(.group("a", .optional, annotation, [.leaf("x", .optional)]))
          == Field("a", .structure([x])))
      #expect(
        try Self.field(
          .group("a", .optional, annotation, [.leaf("x", .optional), .leaf("y", .optional)]))
          == Field("a", .structure([x, Field("y", .int64)])))
    }
    let wide = Sketch.group(
      "kv", .repeated, [.leaf("x", .required), .leaf("y", .required), .leaf("z", .required)])
    guard case .structure? = try Self.field(.group("m", .optional, .map, [wide]))?.type else {
      Issue.record("a map of three fields is no struct")
      return
    }
  }

  @Test func `without leaves are left out`() throws {
    let schema = try Sketch.file([
      .group("empty", .optional, []), .leaf("a", .optional),
      .group("outer", .optional, [.group("inner", .repeated, []), .leaf("x", .optional)]),
      .group("list", .optional, .list, [.group("list", .repeated, [.group("e", .optional, [])])]),
    ]).schema()
    #expect(
      schema.fields == [
        Field("a", .int64), Field("outer", .structure([Field("x", .int64)])),
      ])
  }

  @Test func `keep their field ids, and unknown types their storage`() throws {
    var node = Sketch.group(
      "v", .optional, [.leaf("metadata", .required, .byteArray), .leaf("value", .optional)])
    node.fieldID = 5
    node.children[0].fieldID = 6
    for (logicalType, extensionName): (Int16, String?) in [
      (16, "arrow.parquet.variant"), (99, nil),
    ] {
      node.logicalType = logicalType
      let field = try #require(try Self.field(node))
      #expect(field.metadata.first == .init("PARQUET:field_id", "5"))
      #expect(field.extensionName == extensionName)
      #expect(
        field.type
          == .structure([
            Field(
              "metadata", .binary, isNullable: false, metadata: [.init("PARQUET:field_id", "6")]),
            Field("value", .int64),
          ]))
    }
  }
}
