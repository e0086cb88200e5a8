internal import PFCore

/// What the fields of one column are read by: quoting, null tokens, number format, words.
///
/// Used by one thread at a time: it has room for text that has to be taken out of its quotes.
final class FieldContext {
  let quote: UInt16
  private let escape: UInt16
  private let doublesQuotes: Bool
  /// Whether doubled quotes are a quote of a text that is no null.
  let mayDoubleQuotes: Bool
  private let nullTokens: [[UInt8]]
  /// Whether null tokens in quotes are nulls.
  let quotedNulls: Bool
  /// Bit `n` says that a field of `n` bytes (bit 63: or more) may be another text than its bytes,
  /// or a null.
  let slowLengths: UInt64
  let format: NumberFormat
  let words: BooleanText
  /// How dates, times and timestamps may be written beside ISO 8601; nil where no form is given.
  let forms: TemporalForms?
  /// Whether a field without bytes is a null.
  let emptyIsNull: Bool
  private var scratch: MutableBuffer?

  init(_ dialect: CompiledDialect, _ rules: ColumnRules) {
    quote = dialect.quote
    escape = dialect.escape
    doublesQuotes = dialect.doublesQuotes
    mayDoubleQuotes = dialect.doublesQuotes && !rules.quotedNulls
    nullTokens = rules.nullTokens
    quotedNulls = rules.quotedNulls
    format = rules.format
    words = rules.words
    forms = rules.forms
    emptyIsNull = rules.nullTokens.contains([])
    var lengths: UInt64 = 0
    for token in rules.nullTokens { lengths |= 1 << UInt64(min(token.count, 63)) }
    if dialect.hasEscape { lengths = ~0 }
    // Missing fields have no bytes.
    slowLengths = lengths | 1
  }

  /// Whether the text between two quotes, `count` bytes without a quote, is no null and no other
  /// text.
  @inline(__always)
  func allowsPlainQuoted(_ count: Int) -> Bool {
    escape == CompiledDialect.none
      && (!quotedNulls || (slowLengths &>> UInt64(truncatingIfNeeded: min(count, 63))) & 1 == 0)
  }

  /// What a field is.
  @unsafe enum Content {
    case null
    /// Bytes at a pointer: in the window, or in the scratch.
    case text(UnsafePointer<UInt8>, Int, isQuoted: Bool)
  }

  /// What a field of the window holds.
  ///
  /// SAFETY: the caller promises that the field lies in the window of `fields`. The text is valid
  /// until the window moves or the next call; 64 bytes behind it are readable.
  @unsafe @inline(never)
  func content(
    _ bytes: UnsafePointer<UInt8>, _ begin: Int, _ end: Int, absentPosition: UInt32
  ) throws(AllocationError) -> Content {
    if begin == Int(absentPosition) { return unsafe .null }
    let count = end - begin
    var isQuoted = false
    var text = unsafe bytes + begin
    var textCount = count
    if count > 0, unsafe UInt16(text.pointee) == quote {
      isQuoted = true
      if count >= 2, unsafe UInt16(text[count - 1]) == quote, unsafe isPlain(text + 1, count - 2) {
        unsafe text += 1
        textCount = count - 2
      } else {
        unsafe (text, textCount) = try unescaped(text, count)
      }
    } else if escape != CompiledDialect.none, unsafe !isPlain(text, count) {
      unsafe (text, textCount) = try unescaped(text, count)
    }
    if !isQuoted || quotedNulls {
      for token in nullTokens where token.count == textCount {
        if unsafe Self.isEqual(token, text) { return unsafe .null }
      }
    }
    return unsafe .text(text, textCount, isQuoted: isQuoted)
  }

  /// Whether no quote or escape is among the bytes.
  @unsafe private func isPlain(_ start: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    for index in 0..<count {
      let byte = unsafe UInt16(start[index])
      if byte == quote || byte == escape { return false }
    }
    return true
  }

  @unsafe static func isEqual(_ token: [UInt8], _ text: UnsafePointer<UInt8>) -> Bool {
    for index in token.indices where unsafe text[index] != token[index] { return false }
    return true
  }

  /// The text of a field without its quotes and escapes, in the scratch.
  @unsafe private func unescaped(
    _ start: UnsafePointer<UInt8>, _ count: Int
  ) throws(AllocationError) -> (UnsafePointer<UInt8>, Int) {
    if scratch == nil { scratch = try MutableBuffer(byteCount: max(4096, count + 64)) }
    try scratch?.reserve(count + 64)
    guard let target = unsafe scratch?.start.assumingMemoryBound(to: UInt8.self) else {
      throw AllocationError(byteCount: count)
    }
    let written = unsafe unescape(start, count, to: target)
    return unsafe (UnsafePointer(target), written)
  }

  /// Writes the text of a field without its quotes and escapes; gives its length, `count` at most.
  ///
  /// SAFETY: the caller promises `count` readable and `count` writable bytes.
  @unsafe func unescape(
    _ start: UnsafePointer<UInt8>, _ count: Int, to target: UnsafeMutablePointer<UInt8>
  ) -> Int {
    var written = 0
    var index = 0
    var isInside = false
    if count > 0, unsafe UInt16(start.pointee) == quote {
      isInside = true
      index = 1
    }
    while index < count {
      let byte = unsafe start[index]
      if UInt16(byte) == escape {
        index += 1
        if index < count {
          unsafe target[written] = start[index]
          written += 1
          index += 1
        }
      } else if isInside, UInt16(byte) == quote {
        if doublesQuotes, index + 1 < count, unsafe UInt16(start[index + 1]) == quote {
          unsafe target[written] = byte
          written += 1
          index += 2
        } else {
          isInside = false
          index += 1
        }
      } else {
        unsafe target[written] = byte
        written += 1
        index += 1
      }
    }
    return written
  }
}

/// The rules of one column, as bytes.
struct ColumnRules: Sendable {
  var nullTokens: [[UInt8]] = [[]]
  var quotedNulls = true
  var format = NumberFormat.given
  var words = BooleanText.standard
  /// For a given type those that say it, which stand in place of ISO 8601; where the type is
  /// inferred all that were given.
  var forms: TemporalForms?
}
