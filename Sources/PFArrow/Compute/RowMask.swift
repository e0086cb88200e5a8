/// Some of a number of rows, as a bit for each: for rows that lie scattered, where the stretches of
/// a `RowSelection` would be short and many.
///
/// Invariant: `words` has a bit for each row, in words of 64, and none set behind the last row.
package struct RowMask: Equatable, Sendable {
  /// The rows there are to select from.
  package let rowCount: Int
  package let words: [UInt64]
  /// The rows that are selected.
  package let selectedCount: Int

  /// Bits behind the last row are let go. Precondition: a word for each 64 rows.
  package init(words: [UInt64], rowCount: Int) {
    precondition(words.count == (rowCount + 63) >> 6, "a mask of other rows")
    var words = words
    if rowCount & 63 != 0 {
      words[words.count - 1] &= (1 << UInt64(truncatingIfNeeded: rowCount & 63)) - 1
    }
    self.rowCount = rowCount
    self.words = words
    var count = 0
    for index in words.indices { count &+= words[index].nonzeroBitCount }
    selectedCount = count
  }

  /// Whether no row is selected.
  package var isEmpty: Bool { selectedCount == 0 }

  /// Whether every row is.
  package var isAll: Bool { selectedCount == rowCount }

  /// The stretches that the same rows are in a `RowSelection`.
  package var stretchCount: Int {
    var count = 0
    var last: UInt64 = 0
    for index in words.indices {
      let word = words[index]
      count &+= (word & ~(word << 1 | last)).nonzeroBitCount
      last = word >> 63
    }
    return count
  }

  /// The same rows as stretches.
  package var selection: RowSelection { RowSelection(words: words, rowCount: rowCount) }

  /// The rows that both select. Precondition: of as many rows.
  package func intersection(_ other: RowMask) -> RowMask {
    precondition(rowCount == other.rowCount, "masks of other rows")
    var both = words
    for index in both.indices { both[index] &= other.words[index] }
    return RowMask(words: both, rowCount: rowCount)
  }

  /// Rows `start ..< start + count` alone. Precondition: they exist.
  package func slice(start: Int, count: Int) -> RowMask {
    precondition(start >= 0 && count >= 0 && count <= rowCount - start, "rows outside")
    if count == rowCount { return self }
    let shift = UInt64(truncatingIfNeeded: start & 63)
    var slice: [UInt64] = []
    slice.reserveCapacity((count + 63) >> 6)
    for index in start >> 6..<(start >> 6 + (count + 63) >> 6) {
      let next = index + 1 < words.count ? words[index + 1] : 0
      slice.append(shift == 0 ? words[index] : words[index] >> shift | next << (64 - shift))
    }
    return RowMask(words: slice, rowCount: count)
  }

  /// The rows from the first on, of which `count` are selected; all where there are fewer.
  package func rowCount(selecting count: Int) -> Int {
    var left = count
    for index in words.indices {
      let ones = words[index].nonzeroBitCount
      guard ones >= left else {
        left -= ones
        continue
      }
      var word = words[index]
      for _ in 1..<max(1, left) { word &= word &- 1 }
      return left == 0 ? index << 6 : index << 6 + word.trailingZeroBitCount + 1
    }
    return rowCount
  }

  /// Leaves long gaps out: the stretches between gaps of `length` rows or more, by whole words, and
  /// which of their rows are selected.
  package func splitting(atGapsOf length: Int) -> (stretches: RowSelection, mask: RowMask) {
    var ranges: [Range<Int>] = []
    var kept: [UInt64] = []
    for index in words.indices where words[index] != 0 {
      let end = min(rowCount, (index + 1) << 6)
      if let last = ranges.last, index << 6 - last.upperBound < length {
        kept += words[(last.upperBound >> 6)...index]
        ranges[ranges.count - 1] = last.lowerBound..<end
      } else {
        kept.append(words[index])
        ranges.append(index << 6..<end)
      }
    }
    let stretches = RowSelection(ranges, of: rowCount)
    return (stretches, RowMask(words: kept, rowCount: stretches.selectedCount))
  }
}
