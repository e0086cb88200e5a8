internal import PFCore

/// A Swift type whose memory is that of an Arrow value.
public protocol ArrowPrimitive: BitwiseCopyable, Hashable, Sendable {
  /// The type of arrays of it, unless another of the same width is asked for.
  static var arrowType: DataType { get }
}

extension Int8: ArrowPrimitive {
  /// `int8`.
  public static var arrowType: DataType { .int8 }
}
extension Int16: ArrowPrimitive {
  /// `int16`.
  public static var arrowType: DataType { .int16 }
}
extension Int32: ArrowPrimitive {
  /// `int32`.
  public static var arrowType: DataType { .int32 }
}
extension Int64: ArrowPrimitive {
  /// `int64`.
  public static var arrowType: DataType { .int64 }
}
extension UInt8: ArrowPrimitive {
  /// `uint8`.
  public static var arrowType: DataType { .uint8 }
}
extension UInt16: ArrowPrimitive {
  /// `uint16`.
  public static var arrowType: DataType { .uint16 }
}
extension UInt32: ArrowPrimitive {
  /// `uint32`.
  public static var arrowType: DataType { .uint32 }
}
extension UInt64: ArrowPrimitive {
  /// `uint64`.
  public static var arrowType: DataType { .uint64 }
}
extension Float16: ArrowPrimitive {
  /// `float16`.
  public static var arrowType: DataType { .float16 }
}
extension Float: ArrowPrimitive {
  /// `float32`.
  public static var arrowType: DataType { .float32 }
}
extension Double: ArrowPrimitive {
  /// `float64`.
  public static var arrowType: DataType { .float64 }
}

/// A value of `day_time_interval`.
public struct DayTimeInterval: ArrowPrimitive {
  /// Days.
  public var days: Int32
  /// Milliseconds, which need not be less than a day.
  public var milliseconds: Int32

  /// An interval.
  public init(days: Int32, milliseconds: Int32) {
    self.days = days
    self.milliseconds = milliseconds
  }

  /// `day_time_interval`.
  public static var arrowType: DataType { .interval(.dayTime) }
}

/// A value of `month_day_nano_interval`.
public struct MonthDayNanoInterval: ArrowPrimitive {
  /// Months.
  public var months: Int32
  /// Days.
  public var days: Int32
  /// Nanoseconds, which need not be less than a day.
  public var nanoseconds: Int64

  /// An interval.
  public init(months: Int32, days: Int32, nanoseconds: Int64) {
    self.months = months
    self.days = days
    self.nanoseconds = nanoseconds
  }

  /// `month_day_nano_interval`.
  public static var arrowType: DataType { .interval(.monthDayNano) }
}

/// Builds arrays of numbers, and of dates, times and the like by their integers.
public final class PrimitiveBuilder<Value: ArrowPrimitive>: ValueBuilder {
  /// The type of the array.
  public let type: DataType
  private var values = GrowingBuffer()
  private var validity = ValidityBuilder()

  /// A builder, of `Value`'s own type if no other is given.
  ///
  /// - Precondition: values of `type` are as wide as `Value`.
  public init(_ type: DataType = Value.arrowType) {
    precondition(type.byteWidth == MemoryLayout<Value>.size, "\(type) has another width")
    self.type = type
  }

  /// The slots that were appended.
  public var count: Int { validity.count }

  /// Appends a value.
  public func append(_ value: Value) {
    values.append(value)
    validity.appendValid()
  }

  /// Appends values, none of them null.
  public func append(_ span: Span<Value>) {
    values.append(unsafe Span<UInt8>(_bytes: span.bytes))
    validity.appendValid(count: span.count)
  }

  /// Appends a null.
  public func appendNull() {
    values.append(repeating: 0, count: MemoryLayout<Value>.size)
    validity.appendNull()
  }

  /// The array; the builder is then empty.
  ///
  /// - Throws: `.outOfMemory`.
  public func finish() throws(BuildError) -> ArrowArray {
    let (bitmap, length, nullCount) = try validity.take()
    return ArrowArray(
      type: type, length: length, nullCount: nullCount, buffers: [bitmap, try values.take()])
  }
}

