/// Bytes as text (RFC 4648, section 4).
package enum Base64 {
  /// The bytes of `text`, whose padding may be left out; nil for characters outside the alphabet
  /// and for lengths that no bytes give.
  package static func decode(_ text: String) -> [UInt8]? { decode(text.utf8.span) }

  /// The bytes of a text in UTF-8, as `decode` of a string gives them.
  package static func decode(_ digits: Span<UInt8>) -> [UInt8]? {
    var count = digits.count
    while count > 0, digits[count - 1] == UInt8(ascii: "=") { count -= 1 }
    guard count % 4 != 1 else { return nil }
    let wholeCount = count / 4 * 4
    var bytes = [UInt8](repeating: 0, count: wholeCount / 4 * 3)
    var target = bytes.mutableSpan
    guard decode(groups: digits.extracting(first: wholeCount), values.span, into: &target) else {
      return nil
    }
    guard count > wholeCount else { return bytes }
    // With digits of value 0 in place of the padding, there is one group more.
    var last: [UInt8] = [0, 0, 0]
    var group = [UInt8](repeating: UInt8(ascii: "A"), count: 4)
    for index in wholeCount..<count { group[index - wholeCount] = digits[index] }
    target = last.mutableSpan
    guard decode(groups: group.span, values.span, into: &target) else { return nil }
    return bytes + last.prefix(count - wholeCount - 1)
  }

  /// Decodes groups of four digits to three bytes each; false if one is outside the alphabet.
  ///
  /// - Precondition: `values` are those below; `target` has three bytes for each group.
  private static func decode(
    groups digits: Span<UInt8>, _ values: Span<UInt32>, into target: inout MutableSpan<UInt8>
  ) -> Bool {
    precondition(
      digits.count % 4 == 0 && target.count == digits.count / 4 * 3 && values.count == 1024)
    var all: UInt32 = 0
    for group in 0..<(digits.count / 4) {
      // SAFETY: indices below the counts of the precondition; a byte is below 256.
      // WHY: the schema of 5 000 columns that Arrow keeps in a footer is 600 kB of digits, and
      // eleven checks a group are two thirds of the time.
      let first = unsafe values[unchecked: Int(digits[unchecked: 4 &* group])]
      let second = unsafe values[unchecked: 256 &+ Int(digits[unchecked: 4 &* group &+ 1])]
      let third = unsafe values[unchecked: 512 &+ Int(digits[unchecked: 4 &* group &+ 2])]
      let fourth = unsafe values[unchecked: 768 &+ Int(digits[unchecked: 4 &* group &+ 3])]
      let word = first | second | third | fourth
      unsafe target[unchecked: 3 &* group] = UInt8(truncatingIfNeeded: word >> 16)
      unsafe target[unchecked: 3 &* group &+ 1] = UInt8(truncatingIfNeeded: word >> 8)
      unsafe target[unchecked: 3 &* group &+ 2] = UInt8(truncatingIfNeeded: word)
      all |= word
    }
    return all < notADigit
  }

  private static let notADigit: UInt32 = 1 << 24

  /// For each place in a group, by byte: the digit's bits where they go; `notADigit` for what is
  /// none.
  private static let values: [UInt32] = {
    var values = [UInt32](repeating: notADigit, count: 1024)
    let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    for (value, digit) in digits.utf8.enumerated() {
      for place in 0..<4 {
        values[256 * place + Int(digit)] = UInt32(value) << UInt32(18 - 6 * place)
      }
    }
    return values
  }()
}
