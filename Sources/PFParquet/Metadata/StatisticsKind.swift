/// How a leaf's statistics are stored, compared and shown, from its physical and logical type.
package enum StatisticsKind: Hashable, Sendable {
  case bool
  case int32, int64, uint32, uint64
  case float, double, float16
  case string, bytes
  /// Little-endian of 4 or 8 bytes in integer columns, big-endian in the others.
  case decimal(scale: Int32, isBigEndian: Bool)
  /// INT96, ordered only where the file says so.
  case int96
  /// The specification defines no order (intervals, geometries, variants, types of the future).
  case unordered

  /// - Parameter leaf: a column; its logical type decides before the converted type.
  package init(_ leaf: LeafColumn) {
    let element = leaf.element
    switch element.logicalType {
    case nil: break
    case .null, .variant, .geometry, .geography, .unknown, .list, .map:
      self = .unordered
      return
    case .float16 where leaf.physicalType == .fixedLenByteArray && leaf.typeLength == 2:
      self = .float16
      return
    default: break
    }
    switch leaf.physicalType {
    case .boolean: self = .bool
    case .int32: self = Self.integer(element, signed: .int32, unsigned: .uint32)
    case .int64: self = Self.integer(element, signed: .int64, unsigned: .uint64)
    case .int96: self = .int96
    case .float: self = .float
    case .double: self = .double
    case .byteArray, .fixedLenByteArray: self = Self.binary(element)
    }
  }

  private static func integer(
    _ element: SchemaElement, signed: StatisticsKind, unsigned: StatisticsKind
  ) -> StatisticsKind {
    switch (element.logicalType, element.convertedType) {
    case (.decimal(let scale, _), _): .decimal(scale: scale, isBigEndian: false)
    case (.integer(_, isSigned: false), _): unsigned
    case (nil, .decimal): .decimal(scale: element.scale ?? 0, isBigEndian: false)
    case (nil, .uint8), (nil, .uint16), (nil, .uint32), (nil, .uint64): unsigned
    default: signed
    }
  }

  private static func binary(_ element: SchemaElement) -> StatisticsKind {
    switch (element.logicalType, element.convertedType) {
    case (.decimal(let scale, _), _): .decimal(scale: scale, isBigEndian: true)
    case (.string, _), (.enum, _), (.json, _): .string
    case (nil, .decimal): .decimal(scale: element.scale ?? 0, isBigEndian: true)
    case (nil, .utf8), (nil, .enum), (nil, .json): .string
    case (nil, .interval): .unordered
    default: .bytes
    }
  }

  /// Whether signed order, the only one that old writers knew, is also the type's order.
  var hasSignedOrder: Bool {
    switch self {
    case .bool, .int32, .int64, .float, .double, .decimal(_, isBigEndian: false): true
    default: false
    }
  }

  /// Whether `minValue` and `maxValue` mean something under a column order; nil for none given.
  func isTrusted(under order: ColumnOrder?) -> Bool {
    switch (self, order) {
    case (.unordered, _): false
    case (.int96, let order): order == .int96TimestampOrder
    case (_, .typeOrder): true
    case (.float, .ieee754TotalOrder), (.double, .ieee754TotalOrder),
      (.float16, .ieee754TotalOrder):
      true
    // Not defined by the specification, but no writer could have meant another order.
    case (_, nil): hasSignedOrder
    default: false
    }
  }

  /// The value of a bound, stored as PLAIN without a length; nil where its length is wrong.
  package func value(of bytes: Span<UInt8>) -> StatisticsValue? {
    switch self {
    case .bool:
      guard bytes.count == 1, bytes[0] <= 1 else { return nil }
      return .bool(bytes[0] == 1)
    case .int32:
      return Self.integer(bytes, UInt32.self).map { .int64(Int64(Int32(bitPattern: $0))) }
    case .int64: return Self.integer(bytes, UInt64.self).map { .int64(Int64(bitPattern: $0)) }
    case .uint32: return Self.integer(bytes, UInt32.self).map { .uint64(UInt64($0)) }
    case .uint64: return Self.integer(bytes, UInt64.self).map { .uint64($0) }
    case .float:
      return Self.integer(bytes, UInt32.self).flatMap { Self.number(Double(Float(bitPattern: $0))) }
    case .double:
      return Self.integer(bytes, UInt64.self).flatMap { Self.number(Double(bitPattern: $0)) }
    case .float16:
      return Self.integer(bytes, UInt16.self).flatMap { Self.number(Self.widened($0)) }
    // Repaired text could lie on the wrong side of a value.
    case .string: return bytes.validString.map { .string($0) }
    case .bytes, .int96: return .bytes(Self.array(bytes))
    case .decimal(let scale, let isBigEndian):
      guard (1...32).contains(bytes.count) else { return nil }
      let array = Self.array(bytes)
      return .decimal(unscaled: isBigEndian ? array : array.reversed(), scale: scale)
    case .unordered: return nil
    }
  }

  private static func number(_ value: Double) -> StatisticsValue? {
    value.isNaN ? nil : .double(value)
  }

  /// The little-endian integer that is all of `bytes`.
  private static func integer<T: FixedWidthInteger & UnsignedInteger>(
    _ bytes: Span<UInt8>, _: T.Type
  ) -> T? {
    guard bytes.count == T.bitWidth / 8 else { return nil }
    var value: T = 0
    for index in bytes.indices { value |= T(bytes[index]) << T(index * 8) }
    return value
  }

  /// The number that the bits of an IEEE 754 binary16 stand for.
  static func widened(_ bits: UInt16) -> Double {
    let sign: Double = bits & 0x8000 == 0 ? 1 : -1
    let exponent = Int(bits >> 10 & 0x1F)
    let fraction = Double(bits & 0x3FF)
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default:
      return sign * Double(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
    }
  }

  private static func array(_ bytes: Span<UInt8>) -> [UInt8] {
    var array: [UInt8] = []
    array.reserveCapacity(bytes.count)
    for index in bytes.indices { array.append(bytes[index]) }
    return array
  }
}
