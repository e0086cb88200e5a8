/// How numbers are written.
package struct NumberFormat: Equatable, Sendable {
  /// Stands between the integer and the fraction.
  package var decimalMark: UInt8
  /// Stands between groups of three digits of the integer part; nil where none does.
  package var thousandsMark: UInt8?
  /// Whether a number may begin with "+".
  package var allowsPlus: Bool
  /// Whether zeros may stand before the first digit of an integer part, as in `007` and `-0`.
  package var allowsLeadingZeros: Bool
  /// Whether `inf`, `infinity` and `nan`, in any case and with a sign, are floating-point numbers.
  package var allowsWords: Bool

  /// A format; without arguments, that of a column whose type was given.
  package init(
    decimalMark: UInt8 = UInt8(ascii: "."), thousandsMark: UInt8? = nil, allowsPlus: Bool = true,
    allowsLeadingZeros: Bool = true, allowsWords: Bool = true
  ) {
    self.decimalMark = decimalMark
    self.thousandsMark = thousandsMark
    self.allowsPlus = allowsPlus
    self.allowsLeadingZeros = allowsLeadingZeros
    self.allowsWords = allowsWords
  }

  /// A column whose type was given: what a person would take for a number is one.
  package static let given = NumberFormat()

  /// A column whose type is inferred: only what printing the number gives again.
  package static let inferred = NumberFormat(
    allowsPlus: false, allowsLeadingZeros: false, allowsWords: false)

  /// The same without a mark between thousands.
  var withoutThousands: NumberFormat {
    var format = self
    format.thousandsMark = nil
    return format
  }
}

/// Numbers with marks between thousands.
enum ThousandsText {
  /// The longest field that is taken apart; a longer one does not fit.
  private static let limit = 1024

  /// Calls `body` with the field without its marks; nil where they do not stand before each three
  /// digits of the integer part, with one to three digits before the first.
  ///
  /// SAFETY: as `DigitWords`; `body` gets the same slack.
  @inline(never)
  static func strip<T>(
    _ start: UnsafePointer<UInt8>, _ count: Int, _ format: NumberFormat,
    _ body: (UnsafePointer<UInt8>, Int) -> T?
  ) -> T? {
    guard let mark = format.thousandsMark, count <= limit else { return nil }
    // SAFETY: fewer bytes than `limit` are written; the slack behind them is there, and is zero.
    return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: limit + DigitWords.slack)
    { plain -> T? in
      guard let base = plain.baseAddress else { return nil }
      unsafe plain.initialize(repeating: 0)
      var written = 0
      var groups = 0
      // Digits since the sign or the last mark.
      var digits = 0
      var index = 0
      var isInteger = true
      while index < count {
        let byte = unsafe start[index]
        index += 1
        if isInteger, byte == mark {
          guard groups == 0 ? (1...3).contains(digits) : digits == 3 else { return nil }
          groups += 1
          digits = 0
          continue
        }
        let isSign = written == 0 && (byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+"))
        if byte &- UInt8(ascii: "0") < 10 {
          digits += 1
        } else if isInteger, !isSign {
          guard groups == 0 || digits == 3 else { return nil }
          isInteger = false
        }
        unsafe base[written] = byte
        written += 1
      }
      guard groups > 0, !isInteger || digits == 3 else { return nil }
      return unsafe body(base, written)
    }
  }
}
