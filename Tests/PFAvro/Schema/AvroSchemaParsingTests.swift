import Foundation
import PFAvro
import PFCore
import Testing

private typealias Kind = AvroType.Kind

/// The record at the top of a schema.
private func record(_ text: String) throws -> AvroRecord {
  guard case .record(let record) = try AvroSchema(parsing: text).type.kind else {
    throw ReadError(.inconsistent("no record"))
  }
  return record
}

/// What is wrong with a schema; nil where it is fine.
private func complaint(_ text: String) -> String? {
  do throws(ReadError) {
    _ = try AvroSchema(parsing: text)
    return nil
  } catch {
    return error.description
  }
}

@Suite struct `Avro schemas` {
  static let primitives: [(name: String, kind: AvroType.Kind)] = [
    ("null", .null), ("boolean", .boolean), ("int", .int), ("long", .long), ("float", .float),
    ("double", .double), ("bytes", .bytes), ("string", .string),
  ]

  @Test("primitive types as strings and as objects", arguments: primitives)
  func primitive(name: String, kind: AvroType.Kind) throws {
    for text in [
      "\"N\"", #"{"type":"N"}"#, #"{"type":{"type":"N"}}"#, #"{"type":{"type":{"type":"N"}}}"#,
    ] {
      let schema = try AvroSchema(parsing: text.replacing("N", with: name))
      #expect(schema.type == AvroType(kind))
    }
  }

