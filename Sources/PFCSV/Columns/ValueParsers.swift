internal import PFArrow

struct IntegerParser<Value: FixedWidthInteger & BitwiseCopyable>: ValueParser {
  let format: NumberFormat
  static var zero: Value { 0 }

  @unsafe @inline(__always)
  func parse(_ start: UnsafePointer<UInt8>, _ count: Int) -> Value? {
    unsafe IntegerText.parse(start, count, format, as: Value.self)
  }

  @unsafe @inline(__always)
  func parseCommon(_ start: UnsafePointer<UInt8>, _ count: Int) -> Value? {
    unsafe IntegerText.parseCommon(
      start, count, allowsLeadingZeros: format.allowsLeadingZeros, as: Value.self)
  }
}

/// What `FloatText` reads.
protocol FloatValue: BinaryFloatingPoint & BitwiseCopyable {
  @unsafe static func parse(
    _ start: UnsafePointer<UInt8>, _ count: Int, _ format: NumberFormat
  ) -> Self?

  @unsafe static func parseCommon(
    _ start: UnsafePointer<UInt8>, _ count: Int, _ format: NumberFormat
  ) -> Self?
}

extension Double: FloatValue {
  @unsafe @inline(__always)
  static func parse(
    _ start: UnsafePointer<UInt8>, _ count: Int, _ format: NumberFormat
  ) -> Double? { unsafe FloatText.parse(start, count, format, as: Double.self) }

  @unsafe @inline(__always)
  static func parseCommon(
    _ start: UnsafePointer<UInt8>, _ count: Int, _ format: NumberFormat
  ) -> Double? { unsafe FloatText.parseCommon(start, count, format) }
}

extension Float: FloatValue {
  @unsafe @inline(__always)
  static func parse(
    _ start: UnsafePointer<UInt8>, _ count: Int, _ format: NumberFormat
  ) -> Float? { unsafe FloatText.parse(start, count, format, as: Float.self) }

  @unsafe @inline(__always)
  static func parseCommon(
    _ start: UnsafePointer<UInt8>, _ count: Int, _ format: NumberFormat
  ) -> Float? { unsafe FloatText.parse(start, count, format, as: Float.self) }
}

extension Float16: FloatValue {
  @unsafe
  static func parse(
    _ start: UnsafePointer<UInt8>, _ count: Int, _ format: NumberFormat
  ) -> Float16? { unsafe FloatText.parse(start, count, format, as: Float16.self) }

  @unsafe
  static func parseCommon(
    _ start: UnsafePointer<UInt8>, _ count: Int, _ format: NumberFormat
  ) -> Float16? { unsafe FloatText.parse(start, count, format, as: Float16.self) }
}

struct FloatParser<Value: FloatValue>: ValueParser {
  let format: NumberFormat
  static var zero: Value { 0 }

  @unsafe @inline(__always)
  func parse(_ start: UnsafePointer<UInt8>, _ count: Int) -> Value? {
    unsafe Value.parse(start, count, format)
  }

  @unsafe @inline(__always)
  func parseCommon(_ start: UnsafePointer<UInt8>, _ count: Int) -> Value? {
    unsafe Value.parseCommon(start, count, format)
  }
}

/// Floats whose type was inferred: only what is clearly meant as one, and nothing that a double
/// would change.
///
/// An integer fits below 2⁵³. An exponent needs a decimal mark before it or a sign in it: `1e5` is
/// as likely the name of a thing. Words for infinity and no number are taken as programs print
/// them.
struct InferredFloatParser: ValueParser {
  let format: NumberFormat
  static var zero: Double { 0 }

  @unsafe @inline(__always)
  func parse(_ start: UnsafePointer<UInt8>, _ count: Int) -> Double? {
    guard let value = unsafe FloatText.parse(start, count, format, as: Double.self) else {
      return unsafe Self.word(start, count)
    }
    let differences =
      unsafe UnsafeRawPointer(start).loadUnaligned(as: UInt64.self)
      ^ (0x0101_0101_0101_0101 &* UInt64(format.decimalMark))
    let marks = (differences &- 0x0101_0101_0101_0101) & ~differences & 0x8080_8080_8080_8080
    if marks.trailingZeroBitCount < min(count, 8) &* 8 { return value }
    return unsafe Self.isClear(start, count, format, value) ? value : nil
  }

