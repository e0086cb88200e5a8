internal import PFCore

/// How a CSV file is written. Without changes, that of RFC 4180.
public struct CSVDialect: Hashable, Sendable {
  /// Stands between fields; one byte or several.
  public var delimiter = ","
  /// Begins and ends a field that may hold delimiters and line ends; one ASCII character, or nil
  /// where no field is quoted.
  public var quote: String? = "\""
  /// Whether two quotes in a quoted field are one quote of its text.
  public var doublesQuotes = true
  /// Takes the meaning of the character behind it, in a quoted field or out of it; one ASCII
  /// character.
  public var escape: String?
  /// Lines that begin with it are passed over.
  public var comment: String?
  /// Whether the first record names the columns.
  public var hasHeader = true
  /// Physical lines before the header, or before the data where there is none.
  public var skippedLineCount = 0
  /// Whether lines without a byte are passed over; otherwise each is a record of one empty field.
  public var skipsBlankLines = true
  /// Which spaces and tabs around fields are no part of them. Those in quotes always are.
  public var trimming = Trimming.none
  /// Stands between the integer and the fraction of numbers; one ASCII character.
  public var decimalMark = "."
  /// Stands between groups of three digits of numbers; one ASCII character.
  public var thousandsMark: String?

  /// Where spaces and tabs are taken off.
  public enum Trimming: String, Sendable, CaseIterable {
    /// Nowhere.
    case none
    /// Before a field; behind them a quote may begin it.
    case leading
    /// Behind a field.
    case trailing
    /// On both sides.
    case both
  }

  /// RFC 4180 with a header.
  public init() {}
}

/// A dialect in bytes, checked.
struct CompiledDialect: Sendable {
  /// What no byte is equal to.
  static let none: UInt16 = 0x100

  let delimiter: [UInt8]
  /// The quote, or `none`.
  let quote: UInt16
  /// The escape, or `none`.
  let escape: UInt16
  let doublesQuotes: Bool
  let comment: [UInt8]
  let skipsBlankLines: Bool
  let trimsLeading: Bool
  let trimsTrailing: Bool
  let decimalMark: UInt8
  let thousandsMark: UInt8?

  /// Whether masks alone find the fields, as long as quotes open at the begin of fields only.
  let allowsMasks: Bool
  /// Whether masks find the fields only where no quote is.
  let quotesNeedExactScan: Bool
  /// Whether the text of a field can differ from its bytes without a quote at its begin.
  var hasEscape: Bool { escape != Self.none }
  var trims: Bool { trimsLeading || trimsTrailing }

  /// - Throws: `.invalidOption`.
  init(_ dialect: CSVDialect) throws(ReadError) {
    func bad(_ name: String, _ why: String) -> ReadError {
      ReadError(.invalidOption(name: name, why: why))
    }
    func byte(_ name: String, _ text: String?) throws(ReadError) -> UInt16 {
      guard let text else { return Self.none }
      let bytes = Array(text.utf8)
      guard bytes.count == 1, bytes[0] < 0x80, bytes[0] != 0x0A, bytes[0] != 0x0D else {
        throw bad(name, "it is not one ASCII character other than a line end")
      }
      return UInt16(bytes[0])
    }
    func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

    delimiter = Array(dialect.delimiter.utf8)
    guard !delimiter.isEmpty, !delimiter.contains(where: isLineEnd) else {
      throw bad("delimiter", "it is empty or holds a line end")
    }
    quote = try byte("quote", dialect.quote)
    let escape = try byte("escape", dialect.escape)
    // A quote that escapes quotes is a doubled quote.
    self.escape = escape == quote ? Self.none : escape
    doublesQuotes = dialect.doublesQuotes || escape == quote
    comment = Array((dialect.comment ?? "").utf8)
    guard !comment.contains(where: isLineEnd) else { throw bad("comment", "it holds a line end") }
    guard dialect.skippedLineCount >= 0 else { throw bad("skip_rows", "it is below 0") }
    skipsBlankLines = dialect.skipsBlankLines
    trimsLeading = dialect.trimming == .leading || dialect.trimming == .both
    trimsTrailing = dialect.trimming == .trailing || dialect.trimming == .both
    let decimal = try byte("decimal_mark", dialect.decimalMark)
    let thousands = try byte("thousands_mark", dialect.thousandsMark)
    func isDigit(_ mark: UInt16) -> Bool { (0x30...0x39).contains(mark) }
    guard !isDigit(decimal), !isDigit(thousands), decimal != thousands else {
      throw bad("decimal_mark", "it is a digit, or the mark between thousands")
    }
    decimalMark = UInt8(truncatingIfNeeded: decimal)
    thousandsMark = thousands == Self.none ? nil : UInt8(truncatingIfNeeded: thousands)
    let first = UInt16(delimiter[0])
    guard first != quote, first != self.escape, self.escape == Self.none || self.escape != quote
    else { throw bad("delimiter", "it begins with the quote or the escape") }

    let isQuoted = quote != Self.none
    allowsMasks =
      delimiter.count == 1 && self.escape == Self.none && (!isQuoted || doublesQuotes)
    quotesNeedExactScan = isQuoted && (!comment.isEmpty || trimsLeading)
  }
}
