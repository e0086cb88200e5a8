import Foundation
import PFAvro
import PFCore
import Testing

@Suite struct `canonical forms of Avro schemas` {
  struct Case: Sendable {
    let schema: String
    let canonical: String
    var fingerprint: Int64?
  }

  /// The cases that the Avro project publishes for all implementations.
  static let published: [Case] = [
    Case(schema: #""null""#, canonical: #""null""#, fingerprint: 7195948357588979594),
    Case(schema: #"{"type":"null"}"#, canonical: #""null""#),
    Case(schema: #""boolean""#, canonical: #""boolean""#, fingerprint: -6970731678124411036),
    Case(schema: #"{"type":"boolean"}"#, canonical: #""boolean""#),
    Case(schema: #""int""#, canonical: #""int""#, fingerprint: 8247732601305521295),
    Case(schema: #"{"type":"int"}"#, canonical: #""int""#),
    Case(schema: #""long""#, canonical: #""long""#, fingerprint: -3434872931120570953),
    Case(schema: #"{"type":"long"}"#, canonical: #""long""#),
    Case(schema: #""float""#, canonical: #""float""#, fingerprint: 5583340709985441680),
    Case(schema: #"{"type":"float"}"#, canonical: #""float""#),
    Case(schema: #""double""#, canonical: #""double""#, fingerprint: -8181574048448539266),
    Case(schema: #"{"type":"double"}"#, canonical: #""double""#),
    Case(schema: #""bytes""#, canonical: #""bytes""#, fingerprint: 5746618253357095269),
    Case(schema: #"{"type":"bytes"}"#, canonical: #""bytes""#),
    Case(schema: #""string""#, canonical: #""string""#, fingerprint: -8142146995180207161),
    Case(schema: #"{"type":"string"}"#, canonical: #""string""#),
    Case(schema: "[  ]", canonical: "[]", fingerprint: -1241056759729112623),
    Case(schema: #"[ "int"  ]"#, canonical: #"["int"]"#, fingerprint: -5232228896498058493),
    Case(
      schema: #"[ "int" , {"type":"boolean"} ]"#, canonical: #"["int","boolean"]"#,
      fingerprint: 5392556393470105090),
    Case(
      schema: #"{"fields":[], "type":"record", "name":"foo"}"#,
      canonical: #"{"name":"foo","type":"record","fields":[]}"#,
      fingerprint: -4824392279771201922),
    Case(
      schema: #"{"fields":[], "type":"record", "name":"foo", "namespace":"x.y"}"#,
      canonical: #"{"name":"x.y.foo","type":"record","fields":[]}"#,
      fingerprint: 5916914534497305771),
    Case(
      schema: #"{"fields":[], "type":"record", "name":"a.b.foo", "namespace":"x.y"}"#,
      canonical: #"{"name":"a.b.foo","type":"record","fields":[]}"#,
      fingerprint: -4616218487480524110),
    Case(
      schema: #"{"fields":[], "type":"record", "name":"foo", "doc":"Useful info"}"#,
      canonical: #"{"name":"foo","type":"record","fields":[]}"#,
      fingerprint: -4824392279771201922),
    Case(
      schema: #"{"fields":[], "type":"record", "name":"foo", "aliases":["foo","bar"]}"#,
      canonical: #"{"name":"foo","type":"record","fields":[]}"#,
      fingerprint: -4824392279771201922),
    Case(
      schema:
        #"{"fields":[], "type":"record", "name":"foo", "doc":"foo", "aliases":["foo","bar"]}"#,
      canonical: #"{"name":"foo","type":"record","fields":[]}"#,
      fingerprint: -4824392279771201922),
    Case(
      schema:
        #"{"fields":[{"type":{"type":"boolean"}, "name":"f1"}], "type":"record", "name":"foo"}"#,
      canonical: #"{"name":"foo","type":"record","fields":[{"name":"f1","type":"boolean"}]}"#,
      fingerprint: 7843277075252814651),
    Case(
      schema: #"""
        { "fields":[{"type":"boolean", "aliases":[], "name":"f1", "default":"true"},
                    {"order":"descending","name":"f2","doc":"Hello","type":"int"}],
          "type":"record", "name":"foo"
        }
        """#,
      canonical: #"{"name":"foo","type":"record","fields":[{"name":"f1","type":"boolean"},"#
        + #"{"name":"f2","type":"int"}]}"#,
      fingerprint: -4860222112080293046),
    Case(
      schema: #"{"type":"enum", "name":"foo", "symbols":["A1"]}"#,
      canonical: #"{"name":"foo","type":"enum","symbols":["A1"]}"#,
      fingerprint: -6342190197741309591),
    Case(
      schema: #"""
        {"namespace":"x.y.z", "type":"enum", "name":"foo", "doc":"foo bar",
         "symbols":["A1", "A2"]}
        """#,
      canonical: #"{"name":"x.y.z.foo","type":"enum","symbols":["A1","A2"]}"#,
      fingerprint: -4448647247586288245),
    Case(
      schema: #"{"name":"foo","type":"fixed","size":15}"#,
      canonical: #"{"name":"foo","type":"fixed","size":15}"#, fingerprint: 1756455273707447556),
    Case(
      schema:
        #"{"namespace":"x.y.z", "type":"fixed", "name":"foo", "doc":"foo bar", "size":32}"#,
      canonical: #"{"name":"x.y.z.foo","type":"fixed","size":32}"#,
      fingerprint: -3064184465700546786),
    Case(
      schema: #"{ "items":{"type":"null"}, "type":"array"}"#,
      canonical: #"{"type":"array","items":"null"}"#, fingerprint: -589620603366471059),
    Case(
      schema: #"{ "values":"string", "type":"map"}"#,
      canonical: #"{"type":"map","values":"string"}"#, fingerprint: -8732877298790414990),
    Case(
      schema: #"""
        {"name":"PigValue","type":"record",
         "fields":[{"name":"value", "type":["null", "int", "long", "PigValue"]}]}
        """#,
      canonical: #"{"name":"PigValue","type":"record","fields":[{"name":"value","#
        + #""type":["null","int","long","PigValue"]}]}"#,
      fingerprint: -1759257747318642341),
  ]

  @Test("the published cases", arguments: published)
  func publishedCase(_ example: Case) throws {
    let schema = try AvroSchema(parsing: example.schema)
    #expect(schema.canonicalForm == example.canonical)
    if let fingerprint = example.fingerprint {
      #expect(Int64(bitPattern: schema.fingerprint) == fingerprint)
    }
    #expect(try AvroSchema(parsing: schema.canonicalForm).canonicalForm == example.canonical)
  }

  static let transforms: [Case] = [
    // [FULLNAMES]: references too.
    Case(
      schema: #"""
        {"type":"record","name":"R","namespace":"n","fields":[
         {"name":"f","type":{"type":"fixed","name":"F","size":1}},{"name":"g","type":"F"},
         {"name":"h","type":["null","R"]}]}
        """#,
      canonical: #"{"name":"n.R","type":"record","fields":[{"name":"f","type":{"name":"n.F","#
        + #""type":"fixed","size":1}},{"name":"g","type":"n.F"},"#
        + #"{"name":"h","type":["null","n.R"]}]}"#),
    // [STRIP], [PRIMITIVES]: logical types and other attributes.
    Case(
      schema: #"{"type":{"type":"long","logicalType":"timestamp-millis"},"p":{"q":[]}}"#,
      canonical: #""long""#),
    // [STRINGS]: escapes that need not be.
    Case(
      schema: #"{"type":"enum","name":"\u0046\u00e9","symbols":["\u0041\/","\ud83d\ude00"]}"#,
      canonical: #"{"name":"Fé","type":"enum","symbols":["A/","😀"]}"#),
    // [INTEGERS]: quotes and leading zeros.
    Case(
      schema: #"{"type":"fixed","name":"F","size":"0016"}"#,
      canonical: #"{"name":"F","type":"fixed","size":16}"#),
    Case(
      schema: #"{"type":"error","name":"E","fields":[]}"#,
      canonical: #"{"name":"E","type":"record","fields":[]}"#),
    Case(
      schema: #"{"type":["null",{"type":"int"}],"p":1}"#, canonical: #"["null","int"]"#),
  ]

  @Test("each transformation", arguments: transforms)
  func transform(_ example: Case) throws {
    let schema = try AvroSchema(parsing: example.schema)
    #expect(schema.canonicalForm == example.canonical)
    let again = try AvroSchema(parsing: schema.canonicalForm)
    #expect(again.canonicalForm == example.canonical)
    #expect(again.fingerprint == schema.fingerprint)
  }
}

@Suite struct `canonical forms of random schemas` {
  /// What Tests/Fixtures/make_avro_schemas.py writes.
  static func lines() throws -> [JSONObject] {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let file = tests.appending(path: "Fixtures/avro/canonical_forms.jsonl")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap {
      try JSONValue(parsing: String($0)).object
    }
  }

  @Test func `are those of fastavro`() throws {
    let lines = try Self.lines()
    #expect(lines.count == 150)
    for line in lines {
      let schema = try AvroSchema(parsing: try #require(line["schema"]?.string))
      #expect(schema.canonicalForm == line["canonical"]?.string)
      let bytes = (0..<8).map { UInt8(truncatingIfNeeded: schema.fingerprint >> (8 * $0)) }
      let hexadecimal = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      #expect(hexadecimal == line["fingerprint"]?.string)
    }
  }
}