  @Test func `a record with all that the specification says of it`() throws {
    let text = #"""
      {"type": "record", "name": "User", "namespace": "org.example", "doc": "Who.",
       "aliases": ["Person", "old.Human"], "x-owner": {"team": 1},
       "fields": [
         {"name": "id", "type": "long", "doc": "Number.", "order": "descending",
          "aliases": ["key", "no"], "default": 5, "pk": true},
         {"name": "tags", "type": {"type": "array", "items": "string", "java": "List"}, "default": []},
         {"name": "scores", "type": {"type": "map", "values": ["null", "double"]}, "order": "ignore"},
         {"name": "none", "type": "null", "default": null}
       ]}
      """#
    let schema = try AvroSchema(parsing: text)
    guard case .record(let user) = schema.type.kind else { return #expect(Bool(false)) }
    #expect(user.name.fullName == "org.example.User")
    #expect(user.name.name == "User" && user.name.namespace == "org.example")
    #expect(user.aliases.map(\.fullName) == ["org.example.Person", "old.Human"])
    #expect(user.doc == "Who." && !user.isError)
    #expect(schema.type.attributes.members.map(\.name) == ["x-owner"])
    #expect(schema.type.attributes["x-owner"]?.text() == #"{"team":1}"#)
    #expect(user.fields.map(\.name) == ["id", "tags", "scores", "none"])
    let id = user.fields[0]
    #expect(id.type == AvroType(.long) && id.doc == "Number." && id.order == .descending)
    #expect(id.aliases == ["key", "no"] && id.defaultValue?.text() == "5")
    #expect(id.attributes.members.map(\.name) == ["pk"])
    var list = AvroType(.array(AvroType(.string)))
    _ = list.attributes.append("java", .string("List"))
    #expect(user.fields[1].type == list && user.fields[1].defaultValue == .array([]))
    #expect(
      user.fields[2].type
        == AvroType(.map(AvroType(.union([AvroType(.null), AvroType(.double)])))))
    #expect(user.fields[2].order == .ignore && user.fields[2].defaultValue == nil)
    #expect(user.fields[3].defaultValue == .null)
    #expect(schema.definition(of: user.name) == schema.type)
    #expect(schema.json == (try JSONValue(parsing: text)))
  }

  @Test func `an error is a record`() throws {
    let error = try record(#"{"type":"error","name":"E","fields":[]}"#)
    #expect(error.isError && error.fields.isEmpty)
  }

  @Test func `enums and fixed`() throws {
    let text = #"""
      [{"type":"enum","name":"a.Suit","symbols":["SPADES","HEARTS"],"default":"HEARTS","doc":"d",
        "aliases":["Color"]},
       {"type":"fixed","name":"MD5","namespace":"a.b","size":16,"aliases":["c.X"]},
       {"type":"fixed","name":"Q","size":"8"}, {"type":"fixed","name":"Z","size":0},
       {"type":"enum","name":"None","symbols":[]}]
      """#
    guard case .union(let types) = try AvroSchema(parsing: text).type.kind else {
      return #expect(Bool(false))
    }
    guard case .enumeration(let suit) = types[0].kind, case .fixed(let md5) = types[1].kind,
      case .fixed(let quoted) = types[2].kind, case .fixed(let empty) = types[3].kind,
      case .enumeration(let none) = types[4].kind
    else { return #expect(Bool(false)) }
    #expect(suit.name.fullName == "a.Suit" && suit.symbols == ["SPADES", "HEARTS"])
    #expect(suit.defaultSymbol == "HEARTS" && suit.doc == "d")
    #expect(suit.aliases.map(\.fullName) == ["a.Color"] && types[0].attributes.members.isEmpty)
    #expect(md5.name.fullName == "a.b.MD5" && md5.byteCount == 16)
    #expect(md5.aliases.map(\.fullName) == ["c.X"])
    #expect(quoted.byteCount == 8 && empty.byteCount == 0 && none.symbols.isEmpty)
  }

  @Test func `unions may be empty, of one, and in an object`() throws {
    #expect(try AvroSchema(parsing: "[]").type == AvroType(.union([])))
    #expect(try AvroSchema(parsing: #"["int"]"#).type == AvroType(.union([AvroType(.int)])))
    let schema = try AvroSchema(parsing: #"{"type":["null","int"],"p":1}"#)
    #expect(schema.type.kind == .union([AvroType(.null), AvroType(.int)]))
    #expect(schema.type.attributes.members.map(\.name) == ["p"])
  }

  // MARK: Names

  @Test func `namespaces are inherited, named anew, emptied and part of names`() throws {
    let text = #"""
      {"type":"record","name":"R","namespace":"a.b","fields":[
       {"name":"f0","type":{"type":"fixed","name":"Inherits","size":1}},
       {"name":"f1","type":{"type":"fixed","name":"Own","namespace":"c","size":1}},
       {"name":"f2","type":{"type":"fixed","name":"d.Full","namespace":"ignored","size":1}},
       {"name":"f3","type":{"type":"record","name":"Plain","namespace":"","fields":[
         {"name":"g","type":{"type":"fixed","name":"Below","size":1}}]}},
       {"name":"f4","type":{"type":"record","name":"x.y.Deep","fields":[
         {"name":"g","type":{"type":"fixed","name":"Below","size":1}},
         {"name":"h","type":"Below"}, {"name":"i","type":"Plain"}, {"name":"j","type":"a.b.Inherits"}]}},
       {"name":"f5","type":{"type":"fixed","name":".Dot","size":1}},
       {"name":"f6","type":["Inherits","c.Own","d.Full","Plain","x.y.Below","Dot"]}]}
      """#
    let schema = try AvroSchema(parsing: text)
    for name in [
      "a.b.R", "a.b.Inherits", "c.Own", "d.Full", "Plain", "Below", "x.y.Deep", "x.y.Below", "Dot",
    ] {
      #expect(schema.definition(of: AvroName(name)) != nil, "\(name)")
    }
    guard case .record(let record) = schema.type.kind,
      case .union(let branches) = record.fields[6].type.kind,
      case .record(let deep) = record.fields[4].type.kind
    else { return #expect(Bool(false)) }
    let names = ["a.b.Inherits", "c.Own", "d.Full", "Plain", "x.y.Below", "Dot"]
    #expect(branches == names.map { AvroType(.named(AvroName($0))) })
    #expect(deep.fields[1].type == AvroType(.named(AvroName("x.y.Below"))))
    #expect(deep.fields[2].type == AvroType(.named(AvroName("Plain"))))
    #expect(deep.fields[3].type == AvroType(.named(AvroName("a.b.Inherits"))))
  }

  @Test func `types refer to themselves and to each other`() throws {
    let list = try record(
      #"{"type":"record","name":"L","fields":[{"name":"next","type":["null","L"]}]}"#)
    #expect(
      list.fields[0].type
        == AvroType(.union([AvroType(.null), AvroType(.named(AvroName("L")))])))
    let schema = try AvroSchema(
      parsing: #"""
        [{"type":"record","name":"n.A","fields":[{"name":"b","type":{"type":"array","items":"B"}},
          {"name":"c","type":"C"}]},
         {"type":"record","name":"n.B","fields":[{"name":"a","type":"A"}]},
         {"type":"fixed","name":"C","size":2}]
        """#)
    guard case .record(let a) = schema.definition(of: AvroName("n.A"))?.kind else {
      return #expect(Bool(false))
    }
    #expect(a.fields[0].type == AvroType(.array(AvroType(.named(AvroName("n.B"))))))
    #expect(a.fields[1].type == AvroType(.named(AvroName("C"))))
  }

  @Test func `a later definition in the namespace is meant, not an earlier one without`() throws {
    let schema = try AvroSchema(
      parsing: #"""
        [{"type":"fixed","name":"X","size":1},
         {"type":"record","name":"n.R","fields":[{"name":"x","type":"X"}]},
         {"type":"fixed","name":"n.X","size":2}]
        """#)
    guard case .record(let record) = schema.definition(of: AvroName("n.R"))?.kind else {
      return #expect(Bool(false))
    }
    #expect(record.fields[0].type == AvroType(.named(AvroName("n.X"))))
  }

  @Test func `names that break the grammar are taken as they are`() throws {
    let text = #"""
      {"type":"record","name":"my-record 1","fields":[
       {"name":"a b","type":"int"},{"name":"","type":"int"},{"name":"é","type":"int"},
       {"name":"e\u0301","type":"int"},
       {"name":"2","type":{"type":"enum","name":"e!","symbols":["a-b","1"]}}]}
      """#
    let record = try record(text)
    #expect(record.fields.count == 5)
    // Unicode holds the third and the fourth equal: they are not the same name.
    #expect(Array(record.fields[2].name.utf8) != Array(record.fields[3].name.utf8))
    #expect(AvroName("é") != AvroName("e\u{301}"))
    #expect(AvroName(".\u{301}x").name == "\u{301}x")
  }

  @Test func `a name of a type that is written as an object`() throws {
    let schema = try AvroSchema(
      parsing:
        #"[{"type":"fixed","name":"F","size":1},{"type":"array","items":{"type":"F","p":1}}]"#)
    guard case .union(let types) = schema.type.kind, case .array(let item) = types[1].kind else {
      return #expect(Bool(false))
    }
    #expect(item.kind == .named(AvroName("F")) && item.attributes.members.count == 1)
  }

  // MARK: Logical types

  static let logicalTypes: [(text: String, expected: AvroLogicalType?)] = [
    (
      #"{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}"#,
      .decimal(precision: 4, scale: 2)
    ),
    (#"{"type":"bytes","logicalType":"decimal","precision":4}"#, .decimal(precision: 4, scale: 0)),
    (
      #"{"type":"bytes","logicalType":"decimal","precision":100,"scale":100}"#,
      .decimal(precision: 100, scale: 100)
    ),
    (#"{"type":"bytes","logicalType":"decimal"}"#, nil),
    (#"{"type":"bytes","logicalType":"decimal","precision":0}"#, nil),
    (#"{"type":"bytes","logicalType":"decimal","precision":-1}"#, nil),
    (#"{"type":"bytes","logicalType":"decimal","precision":"4"}"#, nil),
    (#"{"type":"bytes","logicalType":"decimal","precision":4.0}"#, nil),
    (#"{"type":"bytes","logicalType":"decimal","precision":99999999999999999999}"#, nil),
    (#"{"type":"bytes","logicalType":"decimal","precision":4,"scale":5}"#, nil),
    (#"{"type":"bytes","logicalType":"decimal","precision":4,"scale":-1}"#, nil),
    (#"{"type":"bytes","logicalType":"decimal","precision":4,"scale":null}"#, nil),
    (#"{"type":"string","logicalType":"decimal","precision":4}"#, nil),
    (
      #"{"type":"fixed","name":"F","size":2,"logicalType":"decimal","precision":4,"scale":4}"#,
      .decimal(precision: 4, scale: 4)
    ),
    (#"{"type":"fixed","name":"F","size":2,"logicalType":"decimal","precision":5}"#, nil),
    (#"{"type":"fixed","name":"F","size":0,"logicalType":"decimal","precision":1}"#, nil),
    (#"{"type":"bytes","logicalType":"big-decimal"}"#, .bigDecimal),
    (#"{"type":"string","logicalType":"big-decimal"}"#, nil),
    (#"{"type":"string","logicalType":"uuid"}"#, .uuid),
    (#"{"type":"fixed","name":"F","size":16,"logicalType":"uuid"}"#, .uuid),
    (#"{"type":"fixed","name":"F","size":15,"logicalType":"uuid"}"#, nil),
    (#"{"type":"bytes","logicalType":"uuid"}"#, nil),
    (#"{"type":"int","logicalType":"date"}"#, .date),
    (#"{"type":"long","logicalType":"date"}"#, nil),
    (#"{"type":"int","logicalType":"time-millis"}"#, .timeMillis),
    (#"{"type":"long","logicalType":"time-millis"}"#, nil),
    (#"{"type":"long","logicalType":"time-micros"}"#, .timeMicros),
    (#"{"type":"int","logicalType":"time-micros"}"#, nil),
    (#"{"type":"long","logicalType":"timestamp-millis"}"#, .timestampMillis),
    (#"{"type":"long","logicalType":"timestamp-micros"}"#, .timestampMicros),
    (#"{"type":"long","logicalType":"timestamp-nanos"}"#, .timestampNanos),
    (#"{"type":"long","logicalType":"local-timestamp-millis"}"#, .localTimestampMillis),
    (#"{"type":"long","logicalType":"local-timestamp-micros"}"#, .localTimestampMicros),
    (#"{"type":"long","logicalType":"local-timestamp-nanos"}"#, .localTimestampNanos),
    (#"{"type":"string","logicalType":"timestamp-millis"}"#, nil),
    (#"{"type":"fixed","name":"F","size":12,"logicalType":"duration"}"#, .duration),
    (#"{"type":"fixed","name":"F","size":16,"logicalType":"duration"}"#, nil),
    (#"{"type":"int","logicalType":"unheard-of"}"#, nil),
    (#"{"type":"int","logicalType":7}"#, nil),
    (#"{"type":{"type":"long"},"logicalType":"timestamp-micros"}"#, .timestampMicros),
  ]

  @Test("logical types and what is ignored", arguments: logicalTypes)
  func logicalType(text: String, expected: AvroLogicalType?) throws {
    let type = try AvroSchema(parsing: text).type
    #expect(type.logicalType == expected)
    // What is ignored stays visible; what is known does not stand there twice.
    #expect((type.attributes["logicalType"] == nil) == (expected != nil))
    #expect(
      (type.attributes["precision"] != nil) == (expected == nil && text.contains("precision")))
  }

  @Test func `the digits of a fixed decimal are those of its largest integer`() throws {
    // 10^precision - 1 <= 2^(8 * size - 1) - 1, counted by doubling a decimal number.
    var digits: [UInt8] = [1]  // 2^0, lowest digit first
    var exponent = 0
    for size in 1...64 {
      while exponent < 8 * size - 1 {
        var carry: UInt8 = 0
        for index in digits.indices {
          let sum = 2 * digits[index] + carry
          digits[index] = sum % 10
          carry = sum / 10
        }
        if carry > 0 { digits.append(carry) }
        exponent += 1
      }
      let greatest = digits.count - 1
      for (precision, isFine) in [(greatest, true), (greatest + 1, false)] {
        let type = try AvroSchema(
          parsing:
            #"{"type":"fixed","name":"F","size":\#(size),"logicalType":"decimal","precision":\#(precision)}"#
        ).type
        #expect((type.logicalType != nil) == isFine, "\(size) bytes, \(precision) digits")
      }
    }
  }

  // MARK: Errors

  static let mistakes: [(text: String, complaint: String)] = [
    ("", "the Avro schema is not JSON: line 1, column 1: the JSON text ends too early"),
    (
      "int",
      "the Avro schema is not JSON: line 1, column 1: a character that JSON does not allow here"
    ),
    ("5", "Avro schema: a type is a string, an object or an array, not a number"),
    ("null", "Avro schema: a type is a string, an object or an array, not null"),
    ("{}", #"Avro schema: "type" is missing"#),
    (#""strin""#, #"Avro schema: no type is called "strin"; did you mean "string"?"#),
    (
      #""array""#,
      #"Avro schema: the type "array" needs an object of its own, {"type": "array", …}"#
    ),
    (#"{"type":"array"}"#, #"Avro schema: "items" is missing"#),
    (#"{"type":"map","items":"int"}"#, #"Avro schema: "values" is missing"#),
    (
      #"{"type":"map","values":true}"#,
      "Avro schema, at values: a type is a string, an object or an array, not a boolean"
    ),
    (#"{"type":"record","fields":[]}"#, #"Avro schema: "name" is missing"#),
    (#"{"type":"record","name":5,"fields":[]}"#, #"Avro schema: "name" is not a string"#),
    (
      #"{"type":"record","name":"R","namespace":5,"fields":[]}"#,
      #"Avro schema: "namespace" is not a string"#
    ),
    (#"{"type":"record","name":"R"}"#, #"Avro schema, at R: "fields" is missing"#),
    (#"{"type":"record","name":"R","fields":{}}"#, #"Avro schema, at R: "fields" is not an array"#),
    (
      #"{"type":"record","name":"R","fields":["x"]}"#,
      "Avro schema, at R: a field is an object, not a string"
    ),
    (
      #"{"type":"record","name":"R","fields":[{"type":"int"}]}"#,
      #"Avro schema, at R: "name" is missing"#
    ),
    (
      #"{"type":"record","name":"R","fields":[{"name":"a"}]}"#,
      #"Avro schema, at R.a: "type" is missing"#
    ),
    (
      #"{"type":"record","name":"R","fields":[{"name":"a","type":"int","order":"up"}]}"#,
      #"Avro schema, at R.a: "order" is "up", not ascending, descending or ignore"#
    ),
    (
      #"{"type":"record","name":"R","fields":[{"name":"a","type":"int","aliases":"b"}]}"#,
      #"Avro schema, at R.a: "aliases" is not an array of strings"#
    ),
    (
      #"{"type":"record","name":"R","aliases":[1],"fields":[]}"#,
      #"Avro schema, at R: "aliases" is not an array of strings"#
    ),
    (
      #"{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]}"#,
      #"Avro schema, at R: the field "a" is there twice"#
    ),
    (
      #"{"type":"record","name":"string","fields":[]}"#,
      "Avro schema: a named type has the name of the primitive type string"
    ),
    (
      #"{"type":"record","name":"org.User","fields":[{"name":"address","type":["null",{"type":"record","name":"Address","fields":[{"name":"zip","type":{"type":"array","items":"Adress"}}]}]}]}"#,
      #"Avro schema, at User.address[1].zip.items: no type is called "Adress"; did you mean "Address", "org.Address"?"#
    ),
    (
      #"[{"type":"fixed","name":"a.F","size":1},{"type":"enum","name":"F","namespace":"a","symbols":[]}]"#,
      #"Avro schema, at [1]: the type "a.F" is defined twice"#
    ),
    (#"["int","string","int"]"#, "Avro schema, at [2]: int is in the union twice"),
    (
      #"[{"type":"array","items":"int"},{"type":"array","items":"long"}]"#,
      "Avro schema, at [1]: array is in the union twice"
    ),
    (
      #"["long",{"type":"long","logicalType":"timestamp-millis"}]"#,
      "Avro schema, at [1]: long is in the union twice"
    ),
    (
      #"[{"type":"fixed","name":"F","size":1},"F"]"#,
      #"Avro schema, at [1]: "F" is in the union twice"#
    ),
    (#"["int",["null"]]"#, "Avro schema, at [1]: a union stands directly in a union"),
    (#"["int",{"type":["null"]}]"#, "Avro schema, at [1]: a union stands directly in a union"),
    (#"{"type":"enum","name":"E"}"#, #"Avro schema, at E: "symbols" is missing"#),
    (
      #"{"type":"enum","name":"E","symbols":["a",1]}"#,
      #"Avro schema, at E: "symbols" is not an array of strings"#
    ),
    (
      #"{"type":"enum","name":"E","symbols":["a","b","a"]}"#,
      #"Avro schema, at E: the symbol "a" is there twice"#
    ),
    (
      #"{"type":"enum","name":"E","symbols":["spade","heart"],"default":"hearts"}"#,
      #"Avro schema, at E: the default "hearts" is none of the symbols; did you mean "heart"?"#
    ),
    (
      #"{"type":"enum","name":"E","symbols":["a"],"default":1}"#,
      #"Avro schema, at E: "default" is not a string"#
    ),
    (#"{"type":"fixed","name":"F"}"#, #"Avro schema, at F: "size" is missing"#),
    (
      #"{"type":"fixed","name":"F","size":-1}"#,
      #"Avro schema, at F: "size" is not an integer from 0 to 2147483647"#
    ),
    (
      #"{"type":"fixed","name":"F","size":1.0}"#,
      #"Avro schema, at F: "size" is not an integer from 0 to 2147483647"#
    ),
    (
      #"{"type":"fixed","name":"F","size":2147483648}"#,
      #"Avro schema, at F: "size" is not an integer from 0 to 2147483647"#
    ),
    (
      #"{"type":"fixed","name":"F","size":[]}"#,
      #"Avro schema, at F: "size" is not an integer from 0 to 2147483647"#
    ),
  ]

  @Test("mistakes are told with their place", arguments: mistakes)
  func mistake(text: String, expected: String) {
    #expect(complaint(text) == expected)
  }

  @Test func `null stands for optional attributes that are absent`() throws {
    let record = try record(
      #"""
      {"type":"record","name":"R","namespace":null,"doc":null,"aliases":null,"fields":[
       {"name":"e","type":{"type":"enum","name":"E","symbols":["a"],"default":null},"order":null,
        "aliases":null,"doc":null}]}
      """#)
    #expect(record.doc == nil && record.aliases.isEmpty && record.fields[0].order == .ascending)
  }

  // MARK: Hostile input

  @Test func `every strict prefix is an error, every flipped byte an answer`() throws {
    let sample = Array(
      #"""
      {"type":"record","name":"a.R","aliases":["b"],"fields":[{"name":"e","type":{"type":"enum",
      "name":"E","symbols":["A","B"],"default":"A"}},{"name":"f","type":["null",{"type":"fixed",
      "name":"F","size":12,"logicalType":"duration"},"E","R"],"default":null,"order":"ignore"},
      {"name":"m","type":{"type":"map","values":{"type":"array","items":{"type":"bytes",
      "logicalType":"decimal","precision":9,"scale":2}}}}]}
      """#.utf8)
    _ = try AvroSchema(parsing: sample.span)
    for count in sample.indices {
      let prefix = Array(sample[..<count])
      #expect(throws: ReadError.self) { try AvroSchema(parsing: prefix.span) }
    }
    for index in sample.indices {
      for bit in 0..<8 {
        var bytes = sample
        bytes[index] ^= 1 << bit
        _ = try? AvroSchema(parsing: bytes.span)
      }
    }
  }

  static let nests: [(opening: String, closing: String)] = [
    (#"{"type":"array","items":"#, "}"), (#"{"type":"#, "}"), (#"[{"type":"map","values":"#, "}]"),
    (#"{"type":"record","name":"R#","fields":[{"name":"f","type":"#, "}]}"),
    (#"{"type":"record","name":"R#","fields":[{"name":"f","type":["null","#, "]}]}"),
  ]

  private static func nest(
    _ opening: String, _ closing: String, count: Int
  ) -> String {
    (0..<count).map { opening.replacing("#", with: String($0)) }.joined() + #""int""#
      + String(repeating: closing, count: count)
  }

  @Test("nesting ends at the limit, on a small stack too", arguments: nests)
  func nesting(opening: String, closing: String) async throws {
    let answers = await withCheckedContinuation { continuation in
      let thread = Thread {
        var answers: [Bool] = []
        for count in [1, 25, 49, 98, 99, 100, 1000] {
          let schema = try? AvroSchema(parsing: Self.nest(opening, closing, count: count))
          answers.append(schema != nil && schema?.type == schema?.type)
        }
        continuation.resume(returning: answers)
      }
      thread.stackSize = 2 << 20
      thread.start()
    }
    #expect(answers[1] && !answers[6])
  }

  @Test func `types that a schema doubles over and over take no more than its text`() throws {
    // Spelt out, R40 would have 2^40 fields.
    var records: [String] = [#"{"type":"record","name":"R0","fields":[]}"#]
    for index in 1...40 {
      let name = "R\(index - 1)"
      records.append(
        #"{"type":"record","name":"R\#(index)","fields":[{"name":"a","type":"\#(name)"},{"name":"b","type":"\#(name)"}]}"#
      )
    }
    let schema = try AvroSchema(parsing: "[\(records.joined(separator: ","))]")
    #expect(schema.definition(of: AvroName("R40")) != nil)
  }

  @Test func `wide schemas take linear time`() throws {
    let fields = (0..<10_000).map { #"{"name":"f\#($0)","type":"int"}"# }
    let wide = try record(
      #"{"type":"record","name":"R","fields":[\#(fields.joined(separator: ","))]}"#)
    #expect(wide.fields.count == 10_000)
    let branches = (0..<10_000).map { #"{"type":"fixed","name":"F\#($0)","size":1}"# }
    let union = try AvroSchema(parsing: "[\(branches.joined(separator: ","))]")
    guard case .union(let types) = union.type.kind else { return #expect(Bool(false)) }
    #expect(types.count == 10_000)
  }

  // MARK: Files

  @Test func `the schemas of the corpora are read`() throws {
    guard let files = corpusFiles() else {
      print("PARQUETFRAME_CORPORA is not set: the corpora are not tested")
      return
    }
    #expect(files.count > 90)
    var count = 0
    for file in files {
      guard let text = schemaText(ofFile: [UInt8](try Data(contentsOf: file))) else {
        print("no header: \(file.lastPathComponent)")
        continue
      }
      #expect(throws: Never.self, "\(file.lastPathComponent)") {
        try AvroSchema(parsing: text.span)
      }
      count += 1
    }
    print("the schemas of \(count) files of the corpora were read")
    #expect(count > 90)
  }
}
