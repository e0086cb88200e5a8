/// Floating-point numbers: a sign, digits with a decimal mark among them, an exponent.
///
/// Rounded to nearest, ties to even, for any number of digits. A number beyond the largest finite
/// one does not fit; one that is too small is a zero.
package enum FloatText {
  /// The number that a whole field is; nil when it is none.
  ///
  /// SAFETY: as `DigitWords`. No allocation.
  @inline(__always)
  package static func parse(
    _ start: UnsafePointer<UInt8>, _ count: Int, _ format: NumberFormat, as type: Double.Type
  ) -> Double? {
    guard count > 0 else { return nil }
    if let value = unsafe parseCommon(start, count, format) { return value }
    return unsafe bits(start, count, format, .double).map { Double(bitPattern: $0) }
  }

  /// What `parse` gives for fields in the form of `short`; nil for all others.
  ///
  /// SAFETY: as `DigitWords`. Precondition: `count > 0`. No allocation.
  @inline(__always)
  static func parseCommon(
    _ start: UnsafePointer<UInt8>, _ count: Int, _ format: NumberFormat
  ) -> Double? {
    let isNegative = unsafe start.pointee == UInt8(ascii: "-")
    let skipped = isNegative ? 1 : 0
    guard let number = unsafe short(start + skipped, count &- skipped, format) else { return nil }
    let bits: UInt64
    if number.integer < 1 &<< 53 {
      // Both are exact, and so the quotient is rounded once.
      let integer = Double(Int64(truncatingIfNeeded: number.integer))
      bits = (integer / DigitWords.floatPower(0 &- number.power)).bitPattern
    } else {
      bits = BinaryFormat.double.roundNormal(number.integer, power: number.power)
    }
    // No branch on the sign: columns with both would pay for it.
    return Double(bitPattern: bits | UInt64(truncatingIfNeeded: skipped) &<< 63)
  }

  /// The number that a whole field is, rounded once; nil when it is none.
  ///
  /// SAFETY: as `DigitWords`. No allocation.
  @inline(__always)
  package static func parse(
    _ start: UnsafePointer<UInt8>, _ count: Int, _ format: NumberFormat, as type: Float.Type
  ) -> Float? {
    guard count > 0 else { return nil }
    let isNegative = unsafe start.pointee == UInt8(ascii: "-")
    let skipped = isNegative ? 1 : 0
    if let number = unsafe short(start + skipped, count &- skipped, format) {
      let bits = BinaryFormat.float.round(number.integer, power: number.power)
      let sign = UInt32(truncatingIfNeeded: skipped) &<< 31
      return Float(bitPattern: UInt32(truncatingIfNeeded: bits) | sign)
    }
    return unsafe bits(start, count, format, .float).map {
      Float(bitPattern: UInt32(truncatingIfNeeded: $0))
    }
  }

  /// The number that a whole field is, rounded once; nil when it is none.
  ///
  /// SAFETY: as `DigitWords`. No allocation.
  package static func parse(
    _ start: UnsafePointer<UInt8>, _ count: Int, _ format: NumberFormat, as type: Float16.Type
  ) -> Float16? {
    guard let wide = unsafe parse(start, count, format, as: Double.self) else { return nil }
    guard wide.isFinite else { return Float16(wide) }
    let magnitude = wide.magnitude
    let nearest = Float16(magnitude)
    var half = nearest.isFinite ? nearest : Float16.greatestFiniteMagnitude
    if Double(half) > magnitude { half = half.nextDown }
    // `half` is at or below the number. A double in the middle to the next may be there because it
    // was rounded itself.
    let next = half == .greatestFiniteMagnitude ? 0x1p16 : Double(half.nextUp)
    guard magnitude * 2 == Double(half) + next,
      let number = unsafe DecimalDigits(start, count, format)
    else { return nearest.isFinite ? Float16(wide) : nil }
    if unsafe number.isAboveMiddle(UInt64(half.bitPattern), .half) { half = half.nextUp }
    guard half.isFinite else { return nil }
    return wide.sign == .minus ? -half : half
  }

  /// The most common form, `integer * 10^power`: up to 7 digits, the mark, 1 to 19 digits, at most
  /// 19 of them all. Nil for any other, and for what is no number.
  ///
  /// WHY: every load is at a place that the field's ends and its mark give, so that none waits for
  /// the digits before.
  @inline(__always)
  static func short(
    _ start: UnsafePointer<UInt8>, _ count: Int, _ format: NumberFormat
  ) -> (integer: UInt64, power: Int)? {
    let head = unsafe DigitWords.load8(start)
    let differences = head ^ (0x0101_0101_0101_0101 &* UInt64(format.decimalMark))
    let marks = (differences &- 0x0101_0101_0101_0101) & ~differences & DigitWords.highBits
    let whole = marks.trailingZeroBitCount &>> 3
    let fraction = count &- whole &- 1
    guard marks != 0, fraction > 0, fraction <= 19 else { return nil }

    let headDigits = head ^ DigitWords.zeros
    if !format.allowsLeadingZeros, whole > 1, headDigits & 0xFF == 0 { return nil }
    // All digits before the mark; twice shifted, as there may be none.
    let wholeDigits = (headDigits &<< 8) &<< UInt64(truncatingIfNeeded: 56 &- 8 &* whole)
    let wholeValue = DigitWords.value(wholeDigits)
    var foreign = DigitWords.foreign(wholeDigits)

    let tail = unsafe start + (whole &+ 1)
    let first = unsafe DigitWords.load8(tail) ^ DigitWords.zeros
    if fraction <= 8 {
      let digits = DigitWords.atStart(first, fraction)
      guard foreign | DigitWords.foreign(digits) == 0 else { return nil }
      return (wholeValue &* 100_000_000 &+ DigitWords.value(digits), -8)
    }
    guard whole &+ fraction <= 19 || wholeValue == 0 else { return nil }
    foreign |= DigitWords.foreign(first)
    let second = unsafe DigitWords.load8(tail + 8) ^ DigitWords.zeros
    var value = wholeValue &* 100_000_000 &+ DigitWords.value(first)
    if fraction <= 16 {
      let digits = DigitWords.atEnd(second, fraction &- 8)
      guard foreign | DigitWords.foreign(digits) == 0 else { return nil }
      value = value &* DigitWords.power(fraction &- 8) &+ DigitWords.value(digits)
      return (value, 0 &- fraction)
    }
    let third = unsafe DigitWords.atEnd(
      DigitWords.load8(tail + 16) ^ DigitWords.zeros, fraction &- 16)
    guard foreign | DigitWords.foreign(second) | DigitWords.foreign(third) == 0 else { return nil }
    value = value &* 100_000_000 &+ DigitWords.value(second)
    value = value &* DigitWords.power(fraction &- 16) &+ DigitWords.value(third)
    return (value, 0 &- fraction)
  }

  /// The bits of the number that any field is.
  @inline(never)
  private static func bits(
    _ start: UnsafePointer<UInt8>, _ count: Int, _ format: NumberFormat, _ binary: BinaryFormat
  ) -> UInt64? {
    guard let number = unsafe DecimalDigits(start, count, format) else {
      if format.allowsWords, let bits = unsafe word(start, count, format, binary) { return bits }
      guard format.thousandsMark != nil else { return nil }
      return unsafe ThousandsText.strip(start, count, format) { plain, count in
        unsafe bits(plain, count, format.withoutThousands, binary)
      }
    }
    var rounded = unsafe binary.round(number.integer, power: number.power)
    if unsafe number.isTruncated,
      unsafe rounded != binary.round(number.integer &+ 1, power: number.power),
      unsafe number.isAboveMiddle(rounded, binary)
    {
      // The bits of the next number, infinity behind the last.
      rounded &+= 1
    }
    guard rounded != binary.infinity else { return nil }
    return unsafe number.isNegative ? rounded | signBit(binary) : rounded
  }

  private static func signBit(_ binary: BinaryFormat) -> UInt64 {
    (UInt64(binary.infiniteExponent) + 1) << UInt64(binary.significandBits)
  }

  /// The bits of `inf`, `infinity` and `nan`.
  private static func word(
    _ start: UnsafePointer<UInt8>, _ count: Int, _ format: NumberFormat, _ binary: BinaryFormat
  ) -> UInt64? {
    let first = unsafe start.pointee
    let isNegative = first == UInt8(ascii: "-")
    let skipped = isNegative || (format.allowsPlus && first == UInt8(ascii: "+")) ? 1 : 0
    let length = count - skipped
    guard length == 3 || length == 8 else { return nil }
    // Letters in lower case; of no other character does this bit make a letter that is asked for.
    let mask = length == 3 ? 0xFF_FFFF : UInt64.max
    let letters = unsafe (DigitWords.load8(start + skipped) | 0x2020_2020_2020_2020) & mask
    let sign = isNegative ? signBit(binary) : 0
    switch letters {
    case 0x66_6E69, 0x7974_696E_6966_6E69: return sign | binary.infinity
    case 0x6E_616E: return sign | binary.infinity | 1 << UInt64(binary.significandBits - 1)
    default: return nil
    }
  }
}