/// Builds arrays of decimals.
public final class DecimalBuilder: ValueBuilder {
  /// The type of the array.
  public let type: DataType
  private let byteWidth: Int
  private let scale: Int
  private var values = GrowingBuffer()
  private var validity = ValidityBuilder()
  private var failure: BuildError?

  /// A builder. Precondition: `type` is a decimal type.
  public init(_ type: DataType) {
    switch type {
    case .decimal32(_, let scale), .decimal64(_, let scale), .decimal128(_, let scale),
      .decimal256(_, let scale):
      self.scale = scale
    default: preconditionFailure("\(type) is no decimal type")
    }
    self.type = type
    byteWidth = type.byteWidth ?? 0
  }

  /// The slots that were appended.
  public var count: Int { validity.count }

  /// Appends a decimal of the scale of the type. One of another scale, or beyond the width, is a
  /// failure; digits within the width are not counted.
  public func append(_ value: DecimalValue) {
    let words = [
      UInt64(truncatingIfNeeded: value.low), UInt64(truncatingIfNeeded: value.low >> 64),
      UInt64(truncatingIfNeeded: value.high), UInt64(truncatingIfNeeded: value.high >> 64),
    ]
    let fits128 = value.high == Int128(bitPattern: value.low) >> 127
    let narrow = Int128(bitPattern: value.low)
    let fits =
      switch byteWidth {
      case 4: fits128 && Int32(exactly: narrow) != nil
      case 8: fits128 && Int64(exactly: narrow) != nil
      case 16: fits128
      default: true
      }
    guard fits, value.scale == scale else {
      failure = failure ?? .decimalOutOfRange(value)
      return
    }
    if byteWidth == 4 {
      values.append(UInt32(truncatingIfNeeded: words[0]))
    } else {
      for word in words.prefix(byteWidth / 8) { values.append(word) }
    }
    validity.appendValid()
  }

  /// Appends a null.
  public func appendNull() {
    values.append(repeating: 0, count: byteWidth)
    validity.appendNull()
  }

  /// The array; the builder is then empty.
  ///
  /// - Throws: `.decimalOutOfRange`, `.outOfMemory`.
  public func finish() throws(BuildError) -> ArrowArray {
    if let failure { throw failure }
    let (bitmap, length, nullCount) = try validity.take()
    return ArrowArray(
      type: type, length: length, nullCount: nullCount, buffers: [bitmap, try values.take()])
  }
}

/// Builds arrays of truth values.
public final class BooleanBuilder: ValueBuilder {
  private var values = BitBuilder()
  private var validity = ValidityBuilder()

  /// A builder.
  public init() {}

  /// `boolean`.
  public var type: DataType { .boolean }

  /// The slots that were appended.
  public var count: Int { validity.count }

  /// Appends a value.
  public func append(_ value: Bool) {
    values.append(value)
    validity.appendValid()
  }

  /// Appends a null.
  public func appendNull() {
    values.append(false)
    validity.appendNull()
  }

  /// The array; the builder is then empty.
  ///
  /// - Throws: `.outOfMemory`.
  public func finish() throws(BuildError) -> ArrowArray {
    let (bitmap, length, nullCount) = try validity.take()
    return ArrowArray(
      type: .boolean, length: length, nullCount: nullCount, buffers: [bitmap, try values.take()])
  }
}

/// Builds arrays that hold nothing but nulls.
public final class NullBuilder: ArrayBuilder {
  /// The slots that were appended.
  public private(set) var count = 0

  /// A builder.
  public init() {}

  /// `null`.
  public var type: DataType { .null }

  /// Appends a null.
  public func appendNull() { count += 1 }

  /// The array; the builder is then empty.
  ///
  /// - Throws: never.
  public func finish() throws(BuildError) -> ArrowArray {
    defer { count = 0 }
    return ArrowArray(type: .null, length: count, nullCount: count, buffers: [])
  }
}
