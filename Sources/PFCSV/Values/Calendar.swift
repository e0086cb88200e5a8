/// The proleptic Gregorian calendar, years 1 to 9999.
enum Calendar {
  /// Days from 1970-01-01 on; nil when there is no such day.
  @inline(__always)
  static func days(year: Int, month: Int, day: Int) -> Int32? {
    guard year &- 1 < 9999, year > 0, month &- 1 < 12, month > 0, day > 0 else { return nil }
    if day > 28, day > dayCount(year: year, month: month) { return nil }
    // Years begin in March, so that the leap day is the last one.
    let shifted = month < 3 ? year &- 1 : year
    let fromMarch = month < 3 ? month &+ 9 : month &- 3
    let century = Int(truncatingIfNeeded: UInt32(truncatingIfNeeded: shifted) / 100)
    let dayOfYear =
      Int(truncatingIfNeeded: UInt32(truncatingIfNeeded: 153 &* fromMarch &+ 2) / 5) &+ day &- 1
    let total =
      365 &* shifted &+ shifted >> 2 &- century &+ century >> 2 &+ dayOfYear &- 719_468
    return Int32(truncatingIfNeeded: total)
  }

  /// The days of a month.
  static func dayCount(year: Int, month: Int) -> Int {
    if month == 2 { return isLeap(year) ? 29 : 28 }
    return 30 | (month ^ month >> 3) & 1
  }

  static func isLeap(_ year: Int) -> Bool {
    year & 3 == 0 && (year % 100 != 0 || year % 400 == 0)
  }
}
