internal import PFArrow
internal import PFCore

/// Reads values of one type from the text of fields.
protocol ValueParser {
  associatedtype Value: BitwiseCopyable

  /// The value that a whole field is; nil when it is none.
  ///
  /// SAFETY: the caller promises `count` readable bytes and 32 more.
  @unsafe func parse(_ start: UnsafePointer<UInt8>, _ count: Int) -> Value?

  /// The same for the forms that most values have, in little code; nil for others, too.
  ///
  /// SAFETY: as `parse`. Where `isNumber` tells, the value is one.
  @unsafe func parseCommon(_ start: UnsafePointer<UInt8>, _ count: Int) -> Value?

  /// Whether a value is a number rather than a word for infinity or no number.
  static func isNumber(_ value: Value) -> Bool

  /// What a null holds.
  static var zero: Value { get }
}

extension ValueParser {
  @unsafe @inline(__always)
  func parseCommon(_ start: UnsafePointer<UInt8>, _ count: Int) -> Value? {
    unsafe parse(start, count)
  }

  @inline(__always)
  static func isNumber(_ value: Value) -> Bool { true }
}

/// Makes arrays of types whose values have as many bytes each.
final class FixedWidthColumn: ColumnBuilder {
  private let kind: FixedWidthKind
  /// The forms of values in place of ISO 8601.
  private let forms: TemporalForms?
  private let width: Int
  private var values: MutableBuffer
  private var hasBegun = false
  /// Whether a value was a number rather than a word for infinity or no number.
  private(set) var hasNumber = false
  /// Whether one was such a word.
  private(set) var hasWord = false

  init(
    _ type: DataType, _ kind: FixedWidthKind, _ context: FieldContext, forms: TemporalForms?,
    stopsAtMisfit: Bool
  ) throws(AllocationError) {
    self.kind = kind
    self.forms = forms
    width = type.byteWidth ?? 0
    values = try MutableBuffer(byteCount: 0)
    try super.init(type, context, stopsAtMisfit: stopsAtMisfit)
  }

  override func append(_ fields: ColumnFields) throws(AllocationError) -> Int {
    let wanted = hasBegun ? count + fields.count : max(expectedCount, fields.count)
    values.setByteCount(min(count * width, values.capacity))
    try values.reserve(wanted * width)
    hasBegun = true
    let format = context.format
    if let forms {
      switch kind {
      case .date32: return try run(fields, FormedDateParser(forms: forms))
      case .date64: return try run(fields, FormedMillisecondDateParser(forms: forms))
      case .time32(let unit):
        return try run(fields, FormedTimeParser<Int32>(forms: forms, unit: unit))
      case .time64(let unit):
        return try run(fields, FormedTimeParser<Int64>(forms: forms, unit: unit))
      case .timestamp(let unit, let hasZone):
        return try run(fields, FormedTimestampParser(forms: forms, unit: unit, hasZone: hasZone))
      default: break
      }
    }
    // One loop for each kind: a generic method of a class would not be specialised behind a
    // virtual call.
    switch kind {
    case .int8: return try run(fields, IntegerParser<Int8>(format: format))
    case .int16: return try run(fields, IntegerParser<Int16>(format: format))
    case .int32: return try run(fields, IntegerParser<Int32>(format: format))
    case .int64: return try run(fields, IntegerParser<Int64>(format: format))
    case .uint8: return try run(fields, IntegerParser<UInt8>(format: format))
    case .uint16: return try run(fields, IntegerParser<UInt16>(format: format))
    case .uint32: return try run(fields, IntegerParser<UInt32>(format: format))
    case .uint64: return try run(fields, IntegerParser<UInt64>(format: format))
    case .float16: return try run(fields, FloatParser<Float16>(format: format))
    case .float32: return try run(fields, FloatParser<Float>(format: format))
    case .float64: return try run(fields, FloatParser<Double>(format: format))
    case .inferredFloat64:
      return try run(fields, InferredFloatParser(format: format))
    case .decimal(let parser, let width):
      switch width {
      case 4: return try run(fields, NarrowDecimalParser<Int32>(text: parser, format: format))
      case 8: return try run(fields, NarrowDecimalParser<Int64>(text: parser, format: format))
      case 16: return try run(fields, DecimalParser(text: parser, format: format))
      default: return try run(fields, WideDecimalParser(text: parser, format: format))
      }
    case .date32: return try run(fields, DateParser())
    case .date64: return try run(fields, MillisecondDateParser())
    case .time32(let unit): return try run(fields, ShortTimeParser(unit: unit))
    case .time64(let unit): return try run(fields, TimeParser(unit: unit))
    case .timestamp(let unit, let hasZone):
      return try run(fields, TimestampParser(unit: unit, hasZone: hasZone))
    }
  }

