extension TypedStatistics {
  /// What chunks of one column say together, each told by `add`.
  ///
  /// A count is known where every chunk tells it. A bound is known where every chunk with values
  /// has it; chunks of nulls and NaNs alone have none and need none.
  package struct Merger {
    private let kind: StatisticsKind
    private var nullCount: Int64? = 0
    private var nanCount: Int64? = 0
    /// Distinct values of the chunks with values; more than one such chunk may share some.
    private var distinctCount: Int64?
    private var valuedChunkCount = 0
    private var min = Bound.none
    private var max = Bound.none

    private enum Bound {
      /// No chunk with values yet.
      case none
      /// A chunk has not told it, so nothing holds for all.
      case unknown
      case known(StatisticsValue, isExact: Bool?)

      mutating func merge(
        _ value: StatisticsValue?, _ isExact: Bool?,
        comesBefore: (StatisticsValue, StatisticsValue) -> Bool?
      ) {
        guard let value else {
          self = .unknown
          return
        }
        switch self {
        case .unknown: break
        case .none: self = .known(value, isExact: isExact)
        case .known(let old, let wasExact):
          guard let isBefore = comesBefore(value, old), let isBehind = comesBefore(old, value)
          else {
            self = .unknown
            return
          }
          // Of equal bounds one that occurs proves that the value does.
          if isBefore || (!isBehind && isExact == true) {
            self = .known(value, isExact: isExact)
          } else {
            self = .known(old, isExact: wasExact)
          }
        }
      }
    }

    package init(_ kind: StatisticsKind) { self.kind = kind }

    /// Takes in a chunk of `valueCount` values, nulls included.
    package mutating func add(_ statistics: TypedStatistics?, valueCount: Int64) {
      guard valueCount > 0 else { return }
      nullCount = Self.sum(nullCount, statistics?.nullCount)
      nanCount = Self.sum(nanCount, statistics?.nanCount)
      let emptyCount = (statistics?.nullCount ?? 0).addingReportingOverflow(
        statistics?.nanCount ?? 0)
      if !emptyCount.overflow, emptyCount.partialValue == valueCount { return }
      valuedChunkCount += 1
      distinctCount = statistics?.distinctCount
      min.merge(statistics?.min, statistics?.isMinExact) { [kind] in kind.isLess($0, $1) }
      max.merge(statistics?.max, statistics?.isMaxExact) { [kind] in kind.isLess($1, $0) }
    }

    private static func sum(_ left: Int64?, _ right: Int64?) -> Int64? {
      guard let left, let right else { return nil }
      let (sum, overflow) = left.addingReportingOverflow(right)
      return overflow ? nil : sum
    }

    /// What holds for all chunks.
    package var merged: TypedStatistics {
      var merged = TypedStatistics()
      merged.nullCount = nullCount
      merged.nanCount = nanCount
      switch valuedChunkCount {
      case 0: merged.distinctCount = nullCount == nil ? nil : 0
      case 1: merged.distinctCount = distinctCount
      default: break
      }
      if case .known(let value, let isExact) = min {
        (merged.min, merged.isMinExact) = (value, isExact)
      }
      if case .known(let value, let isExact) = max {
        (merged.max, merged.isMaxExact) = (value, isExact)
      }
      return merged
    }
  }
}

extension StatisticsKind {
  /// Whether a bound comes before another in the order of the kind; nil where they have none.
  package func isLess(_ left: StatisticsValue, _ right: StatisticsValue) -> Bool? {
    switch (left, right) {
    case (.bool(let left), .bool(let right)): return !left && right
    case (.int64(let left), .int64(let right)): return left < right
    case (.uint64(let left), .uint64(let right)): return left < right
    // Tells the zeros apart. Where the column's order does not, bounds have the outer one already.
    case (.double(let left), .double(let right)):
      return left != right ? left < right : left.sign == .minus && right.sign == .plus
    case (.string(let left), .string(let right)):
      return left.utf8.lexicographicallyPrecedes(right.utf8)
    case (.bytes(let left), .bytes(let right)):
      guard self == .int96 else { return left.lexicographicallyPrecedes(right) }
      guard left.count == 12, right.count == 12 else { return nil }
      // Eight bytes of nanoseconds and four of days, little-endian. Days count first.
      let (day, otherDay) = (Self.day(left), Self.day(right))
      return day != otherDay
        ? day < otherDay
        : left[..<8].reversed().lexicographicallyPrecedes(right[..<8].reversed())
    case (.decimal(let left, let scale), .decimal(let right, let other)) where scale == other:
      return Self.extended(left).lexicographicallyPrecedes(Self.extended(right))
    default: return nil
    }
  }

  private static func day(_ bytes: [UInt8]) -> Int32 {
    Int32(bitPattern: bytes[8..<12].reversed().reduce(0) { $0 << 8 | UInt32($1) })
  }

  /// A two's complement number of up to 32 bytes as 32, the sign flipped: their order as bytes is
  /// then that of the numbers.
  private static func extended(_ bytes: [UInt8]) -> [UInt8] {
    let sign: UInt8 = (bytes.first ?? 0) >= 0x80 ? 0xFF : 0
    var extended = [UInt8](repeating: sign, count: Swift.max(0, 32 - bytes.count)) + bytes
    extended[0] ^= 0x80
    return extended
  }
}
