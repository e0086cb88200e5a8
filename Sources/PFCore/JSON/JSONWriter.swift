/// How JSON text is laid out.
public enum JSONLayout: Sendable {
  /// No white space at all.
  case compact
  /// A line for each member and element, indented by two spaces a level.
  case indented
}

/// Writes a JSON document piece by piece, without a tree of values.
///
///     var writer = JSONWriter()
///     writer.object {
///       $0.member("rows", 5)
///       $0.array("columns") { $0.value("price") }
///     }
///
/// Brackets, commas and white space are right by construction. What is left to the caller: one
/// value at the top, `member` inside of objects alone and `value` outside of them, and names that
/// do not repeat.
package struct JSONWriter {
  /// The text so far, as UTF-8.
  package private(set) var bytes: [UInt8] = []
  private let layout: JSONLayout
  private var depth = 0
  /// Whether a value stands before the place where the next one goes.
  private var needsComma = false
  /// Whether a member's name was written and its value was not.
  private var followsName = false

  package init(_ layout: JSONLayout = .compact) { self.layout = layout }

  /// The text so far.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Writes the document's value, or the next element of the array that is open.
  package mutating func value(_ value: some JSONWritable) { value.write(to: &self) }

  /// Writes a member of the object that is open.
  package mutating func member(_ name: String, _ value: some JSONWritable) {
    append(name: name)
    value.write(to: &self)
  }

  /// Writes an object as the next value; `body` writes its members.
  package mutating func object<E>(
    _ body: (inout JSONWriter) throws(E) -> Void
  ) throws(E) {
    try brackets(UInt8(ascii: "{"), UInt8(ascii: "}"), body)
  }

  /// Writes a member that is an object; `body` writes its members.
  package mutating func object<E>(
    _ name: String, _ body: (inout JSONWriter) throws(E) -> Void
  ) throws(E) {
    append(name: name)
    try object(body)
  }

  /// Writes an array as the next value; `body` writes its elements.
  package mutating func array<E>(
    _ body: (inout JSONWriter) throws(E) -> Void
  ) throws(E) {
    try brackets(UInt8(ascii: "["), UInt8(ascii: "]"), body)
  }

  /// Writes a member that is an array; `body` writes its elements.
  package mutating func array<E>(
    _ name: String, _ body: (inout JSONWriter) throws(E) -> Void
  ) throws(E) {
    append(name: name)
    try array(body)
  }

  // MARK: Structure

  private mutating func brackets<E>(
    _ opening: UInt8, _ closing: UInt8, _ body: (inout JSONWriter) throws(E) -> Void
  ) throws(E) {
    beginItem()
    bytes.append(opening)
    depth += 1
    needsComma = false
    try body(&self)
    depth -= 1
    if needsComma { breakLine() }
    bytes.append(closing)
    needsComma = true
  }

  /// Appends what separates the next value or member from what is before it.
  private mutating func beginItem() {
    if followsName {
      followsName = false
      return
    }
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    if depth > 0 { breakLine() }
    needsComma = true
  }

  private mutating func append(name: String) {
    write(string: name)
    bytes.append(UInt8(ascii: ":"))
    if layout == .indented { bytes.append(UInt8(ascii: " ")) }
    followsName = true
  }

  private mutating func breakLine() {
    guard layout == .indented else { return }
    bytes.append(UInt8(ascii: "\n"))
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
  }

  // MARK: Scalars, for `JSONWritable`

  /// Writes a value that is JSON text already: a literal name or a number.
  mutating func write(literal: String) {
    beginItem()
    bytes.append(contentsOf: literal.utf8)
  }

  mutating func write(integer value: some FixedWidthInteger) {
    // `String` of an integer costs more than the digits themselves.
    guard let magnitude = UInt64(exactly: value.magnitude) else {
      return write(literal: String(value))
    }
    beginItem()
    var digits = InlineArray<20, UInt8>(repeating: 0)
    var start = digits.count
    var rest = magnitude
    repeat {
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      start -= 1
      digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
      rest = quotient
    } while rest > 0
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    for index in start..<digits.count { bytes.append(digits[index]) }
  }

  /// Writes a string; escapes quotes, backslashes and control characters.
  mutating func write(string: String) {
    beginItem()
    bytes.append(UInt8(ascii: "\""))
    let utf8 = string.utf8.span
    var escapeCount = 0  // counted, not searched for: such a loop runs on vectors
    for index in utf8.indices where Self.needsEscape(utf8[index]) { escapeCount += 1 }
    if escapeCount == 0 {
      bytes.append(contentsOf: string.utf8)
    } else {
      for index in utf8.indices {
        let byte = utf8[index]
        if Self.needsEscape(byte) { append(escaped: byte) } else { bytes.append(byte) }
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  @inline(__always)
  private static func needsEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  private mutating func append(escaped byte: UInt8) {
    bytes.append(UInt8(ascii: "\\"))
    switch byte {
    case UInt8(ascii: "\n"): bytes.append(UInt8(ascii: "n"))
    case UInt8(ascii: "\r"): bytes.append(UInt8(ascii: "r"))
    case UInt8(ascii: "\t"): bytes.append(UInt8(ascii: "t"))
    case 0..<0x20:
      bytes.append(contentsOf: (byte < 0x10 ? "u000" : "u001").utf8)
      let digit = byte & 0xF
      bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + (digit - 10))
    default: bytes.append(byte)  // a quote or a backslash
    }
  }
}
