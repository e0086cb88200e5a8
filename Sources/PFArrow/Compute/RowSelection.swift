/// Some of a number of rows, as stretches in order.
///
/// Invariant: the ranges are not empty, lie inside `0 ..< rowCount`, and each begins behind the end
/// of the one before, with a gap of one row at least.
public struct RowSelection: Equatable, Sendable {
  /// The rows there are to select from.
  public let rowCount: Int
  /// The stretches of selected rows, in order.
  public private(set) var ranges: [Range<Int>]
  /// The rows that are selected.
  public private(set) var selectedCount: Int

  /// All rows.
  public init(allOf rowCount: Int) {
    precondition(rowCount >= 0, "a negative number of rows")
    self.rowCount = rowCount
    ranges = rowCount == 0 ? [] : [0..<rowCount]
    selectedCount = rowCount
  }

  /// The rows of `ranges`, which may touch and overlap.
  ///
  /// - Precondition: they lie inside `0 ..< rowCount` and are sorted by their start.
  public init(_ ranges: [Range<Int>], of rowCount: Int) {
    self.rowCount = rowCount
    self.ranges = []
    selectedCount = 0
    for range in ranges {
      precondition(range.lowerBound >= 0 && range.upperBound <= rowCount, "rows outside")
      append(range)
    }
  }

  /// The rows whose bits are set.
  init(words: [UInt64], rowCount: Int) {
    self.rowCount = rowCount
    ranges = []
    selectedCount = 0
    var start: Int?
    for (index, word) in words.enumerated() {
      let base = index << 6
      if word == (start == nil ? 0 : ~0) { continue }
      // Where a stretch begins or ends, a bit differs from the one before it.
      var changes = word ^ (word << 1 | (start == nil ? 0 : 1))
      while changes != 0 {
        let row = base + changes.trailingZeroBitCount
        changes &= changes &- 1
        if let begun = start {
          ranges.append(begun..<row)
          selectedCount += row - begun
          start = nil
        } else {
          start = row
        }
      }
    }
    if let start {
      ranges.append(start..<rowCount)
      selectedCount += rowCount - start
    }
  }

  /// Whether no row is selected.
  public var isEmpty: Bool { ranges.isEmpty }

  /// Whether every row is.
  public var isAll: Bool { selectedCount == rowCount }

  private mutating func append(_ range: Range<Int>) {
    guard !range.isEmpty else { return }
    guard let last = ranges.last, range.lowerBound <= last.upperBound else {
      ranges.append(range)
      selectedCount += range.count
      return
    }
    precondition(range.lowerBound >= last.lowerBound, "rows out of order")
    guard range.upperBound > last.upperBound else { return }
    ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
    selectedCount += range.upperBound - last.upperBound
  }
}

extension RowSelection {
  /// The rows that both select. Precondition: of as many rows.
  ///
  /// - Complexity: O(ranges of both).
  public func intersection(_ other: RowSelection) -> RowSelection {
    precondition(rowCount == other.rowCount, "selections of other rows")
    var result = RowSelection([], of: rowCount)
    var (mine, theirs) = (0, 0)
    while mine < ranges.count, theirs < other.ranges.count {
      let (left, right) = (ranges[mine], other.ranges[theirs])
      let start = max(left.lowerBound, right.lowerBound)
      let end = min(left.upperBound, right.upperBound)
      if start < end { result.append(start..<end) }
      if left.upperBound < right.upperBound { mine += 1 } else { theirs += 1 }
    }
    return result
  }

  /// The rows that one of the two selects. Precondition: of as many rows.
  ///
  /// - Complexity: O(ranges of both).
  public func union(_ other: RowSelection) -> RowSelection {
    precondition(rowCount == other.rowCount, "selections of other rows")
    var result = RowSelection([], of: rowCount)
    var (mine, theirs) = (0, 0)
    while mine < ranges.count || theirs < other.ranges.count {
      if theirs == other.ranges.count
        || mine < ranges.count
          && ranges[mine].lowerBound <= other.ranges[theirs].lowerBound
      {
        result.append(ranges[mine])
        mine += 1
      } else {
        result.append(other.ranges[theirs])
        theirs += 1
      }
    }
    return result
  }

  /// Of the selected rows, those that `inner` selects, which counts selected rows alone.
  ///
  /// - Precondition: `inner.rowCount == selectedCount`.
  /// - Complexity: O(ranges of both).
  public func refined(by inner: RowSelection) -> RowSelection {
    precondition(inner.rowCount == selectedCount, "a selection of other rows")
    var result = RowSelection([], of: rowCount)
    var index = 0
    // Selected rows before range `index`.
    var before = 0
    for wanted in inner.ranges {
      var start = wanted.lowerBound
      while start < wanted.upperBound {
        let range = ranges[index]
        guard start < before + range.count else {
          before += range.count
          index += 1
          continue
        }
        let end = min(wanted.upperBound, before + range.count)
        let base = range.lowerBound - before
        result.append((base + start)..<(base + end))
        start = end
      }
    }
    return result
  }

  /// The first `count` selected rows, or all where there are fewer.
  public func prefix(_ count: Int) -> RowSelection {
    guard count < selectedCount else { return self }
    var result = RowSelection([], of: rowCount)
    for range in ranges where result.selectedCount < count {
      result.append(range.prefix(count - result.selectedCount))
    }
    return result
  }

  /// The selected rows behind the first `count` ones.
  public func dropFirst(_ count: Int) -> RowSelection {
    var result = RowSelection([], of: rowCount)
    var left = count
    for range in ranges {
      let dropped = min(left, range.count)
      left -= dropped
      result.append((range.lowerBound + dropped)..<range.upperBound)
    }
    return result
  }

  /// The same rows, and those in gaps of fewer than `length`.
  package func closingGaps(shorterThan length: Int) -> RowSelection {
    var result = RowSelection([], of: rowCount)
    for range in ranges {
      if let last = result.ranges.last, range.lowerBound - last.upperBound < length {
        result.append(last.upperBound..<range.upperBound)
      } else {
        result.append(range)
      }
    }
    return result
  }

  /// Where the rows of `self` are among those of `outer`.
  ///
  /// - Precondition: `outer` selects every row that `self` does.
  package func relative(to outer: RowSelection) -> RowSelection {
    var result = RowSelection([], of: outer.selectedCount)
    var index = 0
    var before = 0
    for range in ranges {
      while index < outer.ranges.count, outer.ranges[index].upperBound <= range.lowerBound {
        before += outer.ranges[index].count
        index += 1
      }
      precondition(
        index < outer.ranges.count && outer.ranges[index].lowerBound <= range.lowerBound
          && range.upperBound <= outer.ranges[index].upperBound, "rows outside the selection")
      let start = before + range.lowerBound - outer.ranges[index].lowerBound
      result.append(start..<(start + range.count))
    }
    return result
  }
}
