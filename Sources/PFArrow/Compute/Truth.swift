internal import PFCore

/// The outcome of a condition for each of some rows: true, false, or unknown where neither.
///
/// Shapes: both bitmaps have a bit for each row, in words of 64; no bit is set in both, and none
/// behind the last row.
package struct Truth: Equatable, Sendable {
  package let rowCount: Int
  package private(set) var isTrue: [UInt64]
  package private(set) var isFalse: [UInt64]

  /// The same for all rows; nil is unknown.
  package init(_ value: Bool?, rowCount: Int) {
    self.rowCount = rowCount
    let none = [UInt64](repeating: 0, count: (rowCount + 63) >> 6)
    let all = Self.ones(rowCount)
    isTrue = value == true ? all : none
    isFalse = value == false ? all : none
  }

  /// The outcome of a test: `hits` for the values that `validity` says are there, nil for all;
  /// `null` for the others. Bits behind the last row are let go.
  init(hits: [UInt64], validity: [UInt64]?, null: Bool?, rowCount: Int) {
    self.rowCount = rowCount
    let all = Self.ones(rowCount)
    isTrue = hits
    isFalse = all
    for index in all.indices {
      let valid = all[index] & (validity?[index] ?? ~0)
      let nulls = all[index] & ~valid
      isTrue[index] = hits[index] & valid | (null == true ? nulls : 0)
      isFalse[index] = ~hits[index] & valid | (null == false ? nulls : 0)
    }
  }

  /// A word of ones for each 64 rows, the last one cut.
  static func ones(_ rowCount: Int) -> [UInt64] {
    var words = [UInt64](repeating: ~0, count: (rowCount + 63) >> 6)
    if rowCount & 63 != 0 { words[words.count - 1] = (1 << UInt64(rowCount & 63)) - 1 }
    return words
  }

  /// Both (Kleene's strong logic). Precondition: of as many rows.
  package mutating func formAnd(_ other: Truth) {
    precondition(other.rowCount == rowCount, "truth of other rows")
    for index in isTrue.indices {
      isTrue[index] &= other.isTrue[index]
      isFalse[index] |= other.isFalse[index]
    }
  }

  /// One of the two at least (Kleene's strong logic). Precondition: of as many rows.
  package mutating func formOr(_ other: Truth) {
    precondition(other.rowCount == rowCount, "truth of other rows")
    for index in isTrue.indices {
      isTrue[index] |= other.isTrue[index]
      isFalse[index] &= other.isFalse[index]
    }
  }

  /// The opposite; unknown stays unknown.
  package mutating func negate() { swap(&isTrue, &isFalse) }

  /// The outcome in row `index`; nil for unknown. Precondition: it exists.
  package subscript(index: Int) -> Bool? {
    precondition(index >= 0 && index < rowCount, "a row outside")
    let bit = UInt64(1) << UInt64(index & 63)
    if isTrue[index >> 6] & bit != 0 { return true }
    return isFalse[index >> 6] & bit != 0 ? false : nil
  }

  /// The rows for which the condition is true.
  package var mask: RowMask { RowMask(words: isTrue, rowCount: rowCount) }

  /// The same, as stretches.
  package var selection: RowSelection { RowSelection(words: isTrue, rowCount: rowCount) }
}

extension ArrowArray {
  /// The validity bits of the slots, in words; nil where no slot is null.
  var validityWords: [UInt64]? {
    guard nullCount > 0 else { return nil }
    guard let validity else { return [UInt64](repeating: 0, count: (length + 63) >> 6) }
    return BitWords.read(validity, start: offset, count: length)
  }
}

/// Bitmaps as words.
enum BitWords {
  /// Bits `start ..< start + count` of a buffer. Precondition: they lie inside it.
  static func read(_ buffer: Buffer, start: Int, count: Int) -> [UInt64] {
    guard count > 0 else { return [] }
    precondition((start + count + 7) >> 3 <= buffer.byteCount, "bits outside the buffer")
    var words: [UInt64] = []
    words.reserveCapacity((count + 63) >> 6)
    // SAFETY: the bits lie inside the buffer, by the precondition above.
    let bytes = unsafe buffer.address.assumingMemoryBound(to: UInt8.self)
    for word in stride(from: 0, to: count, by: 64) {
      unsafe words.append(Bits.word(bytes, start: start + word, count: min(64, count - word)))
    }
    return words
  }
}
