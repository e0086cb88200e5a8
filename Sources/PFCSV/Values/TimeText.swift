package import PFArrow

/// A time of day as it was written.
package struct ClockTime: Equatable, Sendable {
  /// Seconds from midnight on, below 86400.
  package var second: Int32
  /// The fraction of a second, below 10^9.
  package var nanosecond: Int32
  /// Digits of the fraction that were written, up to 9.
  package var fractionDigitCount: Int

  /// The count of `unit` from midnight on; nil where the fraction is finer and not zero there.
  @inline(__always)
  package func value(in unit: TimeUnit) -> Int64? {
    let nanosecond = Int64(nanosecond)
    switch unit {
    case .second: return nanosecond == 0 ? Int64(second) : nil
    case .millisecond:
      guard fractionDigitCount <= 3 || nanosecond % 1_000_000 == 0 else { return nil }
      return Int64(second) &* 1000 &+ nanosecond / 1_000_000
    case .microsecond:
      guard fractionDigitCount <= 6 || nanosecond % 1000 == 0 else { return nil }
      return Int64(second) &* 1_000_000 &+ nanosecond / 1000
    case .nanosecond: return Int64(second) &* 1_000_000_000 &+ nanosecond
    }
  }
}

/// Times of day: `HH:MM`, `HH:MM:SS`, `HH:MM:SS.` and one to nine digits (ISO 8601, extended),
/// 00:00 to 23:59:59.999999999.
package enum TimeText {
  /// The count of `unit` from midnight on; nil when a whole field is no time, or a finer one.
  ///
  /// SAFETY: as `DigitWords`. No allocation.
  @inline(__always)
  package static func parse(
    _ start: UnsafePointer<UInt8>, _ count: Int, unit: TimeUnit
  ) -> Int64? {
    unsafe parts(start, count)?.value(in: unit)
  }

  /// The time that a whole field is.
  ///
  /// SAFETY: as `DigitWords`. No allocation.
  @inline(__always)
  package static func parts(_ start: UnsafePointer<UInt8>, _ count: Int) -> ClockTime? {
    var used = 0
    guard let time = unsafe parsePrefix(start, count, &used), used == count else { return nil }
    return time
  }

  /// The longest time at the start of the field, and the bytes that it takes.
  @inline(__always)
  static func parsePrefix(
    _ start: UnsafePointer<UInt8>, _ count: Int, _ used: inout Int
  ) -> ClockTime? {
    guard count >= 5 else { return nil }
    // "00:00:00"
    let word = unsafe DigitWords.load8(start) ^ 0x3030_3A30_303A_3030
    guard count >= 8, word & 0xFF00_0000_0000 == 0 else {
      return unsafe parseMinutes(start, count, &used)
    }
    guard let second = unsafe parseWhole(start) else { return nil }
    var time = ClockTime(second: second, nanosecond: 0, fractionDigitCount: 0)
    used = 8
    if count > 8, unsafe start[8] == UInt8(ascii: ".") {
      guard unsafe parseFraction(start + 9, count &- 9, &time) else { return nil }
      used = 9 &+ time.fractionDigitCount
    }
    return time
  }

  /// The seconds from midnight on that the first eight bytes are: `HH:MM:SS`.
  @inline(__always)
  static func parseWhole(_ start: UnsafePointer<UInt8>) -> Int32? {
    let word = unsafe DigitWords.load8(start) ^ 0x3030_3A30_303A_3030
    let wrong = ((word &+ 0x7676_7F76_767F_7676) | word) & DigitWords.highBits
    let pairs = word &* 10 &+ (word &>> 8)
    let hour = Int32(truncatingIfNeeded: pairs & 0xFF)
    let minute = Int32(truncatingIfNeeded: pairs &>> 24 & 0xFF)
    let second = Int32(truncatingIfNeeded: pairs &>> 48 & 0xFF)
    guard wrong == 0, hour < 24, minute < 60, second < 60 else { return nil }
    return (hour &* 60 &+ minute) &* 60 &+ second
  }

  /// `HH:MM` with anything but `:` behind it.
  private static func parseMinutes(
    _ start: UnsafePointer<UInt8>, _ count: Int, _ used: inout Int
  ) -> ClockTime? {
    let word = unsafe (DigitWords.load8(start) ^ 0x3030_3030_303A_3030) & 0xFF_FFFF_FFFF
    guard ((word &+ 0x76_767F_7676) | word) & DigitWords.highBits == 0 else { return nil }
    if count > 5, unsafe start[5] == UInt8(ascii: ":") { return nil }
    let pairs = word &* 10 &+ (word &>> 8)
    let hour = Int32(truncatingIfNeeded: pairs & 0xFF)
    let minute = Int32(truncatingIfNeeded: pairs &>> 24 & 0xFF)
    guard hour < 24, minute < 60 else { return nil }
    used = 5
    return ClockTime(
      second: (hour &* 60 &+ minute) &* 60, nanosecond: 0, fractionDigitCount: 0)
  }

  /// One to nine digits; false where there are none, or more.
  @inline(__always)
  static func parseFraction(
    _ start: UnsafePointer<UInt8>, _ count: Int, _ time: inout ClockTime
  ) -> Bool {
    let digits = unsafe DigitWords.load8(start) ^ DigitWords.zeros
    let run = min(DigitWords.foreign(digits).trailingZeroBitCount &>> 3, count)
    guard run > 0 else { return false }
    var nanosecond = DigitWords.value(DigitWords.atStart(digits, run)) &* 10
    time.fractionDigitCount = run
    if run == 8, count > 8 {
      let last = unsafe start[8] &- UInt8(ascii: "0")
      if last < 10 {
        if count > 9, unsafe start[9] &- UInt8(ascii: "0") < 10 { return false }
        nanosecond &+= UInt64(last)
        time.fractionDigitCount = 9
      }
    }
    time.nanosecond = Int32(truncatingIfNeeded: nanosecond)
    return true
  }
}
