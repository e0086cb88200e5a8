import ParquetFrame

/// The smallest and the largest value of several column chunks.
enum Bounds {
  /// No chunk yet.
  case none
  /// Every chunk so far has told them.
  case known(min: StatisticsValue, max: StatisticsValue)
  /// A chunk has not told them, so nothing holds for all.
  case unknown

  var values: (min: StatisticsValue, max: StatisticsValue)? {
    if case .known(let min, let max) = self { (min, max) } else { nil }
  }

  /// Takes in another chunk.
  mutating func widen(to statistics: TypedStatistics?) {
    guard let min = statistics?.min, let max = statistics?.max else {
      self = .unknown
      return
    }
    switch self {
    case .unknown: break
    case .none: self = .known(min: min, max: max)
    case .known(let oldMin, let oldMax):
      guard let isLower = min.isLess(than: oldMin), let isHigher = oldMax.isLess(than: max) else {
        self = .unknown
        return
      }
      self = .known(min: isLower ? min : oldMin, max: isHigher ? max : oldMax)
    }
  }
}

extension StatisticsValue {
  /// Whether it comes before `other` in the column's order; nil where the two have none.
  fileprivate func isLess(than other: StatisticsValue) -> Bool? {
    switch (self, other) {
    case (.bool(let left), .bool(let right)): !left && right
    case (.int64(let left), .int64(let right)): left < right
    case (.uint64(let left), .uint64(let right)): left < right
    case (.double(let left), .double(let right)): left < right
    case (.string(let left), .string(let right)): left.utf8.lexicographicallyPrecedes(right.utf8)
    case (.bytes(let left), .bytes(let right)): left.lexicographicallyPrecedes(right)
    case (.decimal(let left, let scale), .decimal(let right, let other)) where scale == other:
      Self.extended(left).lexicographicallyPrecedes(Self.extended(right))
    default: nil
    }
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

extension SchemaElement {
  /// A bound for people: dates and times as such, not as the numbers that the file stores.
  func text(of value: StatisticsValue) -> String {
    // Zero bounds stand for the zeros of both signs.
    if case .double(0) = value { return "0.0" }
    return calendarText(of: value) ?? value.description
  }
}
