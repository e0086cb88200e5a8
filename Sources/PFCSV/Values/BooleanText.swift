/// Words for true and false.
package struct BooleanText: Sendable {
  /// A word of at most eight bytes, zeros behind it.
  private struct Word {
    let bytes: UInt64
    let count: Int
    let value: Bool
  }

  private let short: [Word]
  private let long: [(bytes: [UInt8], value: Bool)]
  private let isDefault: Bool

  /// `true` and `false` in lower, Title and UPPER case.
  package static let standard = BooleanText(
    trueWords: ["true", "True", "TRUE"], falseWords: ["false", "False", "FALSE"])

  /// The words that are told, each as it is written; one of both lists is true.
  package init(trueWords: [String], falseWords: [String]) {
    var short: [Word] = []
    var long: [(bytes: [UInt8], value: Bool)] = []
    for (words, value) in [(trueWords, true), (falseWords, false)] {
      for word in words {
        let bytes = Array(word.utf8)
        guard bytes.count <= 8 else {
          long.append((bytes, value))
          continue
        }
        let packed = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        short.append(Word(bytes: packed, count: bytes.count, value: value))
      }
    }
    self.short = short
    self.long = long
    isDefault =
      trueWords == ["true", "True", "TRUE"] && falseWords == ["false", "False", "FALSE"]
  }

  /// What a whole field says; nil when it is none of the words.
  ///
  /// SAFETY: as `DigitWords`. No allocation.
  @inline(__always)
  package func parse(_ start: UnsafePointer<UInt8>, _ count: Int) -> Bool? {
    isDefault ? unsafe Self.parseStandard(start, count) : unsafe parseListed(start, count)
  }

  /// The standard words, without a list.
  @inline(__always)
  private static func parseStandard(_ start: UnsafePointer<UInt8>, _ count: Int) -> Bool? {
    guard count == 4 || count == 5 else { return nil }
    let word = unsafe DigitWords.load8(start)
    if count == 4 {
      switch word & 0xFFFF_FFFF {
      case 0x6575_7274, 0x6575_7254, 0x4555_5254: return true
      default: return nil
      }
    }
    switch word & 0xFF_FFFF_FFFF {
    case 0x65_736C_6166, 0x65_736C_6146, 0x45_534C_4146: return false
    default: return nil
    }
  }

  private func parseListed(_ start: UnsafePointer<UInt8>, _ count: Int) -> Bool? {
    if count <= 8 {
      let word = count == 0 ? 0 : unsafe DigitWords.atStart(DigitWords.load8(start), count)
      for candidate in short where candidate.bytes == word && candidate.count == count {
        return candidate.value
      }
      return nil
    }
    for (bytes, value) in long where bytes.count == count {
      var index = 0
      while index < count, unsafe bytes[index] == start[index] { index += 1 }
      if index == count { return value }
    }
    return nil
  }
}
