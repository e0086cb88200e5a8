internal import PFArrow

/// The forms that dates, times and timestamps of a column may have: a value is of the first that it
/// fits.
struct TemporalForms: Sendable {
  /// One of them.
  enum Form: Sendable {
    /// ISO 8601, as `DateText`, `TimeText` and `TimestampText` have it.
    case iso
    case format(FormatText)

    /// What stands for ISO 8601 among formats, without regard to case.
    static let isoName = "iso8601"

    /// The form that a text names or is.
    init(_ text: String) throws(FormatText.Failure) {
      self =
        text.lowercased().filter { $0 != " " && $0 != "-" } == Self.isoName
        ? .iso : .format(try FormatText(text))
    }

    /// The format; none for ISO 8601.
    var format: FormatText? {
      if case .format(let format) = self { format } else { nil }
    }

    /// Whether a field of the form may be a value of `type`.
    func fits(_ type: DataType) -> Bool {
      guard let format else { return true }
      switch type {
      case .date32, .date64: return format.hasDate && !format.hasTime
      case .time32, .time64: return format.hasTime && !format.hasDate
      case .timestamp(_, let zone): return format.hasDate && format.hasZone == (zone != nil)
      default: return false
      }
    }
  }

  var forms: [Form]

  /// Those of the forms that say a value of `type`; nil where ISO 8601 alone is left.
  func fitting(_ type: DataType) -> TemporalForms? {
    let fitting = forms.filter { $0.fits(type) }
    return fitting.contains { $0.format != nil } ? TemporalForms(forms: fitting) : nil
  }

  /// The formats, for messages.
  var description: String {
    forms.map { $0.format.map { "\"\($0.text)\"" } ?? "ISO 8601" }.joined(separator: " or ")
  }

  /// Days from 1970-01-01 on; nil where no form fits.
  ///
  /// SAFETY: as `DigitWords`.
  @unsafe func date(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32? {
    for form in forms {
      let value =
        switch form {
        case .iso: unsafe DateText.parse(start, count)
        case .format(let format) where format.hasDate && !format.hasTime:
          unsafe format.parseDate(start, count)
        case .format: Int32?.none
        }
      if let value { return value }
    }
    return nil
  }

  /// The time of day; nil where no form fits.
  ///
  /// SAFETY: as `DigitWords`.
  @unsafe func time(_ start: UnsafePointer<UInt8>, _ count: Int) -> ClockTime? {
    for form in forms {
      let value =
        switch form {
        case .iso: unsafe TimeText.parts(start, count)
        case .format(let format) where format.hasTime && !format.hasDate:
          unsafe format.parts(start, count)?.clock
        case .format: ClockTime?.none
        }
      if let value { return value }
    }
    return nil
  }

  /// The day and time, with or without a zone; a date alone is its midnight. Nil where no form fits.
  ///
  /// SAFETY: as `DigitWords`.
  @unsafe func timestamp(
    _ start: UnsafePointer<UInt8>, _ count: Int, hasZone: Bool
  ) -> CivilTime? {
    for form in forms {
      let value =
        switch form {
        case .iso: unsafe TimestampText.parts(start, count, allowsDate: !hasZone)
        case .format(let format) where format.hasDate && format.hasZone == hasZone:
          unsafe format.parts(start, count)
        case .format: CivilTime?.none
        }
      if let value, (value.zoneOffset != nil) == hasZone { return value }
    }
    return nil
  }
}

struct FormedDateParser: ValueParser {
  let forms: TemporalForms
  static var zero: Int32 { 0 }

  @unsafe func parse(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32? {
    unsafe forms.date(start, count)
  }
}

struct FormedMillisecondDateParser: ValueParser {
  let forms: TemporalForms
  static var zero: Int64 { 0 }

  @unsafe func parse(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
    unsafe forms.date(start, count).map { Int64($0) &* 86_400_000 }
  }
}

struct FormedTimeParser<Value: FixedWidthInteger & BitwiseCopyable>: ValueParser {
  let forms: TemporalForms
  let unit: TimeUnit
  static var zero: Value { 0 }

  @unsafe func parse(_ start: UnsafePointer<UInt8>, _ count: Int) -> Value? {
    unsafe forms.time(start, count)?.value(in: unit).flatMap { Value(exactly: $0) }
  }
}

struct FormedTimestampParser: ValueParser {
  let forms: TemporalForms
  let unit: TimeUnit
  let hasZone: Bool
  static var zero: Int64 { 0 }

  @unsafe func parse(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
    unsafe forms.timestamp(start, count, hasZone: hasZone)?.value(in: unit)
  }
}
