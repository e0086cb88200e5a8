internal import PFArrow
internal import PFCore

/// How a PLAIN value of a fixed width becomes an Arrow value of a fixed width.
enum PlainConversion {
  /// The bytes are the same.
  case copy
  /// INT32 that an annotation narrows: the low bytes stay (LogicalTypes.md, "Integers").
  case truncate
  /// INT32 or INT64 as a decimal.
  case signExtend(from: Int)
  /// Big-endian two's complement of any width as a decimal (LogicalTypes.md, "DECIMAL").
  case bigEndian(width: Int)
  /// As `bigEndian`, each value a byte array of its own length.
  case bigEndianByteArray
  /// Nanoseconds of the day and Julian day as units since 1970-01-01.
  case int96(TimeUnit)

  /// The bytes of one PLAIN value, at least; `width` is that of the Arrow value.
  func plainWidth(arrowWidth width: Int) -> Int {
    switch self {
    case .copy: width
    case .truncate, .bigEndianByteArray: 4
    case .signExtend(let from): from
    case .bigEndian(let width): width
    case .int96: 12
    }
  }
}

/// Values of a fixed width: integers, floats, dates and times, decimals.
///
/// `Value` has the width of the Arrow value and no other meaning.
@safe final class FixedWidthOutput<Value: BitwiseCopyable>: ColumnOutput {
  private let conversion: PlainConversion
  private let filler: Value
  private let plainWidth: Int
  private var values: MutableBuffer?
  private var dictionary: MutableBuffer?
  private var dictionaryCount = 0

  private static var width: Int { MemoryLayout<Value>.stride }

  init(_ conversion: PlainConversion, filler: Value) {
    self.conversion = conversion
    self.filler = filler
    plainWidth = conversion.plainWidth(arrowWidth: Self.width)
  }

  /// Makes room for `slots` more slots; the first of them.
  private func target(slots: Int) throws(DecodingError) -> UnsafeMutablePointer<Value> {
    let needed = slotCount + slots
    if values == nil {
      values = try MutableBuffer.decoding(byteCount: max(needed, expectedSlotCount) * Self.width)
    } else {
      try values?.reserveForDecoding(needed * Self.width, keeping: slotCount * Self.width)
    }
    guard let start = unsafe values?.start else { throw .outOfMemory(byteCount: needed) }
    return unsafe start.assumingMemoryBound(to: Value.self) + slotCount
  }

  override func setDictionary(
    _ bytes: UnsafeRawBufferPointer, count: Int
  ) throws(DecodingError) {
    // Before memory is asked for: a value takes bytes.
    guard count <= bytes.count / plainWidth else {
      throw .limitExceeded(offset: 0, declared: count, limit: bytes.count / plainWidth)
    }
    let made = try MutableBuffer.decoding(byteCount: count * Self.width)
    _ = try unsafe convert(
      bytes, from: 0, count: count, into: made.start.assumingMemoryBound(to: Value.self))
    dictionary = consume made
    dictionaryCount = count
  }

  override func appendPlain(
    _ bytes: UnsafeRawBufferPointer, count: Int, slots: Int, position: inout PlainPosition
  ) throws(DecodingError) {
    let target = unsafe try target(slots: slots)
    position.offset = try unsafe convert(bytes, from: position.offset, count: count, into: target)
  }

  override func appendIndices(
    _ indices: inout RLEHybridReader, count: Int, slots: Int, scratch: IndexScratch
  ) throws(DecodingError) {
    let target = try unsafe target(slots: slots)
    guard count > 0 else { return }
    guard let entries = unsafe dictionary?.start.assumingMemoryBound(to: Value.self) else {
      throw .invalidValue(offset: 0)
    }
    try unsafe Gathering.gather(
      &indices, count: count, from: entries, entryCount: dictionaryCount, scratch: scratch,
      into: target)
  }

  override func append(
    _ values: any FixedWidthDecoder, count: Int, slots: Int
  ) throws(DecodingError) {
    let target = try unsafe target(slots: slots)
    if case .copy = conversion {
      return try unsafe values.decode(count, into: UnsafeMutableRawPointer(target))
    }
    // Through a block that stays in the cache.
    let block = min(count, max(1, (16 << 10) / plainWidth))
    let plain = try MutableBuffer.decoding(byteCount: block * plainWidth)
    for done in stride(from: 0, to: count, by: max(1, block)) {
      let part = min(block, count - done)
      try unsafe values.decode(part, into: plain.start)
      _ = try unsafe convert(
        UnsafeRawBufferPointer(start: plain.start, count: part * plainWidth), from: 0, count: part,
        into: target + done)
    }
  }

  override func spread(values count: Int, slots: Int, bits: UnsafePointer<UInt8>?) {
    if count < slots, let bits = unsafe bits, let start = unsafe values?.start {
      unsafe Spreading.spread(
        start.assumingMemoryBound(to: Value.self) + slotCount, valueCount: count,
        slotCount: slots, filler: filler, bits: bits, start: slotCount)
    }
    slotCount += slots
  }

