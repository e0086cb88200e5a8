/// A recursive-descent reader of RFC 8259. Invariant: `0 <= offset <= bytes.count`.
///
/// Each byte is looked at a fixed number of times; recursion ends at `depthLimit`.
struct JSONParser: ~Escapable {
  private let bytes: Span<UInt8>
  private let depthLimit: Int
  private var offset = 0

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>, depthLimit: Int) {
    self.bytes = bytes
    self.depthLimit = depthLimit
  }

  mutating func parseDocument() throws(JSONError) -> JSONValue {
    if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
      throw .byteOrderMark
    }
    let value = try parseValue(depth: 0)
    skipWhitespace()
    guard offset == bytes.count else { throw .trailingContent(offset: offset) }
    return value
  }

  /// Reads white space and a value inside of `depth` open arrays and objects.
  private mutating func parseValue(depth: Int) throws(JSONError) -> JSONValue {
    skipWhitespace()
    switch try peek() {
    case UInt8(ascii: "{"): return .object(try parseObject(depth: depth))
    case UInt8(ascii: "["): return .array(try parseArray(depth: depth))
    case UInt8(ascii: "\""): return .string(try parseString())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try parseNumber())
    case UInt8(ascii: "t"):
      try expect("true")
      return .bool(true)
    case UInt8(ascii: "f"):
      try expect("false")
      return .bool(false)
    case UInt8(ascii: "n"):
      try expect("null")
      return .null
    default: throw .unexpectedByte(offset: offset)
    }
  }

  private mutating func parseArray(depth: Int) throws(JSONError) -> [JSONValue] {
    try open(depth: depth)
    var elements: [JSONValue] = []
    if try peek() == UInt8(ascii: "]") {
      offset += 1
      return elements
    }
    repeat {
      elements.append(try parseValue(depth: depth + 1))
    } while try !closes(with: UInt8(ascii: "]"))
    return elements
  }

  private mutating func parseObject(depth: Int) throws(JSONError) -> JSONObject {
    try open(depth: depth)
    var object = JSONObject()
    if try peek() == UInt8(ascii: "}") {
      offset += 1
      return object
    }
    repeat {
      skipWhitespace()
      let start = offset
      guard try peek() == UInt8(ascii: "\"") else { throw .unexpectedByte(offset: offset) }
      let name = try parseString()
      skipWhitespace()
      try expect(":")
      guard object.append(name, try parseValue(depth: depth + 1)) else {
        throw .duplicateName(offset: start)
      }
    } while try !closes(with: UInt8(ascii: "}"))
    return object
  }

  /// Moves past an opening bracket and the white space behind it.
  private mutating func open(depth: Int) throws(JSONError) {
    guard depth < depthLimit else { throw .tooDeep(offset: offset, limit: depthLimit) }
    offset += 1
    skipWhitespace()
  }

  /// Moves past what follows an element: true for the closing bracket, false for a comma.
  private mutating func closes(with bracket: UInt8) throws(JSONError) -> Bool {
    skipWhitespace()
    let byte = try peek()
    guard byte == bracket || byte == UInt8(ascii: ",") else {
      throw .unexpectedByte(offset: offset)
    }
    offset += 1
    return byte == bracket
  }

  // MARK: Numbers

  private mutating func parseNumber() throws(JSONError) -> JSONNumber {
    let start = offset
    if bytes[offset] == UInt8(ascii: "-") { offset += 1 }
    if try peek() == UInt8(ascii: "0") {
      offset += 1
      guard digitCount() == 0 else { throw .invalidNumber(offset: start) }
    } else {
      try skipDigits()
    }
    if next(is: UInt8(ascii: "."), or: UInt8(ascii: ".")) {
      offset += 1
      try skipDigits()
    }
    if next(is: UInt8(ascii: "e"), or: UInt8(ascii: "E")) {
      offset += 1
      if next(is: UInt8(ascii: "+"), or: UInt8(ascii: "-")) { offset += 1 }
      try skipDigits()
    }
    return JSONNumber(checked: try text(start..<offset))
  }

  /// Moves past one or more digits.
  private mutating func skipDigits() throws(JSONError) {
    let count = digitCount()
    if count == 0 {
      _ = try peek()
      throw .invalidNumber(offset: offset)
    }
    offset += count
  }

  private func digitCount() -> Int {
    var end = offset
    while end < bytes.count, bytes[end] &- UInt8(ascii: "0") < 10 { end += 1 }
    return end - offset
  }

  // MARK: Strings

  /// Reads a string from its opening to its closing quote.
  private mutating func parseString() throws(JSONError) -> String {
    offset += 1
    let start = offset
    skipPlainCharacters()
    if try peek() == UInt8(ascii: "\"") {  // no escape: one copy
      defer { offset += 1 }
      return try text(start..<offset)
    }
    var result = try text(start..<offset)
    while try peek() != UInt8(ascii: "\"") {
      guard bytes[offset] == UInt8(ascii: "\\") else { throw .controlCharacter(offset: offset) }
      result.unicodeScalars.append(try parseEscape())
      let run = offset
      skipPlainCharacters()
      if run < offset { result += try text(run..<offset) }
    }
    offset += 1
    return result
  }

  /// Moves to the next quote, backslash or control character, or to the end.
  private mutating func skipPlainCharacters() {
    var end = offset
    while end < bytes.count {
      let byte = bytes[end]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { break }
      end += 1
    }
    offset = end
  }

  /// Reads an escape from its backslash on.
  private mutating func parseEscape() throws(JSONError) -> Unicode.Scalar {
    let start = offset
    offset += 1
    let letter = try peek()
    offset += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: throw .invalidEscape(offset: start)
    }
    let unit = try parseHexadecimal(escapeAt: start)
    if let scalar = Unicode.Scalar(unit) { return scalar }
    // Only surrogates are no scalars: a high one has to be followed by a low one.
    let second = offset
    guard unit < 0xDC00, try peek() == UInt8(ascii: "\\") else {
      throw .loneSurrogate(offset: start)
    }
    offset += 1
    guard try peek() == UInt8(ascii: "u") else { throw .loneSurrogate(offset: start) }
    offset += 1
    let low = try parseHexadecimal(escapeAt: second)
    guard 0xDC00..<0xE000 ~= low,
      let scalar = Unicode.Scalar(0x1_0000 + (unit - 0xD800) << 10 + (low - 0xDC00))
    else { throw .loneSurrogate(offset: start) }
    return scalar
  }

  /// Reads the four digits of a `\u` escape.
  private mutating func parseHexadecimal(escapeAt start: Int) throws(JSONError) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      let byte = try peek()
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
      default: throw .invalidEscape(offset: start)
      }
      unit = unit << 4 | UInt32(digit)
      offset += 1
    }
    return unit
  }

  /// The bytes of `range` as a string.
  private func text(_ range: Range<Int>) throws(JSONError) -> String {
    do throws(UTF8.ValidationError) {
      return String(copying: try UTF8Span(validating: bytes.extracting(range)))
    } catch {
      throw .invalidUTF8(offset: range.lowerBound + error.byteOffsets.lowerBound)
    }
  }

  // MARK: Bytes

  private func peek() throws(JSONError) -> UInt8 {
    guard offset < bytes.count else { throw .unexpectedEnd(offset: offset) }
    return bytes[offset]
  }

  private func next(is first: UInt8, or second: UInt8) -> Bool {
    offset < bytes.count && (bytes[offset] == first || bytes[offset] == second)
  }

  private mutating func expect(_ token: String) throws(JSONError) {
    for byte in token.utf8 {
      guard try peek() == byte else { throw .unexpectedByte(offset: offset) }
      offset += 1
    }
  }

  private mutating func skipWhitespace() {
    while offset < bytes.count {
      switch bytes[offset] {
      case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"):
        offset += 1
      default: return
      }
    }
  }
}