  /// The loop over the fields of a block: 64 at a time, first those that are like most.
  @inline(__always)
  private func run<Parser: ValueParser>(
    _ fields: ColumnFields, _ parser: Parser
  ) throws(AllocationError) -> Int {
    let target = unsafe values.start.assumingMemoryBound(to: Parser.Value.self) + count
    let slowLengths = context.slowLengths
    var first = 0
    while first < fields.count {
      let size = min(64, fields.count &- first)
      // SAFETY: rows are those of the block, whose fields lie in its bytes, with 64 readable ones
      // behind them; there is room for all rows (`append`).
      var left = unsafe Self.parseCommon(
        fields, first, size, parser, slowLengths: slowLengths, to: target)
      if left != ~0 &>> UInt64(truncatingIfNeeded: 64 &- size) { hasNumber = true }
      var nulls: UInt64 = 0
      while left != 0 {
        let bit = left.trailingZeroBitCount
        left &= left &- 1
        let row = first &+ bit
        if let value = unsafe try parseOther(fields, row, parser) {
          unsafe target[row] = value
          if Parser.isNumber(value) { hasNumber = true } else { hasWord = true }
          continue
        }
        if isMisfit, try !take(misfit: row) {
          if nulls != 0 { try validity.setNulls(nulls, from: count + first) }
          count += row
          return row
        }
        unsafe target[row] = Parser.zero
        if !isMisfit { nulls |= 1 &<< UInt64(truncatingIfNeeded: bit) }
      }
      if nulls != 0 { try validity.setNulls(nulls, from: count + first) }
      first &+= size
    }
    count += fields.count
    return fields.count
  }

  /// Parses `size` fields from row `first` on; the bits of the rows that are of no common form are
  /// set in the result.
  ///
  /// WHY on its own: with all that other fields need around it, the loop keeps none of its values
  /// in registers.
  /// SAFETY: the caller promises that the rows are those of the block, whose fields lie in its
  /// bytes with 64 readable ones behind them, and room for them at `target`.
  @unsafe @inline(never)
  private static func parseCommon<Parser: ValueParser>(
    _ fields: ColumnFields, _ first: Int, _ size: Int, _ parser: Parser, slowLengths: UInt64,
    to target: UnsafeMutablePointer<Parser.Value>
  ) -> UInt64 {
    var left: UInt64 = 0
    let bytes = unsafe fields.bytes
    for index in 0..<size {
      let row = first &+ index
      let begin = unsafe fields.begin(row)
      let length = unsafe fields.end(row) &- begin
      if (slowLengths &>> UInt64(truncatingIfNeeded: min(length, 63))) & 1 == 0,
        let value = unsafe parser.parseCommon(bytes + begin, length)
      {
        unsafe target[row] = value
      } else {
        left |= 1 &<< UInt64(truncatingIfNeeded: index)
      }
    }
    return left
  }

  /// Whether what the last call of `parseOther` found is no value of the type rather than a null.
  private var isMisfit = false

  /// The value of any field; nil for a null or a misfit.
  ///
  /// SAFETY: as `parseCommon`.
  @unsafe @inline(never)
  private func parseOther<Parser: ValueParser>(
    _ fields: ColumnFields, _ row: Int, _ parser: Parser
  ) throws(AllocationError) -> Parser.Value? {
    let begin = unsafe fields.begin(row)
    let length = unsafe fields.end(row) &- begin
    isMisfit = false
    if length == 0, context.emptyIsNull { return nil }
    let isSlow = (context.slowLengths &>> UInt64(truncatingIfNeeded: min(length, 63))) & 1 != 0
    if !isSlow, let value = unsafe parser.parse(fields.bytes + begin, length) { return value }
    switch unsafe try context.content(
      fields.bytes, begin, begin &+ length, absentPosition: fields.absentPosition)
    {
    case .null: return nil
    case .text(let text, let textCount, _):
      let value = unsafe parser.parse(text, textCount)
      isMisfit = value == nil
      return value
    }
  }

  override func finish() throws(AllocationError) -> ArrowArray {
    let bitmap = try validity.finish(count: count)
    let nullCount = validity.nullCount
    if count == 0 { try values.reserve(0) }
    values.setByteCount(count * width)
    var done = try MutableBuffer(byteCount: 0)
    swap(&done, &values)
    return ArrowArray(
      type: type, length: count, nullCount: nullCount, buffers: [bitmap, done.freeze()])
  }
}

/// How the text of a fixed-width column is read.
enum FixedWidthKind {
  case int8, int16, int32, int64, uint8, uint16, uint32, uint64
  case float16, float32, float64, inferredFloat64
  case decimal(DecimalText, byteWidth: Int)
  case date32, date64
  case time32(TimeUnit), time64(TimeUnit)
  case timestamp(TimeUnit, hasZone: Bool)

  /// How a column of `type` is read; nil for types of another layout.
  init?(_ type: DataType, isInferred: Bool) {
    switch type {
    case .int8: self = .int8
    case .int16: self = .int16
    case .int32: self = .int32
    case .int64, .duration: self = .int64
    case .uint8: self = .uint8
    case .uint16: self = .uint16
    case .uint32: self = .uint32
    case .uint64: self = .uint64
    case .float16: self = .float16
    case .float32: self = .float32
    case .float64: self = isInferred ? .inferredFloat64 : .float64
    case .decimal32(let precision, let scale), .decimal64(let precision, let scale),
      .decimal128(let precision, let scale), .decimal256(let precision, let scale):
      guard let width = type.byteWidth,
        1...[4: 9, 8: 18, 16: 38, 32: 76][width, default: 0] ~= precision
      else { return nil }
      self = .decimal(DecimalText(precision: precision, scale: scale), byteWidth: width)
    case .date32: self = .date32
    case .date64: self = .date64
    case .time32(let unit): self = .time32(unit)
    case .time64(let unit): self = .time64(unit)
    case .timestamp(let unit, let zone): self = .timestamp(unit, hasZone: zone != nil)
    default: return nil
    }
  }
}
