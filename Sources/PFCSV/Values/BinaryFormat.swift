/// A binary floating-point format of IEEE 754, as rounding to it needs it.
struct BinaryFormat {
  /// Bits of the significand that are stored.
  let significandBits: Int
  /// The exponent of a stored exponent of 0, less 1.
  let leastExponent: Int
  /// The stored exponent of infinity.
  let infiniteExponent: Int
  /// Powers of ten below which every `UInt64` times the power rounds to 0, and above which no
  /// integer but 0 is finite.
  let leastPower: Int
  let greatestPower: Int
  /// The powers of ten with which a product of 64 bits may lie halfway between two numbers.
  let leastHalfwayPower: Int
  let greatestHalfwayPower: Int

  static let double = BinaryFormat(
    significandBits: 52, leastExponent: -1023, infiniteExponent: 0x7FF, leastPower: -342,
    greatestPower: 308, leastHalfwayPower: -4, greatestHalfwayPower: 23)
  static let float = BinaryFormat(
    significandBits: 23, leastExponent: -127, infiniteExponent: 0xFF, leastPower: -64,
    greatestPower: 38, leastHalfwayPower: -17, greatestHalfwayPower: 10)

  /// The layout of half floats; `round` knows no such format.
  static let half = BinaryFormat(
    significandBits: 10, leastExponent: -15, infiniteExponent: 0x1F, leastPower: 0,
    greatestPower: 0, leastHalfwayPower: 0, greatestHalfwayPower: 0)

  /// The bits of infinity.
  var infinity: UInt64 { UInt64(truncatingIfNeeded: infiniteExponent) &<< UInt64(significandBits) }

  /// The bits of `integer * 10^power`, rounded to nearest, ties to even.
  ///
  /// Daniel Lemire, "Number Parsing at a Gigabyte per Second" (2021); that the product of 128 bits
  /// always decides is shown by Mushtak and Lemire, "Fast Number Parsing Without Fallback" (2023).
  @inline(__always)
  func round(_ integer: UInt64, power: Int) -> UInt64 {
    guard integer != 0, power >= leastPower else { return 0 }
    guard power <= greatestPower else { return infinity }

    let zeroCount = integer.leadingZeroBitCount
    let normal = integer &<< UInt64(truncatingIfNeeded: zeroCount)
    let index = 2 &* (power &- FloatPowers.least)
    var (high, low) = normal.multipliedFullWidth(by: FloatPowers.words[index])
    let undecided = UInt64.max &>> UInt64(significandBits &+ 3)
    if high & undecided == undecided {
      let rest = normal.multipliedFullWidth(by: FloatPowers.words[index &+ 1]).high
      let (sum, carry) = low.addingReportingOverflow(rest)
      low = sum
      if carry { high &+= 1 }
    }

    let upper = Int(truncatingIfNeeded: high &>> 63)
    let shift = UInt64(truncatingIfNeeded: upper &+ 64 &- significandBits &- 3)
    // The significand with one bit more than it has, to round.
    var significand = high &>> shift
    // floor(power * log2(10)) for all powers of the table.
    let binary = (217_706 &* power) >> 16
    var exponent = binary &+ 63 &+ upper &- zeroCount &- leastExponent

    if exponent <= 0 {
      guard exponent > -63 else { return 0 }
      // Ties cannot occur so far down: no integer of 64 bits is a multiple of such a power of five.
      significand &>>= UInt64(truncatingIfNeeded: 1 &- exponent)
      significand = (significand &+ (significand & 1)) &>> 1
      // Rounding up to the least normal number sets the bit of exponent 1 by itself.
      return significand
    }

    if low <= 1, power >= leastHalfwayPower, power <= greatestHalfwayPower,
      significand & 3 == 1, significand &<< shift == high
    {
      significand &= ~1
    }
    significand = (significand &+ (significand & 1)) &>> 1
    if significand >> UInt64(significandBits &+ 1) != 0 {
      significand &>>= 1
      exponent &+= 1
    }
    guard exponent < infiniteExponent else { return infinity }
    significand &= ~(1 &<< UInt64(significandBits))
    return significand | UInt64(truncatingIfNeeded: exponent) &<< UInt64(significandBits)
  }

  /// The same where no tie and no bound is near, almost without branches.
  ///
  /// Precondition: `integer >= 2^53`, `-19 <= power < leastHalfwayPower`.
  @inline(__always)
  func roundNormal(_ integer: UInt64, power: Int) -> UInt64 {
    let zeroCount = integer.leadingZeroBitCount
    let normal = integer &<< UInt64(truncatingIfNeeded: zeroCount)
    let index = 2 &* (power &- FloatPowers.least)
    let high = normal.multipliedFullWidth(by: FloatPowers.words[index]).high
    let undecided = UInt64.max &>> UInt64(significandBits &+ 3)
    guard high & undecided != undecided else { return round(integer, power: power) }
    let upper = Int(truncatingIfNeeded: high &>> 63)
    let shift = UInt64(truncatingIfNeeded: upper &+ 64 &- significandBits &- 3)
    let significand = high &>> shift
    let binary = (217_706 &* power) >> 16
    let exponent = binary &+ 63 &+ upper &- zeroCount &- leastExponent
    // The highest bit of the significand counts the exponent up, and so does rounding up to it.
    return (significand &+ (significand & 1)) &>> 1
      &+ UInt64(truncatingIfNeeded: exponent &- 1) &<< UInt64(significandBits)
  }

  /// The significand and the binary exponent of the finite number with these bits.
  func parts(_ bits: UInt64) -> (significand: UInt64, exponent: Int) {
    let stored = Int(truncatingIfNeeded: bits >> UInt64(significandBits))
    let fraction = bits & ((1 << UInt64(significandBits)) - 1)
    let significand = stored == 0 ? fraction : fraction | 1 << UInt64(significandBits)
    return (significand, max(stored, 1) + leastExponent - significandBits)
  }
}
