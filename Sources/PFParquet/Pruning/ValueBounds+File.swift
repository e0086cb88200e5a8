internal import PFArrow
internal import PFCore

/// Bounds as files have them, brought to the values that a read would give.
struct BoundsReader {
  let mapping: ColumnMapping
  private let kind: StatisticsKind
  private let order: ColumnOrder?

  init(_ mapping: ColumnMapping, order: ColumnOrder?) {
    self.mapping = mapping
    kind = StatisticsKind(mapping.leaf)
    self.order = order
  }

  /// What the statistics of a column chunk say of its values.
  ///
  /// - Throws: `.outOfMemory`.
  func bounds(
    of statistics: Statistics?, in bytes: Span<UInt8>, valueCount: Int64
  ) throws(ReadError) -> ValueBounds {
    let statistics = statistics ?? Statistics()
    let trusted: (min: Range<Int>?, max: Range<Int>?) =
      if (statistics.minValue ?? statistics.maxValue) != nil, kind.isTrusted(under: order) {
        (statistics.minValue, statistics.maxValue)
      } else if kind.hasSignedOrder {
        (statistics.min, statistics.max)
      } else { (nil, nil) }
    return try made(
      mins: [trusted.min], maxs: [trusted.max], in: bytes, nanCounts: [statistics.nanCount],
      mayHaveNull: [statistics.nullCount != 0], mayHaveValue: [statistics.nullCount != valueCount])
  }

  /// What a column index says of its pages' values.
  ///
  /// - Throws: `.outOfMemory`.
  func bounds(of index: ColumnIndex, in bytes: Span<UInt8>) throws(ReadError) -> ValueBounds {
    let pages = index.nullPages.indices
    let isTrusted = kind.isTrusted(under: order)
    func trusted(_ ranges: [Range<Int>]) -> [Range<Int>?] {
      pages.map { isTrusted && !index.nullPages[$0] ? ranges[$0] : nil }
    }
    return try made(
      mins: trusted(index.minValues), maxs: trusted(index.maxValues), in: bytes,
      nanCounts: pages.map { index.nanCounts?[$0] },
      mayHaveNull: pages.map { index.nullPages[$0] || index.nullCounts?[$0] != 0 },
      mayHaveValue: pages.map { !index.nullPages[$0] })
  }

  private var isFloatingPoint: Bool {
    switch kind {
    case .float, .double, .float16: true
    default: false
    }
  }

  private func made(
    mins: [Range<Int>?], maxs: [Range<Int>?], in bytes: Span<UInt8>, nanCounts: [Int64?],
    mayHaveNull: [Bool], mayHaveValue: [Bool]
  ) throws(ReadError) -> ValueBounds {
    var (mins, maxs) = (mins, maxs)
    func isValid(_ range: Range<Int>?) -> Bool {
      guard let range, range.upperBound <= bytes.count else { return false }
      return kind.value(of: bytes.extracting(range)) != nil
    }
    for page in mins.indices {
      let (hasMin, hasMax) = (isValid(mins[page]), isValid(maxs[page]))
      // A NaN spoils both bounds (parquet.thrift, `ColumnOrder`).
      let isSpoilt =
        isFloatingPoint && (!hasMin && mins[page] != nil || !hasMax && maxs[page] != nil)
      if !hasMin || isSpoilt { mins[page] = nil }
      if !hasMax || isSpoilt { maxs[page] = nil }
    }
    return ValueBounds(
      mins: try array(of: mins, in: bytes), maxs: try array(of: maxs, in: bytes),
      mayHaveNaN: nanCounts.map { isFloatingPoint && $0 != 0 },
      mayHaveNull: mayHaveNull.map { mapping.leaf.maxDefinitionLevel > 0 && $0 },
      mayHaveValue: mayHaveValue)
  }

