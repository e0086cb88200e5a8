package import PFArrow

/// What a field may be read as without rewriting it; the union of a column's fields says what
/// the column may be.
///
/// One of the kinds, and for times and timestamps what they need. Leading zeros, a plus sign,
/// `1e5`, `nan`, `inf`, integers beyond 64 bits and days that no calendar has are strings: read as
/// numbers or dates, they would not print as they were written.
package struct FieldKind: OptionSet, Hashable, Sendable {
  /// One bit for each kind.
  package let rawValue: UInt16

  package init(rawValue: UInt16) { self.rawValue = rawValue }

  /// No byte at all.
  package static let empty = FieldKind(rawValue: 1 << 0)
  /// A word for true or false.
  package static let boolean = FieldKind(rawValue: 1 << 1)
  /// An integer that `Double` holds too: at most 2^53.
  package static let int64 = FieldKind(rawValue: 1 << 2)
  /// An integer of 64 bits beyond 2^53.
  package static let wideInt64 = FieldKind(rawValue: 1 << 3)
  /// A number with a decimal mark, or an exponent with a sign, below the largest `Double`; `-0`.
  package static let float64 = FieldKind(rawValue: 1 << 4)
  /// A day.
  package static let date = FieldKind(rawValue: 1 << 5)
  /// A time of day.
  package static let time = FieldKind(rawValue: 1 << 6)
  /// A day with a time.
  package static let timestamp = FieldKind(rawValue: 1 << 7)
  /// A day with a time and a zone.
  package static let zonedTimestamp = FieldKind(rawValue: 1 << 8)
  /// Anything else.
  package static let string = FieldKind(rawValue: 1 << 9)

  /// With a time or timestamp: one to three digits of a fraction are written.
  package static let milliseconds = FieldKind(rawValue: 1 << 10)
  /// With a time or timestamp: four to six digits.
  package static let microseconds = FieldKind(rawValue: 1 << 11)
  /// With a time or timestamp: seven to nine digits.
  package static let nanoseconds = FieldKind(rawValue: 1 << 12)
  /// With a date or timestamp: 64 bits of nanoseconds do not reach it.
  package static let beyondNanoseconds = FieldKind(rawValue: 1 << 13)

  /// The unit that holds all digits of all times and timestamps.
  package var unit: TimeUnit {
    if contains(.nanoseconds) { return .nanosecond }
    if contains(.microseconds) { return .microsecond }
    return contains(.milliseconds) ? .millisecond : .second
  }

  /// The precision of a fraction of so many digits.
  static func precision(_ fractionDigitCount: Int) -> FieldKind {
    switch fractionDigitCount {
    case 0: []
    case 1...3: .milliseconds
    case 4...6: .microseconds
    default: .nanoseconds
    }
  }
}

/// Tells the kinds of fields.
package struct FieldClassifier: Sendable {
  private let booleans: BooleanText
  private let format: NumberFormat

  /// A classifier for these words and marks; what `format` allows beyond is of no account. Words
  /// for true and false that are numbers, as `1`, are numbers.
  package init(booleans: BooleanText = .standard, format: NumberFormat = .inferred) {
    self.booleans = booleans
    self.format = NumberFormat(
      decimalMark: format.decimalMark, thousandsMark: format.thousandsMark, allowsPlus: false,
      allowsLeadingZeros: false, allowsWords: false)
  }

  /// The kind of a field.
  ///
  /// SAFETY: as `DigitWords`. No allocation.
  @inline(__always)
  package func kind(_ start: UnsafePointer<UInt8>, _ count: Int) -> FieldKind {
    guard count > 0 else { return .empty }
    let first = unsafe start.pointee
    let isNegative = first == UInt8(ascii: "-")
    guard first &- UInt8(ascii: "0") < 10 || isNegative || first == format.decimalMark else {
      return unsafe booleans.parse(start, count) == nil ? .string : .boolean
    }
    let skipped = isNegative ? 1 : 0
    let digits = unsafe start + skipped
    let digitCount = count &- skipped
    let head = unsafe DigitWords.load8(digits) ^ DigitWords.zeros
    let run = DigitWords.foreign(head).trailingZeroBitCount &>> 3
    if run >= digitCount, digitCount > 0, head & 0xFF != 0 || count == 1 { return .int64 }
    if run < 8, unsafe digits[run] == format.decimalMark,
      unsafe isFraction(digits + (run &+ 1), digitCount &- run &- 1),
      run < 2 || head & 0xFF != 0
    {
      return .float64
    }
    return unsafe other(start, count, run: isNegative ? 0 : run)
  }

  /// Whether one to sixteen digits are all that is left.
  @inline(__always)
  private func isFraction(_ start: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    guard count > 0, count <= 16 else { return false }
    let head = unsafe DigitWords.load8(start) ^ DigitWords.zeros
    if count <= 8 { return DigitWords.foreign(DigitWords.atStart(head, count)) == 0 }
    let tail = unsafe DigitWords.load8(start + (count &- 8)) ^ DigitWords.zeros
    return DigitWords.foreign(head) | DigitWords.foreign(tail) == 0
  }

  /// The kind of what begins as a number does but is no short one. `run` counts the digits at its
  /// start, up to eight; 0 behind a sign.
  @inline(never)
  private func other(_ start: UnsafePointer<UInt8>, _ count: Int, run: Int) -> FieldKind {
    if run == 4, unsafe start[4] == UInt8(ascii: "-"),
      let kind = unsafe calendarKind(start, count)
    {
      return kind
    }
    if run == 2, unsafe start[2] == UInt8(ascii: ":"),
      let time = unsafe TimeText.parts(start, count)
    {
      return [.time, .precision(time.fractionDigitCount)]
    }
    if let kind = unsafe numberKind(start, count, format) { return kind }
    if format.thousandsMark != nil,
      let kind = unsafe ThousandsText.strip(
        start, count, format,
        { plain, count in unsafe numberKind(plain, count, format.withoutThousands) })
    {
      return kind
    }
    return unsafe booleans.parse(start, count) == nil ? .string : .boolean
  }

  /// The kind of a date or timestamp; nil when the field is none.
  private func calendarKind(_ start: UnsafePointer<UInt8>, _ count: Int) -> FieldKind? {
    guard let parts = unsafe TimestampText.parts(start, count) else { return nil }
    let isFar = parts.value(in: .nanosecond) == nil
    let far: FieldKind = isFar ? .beyondNanoseconds : []
    if count == 10 { return [.date, far] }
    let precision = FieldKind.precision(parts.clock.fractionDigitCount)
    if isFar, precision == .nanoseconds { return nil }
    return [parts.zoneOffset == nil ? .timestamp : .zonedTimestamp, precision, far]
  }

  /// The kind of a number; nil when the field is none.
  private func numberKind(
    _ start: UnsafePointer<UInt8>, _ count: Int, _ format: NumberFormat
  ) -> FieldKind? {
    if let integer: Int64 = unsafe IntegerText.parse(start, count, format.withoutThousands) {
      return integer.magnitude <= 1 << 53 ? .int64 : .wideInt64
    }
    guard let number = unsafe DecimalDigits(start, count, format) else { return nil }
    let isFloat =
      unsafe number.hasMark || number.hasExponentSign || (count == 2 && number.integer == 0)
    guard isFloat,
      unsafe FloatText.parse(start, count, format.withoutThousands, as: Double.self) != nil
    else { return nil }
    return .float64
  }
}
