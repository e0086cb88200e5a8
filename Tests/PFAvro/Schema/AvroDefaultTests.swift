import PFCore
import Testing

import PFAvro

/// The bytes of the default of the field `f`, whose type and default are given.
private func encoded(_ type: String, _ value: String) throws -> [UInt8] {
  let schema = try AvroSchema(
    parsing: #"{"type":"record","name":"Top","fields":[{"name":"f","type":\#(type)}]}"#)
  guard case .record(let record) = schema.type.kind else { return [] }
  return try encodedDefault(
    try JSONValue(parsing: value), of: record.fields[0].type, in: schema)
}

@Suite struct `default values of Avro fields` {
  struct Case: Sendable {
    let type: String
    let value: String
    let bytes: [UInt8]

    init(_ type: String, _ value: String, _ bytes: [UInt8]) {
      self.type = type
      self.value = value
      self.bytes = bytes
    }
  }

  static let record = #"""
    {"type":"record","name":"R","fields":[{"name":"a","type":"int","default":-1},
     {"name":"b","type":"string"},{"name":"c","type":["null","long"],"default":null}]}
    """#

  static let examples: [Case] = [
    Case(#""null""#, "null", []),
    Case(#""boolean""#, "true", [1]),
    Case(#""boolean""#, "false", [0]),
    Case(#""int""#, "0", [0]),
    Case(#""int""#, "-1", [1]),
    Case(#""int""#, "64", [0x80, 1]),
    Case(#""int""#, "-2147483648", [0xFF, 0xFF, 0xFF, 0xFF, 0x0F]),
    Case(
      #""long""#, "-9223372036854775808",
      [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]),
    Case(
      #""long""#, "9223372036854775807",
      [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]),
    Case(#""float""#, "1", [0, 0, 0x80, 0x3F]),
    Case(#""float""#, "1.5e0", [0, 0, 0xC0, 0x3F]),
    Case(#""float""#, #""-Infinity""#, [0, 0, 0x80, 0xFF]),
    Case(#""float""#, #""1.5""#, [0, 0, 0xC0, 0x3F]),
    Case(#""double""#, "-2", [0, 0, 0, 0, 0, 0, 0, 0xC0]),
    Case(#""double""#, #""NaN""#, [0, 0, 0, 0, 0, 0, 0xF8, 0x7F]),
    Case(#""string""#, #""é""#, [4, 0xC3, 0xA9]),
    Case(#""bytes""#, #""\u00ff\u0000a""#, [6, 0xFF, 0, 0x61]),
    Case(#""bytes""#, #""""#, [0]),
    Case(#"{"type":"fixed","name":"F","size":2}"#, #""\u00e9!""#, [0xE9, 0x21]),
    Case(#"{"type":"fixed","name":"F","size":0}"#, #""""#, []),
    Case(#"{"type":"enum","name":"E","symbols":["A","B"]}"#, #""B""#, [2]),
    Case(#"{"type":"array","items":"int"}"#, "[]", [0]),
    Case(#"{"type":"array","items":"int"}"#, "[1,2]", [4, 2, 4, 0]),
    Case(#"{"type":"map","values":"int"}"#, "{}", [0]),
    Case(#"{"type":"map","values":"int"}"#, #"{"k":1,"":2}"#, [4, 2, 0x6B, 2, 0, 4, 0]),
    Case(record, #"{"b":"x"}"#, [1, 2, 0x78, 0]),
    Case(record, #"{"c":3,"b":"","a":0,"more":[]}"#, [0, 0, 2, 6]),
    Case(#"["null","int"]"#, "null", [0]),
    Case(#"["null","int"]"#, "5", [2, 10]),
    Case(#"["string","bytes"]"#, #""a""#, [0, 2, 0x61]),
    Case(#"["int","long"]"#, "4294967296", [2, 0x80, 0x80, 0x80, 0x80, 0x20]),
    Case(#"["int","double"]"#, "1.0", [2, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F]),
    // What a branch that does not fit has written before is taken back.
    Case(
      #"[{"type":"array","items":"int"},{"type":"array2","items":"string"}]"#
        .replacing("array2", with: "map").replacing("items\":\"string", with: "values\":\"string"),
      #"{"a":"b"}"#, [2, 2, 2, 0x61, 2, 0x62, 0]),
    Case(
      #"[{"type":"record","name":"A","fields":[{"name":"x","type":"int"},{"name":"y","type":"int"}]},"#
        + #"{"type":"record","name":"B","fields":[{"name":"x","type":"int"}]}]"#,
      #"{"x":1}"#, [2, 2]),
    Case(
      #"{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}"#, #""\u0001""#, [2, 1]),
    Case(#"{"type":"int","logicalType":"date"}"#, "1", [2]),
    Case(
      #"{"type":"record","name":"L","fields":[{"name":"next","type":["null","L"],"default":null}]}"#,
      #"{"next":{"next":{}}}"#, [2, 2, 0]),
  ]

  @Test("are written as their type's bytes", arguments: examples)
  func example(_ example: Case) throws {
    #expect(try encoded(example.type, example.value) == example.bytes)
  }

  static let misfits: [(type: String, value: String, complaint: String)] = [
    (#""null""#, "0", "a default value: 0 is no null"),
    (#""boolean""#, #""true""#, #"a default value: "true" is no boolean"#),
    (#""int""#, "1.0", "a default value: 1.0 is no int"),
    (#""int""#, "2147483648", "a default value: 2147483648 is no int"),
    (#""int""#, #""1""#, #"a default value: "1" is no int"#),
    (#""long""#, "9223372036854775808", "a default value: 9223372036854775808 is no long"),
    (#""float""#, "1e39", "a default value: 1e39 is no float"),
    (#""float""#, #""inf""#, #"a default value: "inf" is no float"#),
    (#""double""#, "null", "a default value: null is no double"),
    (#""double""#, "1e309", "a default value: 1e309 is no double"),
    (#""string""#, "1", "a default value: 1 is no string"),
    (#""bytes""#, #""Ā""#, #"a default value: "Ā" is no text of characters up to U+00FF"#),
    (
      #"{"type":"fixed","name":"F","size":2}"#, #""abc""#,
      #"a default value: "abc" is no text of 2 characters up to U+00FF"#
    ),
    (
      #"{"type":"enum","name":"E","symbols":["A"]}"#, #""B""#,
      #"a default value: "B" is no symbol of the enum E"#
    ),
    (#"{"type":"array","items":"int"}"#, "{}", "a default value: an object is no array"),
    (#"{"type":"array","items":"int"}"#, "[1,true]", "a default value, at 1: true is no int"),
    (#"{"type":"map","values":"int"}"#, "[]", "a default value: an array is no map"),
    (record, "{}", #"a default value: the field "b" is missing and has no default"#),
    (record, #"{"b":1}"#, "a default value, at b: 1 is no string"),
    (
      #"{"type":"map","values":{"type":"array","items":"int"}}"#, #"{"k":[1,"x"]}"#,
      #"a default value, at k.1: "x" is no int"#
    ),
    (#"["null","int"]"#, "true", "a default value: true fits none of the types of a union"),
    (#"["int"]"#, "true", "a default value: true is no int"),
    ("[]", "null", "a default value: null fits none of the types of a union"),
  ]

  @Test("that do not fit are told with their place", arguments: misfits)
  func misfit(type: String, value: String, complaint: String) {
    #expect {
      try encoded(type, value)
    } throws: {
      "\($0)" == complaint
    }
  }

  // MARK: Hostile schemas

  private func isOverLimit(_ type: String, _ value: String) throws -> Bool {
    do {
      _ = try encoded(type, value)
      return false
    } catch let error as ReadError {
      guard case .limitExceeded = error.reason else { return false }
      return true
    }
  }

  @Test func `a default that asks for itself ends`() throws {
    let type =
      #"{"type":"record","name":"A","fields":[{"name":"a","type":"A","default":{}}]}"#
    #expect(try isOverLimit(type, "{}"))
  }

  @Test("defaults of defaults do not grow without end", arguments: ["null", "string"])
  func growth(leaf: String) throws {
    let value = leaf == "null" ? "null" : #""\#(String(repeating: "x", count: 10_000))""#
    var type =
      #"{"type":"record","name":"R0","fields":[{"name":"f","type":"\#(leaf)","default":\#(value)}]}"#
    for index in 1...30 {
      type =
        #"{"type":"record","name":"R\#(index)","fields":[{"name":"a","default":{},"type":\#(type)},"#
        + #"{"name":"b","default":{},"type":"R\#(index - 1)"}]}"#
    }
    #expect(try isOverLimit(type, "{}"))
  }

  @Test func `branches that are tried in vain at each level do not multiply`() throws {
    let type = #"""
      [{"type":"record","name":"A","fields":[{"name":"x","type":["null","A","B"]},
         {"name":"y","type":"int"}]},
       {"type":"record","name":"B","fields":[{"name":"x","type":["null","A","B"]},
         {"name":"y","type":"int"}]}]
      """#
    var value = "{}"
    for _ in 0..<60 { value = #"{"x":\#(value)}"# }
    #expect(try isOverLimit(type, value))
  }
}
