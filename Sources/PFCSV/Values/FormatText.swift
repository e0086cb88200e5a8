package import PFArrow

/// Dates, times and timestamps in a given format, with the directives of C's `strptime` as Python
/// takes them: `%Y %y %m %b %B %d %e %j %a %A %H %I %M %S %f %p %z %%`, and `%F %T %R %D %h`, which
/// stand for several of them or another; other characters stand for themselves.
///
/// `%Y` takes four digits, `%y` two (69 to 99 are 1969 to 1999), `%j` one to three, `%f` one to
/// nine, the other numbers one or two; `%e` takes a space in place of the first. Names are English,
/// in any case; a day of the week has to be that of the date. `%z` takes `Z`, `±HH`, `±HHMM` and
/// `±HH:MM`. A month or day that the format lacks is 1, an hour and so on is 0.
package struct FormatText: Equatable, Sendable {
  /// Why a format is none.
  package enum Failure: Error, Equatable, Sendable, CustomStringConvertible {
    /// This directive is not known; nil for a `%` at the end.
    case unknownDirective(Unicode.Scalar?)
    /// Two directives say the same.
    case repeated
    /// `%I` and `%p` come together.
    case halfDay
    /// A month without a year, a day without a month, a zone without a day.
    case incompleteDate
    /// No directive at all.
    case constant

    /// What is wrong with the format, to follow its name.
    package var description: String {
      switch self {
      case .unknownDirective(nil): "ends with %"
      case .unknownDirective(let directive?): "has %\(directive), which is not known"
      case .repeated: "says something twice"
      case .halfDay: "has one of %I and %p without the other"
      case .incompleteDate:
        "has a month without a year, a day without a month, or a zone or day of the week without a day"
      case .constant: "has no directive"
      }
    }
  }

  private enum Step: UInt8 {
    case literal, year, yearOfCentury, month, monthName, monthAbbreviation
    case day, paddedDay, dayOfYear, weekday, weekdayAbbreviation
    case hour, hourOfHalf, minute, second, fraction, half, zone

    init?(_ directive: UInt8) {
      switch directive {
      case UInt8(ascii: "Y"): self = .year
      case UInt8(ascii: "y"): self = .yearOfCentury
      case UInt8(ascii: "m"): self = .month
      case UInt8(ascii: "B"): self = .monthName
      case UInt8(ascii: "b"): self = .monthAbbreviation
      case UInt8(ascii: "d"): self = .day
      case UInt8(ascii: "e"): self = .paddedDay
      case UInt8(ascii: "j"): self = .dayOfYear
      case UInt8(ascii: "A"): self = .weekday
      case UInt8(ascii: "a"): self = .weekdayAbbreviation
      case UInt8(ascii: "H"): self = .hour
      case UInt8(ascii: "I"): self = .hourOfHalf
      case UInt8(ascii: "M"): self = .minute
      case UInt8(ascii: "S"): self = .second
      case UInt8(ascii: "f"): self = .fraction
      case UInt8(ascii: "p"): self = .half
      case UInt8(ascii: "z"): self = .zone
      default: return nil
      }
    }

    /// What the directive says; two that say the same exclude each other.
    var meaning: UInt16 {
      switch self {
      case .literal: 0
      case .year, .yearOfCentury: 1 << 0
      case .month, .monthName, .monthAbbreviation: 1 << 1
      case .day, .paddedDay: 1 << 2
      case .dayOfYear: 1 << 1 | 1 << 2
      case .hour, .hourOfHalf: 1 << 3
      case .minute: 1 << 4
      case .second: 1 << 5
      case .fraction: 1 << 6
      case .half: 1 << 7
      case .zone: 1 << 8
      case .weekday, .weekdayAbbreviation: 1 << 9
      }
    }

    /// What directives that stand for others mean.
    static func expansion(_ directive: Unicode.Scalar) -> String? {
      switch directive {
      case "F": "%Y-%m-%d"
      case "T": "%H:%M:%S"
      case "R": "%H:%M"
      case "D": "%m/%d/%y"
      case "h": "%b"
      default: nil
      }
    }
  }

  /// The format as it was given.
  package let text: String

  /// The steps in order, and the byte that a literal is.
  private let steps: [Step]
  private let literals: [UInt8]
  private let meaning: UInt16

  /// Whether a field says a day.
  package var hasDate: Bool { meaning & 1 != 0 }
  /// Whether a field says a time of day.
  package var hasTime: Bool { meaning & 0xF8 != 0 }
  /// Whether a field says a zone.
  package var hasZone: Bool { meaning & 1 << 8 != 0 }
  /// The unit that holds all that a field can say.
  package var unit: TimeUnit { steps.contains(.fraction) ? .nanosecond : .second }

  /// Compiles a format.
  package init(_ format: String) throws(Failure) {
    var steps: [Step] = []
    var literals: [UInt8] = []
    var meaning: UInt16 = 0
    // The last one comes first.
    var scalars = Array(format.unicodeScalars.reversed())
    while let scalar = scalars.popLast() {
      if scalar == "%" {
        guard let directive = scalars.popLast() else { throw .unknownDirective(nil) }
        if let expansion = Step.expansion(directive) {
          scalars += expansion.unicodeScalars.reversed()
          continue
        }
        if directive != "%" {
          guard directive.isASCII, let step = Step(UInt8(directive.value)) else {
            throw .unknownDirective(directive)
          }
          guard meaning & step.meaning == 0 else { throw .repeated }
          meaning |= step.meaning
          steps.append(step)
          literals.append(0)
          continue
        }
      }
      for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
        steps.append(.literal)
        literals.append(byte)
      }
    }
    guard meaning != 0 else { throw .constant }
    guard steps.contains(.hourOfHalf) == steps.contains(.half) else { throw .halfDay }
    // Year, month, day: each needs those before it.
    let (hasZone, hasWeekday) = (meaning & 1 << 8 != 0, meaning & 1 << 9 != 0)
    guard [0, 1, 3, 7].contains(meaning & 7), meaning & 7 != 0 || !hasZone,
      meaning & 7 == 7 || !hasWeekday
    else { throw .incompleteDate }
    text = format
    self.steps = steps
    self.literals = literals
    self.meaning = meaning
  }

  /// Days from 1970-01-01 on; nil when a whole field is not of the format.
  ///
  /// SAFETY: as `DigitWords`. No allocation.
  package func parseDate(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32? {
    unsafe parts(start, count)?.day
  }

  /// The count of `unit` from midnight on; nil when a whole field is not of the format, or finer.
  ///
  /// SAFETY: as `DigitWords`. No allocation.
  package func parseTime(
    _ start: UnsafePointer<UInt8>, _ count: Int, unit: TimeUnit
  ) -> Int64? {
    unsafe parts(start, count)?.clock.value(in: unit)
  }

  /// The count of `unit` from the epoch on, in UTC where the format has a zone; nil when a whole
  /// field is not of the format, finer, or beyond 64 bits.
  ///
  /// SAFETY: as `DigitWords`. No allocation.
  package func parseTimestamp(
    _ start: UnsafePointer<UInt8>, _ count: Int, unit: TimeUnit
  ) -> Int64? {
    unsafe parts(start, count)?.value(in: unit)
  }

  /// All that a whole field says; nil when it is not of the format.
  ///
  /// SAFETY: as `DigitWords`. No allocation.
  package func parts(_ start: UnsafePointer<UInt8>, _ count: Int) -> CivilTime? {
    var year = 1970
    var month = 1
    var day = 1
    var dayOfYear: Int?
    var weekday: Int?
    var hour = 0
    var minute = 0
    var second = 0
    var isAfternoon: Bool?
    var clock = ClockTime(second: 0, nanosecond: 0, fractionDigitCount: 0)
    var zone: Int32?
    var next = 0

    for index in steps.indices {
      let field = unsafe start + next
      let left = count - next
      guard left > 0 else { return nil }
      var taken = 0
      switch steps[index] {
      case .literal:
        guard unsafe field.pointee == literals[index] else { return nil }
        taken = 1
      case .year:
        year = unsafe Self.number(field, min(left, 4), &taken)
        guard taken == 4 else { return nil }
      case .yearOfCentury:
        year = unsafe Self.number(field, min(left, 2), &taken)
        guard taken == 2 else { return nil }
        year += year < 69 ? 2000 : 1900
      case .month: month = unsafe Self.number(field, min(left, 2), &taken)
      case .monthName: month = unsafe EnglishNames.months.match(field, left, isFull: true, &taken)
      case .monthAbbreviation:
        month = unsafe EnglishNames.months.match(field, left, isFull: false, &taken)
      case .weekday:
        weekday = unsafe EnglishNames.weekdays.match(field, left, isFull: true, &taken)
      case .weekdayAbbreviation:
        weekday = unsafe EnglishNames.weekdays.match(field, left, isFull: false, &taken)
      case .day: day = unsafe Self.number(field, min(left, 2), &taken)
      case .paddedDay:
        let padding = unsafe field.pointee == UInt8(ascii: " ") ? 1 : 0
        day = unsafe Self.number(field + padding, min(left, 2) - padding, &taken)
        guard taken > 0 else { return nil }
        taken += padding
      case .dayOfYear: dayOfYear = unsafe Self.number(field, min(left, 3), &taken)
      case .hour:
        hour = unsafe Self.number(field, min(left, 2), &taken)
        guard hour < 24 else { return nil }
      case .hourOfHalf:
        hour = unsafe Self.number(field, min(left, 2), &taken)
        guard 1...12 ~= hour else { return nil }
      case .minute:
        minute = unsafe Self.number(field, min(left, 2), &taken)
        guard minute < 60 else { return nil }
      case .second:
        second = unsafe Self.number(field, min(left, 2), &taken)
        guard second < 60 else { return nil }
      case .fraction:
        guard unsafe TimeText.parseFraction(field, left, &clock) else { return nil }
        taken = clock.fractionDigitCount
      case .half:
        guard left >= 2 else { return nil }
        switch unsafe DigitWords.load2(field) | 0x2020 {
        case 0x6D61: isAfternoon = false
        case 0x6D70: isAfternoon = true
        default: return nil
        }
        taken = 2
      case .zone:
        taken = unsafe Self.zoneLength(field, left)
        guard taken > 0, let offset = unsafe TimestampText.parseZone(field, taken) else {
          return nil
        }
        zone = offset
      }
      guard taken > 0 else { return nil }
      next += taken
    }
    guard next == count else { return nil }

    if let isAfternoon { hour = hour % 12 + (isAfternoon ? 12 : 0) }
    clock.second = Int32(truncatingIfNeeded: (hour * 60 + minute) * 60 + second)
    guard var days = Calendar.days(year: year, month: month, day: day) else { return nil }
    if let dayOfYear {
      guard 1...(Calendar.isLeap(year) ? 366 : 365) ~= dayOfYear else { return nil }
      days += Int32(truncatingIfNeeded: dayOfYear - 1)
    }
    // 1970-01-01 was a Thursday, the fourth day; no date is before the year 1.
    if let weekday, (Int(days) + 3 + 7 * 110_000) % 7 + 1 != weekday { return nil }
    return CivilTime(day: days, clock: clock, zoneOffset: zone)
  }

  /// Up to `limit` digits; none where `taken` is 0.
  @inline(__always)
  private static func number(
    _ start: UnsafePointer<UInt8>, _ limit: Int, _ taken: inout Int
  ) -> Int {
    var value = 0
    while taken < limit {
      let digit = unsafe start[taken] &- UInt8(ascii: "0")
      guard digit < 10 else { break }
      value = value * 10 + Int(digit)
      taken += 1
    }
    return value
  }

  /// The bytes that a zone takes of `left`.
  private static func zoneLength(_ start: UnsafePointer<UInt8>, _ left: Int) -> Int {
    if unsafe start.pointee == UInt8(ascii: "Z") { return 1 }
    guard left > 3 else { return left }
    if unsafe start[3] == UInt8(ascii: ":") { return min(6, left) }
    return unsafe left >= 5 && start[3] &- UInt8(ascii: "0") < 10 ? 5 : 3
  }
}

