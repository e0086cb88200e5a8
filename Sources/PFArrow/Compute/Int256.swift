/// A two's complement integer of 256 bits: the unscaled integers of the widest decimals.
package struct Int256: Hashable, Sendable, BitwiseCopyable {
  // In the order of memory: the bytes are those of a little-endian integer.
  package var low: UInt128
  package var high: Int128

  package init(high: Int128, low: UInt128) {
    self.high = high
    self.low = low
  }

  package init(_ value: Int128) { self.init(high: value >> 127, low: UInt128(bitPattern: value)) }

  /// The value, where 128 bits hold it.
  package var int128: Int128? {
    let narrow = Int128(bitPattern: low)
    return high == narrow >> 127 ? narrow : nil
  }

  package static let min = Int256(high: .min, low: 0)
  package static let max = Int256(high: .max, low: .max)

  /// The value and 1; nil beyond the largest.
  package var successor: Int256? {
    let (low, carry) = low.addingReportingOverflow(1)
    guard carry else { return Int256(high: high, low: low) }
    let (high, overflow) = high.addingReportingOverflow(1)
    return overflow ? nil : Int256(high: high, low: low)
  }

  /// Ten times the value; nil where 256 bits do not hold it, and for a few of the most negative
  /// products, which have a digit more than any decimal.
  package var timesTen: Int256? {
    let (carry, low) = low.multipliedFullWidth(by: 10)
    let (product, overflow) = high.multipliedReportingOverflow(by: 10)
    let (sum, carryOverflow) = product.addingReportingOverflow(Int128(carry))
    return overflow || carryOverflow ? nil : Int256(high: sum, low: low)
  }

  /// A tenth of the value, rounded down, and what is left, 0 to 9.
  package var dividedByTen: (quotient: Int256, remainder: Int) {
    let remainder = ((high % 10) + 10) % 10
    let quotient = (high - remainder) / 10
    let rest = UInt128(remainder)
    let divided = UInt128(10).dividingFullWidth((rest, low))
    return (Int256(high: quotient, low: divided.quotient), Int(divided.remainder))
  }
}

extension Int256: Comparable {
  package static func < (left: Int256, right: Int256) -> Bool {
    left.high != right.high ? left.high < right.high : left.low < right.low
  }
}