  /// The values that the pieces of `bytes` stand for; null where there is none, or none that a
  /// read would give.
  private func array(
    of ranges: [Range<Int>?], in bytes: Span<UInt8>
  ) throws(ReadError) -> ArrowArray {
    let values = ranges.map { range in range.map { bytes.extracting($0).copied } }
    if mapping.leaf.physicalType == .byteArray, kind == .string || kind == .bytes {
      // As bytes, which compare as text does: a bound may be cut in mid-character.
      let builder = BinaryBuilder()
      for value in values {
        if let value { builder.append(value) } else { builder.appendNull() }
      }
      do throws(BuildError) {
        return try builder.finish()
      } catch { return .nulls(ranges.count) }
    }
    return try mapping.array(ofPlain: values) ?? .nulls(ranges.count)
  }
}

extension ColumnMapping {
  /// The array of single values, each as PLAIN stores it, without the length of a byte array; nil
  /// where one of them is nothing that a read would give.
  ///
  /// Bytes of a fixed length may be cut; zeros stand for what is missing.
  func array(ofPlain values: [[UInt8]?]) throws(ReadError) -> ArrowArray? {
    var plain: [UInt8] = []
    var bits: [UInt8] = []
    let width: Int
    switch leaf.physicalType {
    case .boolean: width = 0
    case .int32, .float: width = 4
    case .int64, .double: width = 8
    case .int96: width = 12
    case .fixedLenByteArray: width = leaf.typeLength
    case .byteArray: width = 0
    }
    for (index, value) in values.enumerated() {
      if index & 7 == 0 { bits.append(0) }
      switch leaf.physicalType {
      case .boolean:
        if index & 7 == 0 { plain.append(0) }
        if value?.first == 1 { plain[index >> 3] |= 1 << UInt8(index & 7) }
      case .byteArray:
        let bytes = value ?? [0]
        let count = UInt32(truncatingIfNeeded: bytes.count)
        for byte in 0..<4 { plain.append(UInt8(truncatingIfNeeded: count >> UInt32(byte * 8))) }
        plain += bytes
      default:
        let bytes = value ?? []
        plain += bytes.prefix(width)
        plain += repeatElement(0, count: width - min(width, bytes.count))
      }
      if value != nil { bits[index >> 3] |= 1 << UInt8(index & 7) }
    }
    let missing = values.count { $0 == nil }
    let validity: Buffer?
    do throws(AllocationError) {
      validity = missing == 0 ? nil : try Buffer(copying: bits.span)
    } catch { throw ReadError(error) }
    do throws(DecodingError) {
      return try decoded(plain, count: values.count, validity: validity, nullCount: missing)
    } catch {
      if case .outOfMemory = error { throw ReadError(error) }
      return nil
    }
  }

  private func decoded(
    _ plain: [UInt8], count: Int, validity: Buffer?, nullCount: Int
  ) throws(DecodingError) -> ArrowArray {
    let output = makeOutput()
    output.plausibleByteCount = plain.count * 16
    output.expectedSlotCount = count
    var position = PlainPosition()
    // SAFETY: the bytes live until the output has made its copy of them.
    let failure = unsafe plain.withUnsafeBytes { bytes -> DecodingError? in
      do throws(DecodingError) {
        try unsafe output.appendPlain(bytes, count: count, slots: count, position: &position)
        return nil
      } catch { return error }
    }
    if let failure { throw failure }
    unsafe output.spread(values: count, slots: count, bits: nil)
    return try finish(output, validity: validity, nullCount: nullCount)
  }
}

extension ArrowArray {
  /// An array of bytes without any.
  fileprivate static func nulls(_ count: Int) -> ArrowArray {
    ArrowArray(type: .null, length: count, nullCount: count, buffers: [])
  }
}

extension Span<UInt8> {
  /// The bytes as an array.
  var copied: [UInt8] {
    var array: [UInt8] = []
    array.reserveCapacity(count)
    for index in indices { array.append(self[index]) }
    return array
  }
}
