/// Digits that a number of 64 bits holds, whatever they are.
private let digitCapacity = 19

/// Digits that are compared. The middle between two numbers of 64 bits has 768 at most, so that
/// what follows decides only where all these are equal.
private let comparedDigitCount = 800

/// A decimal number that was read digit by digit: any number of digits, any exponent.
@unsafe struct DecimalDigits {
  /// The first 19 digits that count, or all.
  private(set) var integer: UInt64 = 0
  /// The number is `integer * 10^power`, or a little more where it is truncated.
  private(set) var power = 0
  /// Whether digits other than 0 stand behind those in `integer`.
  private(set) var isTruncated = false
  private(set) var isNegative = false
  /// Whether there is an exponent.
  private(set) var hasExponent = false
  /// Where the digits begin and end; the decimal mark may stand among them.
  private(set) var first: UnsafePointer<UInt8>
  private(set) var end: UnsafePointer<UInt8>

  /// Reads a whole field; nil when it is no decimal number.
  ///
  /// SAFETY: as `DigitWords`; the pointers are of use as long as the field is.
  init?(_ start: UnsafePointer<UInt8>, _ count: Int, _ format: NumberFormat) {
    let fieldEnd = unsafe start + count
    var next = unsafe start
    guard count > 0 else { return nil }
    unsafe isNegative = next.pointee == UInt8(ascii: "-")
    if unsafe isNegative || (format.allowsPlus && next.pointee == UInt8(ascii: "+")) {
      unsafe next += 1
    }
    unsafe first = next
    unsafe end = next

    // Digits in `integer`, zeros before the first other digit not counted.
    var taken = 0
    let wholeStart = unsafe next
    let dropped = unsafe take(&next, fieldEnd, &taken)
    let wholeCount = unsafe next - wholeStart
    if !format.allowsLeadingZeros, wholeCount > 1,
      unsafe wholeStart.pointee == UInt8(ascii: "0")
    {
      return nil
    }
    unsafe power = dropped
    var fractionCount = 0
    if unsafe next < fieldEnd && next.pointee == format.decimalMark {
      unsafe next += 1
      let fractionStart = unsafe next
      let dropped = unsafe take(&next, fieldEnd, &taken)
      fractionCount = unsafe next - fractionStart
      unsafe power -= fractionCount - dropped
    }
    guard wholeCount + fractionCount > 0 else { return nil }
    unsafe end = next
    guard unsafe next < fieldEnd else { return }
    unsafe hasExponent = true
    guard let exponent = unsafe Self.exponent(next, fieldEnd) else { return nil }
    unsafe power += exponent
  }

  /// Takes a run of digits; how many of them had no room.
  private mutating func take(
    _ next: inout UnsafePointer<UInt8>, _ fieldEnd: UnsafePointer<UInt8>, _ taken: inout Int
  ) -> Int {
    var value = unsafe integer
    while true {
      if taken > 0, taken <= digitCapacity - 8, unsafe fieldEnd - next >= 8 {
        let digits = unsafe DigitWords.load8(next) ^ DigitWords.zeros
        if DigitWords.foreign(digits) == 0 {
          value = value &* 100_000_000 &+ DigitWords.value(digits)
          taken &+= 8
          unsafe next += 8
          continue
        }
      }
      guard taken < digitCapacity, unsafe next < fieldEnd else { break }
      let digit = unsafe next.pointee &- UInt8(ascii: "0")
      guard digit < 10 else { break }
      value = value &* 10 &+ UInt64(digit)
      if value != 0 { taken &+= 1 }
      unsafe next += 1
    }
    unsafe integer = value
    let dropStart = unsafe next
    while unsafe next < fieldEnd {
      let digit = unsafe next.pointee &- UInt8(ascii: "0")
      guard digit < 10 else { break }
      if digit != 0 { unsafe isTruncated = true }
      unsafe next += 1
    }
    return unsafe next - dropStart
  }

  /// The exponent from its letter to the end of the field; nil when there is none.
  ///
  /// One beyond any field's length is cut: the result is 0 or does not fit all the same.
  private static func exponent(
    _ start: UnsafePointer<UInt8>, _ fieldEnd: UnsafePointer<UInt8>
  ) -> Int? {
    var next = unsafe start
    guard unsafe next.pointee | 0x20 == UInt8(ascii: "e") else { return nil }
    unsafe next += 1
    var isNegative = false
    if unsafe next < fieldEnd {
      let sign = unsafe next.pointee
      isNegative = sign == UInt8(ascii: "-")
      if isNegative || sign == UInt8(ascii: "+") { unsafe next += 1 }
    }
    guard unsafe next < fieldEnd else { return nil }
    var value = 0
    while unsafe next < fieldEnd {
      let digit = unsafe next.pointee &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      if value < 1 << 56 { value = value &* 10 &+ Int(digit) }
      unsafe next += 1
    }
    return isNegative ? 0 &- value : value
  }
}

extension DecimalDigits {
  /// Digits before the decimal point, from the first that is not 0 on; negative where zeros stand
  /// between. Precondition: the number is truncated, so that `integer` is full.
  var pointPosition: Int { unsafe power + digitCapacity }

  /// Whether the number is to be rounded up from `bits`: it is above the middle between that number
  /// and the next, or it is the middle and `bits` is odd.
  ///
  /// Precondition: the number is not below that of `bits` nor above the next.
  func isAboveMiddle(_ bits: UInt64, _ binary: BinaryFormat) -> Bool {
    let (significand, exponent) = binary.parts(bits)
    var middle = BigNatural(2 * significand + 1)
    let middleExponent = exponent - 1

    var digits = BigNatural(0)
    var count = 0
    var isMore = false
    var next = unsafe first
    var group: UInt64 = 0
    var groupScale: UInt64 = 1
    while unsafe next < end {
      let digit = unsafe UInt64(next.pointee &- UInt8(ascii: "0"))
      unsafe next += 1
      guard digit < 10, digit > 0 || count > 0 else { continue }
      guard count < comparedDigitCount else {
        if digit > 0 { isMore = true }
        continue
      }
      count += 1
      group = group * 10 + digit
      groupScale *= 10
      if groupScale == 10_000_000_000_000_000_000 {
        digits.multiply(by: groupScale, adding: group)
        (group, groupScale) = (0, 1)
      }
    }
    digits.multiply(by: groupScale, adding: group)

    // The number is `digits * 10^decimal`, the middle `middle * 2^middleExponent`.
    let decimal = unsafe power + min(count, digitCapacity) - count
    if decimal >= 0 {
      digits.multiplyByFive(to: decimal)
    } else {
      middle.multiplyByFive(to: 0 - decimal)
    }
    let shift = decimal - middleExponent
    if shift >= 0 {
      digits.shiftLeft(by: shift)
    } else {
      middle.shiftLeft(by: 0 - shift)
    }
    let order = digits.compare(middle)
    return order > 0 || (order == 0 && (isMore || significand & 1 == 1))
  }
}
