import PFCore
import Testing

@Suite struct `reading JSON` {
  /// Documents, and what compact writing makes of them.
  static let good: [(text: String, compact: String)] = [
    ("null", "null"), (" \t\r\ntrue ", "true"), ("false", "false"),
    ("0", "0"), ("-0", "-0"), ("-0.0", "-0.0"), ("1e5", "1e5"), ("1E+05", "1E+05"),
    ("-12.50e-07", "-12.50e-07"), ("1e400", "1e400"),
    ("1234567890123456789012345678901234567890", "1234567890123456789012345678901234567890"),
    (#""""#, #""""#), (#""a\/b""#, #""a/b""#), (#""\"\\\b\f\n\r\t""#, #""\"\\\u0008\u000c\n\r\t""#),
    (#""\u0000\u001F\u007f""#, "\"\\u0000\\u001f\u{7F}\""), (#""\u00e9 é 日本 😀""#, #""é é 日本 😀""#),
    (#""\ud83d\uDE00\uD834\udd1e""#, #""😀𝄞""#),
    (#""\uFEFF""#, "\"\u{FEFF}\""),
    ("\"\u{2028}\u{10FFFF}\"", "\"\u{2028}\u{10FFFF}\""),
    ("[]", "[]"), ("[ ]", "[]"), ("{ }", "{}"), ("[1 , 2,[3]]", "[1,2,[3]]"),
    (#"{ "b" : 1, "a" : {"b":[null]} , "" : "" }"#, #"{"b":1,"a":{"b":[null]},"":""}"#),
    // One name in Unicode's eyes, two in those of RFC 8259, section 8.3.
    ("{\"\u{E9}\":1,\"e\u{301}\":2}", "{\"\u{E9}\":1,\"e\u{301}\":2}"),
  ]

  @Test("reads and writes", arguments: good)
  func reads(text: String, compact: String) throws {
    let value = try JSONValue(parsing: text)
    #expect(Array(value.text().utf8) == Array(compact.utf8))
    let again = try JSONValue(parsing: value.text(.indented))
    #expect(again == value)
  }

  static let bad: [(text: String, error: JSONError)] = [
    ("", .unexpectedEnd(offset: 0)), ("  ", .unexpectedEnd(offset: 2)),
    ("nul", .unexpectedEnd(offset: 3)), ("nulL", .unexpectedByte(offset: 3)),
    ("True", .unexpectedByte(offset: 0)), ("NaN", .unexpectedByte(offset: 0)),
    ("Infinity", .unexpectedByte(offset: 0)), ("'a'", .unexpectedByte(offset: 0)),
    ("nullx", .trailingContent(offset: 4)), ("1 2", .trailingContent(offset: 2)),
    ("{}}", .trailingContent(offset: 2)), ("// a\n1", .unexpectedByte(offset: 0)),
    ("\u{A0}1", .unexpectedByte(offset: 0)), ("1\u{C}", .trailingContent(offset: 1)),
    ("+1", .unexpectedByte(offset: 0)), (".5", .unexpectedByte(offset: 0)),
    ("-", .unexpectedEnd(offset: 1)), ("-a", .invalidNumber(offset: 1)),
    ("01", .invalidNumber(offset: 0)), ("-00", .invalidNumber(offset: 0)),
    ("1.", .unexpectedEnd(offset: 2)), ("1.e1", .invalidNumber(offset: 2)),
    ("1e", .unexpectedEnd(offset: 2)), ("1e+x", .invalidNumber(offset: 3)),
    ("1eE2", .invalidNumber(offset: 2)), ("0x10", .trailingContent(offset: 1)),
    ("1_000", .trailingContent(offset: 1)),
    ("[", .unexpectedEnd(offset: 1)), ("[1", .unexpectedEnd(offset: 2)),
    ("[1,", .unexpectedEnd(offset: 3)), ("[1,]", .unexpectedByte(offset: 3)),
    ("[,1]", .unexpectedByte(offset: 1)), ("[1 2]", .unexpectedByte(offset: 3)),
    ("[1}", .unexpectedByte(offset: 2)), ("]", .unexpectedByte(offset: 0)),
    ("{", .unexpectedEnd(offset: 1)), ("{1:2}", .unexpectedByte(offset: 1)),
    (#"{"a"}"#, .unexpectedByte(offset: 4)), (#"{"a":}"#, .unexpectedByte(offset: 5)),
    (#"{"a":1,}"#, .unexpectedByte(offset: 7)), (#"{"a":1 "b":2}"#, .unexpectedByte(offset: 7)),
    (#"{"a" 1}"#, .unexpectedByte(offset: 5)), (#"{"a":1]"#, .unexpectedByte(offset: 6)),
    (#"{"a":1,"\u0061":2}"#, .duplicateName(offset: 7)),
    (#"""#, .unexpectedEnd(offset: 1)), (#""a\"#, .unexpectedEnd(offset: 3)),
    ("\"a\nb\"", .controlCharacter(offset: 2)), ("\"\u{0}\"", .controlCharacter(offset: 1)),
    (#""\x41""#, .invalidEscape(offset: 1)), (#""\U0041""#, .invalidEscape(offset: 1)),
    (#""a\u12G4""#, .invalidEscape(offset: 2)), (#""\u12"#, .unexpectedEnd(offset: 5)),
    (#""\ud800""#, .loneSurrogate(offset: 1)), (#""\ud800\n""#, .loneSurrogate(offset: 1)),
    (#""\ud800\ud800""#, .loneSurrogate(offset: 1)), (#""\udc00""#, .loneSurrogate(offset: 1)),
    (#""\ud800\uDC""#, .invalidEscape(offset: 7)), ("\u{FEFF}[]", .byteOrderMark),
  ]

  @Test("refuses at the right place", arguments: bad)
  func refuses(text: String, error: JSONError) {
    #expect(throws: error) { try JSONValue(parsing: text) }
  }

  /// Inside of quotes: overlong forms, surrogates, lone parts, above U+10FFFF, Latin-1.
  static let notUTF8: [[UInt8]] = [
    [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80],
    [0xF5, 0x80, 0x80, 0x80],
    [0xF4, 0x90, 0x80, 0x80], [0xFF], [0xE9], [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98],
  ]

  @Test("refuses strings that are not UTF-8", arguments: notUTF8)
  func refusesBadUTF8(bytes: [UInt8]) {
    for (prefix, offset) in [("\"", 1), ("\"ab", 3), (#""a\n"#, 4)] {
      let text = Array(prefix.utf8) + bytes + Array("\"".utf8)
      #expect(throws: JSONError.invalidUTF8(offset: offset)) { try JSONValue(parsing: text.span) }
    }
  }

  @Test func `names are found, few or many, and stay in order`() throws {
    for count in [0, 1, 8, 9, 1000] {
      let names = (0..<count).map { "name \($0 * 7919 % 1000)" }
      let text = "{" + names.map { "\"\($0)\":\"\($0)\"" }.joined(separator: ",") + "}"
      let object = try #require(try JSONValue(parsing: text).object)
      #expect(object.members.map(\.name) == names)
      for name in names { #expect(object[name] == .string(name)) }
      #expect(object["missing"] == nil)
      if let last = names.last {
        let offset = text.utf8.count
        #expect(throws: JSONError.duplicateName(offset: offset)) {
          try JSONValue(parsing: text.dropLast() + ",\"\(last)\":0}")
        }
      }
    }
  }

  @Test func `an error tells line and column, counted in characters`() {
    let text = Array("{\"é\": 1,\r\n \"日本\": tru }".utf8)
    do throws(JSONError) {
      _ = try JSONValue(parsing: text.span)
      Issue.record("parsed")
    } catch {
      #expect(error.message(in: text.span).hasPrefix("line 2, column 11: "))
    }
    #expect(TextPosition(ofOffset: 0, in: text.span).description == "line 1, column 1")
    #expect(TextPosition(ofOffset: .max, in: text.span).line == 2)
    #expect(TextPosition(ofOffset: -5, in: text.span).column == 1)
  }
}
