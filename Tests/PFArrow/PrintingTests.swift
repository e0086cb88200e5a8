import PFArrow
import PFCore
import Testing

@Suite struct `table printing` {
  static func table(_ columns: [(String, ArrowArray)]) -> Table {
    let schema = Schema(columns.map { Field($0.0, $0.1.type) })
    let batch = RecordBatch(
      schema: schema, columns: columns.map(\.1), rowCount: columns.first?.1.length ?? 0)
    return Table(schema: schema, batches: [batch])
  }

  static func text(_ strings: [String]) throws -> ArrowArray {
    var offsets: [Int32] = [0]
    for string in strings { offsets.append(offsets[offsets.count - 1] + Int32(string.utf8.count)) }
    return try ArrowArray(
      checking: .utf8, length: strings.count,
      buffers: [nil, try Buffer(copying: offsets), try Sample.bytes(strings.joined())])
  }

  @Test func `columns are aligned, numbers on the right`() throws {
    let table = Self.table([("id", try Sample.int32s()), ("name", try Sample.strings())])
    #expect(
      table.formatted()
        == """
                 id  name
              int32  string
        ───────────  ──────
                  1  abc
               null  null
                 -3
        -2147483648  wörl
         2147483647  dend
        5 rows × 2 columns

        """)
  }

  @Test func `rows beyond the limit leave a gap`() throws {
    let one = Self.table([("id", try Sample.int32s())])
    let table = Table(schema: one.schema, batches: one.batches + one.batches)
    let lines = table.formatted(TableFormat(rowLimit: 3)).split(separator: "\n").map(String.init)
    #expect(lines.count == 3 + 4 + 1)
    #expect(lines[3].hasSuffix("1") && lines[4].hasSuffix("null") && lines[5].hasSuffix("…"))
    #expect(lines[6].hasSuffix("2147483647") && lines[7] == "10 rows × 1 column")
    #expect(table.formatted(TableFormat(rowLimit: 0)).contains("…"))
    #expect(table.formatted(TableFormat(rowLimit: -5, cellWidth: -1)).contains("10 rows"))
    #expect(table.formatted(TableFormat(rowLimit: .max, width: 1, cellWidth: .max)).contains("…"))
  }

  @Test func `columns beyond the width are left out in the middle`() throws {
    let ints = try Sample.int32s()
    let table = Self.table((0..<20).map { ("c\($0)", ints) })
    let text = table.formatted(TableFormat(width: 60))
    let header = try #require(text.split(separator: "\n").first)
    #expect(header.contains("c0") && header.contains("…") && header.contains("c19"))
    for line in text.split(separator: "\n") { #expect(line.count <= 60) }
  }

  @Test func `wide characters, marks and controls keep the columns`() throws {
    let strings = try Self.text(["日本", "e\u{301}", "👩‍👩‍👧", "a\nb\u{1B}[31m\u{202E}", "🇫🇷x"])
    let table = Self.table([("t", strings), ("n", try Sample.int32s())])
    let lines = table.formatted().split(separator: "\n").map(String.init)
    #expect(lines[3].hasPrefix("日本" + String(repeating: " ", count: 24 - 4)))
    #expect(lines[4].hasPrefix("e\u{301}" + String(repeating: " ", count: 24 - 1)))
    #expect(lines[5].hasPrefix("👩‍👩‍👧" + String(repeating: " ", count: 24 - 2)))
    #expect(lines[6].hasPrefix("a\\nb\\u{1b}[31m\\u{202e}  "))
    #expect(lines[7].hasPrefix("🇫🇷x" + String(repeating: " ", count: 24 - 3)))
  }

  @Test func `a long cell is cut with an ellipsis`() throws {
    let strings = try Self.text([String(repeating: "ab", count: 5_000_000), "日日日", "", "", ""])
    let table = Self.table([("t", strings)])
    let lines = table.formatted(TableFormat(cellWidth: 6)).split(separator: "\n")
    #expect(lines[3] == "ababa…" && lines[4] == "日日日")
    #expect(table.formatted(TableFormat(cellWidth: 5)).contains("日日…"))
  }

  @Test func `color dims nulls and is off by default`() throws {
    let table = Self.table([("id", try Sample.int32s())])
    #expect(!table.formatted().contains("\u{1B}"))
    let text = table.formatted(TableFormat(usesColor: true))
    #expect(text.contains("\u{1B}[2mnull\u{1B}[0m") && text.contains("\u{1B}[1mid\u{1B}[0m"))
  }

  @Test func `tables without columns or rows print`() throws {
    let none = Table(schema: Schema([]), batches: [])
    #expect(none.formatted() == "0 rows × 0 columns\n")
    #expect(none.jsonRows() == "[]")
    let empty = Table(schema: Schema([Field("a", .int8)]), batches: [])
    #expect(
      empty.formatted() == "   a\nint8\n────\n0 rows × 1 column\n")
  }

  @Test func `html escapes what comes from the table`() throws {
    let table = Self.table([("<b>", try Self.text(["<script>", "a&b", "\"q\"", "'", "x"]))])
    let html = table.html(rowLimit: 4)
    #expect(html.contains("<th>&lt;b&gt;</th>") && html.contains("<td>&lt;script&gt;</td>"))
    #expect(html.contains("a&amp;b") && html.contains("<td>…</td>") && html.contains("<td>x</td>"))
    #expect(!html.contains("<script>"))
  }

  @Test func `json rows hold every type`() throws {
    let batch = try Sample.batch()
    let json = Table(schema: batch.schema, batches: [batch]).jsonRows(rowLimit: 1)
    #expect(json.hasPrefix("[{\"column 0 é\":null,\"column 1 é\":true,\"column 2 é\":1,"))
    #expect(
      json.contains("\"column 13 é\":\"1.23\"") && json.contains("\"column 38 é\":\"616263\""))
    #expect(json.contains("\"column 25 é\":\"1970-01-01T00:00:00Z[Europe/Paris]\""))
    #expect(json.contains("\"column 42 é\":{\"text\":\"abc\",\"n\":1}"))
    #expect(json.contains("[{\"key\":1,\"value\":\"abc\"},{\"key\":2,\"value\":null}]"))
    #expect(json.hasSuffix("}]"))
    let text = Self.table([("a\"", try Self.text(["\u{1}\n\\\"é", "", "", "", ""]))])
    #expect(text.jsonRows(rowLimit: 1) == "[{\"a\\\"\":\"\\u0001\\n\\\\\\\"é\"}]")
    #expect(Self.table([("f", try Sample.primitives()[12])]).jsonRows().contains("{\"f\":null}"))
  }
}
