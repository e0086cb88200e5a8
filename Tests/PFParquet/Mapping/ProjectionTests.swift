import PFArrow
import PFCore
import PFParquet
import Testing

@Suite struct `columns by name` {
  typealias Sketch = SchemaSketch

  static let nodes: [Sketch] = [
    .leaf("plain", .optional),
    .group(
      "a", .optional, [.leaf("b", .optional), .leaf("c.d", .optional), .leaf("e", .optional)]),
    .group(
      "l", .optional, .list,
      [
        .group(
          "list", .repeated,
          [.group("element", .optional, [.leaf("x", .optional), .leaf("y", .optional)])])
      ]),
    .group(
      "m", .optional, .map,
      [.group("key_value", .repeated, [.leaf("key", .required), .leaf("value", .optional)])]),
    .leaf("a.b", .required),
    .leaf("twin", .optional), .leaf("twin", .required),
    .group("r", .repeated, [.leaf("x", .optional), .leaf("y", .optional)]),
    .leaf("", .optional),
    .group("g", .optional, [.leaf("", .optional)]),
  ]

  static func fields(_ names: [String]) throws -> [Field] {
    var options = ParquetReadOptions()
    options.columns = names
    return try ParquetScanner(Sketch.file(nodes), options).schema.fields
  }

  static func types(_ names: [String]) throws -> [String] {
    try fields(names).map { "\($0.name): \($0.type)" }
  }

  @Test func `come in the order that they are named in`() throws {
    #expect(try Self.fields(["m", "plain", "a"]).map(\.name) == ["m", "plain", "a"])
    #expect(try Self.fields(["plain", "plain"]).map(\.name) == ["plain", "plain"])
    #expect(try Self.fields([]).isEmpty)
  }

  @Test func `that two have are both given, and told apart by their index`() throws {
    #expect(
      try Self.fields(["twin", "plain"])
        == [
          Field("twin", .int64), Field("twin", .int64, isNullable: false), Field("plain", .int64),
        ])
  }

  @Test func `with dots are names before they are paths`() throws {
    #expect(try Self.fields(["a.b"]) == [Field("a.b", .int64, isNullable: false)])
    #expect(try Self.types(["a.c.d"]) == ["a: struct<c.d: int64>"])
    #expect(try Self.types([""]) == [": int64"])
    #expect(try Self.types(["g."]) == ["g: struct<: int64>"])
  }

  @Test(
    "are paths into nested columns",
    arguments: [
      (["a.e"], ["a: struct<e: int64>"]),
      (["l.list.element.x"], ["l: list<element: struct<x: int64>>"]),
      (["l.element.x"], ["l: list<element: struct<x: int64>>"]),
      (["l.x"], ["l: list<element: struct<x: int64>>"]),
      (["l.list"], ["l: list<element: struct<x: int64, y: int64>>"]),
      (["r.y"], ["r: list<r: struct<y: int64> not null>"]),
      (["m.key_value.value"], ["m: list<entries: struct<value: int64> not null>"]),
      (["m.key"], ["m: list<entries: struct<key: int64 not null> not null>"]),
      (["m.key", "m.value"], ["m: map<int64, int64>"]),
      (["l.y", "plain", "l.x"], ["l: list<element: struct<x: int64, y: int64>>", "plain: int64"]),
      (["a.e", "a"], ["a: struct<b: int64, c.d: int64, e: int64>"]),
      (["a", "a.e"], ["a: struct<b: int64, c.d: int64, e: int64>"]),
    ] as [([String], [String])])
  func paths(names: [String], types: [String]) throws {
    #expect(try Self.types(names) == types)
  }

  @Test(
    "that do not exist are an error with the nearest",
    arguments: [
      ("a.f", "a.e"), ("l.list.element.z", "l.list.element.x"), ("plan", "plain"),
    ])
  func unknown(name: String, nearest: String) throws {
    let error = try ReadError.thrown { _ = try Self.fields([name]) }
    guard case .unknownColumn(name, let names) = error.reason else {
      Issue.record("\(error)")
      return
    }
    #expect(names.contains(nearest))
  }

  @Test(
    "that cannot be matched are refused at once",
    arguments: [
      "l.", ".", "..", "a.b.c", "l.list.list.x", "plain.x", "x.l", "m.key_value.key.value",
    ])
  func none(name: String) throws {
    #expect(throws: ReadError.self) { try Self.fields([name]) }
  }

  @Test func `give the values of what they name`() throws {
    let file = try FileBuilder.open(`damaged files`.bytes(of: "nested_v1"))
    var options = ParquetReadOptions()
    options.columns = ["deep.items.tags.value", "pair.b", "deep.id"]
    let table = try file.readChecked(options)
    #expect(
      table.schema.fields.map(\.type.description) == [
        "struct<items: list<element: struct<tags: list<entries: "
          + "struct<value: list<element: int64>> not null>>>, id: int32 not null>",
        "struct<b: string>",
      ])
    for row in 0..<40 {
      #expect(table.column(0)[row] == Self.reduced(`nested columns of another writer`.deep(row)))
    }
  }

  /// `deep` without what was not asked for.
  private static func reduced(_ value: ArrowValue) -> ArrowValue {
    switch value {
    case .list(let values): .list(values.map(reduced))
    case .map(let entries):
      .list(entries.map { .structure([.init(name: "value", value: $0.value)]) })
    case .structure(let fields):
      .structure(
        fields.filter { $0.name != "n" }.map { .init(name: $0.name, value: reduced($0.value)) })
    default: value
    }
  }
}
