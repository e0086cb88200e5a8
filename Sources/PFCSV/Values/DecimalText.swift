package import PFArrow

/// Decimals of a precision and a scale, exact: the unscaled integers of `decimal128` and
/// `decimal256`.
///
/// Written as floating-point numbers are, exponents included. Digits below the scale must be zeros,
/// and all digits together no more than the precision.
package struct DecimalText: Equatable, Sendable {
  private let precision: Int
  private let scale: Int
  /// 10^precision, where the precision is 38 at most.
  private let limit: UInt128

  /// Precondition: `1 <= precision <= 76`.
  package init(precision: Int, scale: Int) {
    precondition(1...76 ~= precision, "no decimal has this precision")
    self.precision = precision
    self.scale = scale
    limit = precision > 38 ? .max : Self.power(precision)
  }

  /// 10^`exponent`. Precondition: `0 <= exponent <= 38`.
  private static func power(_ exponent: Int) -> UInt128 {
    exponent <= 19
      ? UInt128(DigitWords.power(exponent))
      : UInt128(DigitWords.power(19)) * UInt128(DigitWords.power(exponent - 19))
  }

  /// The unscaled integer of a whole field; nil when it is no decimal or does not fit.
  ///
  /// SAFETY: as `DigitWords`. No allocation. Precondition: the precision is 38 at most.
  package func parse128(
    _ start: UnsafePointer<UInt8>, _ count: Int, _ format: NumberFormat
  ) -> Int128? {
    precondition(precision <= 38, "128 bits do not hold this precision")
    guard count > 0 else { return nil }
    let isNegative = unsafe start.pointee == UInt8(ascii: "-")
    let skipped = isNegative ? 1 : 0
    if let number = unsafe FloatText.short(start + skipped, count - skipped, format),
      case let shift = number.power &+ scale, shift >= 0, shift <= 19
    {
      let value = UInt128(number.integer) &* UInt128(DigitWords.power(shift))
      guard value < limit else { return nil }
      return isNegative ? 0 - Int128(value) : Int128(value)
    }
    return unsafe parse256(start, count, format)?.int128
  }

  /// The unscaled integer of a whole field; nil when it is no decimal or does not fit.
  ///
  /// SAFETY: as `DigitWords`. No allocation.
  package func parse256(
    _ start: UnsafePointer<UInt8>, _ count: Int, _ format: NumberFormat
  ) -> Int256? {
    guard let number = unsafe DecimalDigits(start, count, format) else {
      guard format.thousandsMark != nil else { return nil }
      return unsafe ThousandsText.strip(start, count, format) { plain, count in
        unsafe parse256(plain, count, format.withoutThousands)
      }
    }
    guard let magnitude = unsafe magnitude(number, format) else { return nil }
    guard unsafe number.isNegative else { return magnitude }
    let (low, borrow) = UInt128(0).subtractingReportingOverflow(magnitude.low)
    return Int256(high: 0 &- magnitude.high &- (borrow ? 1 : 0), low: low)
  }

  private func magnitude(_ number: borrowing DecimalDigits, _ format: NumberFormat) -> Int256? {
    guard unsafe number.integer > 0 else { return Int256(0) }
    if unsafe number.isTruncated { return unsafe longMagnitude(number) }
    var integer = unsafe number.integer
    var shift = unsafe number.power + scale
    while integer % 10 == 0 {
      integer /= 10
      shift += 1
    }
    guard shift >= 0, shift <= precision else { return nil }
    var digitCount = 1
    while digitCount < 19, integer >= DigitWords.power(digitCount) { digitCount += 1 }
    guard digitCount + shift <= precision else { return nil }
    return Self.shift(Int256(Int128(integer)), by: shift)
  }

  /// The same where there are more digits than 19.
  private func longMagnitude(_ number: borrowing DecimalDigits) -> Int256? {
    var value = Int256(0)
    // Digits from the first that counts on, and those among them up to the last that is not 0.
    var digitCount = 0
    var valueDigitCount = 0
    var next = unsafe number.first
    while unsafe next < number.end {
      let digit = unsafe next.pointee &- UInt8(ascii: "0")
      unsafe next += 1
      guard digit < 10, digit > 0 || digitCount > 0 else { continue }
      digitCount += 1
      guard digit > 0 else { continue }
      guard digitCount <= precision,
        let shifted = Self.shift(value, by: digitCount - valueDigitCount)
      else { return nil }
      value = Int256(high: shifted.high, low: shifted.low &+ UInt128(digit))
      if value.low < shifted.low { value.high += 1 }
      valueDigitCount = digitCount
    }
    let shift = unsafe number.pointPosition - valueDigitCount + scale
    guard shift >= 0, shift <= precision - valueDigitCount else { return nil }
    return Self.shift(value, by: shift)
  }

  /// `value * 10^exponent`; nil where 256 bits do not hold it.
  private static func shift(_ value: Int256, by exponent: Int) -> Int256? {
    var value = value
    for _ in 0..<exponent {
      guard let product = value.timesTen else { return nil }
      value = product
    }
    return value
  }
}
