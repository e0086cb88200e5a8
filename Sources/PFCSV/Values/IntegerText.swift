/// Integers: an optional sign and decimal digits, nothing else.
package enum IntegerText {
  /// The integer that a whole field is; nil when it is none, or outside the range of `T`.
  ///
  /// SAFETY: as `DigitWords`. No allocation.
  @inline(__always)
  package static func parse<T: FixedWidthInteger>(
    _ start: UnsafePointer<UInt8>, _ count: Int, _ format: NumberFormat, as type: T.Type = T.self
  ) -> T? {
    if let value: T = unsafe parsePlain(start, count, format) { return value }
    guard format.thousandsMark != nil else { return nil }
    return unsafe ThousandsText.strip(start, count, format) { plain, count in
      unsafe parsePlain(plain, count, format)
    }
  }

  /// What `parse` gives for one to sixteen digits, behind a minus or not; nil for all others.
  ///
  /// SAFETY: as `DigitWords`. No allocation.
  @inline(__always)
  static func parseCommon<T: FixedWidthInteger>(
    _ start: UnsafePointer<UInt8>, _ count: Int, allowsLeadingZeros: Bool, as type: T.Type = T.self
  ) -> T? {
    // No branch on a minus: columns with both signs would pay for it.
    let isNegative = unsafe start.pointee == UInt8(ascii: "-")
    let skipped = isNegative ? 1 : 0
    let digits = unsafe start + skipped
    let digitCount = count &- skipped
    guard UInt(bitPattern: digitCount &- 1) < 16 else { return nil }
    let head = unsafe DigitWords.load8(digits) ^ DigitWords.zeros
    if head & 0xFF == 0, !allowsLeadingZeros, count > 1 { return nil }
    var magnitude: UInt64
    if digitCount <= 8 {
      let last = DigitWords.atEnd(head, digitCount)
      guard DigitWords.foreign(last) == 0 else { return nil }
      magnitude = DigitWords.value(last)
    } else {
      let first = DigitWords.atEnd(head, digitCount &- 8)
      let last = unsafe DigitWords.load8(digits + (digitCount &- 8)) ^ DigitWords.zeros
      guard DigitWords.foreign(first) | DigitWords.foreign(last) == 0 else { return nil }
      magnitude = DigitWords.value(first) &* 100_000_000 &+ DigitWords.value(last)
    }
    let sign: UInt64 = isNegative ? .max : 0
    if T.bitWidth < 64 || !T.isSigned {
      // The greatest magnitude: that of the least value behind a minus.
      let most = UInt64(truncatingIfNeeded: T.max)
      guard magnitude <= (T.isSigned ? most &- sign : most & ~sign) else { return nil }
    }
    magnitude = (magnitude ^ sign) &- sign
    return T(truncatingIfNeeded: magnitude)
  }

  /// `parse` for callers in other modules, where generic functions are not specialised.
  ///
  /// SAFETY: as `DigitWords`. No allocation.
  package static func parseInt64(
    _ start: UnsafePointer<UInt8>, _ count: Int, _ format: NumberFormat
  ) -> Int64? {
    unsafe parse(start, count, format)
  }

  @inline(__always)
  private static func parsePlain<T: FixedWidthInteger>(
    _ start: UnsafePointer<UInt8>, _ count: Int, _ format: NumberFormat
  ) -> T? {
    guard count > 0 else { return nil }
    // No branch on a minus: columns with both signs would pay for it.
    let isNegative = unsafe start.pointee == UInt8(ascii: "-")
    let skipped = isNegative ? 1 : 0
    let digits = unsafe start + skipped
    let digitCount = count &- skipped
    guard digitCount > 0 else { return nil }
    if !format.allowsLeadingZeros, unsafe digits.pointee == UInt8(ascii: "0"), count > 1 {
      return nil
    }
    guard let magnitude = unsafe magnitude(digits, digitCount) else {
      guard format.allowsPlus, count > 1, unsafe start.pointee == UInt8(ascii: "+"),
        let magnitude = unsafe self.magnitude(start + 1, count &- 1),
        magnitude <= UInt64(truncatingIfNeeded: T.max)
      else { return nil }
      return T(truncatingIfNeeded: magnitude)
    }
    let sign: UInt64 = isNegative ? .max : 0
    // The greatest magnitude: that of the least value behind a minus.
    let most = UInt64(truncatingIfNeeded: T.max)
    let limit = T.isSigned ? most &- sign : most & ~sign
    guard magnitude <= limit else { return nil }
    return T(truncatingIfNeeded: (magnitude ^ sign) &- sign)
  }

  /// The value of digits alone; nil when one is none, or beyond 64 bits.
  ///
  /// SAFETY: as `DigitWords`. Precondition: `count > 0`.
  @inline(__always)
  static func magnitude(_ start: UnsafePointer<UInt8>, _ count: Int) -> UInt64? {
    let head = unsafe DigitWords.load8(start) ^ DigitWords.zeros
    if count <= 8 {
      let digits = DigitWords.atEnd(head, count)
      return DigitWords.foreign(digits) == 0 ? DigitWords.value(digits) : nil
    }
    let tail = unsafe DigitWords.load8(start + (count &- 8)) ^ DigitWords.zeros
    if count <= 16 {
      let digits = DigitWords.atEnd(head, count &- 8)
      guard DigitWords.foreign(digits) | DigitWords.foreign(tail) == 0 else { return nil }
      return DigitWords.value(digits) &* 100_000_000 &+ DigitWords.value(tail)
    }
    return unsafe longMagnitude(start, count)
  }

  /// The same for more than 16 digits.
  private static func longMagnitude(_ first: UnsafePointer<UInt8>, _ length: Int) -> UInt64? {
    var start = unsafe first
    var count = length
    while count > 24, unsafe start.pointee == UInt8(ascii: "0") {
      unsafe start += 1
      count &-= 1
    }
    guard count <= 24 else { return nil }
    let head = unsafe DigitWords.atEnd(
      DigitWords.load8(start) ^ DigitWords.zeros, count &- 16)
    let middle = unsafe DigitWords.load8(start + (count &- 16)) ^ DigitWords.zeros
    let tail = unsafe DigitWords.load8(start + (count &- 8)) ^ DigitWords.zeros
    guard
      DigitWords.foreign(head) | DigitWords.foreign(middle) | DigitWords.foreign(tail) == 0
    else { return nil }
    let low = DigitWords.value(middle) &* 100_000_000 &+ DigitWords.value(tail)
    let (high, overflow) = DigitWords.value(head).multipliedReportingOverflow(
      by: 10_000_000_000_000_000)
    let (sum, carry) = high.addingReportingOverflow(low)
    return overflow || carry ? nil : sum
  }
}