  /// What is of the common form has a decimal mark, which makes it clear.
  @unsafe @inline(__always)
  func parseCommon(_ start: UnsafePointer<UInt8>, _ count: Int) -> Double? {
    unsafe FloatText.parseCommon(start, count, format)
  }

  static func isNumber(_ value: Double) -> Bool { value.isFinite }

  @unsafe @inline(never)
  private static func isClear(
    _ start: UnsafePointer<UInt8>, _ count: Int, _ format: NumberFormat, _ value: Double
  ) -> Bool {
    var hasExponent = false
    for index in 0..<count {
      let byte = unsafe start[index]
      if byte == format.decimalMark { return true }
      if byte | 0x20 == UInt8(ascii: "e") {
        hasExponent = true
      } else if hasExponent {
        return byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
      }
    }
    // An integer: exact up to here. 2⁵³ itself may have been the one behind it.
    return value.magnitude < 0x1p53
  }

  @unsafe @inline(never)
  private static func word(_ start: UnsafePointer<UInt8>, _ count: Int) -> Double? {
    guard count >= 3, count <= 9 else { return nil }
    let text = unsafe String(
      decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    switch text {
    case "nan", "NaN": return .nan
    case "inf", "Inf", "Infinity": return .infinity
    case "-inf", "-Inf", "-Infinity": return -.infinity
    default: return nil
    }
  }
}

struct DateParser: ValueParser {
  static var zero: Int32 { 0 }

  @unsafe @inline(__always)
  func parse(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32? {
    unsafe DateText.parse(start, count)
  }
}

struct MillisecondDateParser: ValueParser {
  static var zero: Int64 { 0 }

  @unsafe @inline(__always)
  func parse(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
    unsafe DateText.parse(start, count).map { Int64($0) &* 86_400_000 }
  }
}

struct ShortTimeParser: ValueParser {
  let unit: TimeUnit
  static var zero: Int32 { 0 }

  @unsafe @inline(__always)
  func parse(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32? {
    unsafe TimeText.parse(start, count, unit: unit).flatMap { Int32(exactly: $0) }
  }
}

struct TimeParser: ValueParser {
  let unit: TimeUnit
  static var zero: Int64 { 0 }

  @unsafe @inline(__always)
  func parse(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
    unsafe TimeText.parse(start, count, unit: unit)
  }
}

/// Timestamps with a zone where the type has one, and without where it has none.
struct TimestampParser: ValueParser {
  let unit: TimeUnit
  let hasZone: Bool
  static var zero: Int64 { 0 }

  @unsafe @inline(__always)
  func parse(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
    guard
      let value = unsafe TimestampText.parse(start, count, unit: unit, allowsDate: !hasZone),
      value.hasZone == hasZone
    else { return nil }
    return value.count
  }

  @unsafe @inline(__always)
  func parseCommon(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
    unsafe TimestampText.parseCommon(start, count, unit: unit, hasZone: hasZone)
  }
}

struct DecimalParser: ValueParser {
  let text: DecimalText
  let format: NumberFormat
  static var zero: Int128 { 0 }

  @unsafe @inline(__always)
  func parse(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int128? {
    unsafe text.parse128(start, count, format)
  }
}

/// Decimals of 32 and 64 bits, whose precision bounds them.
struct NarrowDecimalParser<Value: FixedWidthInteger & BitwiseCopyable>: ValueParser {
  let text: DecimalText
  let format: NumberFormat
  static var zero: Value { 0 }

  @unsafe @inline(__always)
  func parse(_ start: UnsafePointer<UInt8>, _ count: Int) -> Value? {
    unsafe text.parse128(start, count, format).flatMap { Value(exactly: $0) }
  }
}

struct WideDecimalParser: ValueParser {
  let text: DecimalText
  let format: NumberFormat
  static var zero: Int256 { Int256(0) }

  @unsafe @inline(__always)
  func parse(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int256? {
    unsafe text.parse256(start, count, format)
  }
}
