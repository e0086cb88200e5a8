/// How characters are bytes in an input.
package enum TextEncoding: Hashable, Sendable, CaseIterable {
  case utf8
  /// ISO 8859-1: each byte is the character of that number.
  case latin1
  /// Latin-1 with other characters at 0x80 to 0x9F; five bytes there are none.
  case windows1252
  case utf16LittleEndian
  case utf16BigEndian

  /// A byte order mark at the start of an input.
  package struct Mark: Equatable, Sendable {
    /// The encoding that it tells.
    package let encoding: TextEncoding
    /// Its size.
    package let byteCount: Int
  }

  /// The byte order mark that an input begins with; nil where there is none. `bytes` are its first
  /// three, or all there are.
  package static func mark(of bytes: Span<UInt8>) -> Mark? {
    func begins(_ mark: [UInt8]) -> Bool {
      bytes.count >= mark.count && mark.indices.allSatisfy { bytes[$0] == mark[$0] }
    }
    if begins([0xEF, 0xBB, 0xBF]) { return Mark(encoding: .utf8, byteCount: 3) }
    if begins([0xFF, 0xFE]) { return Mark(encoding: .utf16LittleEndian, byteCount: 2) }
    if begins([0xFE, 0xFF]) { return Mark(encoding: .utf16BigEndian, byteCount: 2) }
    return nil
  }

  /// The bytes of U+FEFF where it may stand as a mark; none where the encoding lacks it.
  package var markByteCount: Int {
    switch self {
    case .utf8: 3
    case .utf16LittleEndian, .utf16BigEndian: 2
    case .latin1, .windows1252: 0
    }
  }

  /// The name that messages use.
  package var name: String {
    switch self {
    case .utf8: "UTF-8"
    case .latin1: "latin-1"
    case .windows1252: "windows-1252"
    case .utf16LittleEndian: "UTF-16-LE"
    case .utf16BigEndian: "UTF-16-BE"
    }
  }
}

/// The encoding that a caller asks for by name.
package enum NamedEncoding: Equatable, Sendable {
  /// This one, whatever a byte order mark of another says.
  case exactly(TextEncoding)
  /// UTF-16 in the order of its byte order mark, little-endian without one.
  case utf16ByMark

  /// The encoding of a name as Python spells it, in any case, with `-`, `_` or nothing between its
  /// parts; nil for others.
  package init?(_ name: String) {
    let letters = name.lowercased().filter { $0 != "-" && $0 != "_" && $0 != " " }
    switch letters {
    case "utf8", "u8", "utf", "utf8sig", "cp65001": self = .exactly(.utf8)
    case "latin1", "latin", "l1", "iso88591", "8859", "iso8859", "cp819", "ibm819":
      self = .exactly(.latin1)
    case "cp1252", "windows1252", "1252": self = .exactly(.windows1252)
    case "utf16", "u16": self = .utf16ByMark
    case "utf16le": self = .exactly(.utf16LittleEndian)
    case "utf16be": self = .exactly(.utf16BigEndian)
    default: return nil
    }
  }

  /// The encoding of an input that begins with `mark`.
  package func encoding(with mark: TextEncoding.Mark?) -> TextEncoding {
    switch self {
    case .exactly(let encoding): encoding
    case .utf16ByMark:
      mark?.encoding == .utf16BigEndian ? .utf16BigEndian : .utf16LittleEndian
    }
  }
}
