import PFCore
import Testing

@Suite struct `hostile JSON` {
  static let sample = #"""
    {"type":"record","name":"é\u00e9\ud83d\ude00","fields":[{"a":-1.5e+10,"b":[true,false,null,[]]},
    {"c":{},"d":"\\\"\/\b\f\n\r\t","e":0,"f":12345678901234567890,"日本":"😀"},[[[1],2],3]]}
    """#

  @Test func `every strict prefix is an error`() {
    let bytes = Array(Self.sample.utf8)
    for count in 0..<bytes.count {
      let prefix = Array(bytes[..<count])
      #expect(throws: JSONError.self) { try JSONValue(parsing: prefix.span) }
    }
  }

  @Test func `every single byte flip gives an error inside or a value that survives writing`()
    throws
  {
    let original = Array(Self.sample.utf8)
    _ = try JSONValue(parsing: original.span)
    for index in original.indices {
      for mask in 1...UInt8.max {
        var bytes = original
        bytes[index] ^= mask
        do throws(JSONError) {
          let value = try JSONValue(parsing: bytes.span)
          #expect(try JSONValue(parsing: value.text()) == value)
        } catch {
          #expect((0...bytes.count).contains(error.offset))
        }
      }
    }
  }

  static let nests: [(opening: String, closing: String)] = [
    ("[", "]"), (#"{"a":"#, "}"), (#"[{"":"#, "}]"),
  ]

  @Test("nesting ends at the limit", arguments: nests)
  func nesting(opening: String, closing: String) throws {
    let deep = String(repeating: opening, count: 10_000)
    for text in [deep, deep + "1" + String(repeating: closing, count: 10_000)] {
      for limit in [0, 1, JSONValue.defaultDepthLimit, JSONValue.maximumDepthLimit, Int.max] {
        do throws(JSONError) {
          _ = try JSONValue(parsing: text, depthLimit: limit)
          Issue.record("parsed")
        } catch {
          guard case .tooDeep(_, let effective) = error else {
            Issue.record("\(error)")
            continue
          }
          #expect(effective == min(limit, JSONValue.maximumDepthLimit))
        }
      }
    }
  }

  @Test func `the deepest document that is allowed is read, compared, written and freed`() throws {
    let depth = JSONValue.maximumDepthLimit
    let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    let value = try JSONValue(parsing: text, depthLimit: depth)
    #expect(value.text() == text)
    #expect(value == (try JSONValue(parsing: text, depthLimit: depth)))
    #expect(throws: JSONError.tooDeep(offset: depth - 1, limit: depth - 1)) {
      try JSONValue(parsing: text, depthLimit: depth - 1)
    }
    #expect(throws: JSONError.tooDeep(offset: 128, limit: 128)) { try JSONValue(parsing: text) }
  }

  static let long: [(what: String, text: @Sendable (_ count: Int) -> String)] = [
    ("escapes", { "\"" + String(repeating: #"a\n\u00e9"#, count: $0) + "\"" }),
    ("names", { count in "{" + (0..<count).map { "\"n\($0)\":0" }.joined(separator: ",") + "}" }),
    ("elements", { "[" + String(repeating: "0,", count: $0) + "0]" }),
    ("digits", { String(repeating: "9", count: $0) }),
    ("objects", { "[" + String(repeating: #"{"a":1},"#, count: $0) + "{}]" }),
    ("white space", { String(repeating: " \n", count: $0) + "1" }),
  ]

  @Test("time and memory grow with the text, not faster", arguments: long.indices)
  func linear(index: Int) throws {
    // A quadratic step would take minutes here.
    let text = Self.long[index].text(300_000)
    let value = try JSONValue(parsing: text)
    #expect(try JSONValue(parsing: value.text()) == value)
  }

  @Test func `generated values survive the way out and in`() throws {
    var random = SplitMix(state: 0x5EED)
    for _ in 0..<500 {
      let value = random.value(depth: 0)
      for layout in [JSONLayout.compact, .indented] {
        #expect(try JSONValue(parsing: value.text(layout)) == value)
      }
    }
  }
}

/// A seeded source of values.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func string() -> String {
    var text = ""
    for _ in 0..<Int.random(in: 0...12, using: &self) {
      let bits = [0x20, 0x80, 0x800, 0x1_0000, 0x11_0000].randomElement(using: &self) ?? 0x80
      text.unicodeScalars.append(
        Unicode.Scalar(UInt32.random(in: 0..<UInt32(bits), using: &self)) ?? "x")
    }
    return text
  }

  mutating func value(depth: Int) -> JSONValue {
    switch Int.random(in: 0..<(depth < 5 ? 8 : 6), using: &self) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &self))
    case 2:
      return .number(
        JSONNumber(Int64(bitPattern: next()) >> Int64.random(in: 0..<64, using: &self)))
    case 3: return JSONNumber(Double(bitPattern: next())).map { .number($0) } ?? .null
    case 4, 5: return .string(string())
    case 6:
      return .array((0..<Int.random(in: 0...6, using: &self)).map { _ in value(depth: depth + 1) })
    default:
      var object = JSONObject()
      for _ in 0..<Int.random(in: 0...12, using: &self) {
        _ = object.append(string(), value(depth: depth + 1))
      }
      return .object(object)
    }
  }
}
