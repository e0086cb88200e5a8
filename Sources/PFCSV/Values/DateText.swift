/// Dates: `YYYY-MM-DD` (ISO 8601, extended calendar date), years 0001 to 9999.
package enum DateText {
  /// Days from 1970-01-01 on; nil when a whole field is no date, or no day of the calendar.
  ///
  /// SAFETY: as `DigitWords`. No allocation.
  @inline(__always)
  package static func parse(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32? {
    count == 10 ? unsafe parsePrefix(start) : nil
  }

  /// The date that the first ten bytes are.
  @inline(__always)
  static func parsePrefix(_ start: UnsafePointer<UInt8>) -> Int32? {
    // "0000-00-" and "00": what is left of each byte must be a digit, or zero for the marks.
    let head = unsafe DigitWords.load8(start) ^ 0x2D30_302D_3030_3030
    let day = unsafe UInt64(DigitWords.load2(start + 8) ^ 0x3030)
    let isHead = ((head &+ 0x7F76_767F_7676_7676) | head) & DigitWords.highBits == 0
    guard isHead, ((day &+ 0x7676) | day) & 0x8080 == 0 else { return nil }
    let pairs = head &* 10 &+ (head &>> 8)
    let year = (pairs & 0xFF) &* 100 &+ (pairs &>> 16 & 0xFF)
    return Calendar.days(
      year: Int(truncatingIfNeeded: year), month: Int(truncatingIfNeeded: pairs &>> 40 & 0xFF),
      day: Int(truncatingIfNeeded: (day &* 10 &+ (day &>> 8)) & 0xFF))
  }
}
