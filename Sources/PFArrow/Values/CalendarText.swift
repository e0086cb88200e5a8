/// Dates, times and spans of time as text (ISO 8601), on the proleptic Gregorian calendar.
enum CalendarText {
  private static let secondsPerDay: Int64 = 86_400

  /// `2024-02-29`; years beyond four digits are written out.
  static func date(days: Int64) -> String {
    // No 64-bit timestamp reaches this far; it keeps the sums below from overflowing.
    guard days.magnitude < 1 << 54 else { return "day \(days)" }
    // Days since 0000-03-01, in eras of 400 years (H. Hinnant, "chrono-Compatible Low-Level Date
    // Algorithms", civil_from_days).
    let shifted = days + 719_468
    let (era, dayOfEra) = floorDivide(shifted, 146_097)
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    let sign = year < 0 ? "-" : ""
    return
      "\(sign)\(padded(year.magnitude, 4))-\(padded(month.magnitude, 2))-\(padded(day.magnitude, 2))"
  }

  /// `23:59:59.123`; the fraction has the digits of the unit, and is left out where it is 0.
  static func time(_ value: Int64, _ unit: TimeUnit) -> String {
    let (seconds, fraction) = value.magnitude.quotientAndRemainder(
      dividingBy: unit.perSecond.magnitude)
    let clock =
      "\(padded(seconds / 3_600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
    return (value < 0 ? "-" : "") + clock + fractionText(fraction, unit)
  }

  /// `2024-02-29 23:59:59.123`, with `Z` or an offset where there is a zone; the name of a zone is
  /// shown behind the time in UTC, since the rules of zones are not at hand.
  static func timestamp(
    _ value: Int64, _ unit: TimeUnit, timeZone: String?, separator: String = " "
  ) -> String {
    let (seconds, fraction) = floorDivide(value, unit.perSecond)
    let offset = timeZone.flatMap { fixedOffset($0) }
    let (shifted, overflow) = seconds.addingReportingOverflow(offset ?? 0)
    let (days, secondOfDay) = floorDivide(overflow ? seconds : shifted, secondsPerDay)
    let text =
      date(days: days) + separator + time(secondOfDay, .second)
      + fractionText(fraction.magnitude, unit)
    guard let timeZone else { return text }
    if offset == 0 || ["UTC", "Etc/UTC", "Z"].contains(timeZone) { return text + "Z" }
    return offset != nil ? text + timeZone : "\(text)Z[\(timeZone)]"
  }

  /// `1d 2h 3m 4.5s`; 0 is `0s`.
  static func duration(_ value: Int64, _ unit: TimeUnit) -> String {
    let (seconds, fraction) = value.magnitude.quotientAndRemainder(
      dividingBy: unit.perSecond.magnitude)
    var parts: [String] = []
    if seconds >= 86_400 { parts.append("\(seconds / 86_400)d") }
    if seconds / 3_600 % 24 > 0 { parts.append("\(seconds / 3_600 % 24)h") }
    if seconds / 60 % 60 > 0 { parts.append("\(seconds / 60 % 60)m") }
    if seconds % 60 > 0 || fraction > 0 || parts.isEmpty {
      var digits = fractionText(fraction, unit)
      while digits.last == "0" { digits.removeLast() }
      parts.append("\(seconds % 60)\(digits)s")
    }
    return (value < 0 ? "-" : "") + parts.joined(separator: " ")
  }

  /// `14mo 3d 1h`; parts that are 0 are left out.
  static func interval(months: Int32, days: Int32, nanoseconds: Int64) -> String {
    var parts: [String] = []
    if months != 0 { parts.append("\(months)mo") }
    if days != 0 { parts.append("\(days)d") }
    if nanoseconds != 0 || parts.isEmpty { parts.append(duration(nanoseconds, .nanosecond)) }
    return parts.joined(separator: " ")
  }

  /// The seconds of a zone of the form `+HH:MM` or `-HH:MM` (Schema.fbs, `Timestamp`).
  private static func fixedOffset(_ zone: String) -> Int64? {
    let bytes = Array(zone.utf8)
    guard bytes.count == 6, bytes[0] == UInt8(ascii: "+") || bytes[0] == UInt8(ascii: "-"),
      bytes[3] == UInt8(ascii: ":"), let hours = Int64(zone.dropFirst().prefix(2)),
      let minutes = Int64(zone.suffix(2)), hours >= 0, minutes >= 0
    else { return nil }
    let seconds = hours * 3_600 + minutes * 60
    return bytes[0] == UInt8(ascii: "-") ? -seconds : seconds
  }

  private static func fractionText(_ fraction: UInt64, _ unit: TimeUnit) -> String {
    guard fraction > 0 else { return "" }
    let digits = unit == .millisecond ? 3 : unit == .microsecond ? 6 : 9
    return "." + padded(fraction, digits)
  }

  private static func padded(_ number: UInt64, _ width: Int) -> String {
    let digits = "\(number)"
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// The quotient rounded down, and the remainder, which is not negative.
  private static func floorDivide(
    _ value: Int64, _ divisor: Int64
  ) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
