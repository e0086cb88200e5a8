import PFCore
import PFParquet
import Testing

@Suite struct `merged statistics` {
  static func statistics(
    _ min: StatisticsValue?, _ max: StatisticsValue?, nulls: Int64? = 0, nans: Int64? = nil,
    distinct: Int64? = nil, exact: (Bool?, Bool?) = (nil, nil)
  ) -> TypedStatistics {
    var statistics = TypedStatistics()
    (statistics.min, statistics.max) = (min, max)
    (statistics.isMinExact, statistics.isMaxExact) = exact
    (statistics.nullCount, statistics.nanCount, statistics.distinctCount) = (nulls, nans, distinct)
    return statistics
  }

  static func merged(
    _ kind: StatisticsKind, _ chunks: [TypedStatistics?], valueCount: Int64 = 10
  ) -> TypedStatistics {
    var merger = TypedStatistics.Merger(kind)
    for chunk in chunks { merger.add(chunk, valueCount: valueCount) }
    return merger.merged
  }

  @Test func `bounds widen and counts add up`() {
    let all = Self.merged(
      .int64,
      [
        Self.statistics(.int64(3), .int64(9), nulls: 1),
        Self.statistics(.int64(-4), .int64(5), nulls: 2),
      ])
    #expect(all.min == .int64(-4) && all.max == .int64(9) && all.nullCount == 3)
    #expect(all.distinctCount == nil && all.nanCount == nil)
  }

  @Test func `what a chunk does not tell is not told of all`() {
    let one = Self.statistics(.int64(3), .int64(9))
    let none = Self.merged(.int64, [one, nil])
    #expect(none == TypedStatistics.Merger(.int64).with(nil).merged)
    let half = Self.merged(.int64, [one, Self.statistics(.int64(1), nil, nulls: nil)])
    #expect(half.min == .int64(1) && half.max == nil && half.nullCount == nil)
  }

  @Test func `chunks without values need no bounds`() {
    let one = Self.statistics(.double(1), .double(2), nulls: 0, nans: 0, distinct: 2)
    let nulls = Self.statistics(nil, nil, nulls: 10, nans: 0)
    let both = Self.statistics(nil, nil, nulls: 4, nans: 6)
    let all = Self.merged(.double, [nulls, one, both])
    #expect(all.min == .double(1) && all.max == .double(2))
    #expect(all.nullCount == 14 && all.nanCount == 6 && all.distinctCount == 2)
    var merger = TypedStatistics.Merger(.double)
    merger.add(nil, valueCount: 0)
    merger.add(one, valueCount: 10)
    #expect(merger.merged == one)
  }

  @Test func `a bound is exact where the chunk that gives it says so`() {
    let wide = Self.statistics(.string("a"), .string("z"), exact: (false, true))
    let narrow = Self.statistics(.string("b"), .string("y"), exact: (true, false))
    let all = Self.merged(.string, [narrow, wide])
    #expect(all.isMinExact == false && all.isMaxExact == true)
    let same = Self.statistics(.string("a"), .string("z"), exact: (true, false))
    for chunks in [[wide, same], [same, wide]] {
      let all = Self.merged(.string, chunks)
      #expect(all.isMinExact == true && all.isMaxExact == true)
    }
  }

  static let orders: [(StatisticsKind, StatisticsValue, StatisticsValue)] = [
    (.bool, .bool(false), .bool(true)), (.uint64, .uint64(1), .uint64(.max)),
    (.double, .double(-0.0), .double(0.0)), (.double, .double(-.infinity), .double(1)),
    (.string, .string("Z"), .string("é")), (.bytes, .bytes([1]), .bytes([1, 0])),
    (
      .decimal(scale: 1, isBigEndian: true), .decimal(unscaled: [0xFF, 0x00], scale: 1),
      .decimal(unscaled: [0xFF], scale: 1)
    ),
    (
      .decimal(scale: 1, isBigEndian: true), .decimal(unscaled: [0xFF], scale: 1),
      .decimal(unscaled: [0x01, 0x00], scale: 1)
    ),
    // The day counts before the nanoseconds, both little-endian.
    (
      .int96, .bytes([9, 9, 9, 9, 9, 9, 9, 9, 0xFF, 1, 0, 0]),
      .bytes([1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0])
    ),
    (
      .int96, .bytes([0xFF, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0]),
      .bytes([0, 2, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0])
    ),
  ]

  @Test("values have the order of their kind", arguments: orders)
  func order(kind: StatisticsKind, less: StatisticsValue, more: StatisticsValue) {
    #expect(kind.isLess(less, more) == true)
    #expect(kind.isLess(more, less) == false)
    #expect(kind.isLess(less, less) == false)
  }

  @Test func `values of two kinds have no order`() {
    #expect(StatisticsKind.bytes.isLess(.int64(1), .string("a")) == nil)
    let all = Self.merged(
      .bytes, [Self.statistics(.int64(1), .int64(1)), Self.statistics(.string("a"), .string("a"))])
    #expect(all.min == nil && all.max == nil)
  }
}

extension TypedStatistics.Merger {
  fileprivate func with(_ statistics: TypedStatistics?) -> Self {
    var copy = self
    copy.add(statistics, valueCount: 1)
    return copy
  }
}
