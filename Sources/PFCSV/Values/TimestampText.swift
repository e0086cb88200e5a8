package import PFArrow

/// A point in time as it was written.
package struct CivilTime: Equatable, Sendable {
  /// Days from 1970-01-01 on, in the zone that was written.
  package var day: Int32
  /// The time of that day.
  package var clock: ClockTime
  /// Seconds that the zone is ahead of UTC; nil where no zone was written.
  package var zoneOffset: Int32?

  /// Seconds from the epoch on, in UTC where a zone was written.
  @inline(__always)
  package var seconds: Int64 {
    Int64(day) &* 86400 &+ Int64(clock.second) &- Int64(zoneOffset ?? 0)
  }

  /// The count of `unit` from the epoch on; nil where the fraction is finer and not zero there, or
  /// 64 bits do not hold the count.
  @inline(__always)
  package func value(in unit: TimeUnit) -> Int64? {
    let seconds = seconds
    let nanosecond = Int64(clock.nanosecond)
    switch unit {
    case .second: return nanosecond == 0 ? seconds : nil
    case .millisecond:
      guard clock.fractionDigitCount <= 3 || nanosecond % 1_000_000 == 0 else { return nil }
      return seconds &* 1000 &+ nanosecond / 1_000_000
    case .microsecond:
      guard clock.fractionDigitCount <= 6 || nanosecond % 1000 == 0 else { return nil }
      return seconds &* 1_000_000 &+ nanosecond / 1000
    case .nanosecond:
      // The first second that is left at all is counted back from the one behind it.
      let isBefore = seconds < 0
      let (product, overflow) = (isBefore ? seconds &+ 1 : seconds).multipliedReportingOverflow(
        by: 1_000_000_000)
      let (sum, carry) = product.addingReportingOverflow(
        isBefore ? nanosecond &- 1_000_000_000 : nanosecond)
      return overflow || carry ? nil : sum
    }
  }
}

/// Timestamps: a date, `T` or a space, a time, and `Z`, `±HH`, `±HHMM` or `±HH:MM` or no zone
/// (ISO 8601, extended; RFC 3339 with all it has but letters in lower case).
package enum TimestampText {
  /// A count of units from the epoch on, in UTC where a zone was written.
  package struct Value: Equatable, Sendable {
    package var count: Int64
    package var hasZone: Bool

    @inline(__always)
    init(count: Int64, hasZone: Bool) {
      self.count = count
      self.hasZone = hasZone
    }
  }

  /// The timestamp that a whole field is; nil when it is none, a finer one, or beyond 64 bits.
  ///
  /// A date alone is its midnight where `allowsDate` is set.
  /// SAFETY: as `DigitWords`. No allocation.
  @inline(__always)
  package static func parse(
    _ start: UnsafePointer<UInt8>, _ count: Int, unit: TimeUnit, allowsDate: Bool = true
  ) -> Value? {
    guard let parts = unsafe parts(start, count, allowsDate: allowsDate),
      let value = parts.value(in: unit)
    else { return nil }
    return Value(count: value, hasZone: parts.zoneOffset != nil)
  }

  /// The count of what `parse` gives for `YYYY-MM-DD HH:MM:SS`, with `T` for the space or not, with
  /// as many digits of a fraction as the unit has at most, with `Z` or without as `hasZone` says;
  /// nil for all others, and in part for nanoseconds.
  ///
  /// SAFETY: as `DigitWords`. No allocation.
  @inline(__always)
  static func parseCommon(
    _ start: UnsafePointer<UInt8>, _ count: Int, unit: TimeUnit, hasZone: Bool
  ) -> Int64? {
    let length = hasZone ? count &- 1 : count
    guard length >= 19, unsafe !hasZone || start[length] == UInt8(ascii: "Z"),
      let day = unsafe DateText.parsePrefix(start),
      unsafe start[10] == UInt8(ascii: "T") || start[10] == UInt8(ascii: " "),
      let second = unsafe TimeText.parseWhole(start + 11)
    else { return nil }
    let seconds = Int64(day) &* 86400 &+ Int64(second)
    let (scale, digitCount): (Int64, Int) =
      switch unit {
      case .second: (1, 0)
      case .millisecond: (1000, 3)
      case .microsecond: (1_000_000, 6)
      case .nanosecond: (1_000_000_000, 8)
      }
    if unit == .nanosecond, seconds.magnitude >= 1 &<< 33 { return nil }
    guard length > 19 else { return seconds &* scale }
    let fractionCount = length &- 20
    guard fractionCount > 0, fractionCount <= digitCount, unsafe start[19] == UInt8(ascii: ".")
    else { return nil }
    let digits = unsafe DigitWords.atStart(
      DigitWords.load8(start + 20) ^ DigitWords.zeros, fractionCount)
    guard DigitWords.foreign(digits) == 0 else { return nil }
    // Zeros before the first digit, and behind the last, up to those of the unit.
    let value = DigitWords.value(digits &<< UInt64(truncatingIfNeeded: 64 &- 8 &* digitCount))
    let fraction = Int64(truncatingIfNeeded: value)
    return seconds &* scale &+ (unit == .nanosecond ? fraction &* 10 : fraction)
  }

  /// The same in parts.
  ///
  /// SAFETY: as `DigitWords`. No allocation.
  @inline(__always)
  package static func parts(
    _ start: UnsafePointer<UInt8>, _ count: Int, allowsDate: Bool = true
  ) -> CivilTime? {
    guard count >= 10, let day = unsafe DateText.parsePrefix(start) else { return nil }
    var parts = CivilTime(
      day: day, clock: ClockTime(second: 0, nanosecond: 0, fractionDigitCount: 0),
      zoneOffset: nil)
    if count == 10 { return allowsDate ? parts : nil }
    let separator = unsafe start[10]
    guard separator == UInt8(ascii: "T") || separator == UInt8(ascii: " ") else { return nil }
    var used = 0
    guard let clock = unsafe TimeText.parsePrefix(start + 11, count &- 11, &used) else {
      return nil
    }
    parts.clock = clock
    used &+= 11
    if used == count { return parts }
    guard let offset = unsafe parseZone(start + used, count &- used) else { return nil }
    parts.zoneOffset = offset
    return parts
  }

  /// Seconds that a zone is ahead of UTC, below a day. Precondition: `count > 0`.
  @inline(__always)
  static func parseZone(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32? {
    let sign = unsafe start.pointee
    if sign == UInt8(ascii: "Z") { return count == 1 ? 0 : nil }
    guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"),
      let hour = unsafe pair(start + 1), hour < 24
    else { return nil }
    var minute: Int32 = 0
    switch count {
    case 3: break
    case 5:
      guard let value = unsafe pair(start + 3) else { return nil }
      minute = value
    case 6:
      guard unsafe start[3] == UInt8(ascii: ":"), let value = unsafe pair(start + 4) else {
        return nil
      }
      minute = value
    default: return nil
    }
    guard minute < 60 else { return nil }
    let offset = (hour &* 60 &+ minute) &* 60
    return sign == UInt8(ascii: "-") ? 0 &- offset : offset
  }

  /// Two digits.
  @inline(__always)
  static func pair(_ start: UnsafePointer<UInt8>) -> Int32? {
    let digits = unsafe DigitWords.load2(start) ^ 0x3030
    guard ((digits &+ 0x7676) | digits) & 0x8080 == 0 else { return nil }
    return Int32(truncatingIfNeeded: (digits &* 10 &+ (digits &>> 8)) & 0xFF)
  }
}
