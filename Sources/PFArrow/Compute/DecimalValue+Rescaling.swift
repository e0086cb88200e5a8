extension DecimalValue {
  /// The unscaled integer at another scale, rounded down, and whether nothing was lost; nil where
  /// 256 bits do not hold it.
  func rescaled(to target: Int) -> (floor: Int256, isExact: Bool)? {
    var value = Int256(high: high, low: low)
    if value == Int256(0) { return (value, true) }
    var isExact = true
    var (missing, overflow) = target.subtractingReportingOverflow(scale)
    if overflow { return target > 0 ? nil : (Int256(high < 0 ? -1 : 0), false) }
    while missing > 0 {
      guard let larger = value.timesTen else { return nil }
      value = larger
      missing -= 1
    }
    while missing < 0 {
      let (quotient, remainder) = value.dividedByTen
      isExact = isExact && remainder == 0
      value = quotient
      missing += 1
      // All digits are gone; more divisions change nothing.
      if value == Int256(0) || value == Int256(-1) {
        if missing < 0, value == Int256(-1) { isExact = false }
        break
      }
    }
    return (value, isExact)
  }

  /// The decimal that `text` writes: a sign, digits with a point among them, an exponent; nil for
  /// anything else and for what 256 bits do not hold.
  package init?(text: String) {
    var value = Int256(0)
    var scale = 0
    var isNegative = false
    var hasDigits = false
    var hasPoint = false
    var bytes = text.utf8[...]
    if let sign = bytes.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      isNegative = sign == UInt8(ascii: "-")
      bytes.removeFirst()
    }
    while let byte = bytes.first, byte != UInt8(ascii: "e"), byte != UInt8(ascii: "E") {
      bytes.removeFirst()
      if byte == UInt8(ascii: "."), !hasPoint {
        hasPoint = true
        continue
      }
      let digit = byte &- UInt8(ascii: "0")
      guard digit < 10, let shifted = value.timesTen else { return nil }
      let (low, carry) = shifted.low.addingReportingOverflow(UInt128(digit))
      let (high, overflow) = shifted.high.addingReportingOverflow(carry ? 1 : 0)
      guard !overflow else { return nil }
      value = Int256(high: high, low: low)
      hasDigits = true
      if hasPoint { scale += 1 }
    }
    guard hasDigits else { return nil }
    if !bytes.isEmpty {
      guard let exponent = Int32(Substring(bytes.dropFirst())) else { return nil }
      scale -= Int(exponent)
    }
    if isNegative {
      let low = ~value.low &+ 1
      value = Int256(high: ~value.high &+ (low == 0 ? 1 : 0), low: low)
    }
    self.init(high: value.high, low: value.low, scale: scale)
  }
}
