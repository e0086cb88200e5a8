/// Eight characters at a time: loads, and the value of decimal digits in a word.
///
/// SAFETY, for all parsers of this folder: the caller promises that `count` bytes of the field and
/// `slack` bytes behind them are readable. What stands behind the field never changes a result.
package enum DigitWords {
  /// The bytes behind a field that its parser may load.
  package static let slack = 32

  /// Eight times the character "0".
  static let zeros: UInt64 = 0x3030_3030_3030_3030
  /// The highest bit of each byte.
  static let highBits: UInt64 = 0x8080_8080_8080_8080

  /// The eight bytes from `start` on, the first lowest.
  @inline(__always)
  static func load8(_ start: UnsafePointer<UInt8>) -> UInt64 {
    UInt64(littleEndian: unsafe UnsafeRawPointer(start).loadUnaligned(as: UInt64.self))
  }

  /// The two bytes from `start` on, the first lowest.
  @inline(__always)
  static func load2(_ start: UnsafePointer<UInt8>) -> UInt32 {
    UInt32(UInt16(littleEndian: unsafe UnsafeRawPointer(start).loadUnaligned(as: UInt16.self)))
  }

  /// The highest bit of each byte that is no digit, from the eight bytes less "0".
  ///
  /// The lowest bit set is that of the first such byte; bits above it may be set for digits.
  @inline(__always)
  static func foreign(_ digits: UInt64) -> UInt64 {
    ((digits &+ 0x7676_7676_7676_7676) | digits) & highBits
  }

  /// The value of eight digits, the first lowest, each 0 to 9.
  @inline(__always)
  static func value(_ digits: UInt64) -> UInt64 {
    // Pairs at every second byte, then fours by one multiplication for each half of the pairs.
    let pairs = digits &* 10 &+ (digits &>> 8)
    let even = (pairs & 0x0000_00FF_0000_00FF) &* (100 &+ (1_000_000 &<< 32))
    let odd = ((pairs &>> 16) & 0x0000_00FF_0000_00FF) &* (1 &+ (10_000 &<< 32))
    return (even &+ odd) &>> 32
  }

  /// `count` digits moved to the end of the word, so that zeros stand before them.
  /// Precondition: `1 <= count <= 8`.
  @inline(__always)
  static func atEnd(_ digits: UInt64, _ count: Int) -> UInt64 {
    digits &<< UInt64(truncatingIfNeeded: 64 &- 8 &* count)
  }

  /// The first `count` digits, with zeros behind them. Precondition: `1 <= count <= 8`.
  @inline(__always)
  static func atStart(_ digits: UInt64, _ count: Int) -> UInt64 {
    digits & (UInt64.max &>> UInt64(truncatingIfNeeded: 64 &- 8 &* count))
  }

  /// 10^`exponent`. Precondition: `0 <= exponent <= 19`.
  @inline(__always)
  static func power(_ exponent: Int) -> UInt64 { powers[exponent] }

  /// The same as a floating-point number, which is exact.
  @inline(__always)
  static func floatPower(_ exponent: Int) -> Double { floatPowers[exponent] }

  private static let floatPowers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19,
  ]

  private static let powers: [UInt64] = [
    1, 10, 100, 1000, 10000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
    10_000_000_000, 100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000,
    1_000_000_000_000_000, 10_000_000_000_000_000, 100_000_000_000_000_000,
    1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
  ]
}
