/// A place in a text, as editors count: lines and columns from 1, columns in Unicode scalars.
public struct TextPosition: Sendable, Equatable, CustomStringConvertible {
  /// The line, from 1. Lines end with a line feed.
  public let line: Int
  /// The column, from 1.
  public let column: Int

  /// The place of the byte at `offset` of a UTF-8 text; an offset outside of the text counts as
  /// its nearest end.
  ///
  /// - Complexity: O(`offset`); meant for the one error that ends a parse.
  public init(ofOffset offset: Int, in text: Span<UInt8>) {
    var line = 1
    var column = 1
    for index in 0..<max(0, min(offset, text.count)) {
      switch text[index] {
      case UInt8(ascii: "\n"): (line, column) = (line + 1, 1)
      case 0x80..<0xC0: break  // the rest of a scalar
      default: column += 1
      }
    }
    (self.line, self.column) = (line, column)
  }

  /// `line 3, column 14`.
  public var description: String { "line \(line), column \(column)" }
}
