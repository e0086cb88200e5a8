/// Bytes as text (RFC 4648, section 4).
package enum Base64 {
  /// The bytes of `text`, whose padding may be left out; nil for characters outside the alphabet
  /// and for lengths that no bytes give.
  package static func decode(_ text: String) -> [UInt8]? {
    var digits = Array(text.utf8)
    while digits.last == UInt8(ascii: "=") { digits.removeLast() }
    guard digits.count % 4 != 1 else { return nil }
    // With digits of value 0 in place of the padding, there are whole groups of four.
    let byteCount = digits.count / 4 * 3 + max(0, digits.count % 4 - 1)
    while digits.count % 4 > 0 { digits.append(UInt8(ascii: "A")) }
    var bytes = [UInt8](repeating: 0, count: digits.count / 4 * 3)
    let values = Self.values
    for group in 0..<(digits.count / 4) {
      let first = 4 * group
      let (a, b) = (values[Int(digits[first])], values[Int(digits[first + 1])])
      let (c, d) = (values[Int(digits[first + 2])], values[Int(digits[first + 3])])
      guard a | b | c | d < 64 else { return nil }
      let word = a << 18 | b << 12 | c << 6 | d
      bytes[3 * group] = UInt8(truncatingIfNeeded: word >> 16)
      bytes[3 * group + 1] = UInt8(truncatingIfNeeded: word >> 8)
      bytes[3 * group + 2] = UInt8(truncatingIfNeeded: word)
    }
    bytes.removeLast(bytes.count - byteCount)
    return bytes
  }

  /// By byte: the value of the digit; 255 for what is none.
  private static let values: [UInt32] = {
    var values = [UInt32](repeating: 255, count: 256)
    let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    for (value, digit) in digits.utf8.enumerated() { values[Int(digit)] = UInt32(value) }
    return values
  }()
}
