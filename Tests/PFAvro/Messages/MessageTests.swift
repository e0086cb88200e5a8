import PFArrow
import PFAvro
import PFCore
import Testing

@Suite("Avro messages") struct MessageTests {
  private let old = record("\"int\"")
  private let new = """
    {"type": "record", "name": "R", "fields": [
      {"name": "a", "type": "long"}, {"name": "b", "type": "string", "default": "-"}]}
    """

  @Test func withoutFrame() throws {
    let messages = try AvroMessages([[2], [4], [6]], framing: .none)
    let table = try messages.table(writtenAs: AvroSchema(parsing: old))
    #expect(rows(table) == [["1"], ["2"], ["3"]])
    #expect(
      rows(try messages.table(writtenAs: AvroSchema(parsing: old), as: AvroSchema(parsing: new)))
        == [["1", "-"], ["2", "-"], ["3", "-"]])
  }

  private func error(
    _ messages: [[UInt8]], _ framing: AvroFraming = .none, _ schema: String? = nil
  ) -> String? {
    do throws(ReadError) {
      let schema = try AvroSchema(parsing: schema ?? old)
      _ = try AvroMessages(messages, framing: framing).table(writtenAs: schema)
      return nil
    } catch { return error.description }
  }

  @Test func errorsTellTheMessageAndThePlaceInIt() {
    #expect(
      error([[2], [0x80]]) == "message 1, column \"a\", byte 1: the message ends inside a value")
    #expect(error([[0x80]]) == "column \"a\", byte 1: the message ends inside a value")
    #expect(
      error([[2, 3], [4]]) == "message 0, byte 1: 1 bytes follow the record of the message")
    #expect(
      error([[0, 0, 0, 0, 7, 2], [0, 0, 0, 0, 7]], .confluent)
        == "message 1, byte 5: the message ends inside a value")
    #expect(
      error([[0, 0, 0, 0, 7, 2], [1]], .confluent)
        == "message 1, byte 0: the message does not begin with a zero byte and the number of a schema"
    )
    // Texts are checked together, the bad one is told all the same.
    let texts = [Encode.string("a"), Encode.bytes([0xFF]), Encode.string("c")]
    #expect(
      error(texts, .none, record("\"string\""))
        == "message 1, column \"a\": bytes that are not UTF-8")
  }

  @Test func confluent() throws {
    let schemas: [UInt64: String] = [7: old, 0x0102_0304: new]
    let messages = try AvroMessages(
      [
        [0, 0, 0, 0, 7, 2], [0, 1, 2, 3, 4, 4] + Encode.string("x"), [0, 0, 0, 0, 7, 6],
      ], framing: .confluent)
    #expect(try messages.schemaIDs() == [7, 0x0102_0304])
    var asked: [UInt64] = []
    let table = try messages.table(as: AvroSchema(parsing: new)) { (id) throws(ReadError) in
      asked.append(id)
      return try AvroSchema(parsing: schemas[id] ?? "")
    }
    #expect(asked == [7, 0x0102_0304])
    #expect(rows(table) == [["1", "-"], ["2", "x"], ["3", "-"]])
    for message in [[], [1, 0, 0, 0, 7], [0, 0, 0]] as [[UInt8]] {
      #expect(throws: ReadError.self) {
        try AvroMessages([message], framing: .confluent).schemaIDs()
      }
    }
  }

  @Test func singleObject() throws {
    let schema = try AvroSchema(parsing: old)
    let print = schema.fingerprint
    let head = [0xC3, 0x01] + (0..<8).map { UInt8(truncatingIfNeeded: print >> (8 * UInt64($0))) }
    let messages = try AvroMessages([head + [2], head + [4]], framing: .singleObject)
    #expect(try messages.schemaIDs() == [print])
    #expect(rows(try messages.table(writtenAs: schema)) == [["1"], ["2"]])
    #expect(throws: ReadError.self) {
      try AvroMessages([[0xC3, 0x02] + head.dropFirst(2)], framing: .singleObject).schemaIDs()
    }
  }

  @Test func noMessages() throws {
    let messages = try AvroMessages([], framing: .none)
    let table = try messages.table(as: AvroSchema(parsing: old)) { (_) throws(ReadError) in
      throw ReadError(.cancelled)
    }
    #expect(table.rowCount == 0)
    #expect(table.schema.fields.map(\.name) == ["a"])
  }
}
