extension Literal {
  /// Where the literal stands among the values of `type`; nil where the two cannot be compared.
  func placement(in type: DataType) -> Placement? {
    if case .null = self { return type.isComparable ? .null : nil }
    switch type {
    case .null: return .null
    case .boolean:
      guard case .boolean(let value) = self else { return nil }
      return .exactly(.boolean(value))
    case .int8: return placement(in: Int8.self)
    case .int16: return placement(in: Int16.self)
    case .int32: return placement(in: Int32.self)
    case .int64: return placement(in: Int64.self)
    case .uint8: return placement(in: UInt8.self)
    case .uint16: return placement(in: UInt16.self)
    case .uint32: return placement(in: UInt32.self)
    case .uint64: return placement(in: UInt64.self)
    case .float16: return placement(in: Float16.self)
    case .float32: return placement(in: Float.self)
    case .float64: return placement(in: Double.self)
    case .decimal32(_, let scale): return decimalPlacement(scale: scale, within: Int32.self)
    case .decimal64(_, let scale): return decimalPlacement(scale: scale, within: Int64.self)
    case .decimal128(_, let scale): return decimalPlacement(scale: scale, within: Int128.self)
    case .decimal256(_, let scale): return wideDecimalPlacement(scale: scale)
    case .date32: return datePlacement(perDay: 1, Int32.self)
    case .date64: return datePlacement(perDay: 86_400_000, Int64.self)
    case .timestamp(let unit, let timeZone):
      return timestampPlacement(unit, isUTC: timeZone != nil)
    case .time32(let unit):
      guard case .time(let value, let own) = self else { return nil }
      return Self.rational(Int128(value) * Int128(unit.perSecond), own.perSecond, Int32.self)
    case .time64(let unit):
      guard case .time(let value, let own) = self else { return nil }
      return Self.rational(Int128(value) * Int128(unit.perSecond), own.perSecond, Int64.self)
    case .duration(let unit):
      guard case .duration(let value, let own) = self else { return nil }
      return Self.rational(Int128(value) * Int128(unit.perSecond), own.perSecond, Int64.self)
    case .utf8, .largeUTF8, .utf8View: return bytePlacement(allowsUUID: false)
    case .binary, .largeBinary, .binaryView: return bytePlacement(allowsUUID: true)
    case .fixedSizeBinary(let byteWidth): return bytePlacement(allowsUUID: byteWidth == 16)
    case .dictionary(_, let value, _): return placement(in: value)
    case .interval, .list, .largeList, .fixedSizeList, .structure, .map, .union: return nil
    }
  }

  /// As `placement`, by the rules of lists: NaN is a value, and numbers are rounded to the column's
  /// floating point type.
  func listPlacement(in type: DataType) -> Placement? {
    switch type {
    case .dictionary(_, let value, _): return listPlacement(in: value)
    case .float16, .float32, .float64:
      guard let placement = placement(in: .float64) else { return nil }
      let value: Double
      switch placement {
      case .null: return .null
      case .unordered: value = .nan
      case .exactly(.double(let exact)): value = exact
      case .between, .exactly: value = nearestDouble ?? .nan
      }
      let rounded =
        switch type {
        case .float16: Double(Float16(value))
        case .float32: Double(Float(value))
        default: value
        }
      return .exactly(.double(rounded.isNaN ? .nan : rounded))
    default: return placement(in: type)
    }
  }
}

extension DataType {
  /// Whether values of the type can be compared with literals.
  var isComparable: Bool {
    switch self {
    case .interval, .list, .largeList, .fixedSizeList, .structure, .map, .union: false
    case .dictionary(_, let value, _): value.isComparable
    default: true
    }
  }
}

// MARK: - Numbers

extension Literal {
  /// Among integers.
  private func placement<T: FixedWidthInteger>(in _: T.Type) -> Placement? {
    switch self {
    case .integer(let value): return Self.place(value, isExact: true, T.self)
    case .double(let value):
      if value.isNaN { return .unordered }
      // Beyond all 64-bit integers; also what `Int128` could not take.
      if value >= 0x1p64 { return .between(next: nil) }
      if value < -0x1p63 { return .between(next: .integer(Int128(T.min))) }
      let floor = value.rounded(.down)
      return Self.place(Int128(floor), isExact: floor == value, T.self)
    case .decimal(let value):
      guard let (floor, isExact) = value.rescaled(to: 0) else {
        return value.high < 0 ? .between(next: .integer(Int128(T.min))) : .between(next: nil)
      }
      guard let floor = floor.int128 else {
        return floor.high < 0 ? .between(next: .integer(Int128(T.min))) : .between(next: nil)
      }
      return Self.place(floor, isExact: isExact, T.self)
    default: return nil
    }
  }

