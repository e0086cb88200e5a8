import PFArrow
import PFCore
import Testing

@Suite struct `filtering arrays` {
  static let selections: [[Range<Int>]] = [
    [], [0..<1], [4..<5], [0..<5], [1..<3], [0..<1, 2..<3, 4..<5], [0..<2, 3..<5],
  ]

  @Test(arguments: selections)
  func `keeps the selected slots of every layout`(ranges: [Range<Int>]) throws {
    let selection = RowSelection(ranges, of: 5)
    for array in try Sample.all() {
      let kept = try array.filter(selection)
      let expected = ranges.flatMap { $0.map { array[$0] } }
      #expect((0..<kept.length).map { "\(kept[$0])" } == expected.map { "\($0)" }, "\(array.type)")
      #expect(kept.nullCount == (0..<kept.length).count { !kept.isValid($0) }, "\(array.type)")
      let checked = try ArrowArray(
        checking: kept.type, length: kept.length, offset: kept.offset, buffers: kept.buffers,
        children: kept.children, dictionary: kept.dictionary)
      #expect(checked.nullCount == kept.nullCount)
    }
  }

  @Test func `counts from the start of a slice`() throws {
    for array in try Sample.all() {
      let slice = array.slice(start: 1, count: 4)
      let kept = try slice.filter(RowSelection([1..<2, 3..<4], of: 4))
      #expect((0..<2).map { "\(kept[$0])" } == ["\(array[2])", "\(array[4])"], "\(array.type)")
    }
  }

  @Test func `takes ranges in any order, more than once`() throws {
    for array in try Sample.all() {
      let taken = try array.take([3..<5, 0..<1, 0..<5])
      let expected = [3, 4, 0, 0, 1, 2, 3, 4].map { "\(array[$0])" }
      #expect((0..<8).map { "\(taken[$0])" } == expected, "\(array.type)")
    }
  }
}

@Suite struct `row selections` {
  /// Selections of up to 6 rows, all of them.
  static let masks = Array(0..<64)

  static func selection(_ mask: Int, of rowCount: Int = 6) -> RowSelection {
    RowSelection(
      (0..<rowCount).filter { mask >> $0 & 1 == 1 }.map { $0..<($0 + 1) }, of: rowCount)
  }

  static func rows(_ selection: RowSelection) -> [Int] { selection.ranges.flatMap { Array($0) } }

  @Test func `are sets of rows in the fewest ranges`() {
    for left in Self.masks {
      let first = Self.selection(left)
      let rows = Self.rows(first)
      #expect(first.selectedCount == left.nonzeroBitCount && rows.count == left.nonzeroBitCount)
      #expect(
        zip(first.ranges, first.ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
      for count in 0...7 {
        #expect(Self.rows(first.prefix(count)) == Array(rows.prefix(count)))
        #expect(Self.rows(first.dropFirst(count)) == Array(rows.dropFirst(count)))
      }
      for right in Self.masks {
        let second = Self.selection(right)
        #expect(first.intersection(second) == Self.selection(left & right))
        #expect(first.union(second) == Self.selection(left | right))
        let inner = Self.selection(right & (1 << rows.count - 1), of: rows.count)
        let refined = first.refined(by: inner)
        #expect(Self.rows(refined) == Self.rows(inner).map { rows[$0] })
        #expect(refined.relative(to: first) == inner)
      }
    }
  }

  @Test func `close short gaps`() {
    let selection = RowSelection([0..<1, 3..<4, 9..<10], of: 20)
    #expect(selection.closingGaps(shorterThan: 3).ranges == [0..<4, 9..<10])
    #expect(selection.closingGaps(shorterThan: 2) == selection)
  }
}