  override func finish(
    type: DataType, validity: Buffer?, nullCount: Int
  ) throws(DecodingError) -> ArrowArray {
    _ = try unsafe target(slots: 0)
    values?.setByteCount(slotCount * Self.width)
    let length = slotCount
    slotCount = 0
    let buffer = values.take()?.freeze() ?? .empty
    return ArrowArray(
      type: type, length: length, nullCount: nullCount, buffers: [validity, buffer])
  }

  /// Converts `count` PLAIN values from `offset` on; returns the offset behind them.
  ///
  /// SAFETY: room for `count` values at `target`.
  private func convert(
    _ bytes: UnsafeRawBufferPointer, from offset: Int, count: Int,
    into target: UnsafeMutablePointer<Value>
  ) throws(DecodingError) -> Int {
    let raw = UnsafeMutableRawPointer(target)
    if case .bigEndianByteArray = conversion {
      var cursor = unsafe PlainByteArrays(bytes, offset: offset)
      for index in 0..<count {
        try unsafe BigEndianInteger.write(
          try cursor.next(), to: raw + index &* Self.width, width: Self.width)
      }
      return unsafe cursor.offset
    }
    let byteCount = count * plainWidth
    guard byteCount <= bytes.count - offset else {
      throw .truncated(offset: bytes.count, needed: byteCount - (bytes.count - offset))
    }
    guard count > 0, let start = bytes.baseAddress else { return offset }
    let source = unsafe start + offset
    switch conversion {
    case .copy:
      unsafe raw.copyMemory(from: source, byteCount: byteCount)
    case .truncate:
      unsafe Gathering.truncate(source, count: count, into: target)
    case .signExtend(let from):
      for index in 0..<count {
        let value =
          unsafe from == 4
          ? Int64(source.loadUnaligned(fromByteOffset: index &* 4, as: Int32.self))
          : source.loadUnaligned(fromByteOffset: index &* 8, as: Int64.self)
        if Self.width == 4 {
          guard let narrow = Int32(exactly: value) else { throw .integerOverflow(offset: 0) }
          unsafe raw.storeBytes(of: narrow, toByteOffset: index &* 4, as: Int32.self)
          continue
        }
        let slot = unsafe raw + index &* Self.width
        unsafe slot.storeBytes(of: value, as: Int64.self)
        for word in 1..<max(1, Self.width / 8) {
          unsafe slot.storeBytes(of: value >> 63, toByteOffset: word &* 8, as: Int64.self)
        }
      }
    case .bigEndian(let width):
      for index in 0..<count {
        try unsafe BigEndianInteger.write(
          UnsafeRawBufferPointer(start: source + index &* width, count: width),
          to: raw + index &* Self.width, width: Self.width)
      }
    case .int96(let unit):
      for index in 0..<count {
        let value = try unsafe Int96.timestamp(at: source + index &* 12, in: unit)
        unsafe raw.storeBytes(of: value, toByteOffset: index &* 8, as: Int64.self)
      }
    case .bigEndianByteArray: break
    }
    return offset + byteCount
  }
}

/// Big-endian two's complement integers of any length.
enum BigEndianInteger {
  /// Writes an integer in little-endian order, sign-extended to `width` bytes. No bytes are 0.
  ///
  /// SAFETY: `width` writable bytes at `target`.
  /// - Throws: `.integerOverflow` when it needs more than `width` bytes.
  static func write(
    _ source: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer, width: Int
  ) throws(DecodingError) {
    let slot = unsafe target.assumingMemoryBound(to: UInt8.self)
    let count = source.count
    let sign: UInt8 = unsafe count > 0 && source[0] >= 0x80 ? 0xFF : 0
    let used = min(count, width)
    for index in 0..<used { unsafe slot[index] = source[count &- 1 &- index] }
    for index in used..<width { unsafe slot[index] = sign }
    if count > width {
      // A longer integer fits only if what is cut repeats the sign.
      for index in 0..<(count - width) where unsafe source[index] != sign {
        throw .integerOverflow(offset: 0)
      }
      guard unsafe slot[width - 1] & 0x80 == sign & 0x80 else {
        throw .integerOverflow(offset: 0)
      }
    }
  }
}

/// The deprecated INT96 timestamp: nanoseconds of the day, then the Julian day.
enum Int96 {
  /// Units since 1970-01-01T00:00, rounded down.
  ///
  /// SAFETY: 12 readable bytes at `source`.
  /// - Throws: `.integerOverflow` when 64 bits do not hold it; for nanoseconds that is outside the
  ///   years 1677 to 2262.
  @inline(__always)
  static func timestamp(
    at source: UnsafeRawPointer, in unit: TimeUnit
  ) throws(DecodingError) -> Int64 {
    let nanosecondsOfDay = unsafe source.loadUnaligned(as: Int64.self)
    let julianDay = unsafe source.loadUnaligned(fromByteOffset: 8, as: Int32.self)
    let days = Int64(julianDay) - 2_440_588
    let perSecond = unit.perSecond
    let (scaled, overflow) = days.multipliedReportingOverflow(by: 86_400 * perSecond)
    let divisor = 1_000_000_000 / perSecond
    let units =
      nanosecondsOfDay >= 0
      ? nanosecondsOfDay / divisor : ~(~nanosecondsOfDay / divisor)
    let (sum, carry) = scaled.addingReportingOverflow(units)
    guard !overflow, !carry else { throw .integerOverflow(offset: 0) }
    return sum
  }
}
