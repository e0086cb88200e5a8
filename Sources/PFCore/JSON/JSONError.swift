/// Why a text is not a JSON document, and at which byte of it (from 0).
public enum JSONError: Error, Equatable, Sendable {
  /// The text ends inside the document.
  case unexpectedEnd(offset: Int)
  /// No JSON token is possible here.
  case unexpectedByte(offset: Int)
  /// A number that breaks the grammar: a leading zero, a missing digit.
  case invalidNumber(offset: Int)
  /// A character below U+0020 stands in a string unescaped.
  case controlCharacter(offset: Int)
  /// A backslash is followed by no known escape.
  case invalidEscape(offset: Int)
  /// A `\u` escape gives half a surrogate pair.
  case loneSurrogate(offset: Int)
  /// A string is not UTF-8.
  case invalidUTF8(offset: Int)
  /// The name that starts here occurred in the same object before.
  case duplicateName(offset: Int)
  /// The array or object that starts here is nested deeper than `limit`.
  case tooDeep(offset: Int, limit: Int)
  /// Something follows the document.
  case trailingContent(offset: Int)
  /// The text starts with a byte order mark (RFC 8259, section 8.1).
  case byteOrderMark

  /// The byte at which the text stops being JSON.
  public var offset: Int {
    switch self {
    case .unexpectedEnd(let offset), .unexpectedByte(let offset), .invalidNumber(let offset),
      .controlCharacter(let offset), .invalidEscape(let offset), .loneSurrogate(let offset),
      .invalidUTF8(let offset), .duplicateName(let offset), .tooDeep(let offset, _),
      .trailingContent(let offset):
      offset
    case .byteOrderMark: 0
    }
  }

  /// The error with its line and column in `text`, the document that was parsed.
  public func message(in text: Span<UInt8>) -> String {
    "\(TextPosition(ofOffset: offset, in: text)): \(self)"
  }
}

extension JSONError: CustomStringConvertible {
  /// One clause for people, without the place.
  public var description: String {
    switch self {
    case .unexpectedEnd: "the JSON text ends too early"
    case .unexpectedByte: "a character that JSON does not allow here"
    case .invalidNumber: "a malformed JSON number"
    case .controlCharacter: "an unescaped control character in a JSON string"
    case .invalidEscape: "an unknown escape in a JSON string"
    case .loneSurrogate: "half a surrogate pair in a JSON string"
    case .invalidUTF8: "a JSON string that is not UTF-8"
    case .duplicateName: "a name that occurs twice in one JSON object"
    case .tooDeep(_, let limit): "JSON nested more than \(limit) levels deep"
    case .trailingContent: "more text after the end of the JSON document"
    case .byteOrderMark: "a byte order mark, which JSON does not allow"
    }
  }
}
