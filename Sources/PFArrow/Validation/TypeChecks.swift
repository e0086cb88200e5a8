internal import PFCore

extension DataType {
  /// The levels of nesting that the engine follows; recursion over types stops there.
  package static let maximumDepth = 64

  /// The decimal type of `bitWidth` bits.
  ///
  /// - Throws: `.unsupported` for another width.
  static func decimal(
    bitWidth: Int, precision: Int, scale: Int
  ) throws(ReadError) -> DataType {
    switch bitWidth {
    case 32: .decimal32(precision: precision, scale: scale)
    case 64: .decimal64(precision: precision, scale: scale)
    case 128: .decimal128(precision: precision, scale: scale)
    case 256: .decimal256(precision: precision, scale: scale)
    default: throw ReadError(.unsupported(feature: "Arrow type decimal of \(bitWidth) bits"))
    }
  }

  /// Checks what the cases alone do not say, of this type but not of those inside it.
  ///
  /// - Throws: `.inconsistent` when a precision, width, unit, type id or child is outside what
  ///   Schema.fbs allows.
  func checkParameters() throws(ReadError) {
    switch self {
    case .decimal32(let precision, let scale):
      try Self.checkDecimal(precision: precision, scale: scale, maximum: 9)
    case .decimal64(let precision, let scale):
      try Self.checkDecimal(precision: precision, scale: scale, maximum: 18)
    case .decimal128(let precision, let scale):
      try Self.checkDecimal(precision: precision, scale: scale, maximum: 38)
    case .decimal256(let precision, let scale):
      try Self.checkDecimal(precision: precision, scale: scale, maximum: 76)
    case .time32(let unit) where unit == .microsecond || unit == .nanosecond:
      throw ReadError(.inconsistent("a 32-bit time counts seconds or milliseconds"))
    case .time64(let unit) where unit == .second || unit == .millisecond:
      throw ReadError(.inconsistent("a 64-bit time counts microseconds or nanoseconds"))
    case .fixedSizeBinary(let width) where Int32(exactly: width).map { $0 < 0 } ?? true:
      throw ReadError(.inconsistent("a fixed-size binary has a width of \(width)"))
    case .fixedSizeList(_, let count) where Int32(exactly: count).map { $0 < 0 } ?? true:
      throw ReadError(.inconsistent("a fixed-size list has a size of \(count)"))
    case .map(let entries, _):
      guard case .structure(let fields) = entries.type, fields.count == 2 else {
        throw ReadError(.inconsistent("the entries of a map are no struct of key and value"))
      }
    case .union(_, let fields, let typeIDs):
      guard fields.count == typeIDs.count, Set(typeIDs).count == typeIDs.count,
        typeIDs.allSatisfy({ $0 >= 0 })
      else { throw ReadError(.inconsistent("the type ids of a union do not name its children")) }
    case .dictionary(let index, _, _):
      guard index.isInteger else {
        throw ReadError(.inconsistent("the indices of a dictionary are no integers"))
      }
    default: break
    }
  }

  private static func checkDecimal(
    precision: Int, scale: Int, maximum: Int
  ) throws(ReadError) {
    guard precision >= 1, precision <= maximum, Int32(exactly: scale) != nil else {
      throw ReadError(
        .inconsistent(
          "a decimal has precision \(precision) and scale \(scale); precision is 1 to \(maximum)"))
    }
  }

  /// Whether the values are integers of 8 to 64 bits.
  package var isInteger: Bool {
    switch self {
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64: true
    default: false
    }
  }

  /// The buffers of an array of this type; views have one more for each data buffer.
  var bufferCount: Int {
    switch self {
    case .null: 0
    case .fixedSizeList, .structure, .union(.sparse, _, _): 1
    case .binary, .largeBinary, .utf8, .largeUTF8: 3
    default: 2
    }
  }

  /// Whether data buffers follow the views.
  var isView: Bool {
    switch self {
    case .binaryView, .utf8View: true
    default: false
    }
  }

  /// The alignment in bytes that readers of buffer `index` rely on.
  func alignment(ofBuffer index: Int) -> Int {
    switch self {
    case .union(.dense, _, _): index == 1 ? 4 : 1
    case .binary, .utf8, .list, .map: index == 1 ? 4 : 1
    case .largeBinary, .largeUTF8, .largeList: index == 1 ? 8 : 1
    case .binaryView, .utf8View, .decimal128: index == 1 ? 16 : 1
    case .decimal256, .interval: index == 1 ? 8 : 1
    case .fixedSizeBinary: 1
    default: index == 1 ? byteWidth ?? 1 : 1
    }
  }
}
