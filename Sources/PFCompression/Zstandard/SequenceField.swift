/// The three numbers of a sequence (RFC 8878, section 3.1.1.3.2.1).
enum SequenceField: Int, CaseIterable {
  case literalLength, offset, matchLength

  /// The widest table that a block may describe.
  var maximumLog: Int { self == .offset ? 8 : 9 }

  /// By code: extra bits at bit 8, the smallest value at bit 32, as `FSETable` wants it.
  ///
  /// The value of an offset is less by 3 from code 2 on, and so the distance itself; codes 0 and 1
  /// choose among the distances before.
  var meanings: [UInt64] {
    switch self {
    case .literalLength: Self.literalLengthMeanings
    case .offset: Self.offsetMeanings
    case .matchLength: Self.matchLengthMeanings
    }
  }

  /// The probabilities of predefined mode (section 3.1.1.3.2.2).
  var defaultCounts: [Int16] {
    switch self {
    case .literalLength:
      [4, 3] + ones(2, 11) + ones(1, 3) + ones(2, 9) + [3, 2] + ones(1, 5) + ones(-1, 4)
    case .offset:
      ones(1, 6) + ones(2, 3) + ones(1, 15) + ones(-1, 5)
    case .matchLength:
      [1, 4, 3] + ones(2, 6) + ones(1, 37) + ones(-1, 7)
    }
  }

  private func ones(_ value: Int16, _ count: Int) -> [Int16] {
    [Int16](repeating: value, count: count)
  }

  private static let literalLengthMeanings = meanings(
    from: 0,
    widths: zeros(16) + [1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16])
  private static let matchLengthMeanings = meanings(
    from: 3,
    widths: zeros(32) + [1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16])
  private static let offsetMeanings = (0...31).map { (code: UInt64) -> UInt64 in
    code << 8 | (code < 2 ? code : 1 << code - 3) << 32
  }

  private static func zeros(_ count: Int) -> [UInt64] { [UInt64](repeating: 0, count: count) }

  /// Codes whose ranges of `1 << width` values follow each other.
  private static func meanings(from first: UInt64, widths: [UInt64]) -> [UInt64] {
    var value = first
    return widths.map { width in
      defer { value += 1 << width }
      return width << 8 | value << 32
    }
  }
}

/// The decoding table of one field.
@unsafe struct SequenceTable {
  var states: UnsafePointer<UInt64>
  var log: Int
}

/// The last three distances (section 3.1.1.5), the newest first.
struct RepeatOffsets: Equatable {
  var first = 1
  var second = 4
  var third = 8
}
