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

  @Test(arguments: 0..<32)
  func `keeps the same slots by a mask`(bits: Int) throws {
    let mask = RowMask(words: [UInt64(bits)], rowCount: 5)
    for array in try Sample.all() {
      let kept = try array.filter(mask)
      let expected = (0..<5).filter { bits >> $0 & 1 == 1 }.map { "\(array[$0])" }
      #expect((0..<kept.length).map { "\(kept[$0])" } == expected, "\(array.type)")
      let checked = try ArrowArray(
        checking: kept.type, length: kept.length, offset: kept.offset, buffers: kept.buffers,
        children: kept.children, dictionary: kept.dictionary)
      #expect(checked.nullCount == kept.nullCount)
      let slice = array.slice(start: 2, count: 3)
      let rest = try slice.filter(mask.slice(start: 2, count: 3))
      #expect(
        (0..<rest.length).map { "\(rest[$0])" }
          == (2..<5).filter { bits >> $0 & 1 == 1 }.map { "\(array[$0])" }, "\(array.type)")
    }
  }

  @Test(arguments: [0, 1, 63, 64, 65, 128, 1000], [0, 1, 7, 32, 63, 64])
  func `closes gaps of many words`(count: Int, outOf64: Int) throws {
    var random = SystemRandomNumberGenerator()
    var words = [UInt64](repeating: 0, count: (count + 63) >> 6)
    for index in words.indices {
      for bit in 0..<64 where Int.random(in: 0..<64, using: &random) < outOf64 {
        words[index] |= 1 << UInt64(bit)
      }
    }
    let mask = RowMask(words: words, rowCount: count)
    let texts = (0..<count).map { String(repeating: "a", count: $0 % 40) + "\($0)" }
    let arrays = [
      try ArrowArray(strings: (0..<count).map { $0 % 3 == 0 ? nil : texts[$0] }),
      try ArrowArray(int64: (0..<count).map { Int64($0) }),
      try ArrowArray(int32: (0..<count).map { $0 % 2 == 0 ? nil : Int32($0) }),
    ]
    for array in arrays {
      let (byMask, byRanges) = (try array.filter(mask), try array.take(mask.selection.ranges))
      #expect(byMask.length == mask.selectedCount && byMask.nullCount == byRanges.nullCount)
      let isSame = (0..<byMask.length).allSatisfy { "\(byMask[$0])" == "\(byRanges[$0])" }
      #expect(isSame, "\(words)")
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

@Suite struct `row masks` {
  @Test func `are sets of rows`() {
    for left in 0..<64 {
      let mask = RowMask(words: [UInt64(left)], rowCount: 6)
      #expect(mask.selection == `row selections`.selection(left))
      #expect(mask.stretchCount == mask.selection.ranges.count)
      #expect(mask.isAll == (left == 63) && mask.isEmpty == (left == 0))
      for right in 0..<64 {
        let other = RowMask(words: [UInt64(right)], rowCount: 6)
        #expect(mask.intersection(other) == RowMask(words: [UInt64(left & right)], rowCount: 6))
      }
      for count in 0...6 {
        let rows = mask.rowCount(selecting: count)
        #expect(mask.slice(start: 0, count: rows).selectedCount == min(count, mask.selectedCount))
      }
    }
    #expect(RowMask(words: [.max], rowCount: 6).selectedCount == 6)
  }

  @Test func `are cut between words`() {
    let words: [UInt64] = [0x8000_0000_0000_0001, 0xFF, 0, 1 << 40]
    let mask = RowMask(words: words, rowCount: 250)
    #expect(mask.selection.ranges == [0..<1, 63..<72, 232..<233] && mask.stretchCount == 3)
    for (start, count) in [(0, 250), (1, 249), (63, 64), (64, 128), (60, 10), (249, 1), (250, 0)] {
      let rows = RowSelection([start..<(start + count)], of: 250).intersection(mask.selection)
      #expect(
        mask.slice(start: start, count: count).selection.ranges
          == rows.ranges.map { ($0.lowerBound - start)..<($0.upperBound - start) })
    }
    #expect(mask.rowCount(selecting: 11) == 233 && mask.rowCount(selecting: 10) == 72)
  }

  @Test func `leave long gaps out`() {
    let words: [UInt64] = [0, 1, 0, 2, 0, 0, 0, 4, 8]
    let mask = RowMask(words: words, rowCount: 9 * 64 - 50)
    let split = mask.splitting(atGapsOf: 128)
    #expect(split.stretches.ranges == [64..<256, 448..<526])
    #expect(split.mask.words == [1, 0, 2, 4, 8] && split.mask.rowCount == 192 + 78)
    #expect(split.stretches.refined(by: split.mask.selection) == mask.selection)
    #expect(mask.splitting(atGapsOf: 1000).stretches.ranges == [64..<526])
    #expect(RowMask(words: [0, 0], rowCount: 100).splitting(atGapsOf: 64).stretches.isEmpty)
  }
}