/// The English names of months, or of days of the week.
private struct EnglishNames {
  /// Three letters in lower case, the first lowest.
  private let heads: [UInt64]
  /// What follows them in full names.
  private let tails: [UInt64]

  static let months = EnglishNames([
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
  ])
  /// Weeks begin with Monday (ISO 8601).
  static let weekdays = EnglishNames([
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
  ])

  private init(_ names: [String]) {
    func packed(_ letters: Substring) -> UInt64 {
      letters.utf8.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    heads = names.map { packed($0.prefix(3)) }
    tails = names.map { packed($0.dropFirst(3)) }
  }

  /// The number from 1 on of the name that begins a field of `left` bytes, and the bytes that it
  /// takes; 0 where there is none.
  func match(
    _ start: UnsafePointer<UInt8>, _ left: Int, isFull: Bool, _ taken: inout Int
  ) -> Int {
    guard left >= 3 else { return 0 }
    let head = unsafe DigitWords.atStart(DigitWords.load8(start) | 0x2020_2020_2020_2020, 3)
    guard let index = heads.firstIndex(of: head) else { return 0 }
    taken = 3
    let tail = tails[index]
    guard isFull, tail != 0 else { return index + 1 }
    let length = 8 - tail.leadingZeroBitCount / 8
    let rest = unsafe DigitWords.load8(start + 3) | 0x2020_2020_2020_2020
    guard left - 3 >= length, DigitWords.atStart(rest, length) == tail else {
      taken = 0
      return 0
    }
    taken += length
    return index + 1
  }
}
