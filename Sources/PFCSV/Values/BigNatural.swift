/// A natural number of at most 4096 bits, without memory of its own: what comparing a decimal with
/// the middle between two floating-point numbers takes.
struct BigNatural {
  private static let capacity = 64
  private var words = InlineArray<64, UInt64>(repeating: 0)
  /// Words in use; those above are 0.
  private var count = 0

  init(_ value: UInt64) { add(value) }

  /// Precondition, as for all that grows a number: it stays below 2^4096.
  private mutating func push(_ word: UInt64) {
    precondition(count < Self.capacity, "a number is beyond 4096 bits")
    words[count] = word
    count += 1
  }

  private mutating func add(_ value: UInt64) {
    var carry = value
    var index = 0
    while carry != 0 {
      guard index < count else { return push(carry) }
      let (sum, overflow) = words[index].addingReportingOverflow(carry)
      words[index] = sum
      carry = overflow ? 1 : 0
      index += 1
    }
  }

  /// Replaces the number by `self * factor + addend`.
  mutating func multiply(by factor: UInt64, adding addend: UInt64 = 0) {
    var carry: UInt64 = 0
    for index in 0..<count {
      let product = words[index].multipliedFullWidth(by: factor)
      let (low, overflow) = product.low.addingReportingOverflow(carry)
      words[index] = low
      carry = product.high + (overflow ? 1 : 0)
    }
    if carry != 0 { push(carry) }
    add(addend)
  }

  /// Multiplies by 5^`exponent`.
  mutating func multiplyByFive(to exponent: Int) {
    let greatest: UInt64 = 7_450_580_596_923_828_125  // 5^27
    var rest = exponent
    while rest >= 27 {
      multiply(by: greatest)
      rest -= 27
    }
    for _ in 0..<rest { multiply(by: 5) }
  }

  /// Multiplies by 2^`exponent`.
  mutating func shiftLeft(by exponent: Int) {
    let (wordCount, bitCount) = exponent.quotientAndRemainder(dividingBy: 64)
    if bitCount > 0 { multiply(by: 1 << UInt64(bitCount)) }
    guard wordCount > 0, count > 0 else { return }
    for _ in 0..<wordCount { push(0) }
    for index in (wordCount..<count).reversed() { words[index] = words[index - wordCount] }
    for index in 0..<wordCount { words[index] = 0 }
  }

  /// -1, 0 or 1: whether the number is less than, equal to or greater than `other`.
  func compare(_ other: BigNatural) -> Int {
    guard count == other.count else { return count < other.count ? -1 : 1 }
    for index in (0..<count).reversed() where words[index] != other.words[index] {
      return words[index] < other.words[index] ? -1 : 1
    }
    return 0
  }
}