  /// `floor`, or where not exact something between it and the integer above.
  private static func place<T: FixedWidthInteger>(
    _ floor: Int128, isExact: Bool, _: T.Type
  ) -> Placement {
    if floor < Int128(T.min) { return .between(next: .integer(Int128(T.min))) }
    if floor > Int128(T.max) || !isExact && floor == Int128(T.max) { return .between(next: nil) }
    return isExact ? .exactly(.integer(floor)) : .between(next: .integer(floor + 1))
  }

  /// `numerator / denominator` among integers. Precondition: `denominator > 0`.
  private static func rational<T: FixedWidthInteger>(
    _ numerator: Int128, _ denominator: Int64, _: T.Type
  ) -> Placement {
    let (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: Int128(denominator))
    let floor = remainder < 0 ? quotient - 1 : quotient
    return place(floor, isExact: remainder == 0, T.self)
  }

  /// The nearest floating point number of 64 bits; nil for what is no number.
  private var nearestDouble: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .double(let value): value
    case .decimal(let value): Double(value.description)
    default: nil
    }
  }

  /// Among floating point numbers.
  private func placement<T: BinaryFloatingPoint>(in _: T.Type) -> Placement? {
    guard let nearest = nearestDouble else { return nil }
    if nearest.isNaN { return .unordered }
    let value = T(nearest)
    let back = Double(value)
    var isExact = back == nearest
    var isAbove = back > nearest
    if case .integer(let integer) = self, isExact {
      // Rounding to 64 bits may have lost digits of the integer.
      let rounded = Int128(exactly: back)
      isExact = rounded == integer
      isAbove = rounded.map { $0 > integer } ?? (back > 0)
    }
    if isExact { return .exactly(.double(back)) }
    return .between(next: .double(isAbove ? back : Double(value.nextUp)))
  }

  /// The number as a decimal; nil where it has none of 256 bits.
  private var asDecimal: (value: DecimalValue?, isNegative: Bool)? {
    switch self {
    case .integer(let value): (DecimalValue(unscaled: value, scale: 0), value < 0)
    case .decimal(let value): (value, value.high < 0)
    case .double(let value): (DecimalValue(text: value.description), value < 0)
    default: nil
    }
  }

  private func wideDecimalPlacement(scale: Int) -> Placement? {
    if case .double(let value) = self, value.isNaN { return .unordered }
    guard let (value, isNegative) = asDecimal else { return nil }
    guard let (floor, isExact) = value.flatMap({ $0.rescaled(to: scale) }) else {
      return .between(next: isNegative ? .decimal(.min) : nil)
    }
    if isExact { return .exactly(.decimal(floor)) }
    return .between(next: floor.successor.map { .decimal($0) })
  }

  private func decimalPlacement<T: FixedWidthInteger>(scale: Int, within _: T.Type) -> Placement? {
    guard let wide = wideDecimalPlacement(scale: scale) else { return nil }
    let lowest = Int256(Int128(T.min))
    let highest = Int256(Int128(T.max))
    switch wide {
    case .exactly(.decimal(let value)):
      if value < lowest { return .between(next: .decimal(lowest)) }
      return value > highest ? .between(next: nil) : wide
    case .between(next: .decimal(let next)?):
      return .between(next: next > highest ? nil : .decimal(max(next, lowest)))
    default: return wide
    }
  }
}

// MARK: - Dates, bytes

extension Literal {
  /// Among days, or units of which a day has `perDay`.
  private func datePlacement<T: FixedWidthInteger>(perDay: Int64, _: T.Type) -> Placement? {
    switch self {
    case .date(let days): Self.rational(Int128(days) * Int128(perDay), 1, T.self)
    case .timestamp(let value, let unit, isUTC: false):
      Self.rational(Int128(value) * Int128(perDay), 86_400 * unit.perSecond, T.self)
    default: nil
    }
  }

  private func timestampPlacement(_ unit: TimeUnit, isUTC: Bool) -> Placement? {
    switch self {
    case .date(let days):
      Self.rational(Int128(days) * Int128(86_400 * unit.perSecond), 1, Int64.self)
    case .timestamp(let value, let own, isUTC):
      Self.rational(Int128(value) * Int128(unit.perSecond), own.perSecond, Int64.self)
    default: nil
    }
  }

  private func bytePlacement(allowsUUID: Bool) -> Placement? {
    switch self {
    case .string(let text): .exactly(.bytes(Array(text.utf8)))
    case .bytes(let bytes): .exactly(.bytes(bytes))
    case .uuid(let value) where allowsUUID:
      .exactly(
        .bytes((0..<16).map { UInt8(truncatingIfNeeded: value >> UInt128(120 - $0 * 8)) }))
    default: nil
    }
  }
}
