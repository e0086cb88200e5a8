/// An exact decimal: `unscaled / 10^scale`, with an unscaled two's complement integer of 256 bits.
public struct DecimalValue: Hashable, Sendable {
  /// The upper half of the unscaled integer, with its sign.
  public var high: Int128
  /// The lower half of the unscaled integer.
  public var low: UInt128
  /// Digits behind the decimal point; where negative, zeros to append.
  public var scale: Int

  /// A decimal from both halves of its unscaled integer.
  public init(high: Int128, low: UInt128, scale: Int) {
    self.high = high
    self.low = low
    self.scale = scale
  }

  /// A decimal whose unscaled integer fits 128 bits.
  public init(unscaled: Int128, scale: Int) {
    self.init(high: unscaled >> 127, low: UInt128(bitPattern: unscaled), scale: scale)
  }
}

extension DecimalValue: CustomStringConvertible {
  /// All digits, as in `-12.30`; with an exponent where the scale would ask for very many zeros.
  public var description: String {
    var digits = magnitudeDigits
    if scale < -64 || scale > 256 {
      digits += "E\(-scale)"
    } else if scale > 0 {
      let missing = scale + 1 - digits.count
      if missing > 0 {
        digits.insert(contentsOf: repeatElement("0", count: missing), at: digits.startIndex)
      }
      digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -scale))
    } else if scale < 0, digits != "0" {
      digits += String(repeating: "0", count: -scale)
    }
    return high < 0 ? "-" + digits : digits
  }

  /// The digits of the unscaled integer without its sign.
  private var magnitudeDigits: String {
    var (upper, lower) = (UInt128(bitPattern: high), low)
    if high < 0 {
      let borrow = lower == 0
      lower = ~lower &+ 1
      upper = ~upper &+ (borrow ? 1 : 0)
    }
    var words = [
      UInt64(truncatingIfNeeded: upper >> 64), UInt64(truncatingIfNeeded: upper),
      UInt64(truncatingIfNeeded: lower >> 64), UInt64(truncatingIfNeeded: lower),
    ]
    // Long division by the largest power of ten in a word gives 19 digits a round.
    let divisor: UInt64 = 10_000_000_000_000_000_000
    var chunks: [UInt64] = []
    repeat {
      var remainder: UInt64 = 0
      for index in words.indices {
        (words[index], remainder) = divisor.dividingFullWidth((remainder, words[index]))
      }
      chunks.append(remainder)
    } while words.contains { $0 != 0 }
    var text = "\(chunks.removeLast())"
    for chunk in chunks.reversed() {
      let digits = "\(chunk)"
      text += String(repeating: "0", count: 19 - digits.count) + digits
    }
    return text
  }
}
