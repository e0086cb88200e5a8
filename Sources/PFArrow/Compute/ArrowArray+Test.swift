internal import PFCore

extension ArrowArray {
  /// The outcome of `test` in each slot.
  ///
  /// - Precondition: the test was made for this type.
  /// - Complexity: O(`length`), for lists times the logarithm of their length.
  package func truth(of test: ColumnTest) -> Truth {
    if case .dictionary(let index, _, _) = type { return dictionaryTruth(of: test, index) }
    let hits: [UInt64]
    switch test {
    case .unknown: return Truth(nil, rowCount: length)
    case _ where nullCount == length: return Truth(test.truthOfNull, rowCount: length)
    case .isNull, .constant(false): hits = [UInt64](repeating: 0, count: (length + 63) >> 6)
    case .constant(true): hits = Truth.ones(length)
    case .compare(let comparison, let bound): hits = compared(comparison, bound)
    case .isIn(let values, _): hits = found(in: values)
    }
    return Truth(
      hits: hits, validity: validityWords, null: test.truthOfNull, rowCount: length)
  }

  /// The outcome for each value of the dictionary, looked up for each index.
  private func dictionaryTruth(of test: ColumnTest, _ index: DataType) -> Truth {
    guard let entries = dictionary?.truth(of: test) else {
      return Truth(test.truthOfNull, rowCount: length)
    }
    switch index {
    case .int8: return lookup(entries, test.truthOfNull, Int8.self)
    case .int16: return lookup(entries, test.truthOfNull, Int16.self)
    case .int32: return lookup(entries, test.truthOfNull, Int32.self)
    case .uint8: return lookup(entries, test.truthOfNull, UInt8.self)
    case .uint16: return lookup(entries, test.truthOfNull, UInt16.self)
    case .uint32: return lookup(entries, test.truthOfNull, UInt32.self)
    case .uint64: return lookup(entries, test.truthOfNull, UInt64.self)
    default: return lookup(entries, test.truthOfNull, Int64.self)
    }
  }

  @inline(__always)
  private func lookup<T: FixedWidthInteger & BitwiseCopyable>(
    _ entries: Truth, _ null: Bool?, _: T.Type
  ) -> Truth {
    let indices = values(as: T.self)
    let validity = validityWords
    var hits = [UInt64](repeating: 0, count: (length + 63) >> 6)
    var known = hits
    for slot in 0..<length {
      let bit = UInt64(1) << UInt64(slot & 63)
      let isValid = validity.map { $0[slot >> 6] & bit != 0 } ?? true
      guard let value = isValid ? entries[Int(indices[slot])] : null else { continue }
      known[slot >> 6] |= bit
      if value { hits[slot >> 6] |= bit }
    }
    return Truth(hits: hits, validity: known, null: nil, rowCount: length)
  }
}

// MARK: - Comparisons

extension ArrowArray {
  /// The bits of each slot compared with `bound`; those of nulls mean nothing.
  private func compared(_ comparison: ComparisonOperator, _ bound: Scalar) -> [UInt64] {
    switch (type, bound) {
    case (.boolean, .boolean(let bound)):
      return booleans { comparison.holds(between: $0 ? 1 : 0, and: bound ? 1 : 0) }
    case (.float16, .double(let bound)):
      var wide: [Float] = []
      wide.reserveCapacity(length)
      let bits = values(as: UInt16.self)
      for slot in bits.indices { wide.append(Float(Float16(bitPattern: bits[slot]))) }
      return unsafe wide.withUnsafeBytes {
        guard let start = $0.baseAddress else { return [] }
        return unsafe Comparing.compare(start, count: length, comparison, Float(bound))
      }
    case (.float32, .double(let bound)): return compared(comparison, Float(bound))
    case (.float64, .double(let bound)): return compared(comparison, bound)
    case (_, .integer(let bound)):
      switch type {
      case .int8: return compared(comparison, Int8(clamping: bound))
      case .int16: return compared(comparison, Int16(clamping: bound))
      case .uint8: return compared(comparison, UInt8(clamping: bound))
      case .uint16: return compared(comparison, UInt16(clamping: bound))
      case .uint32: return compared(comparison, UInt32(clamping: bound))
      case .uint64: return compared(comparison, UInt64(clamping: bound))
      default:
        return type.byteWidth == 4
          ? compared(comparison, Int32(clamping: bound))
          : compared(comparison, Int64(clamping: bound))
      }
    case (_, .decimal(let bound)):
      let narrow = bound.int128 ?? (bound.high < 0 ? .min : .max)
      switch type.byteWidth {
      case 4: return compared(comparison, Int32(clamping: narrow))
      case 8: return compared(comparison, Int64(clamping: narrow))
      case 16: return compared(comparison, narrow)
      default: return compared(comparison, bound)
      }
    case (_, .bytes(let bound)): return compared(comparison, bound)
    default: preconditionFailure("a test of another type than \(type)")
    }
  }

  private func compared<T: Comparable & BitwiseCopyable>(
    _ comparison: ComparisonOperator, _ bound: T
  ) -> [UInt64] {
    unsafe withFixedValues(width: MemoryLayout<T>.size) {
      unsafe Comparing.compare($0, count: length, comparison, bound)
    }
  }

  private func compared(_ comparison: ComparisonOperator, _ bound: [UInt8]) -> [UInt64] {
    unsafe bound.withUnsafeBytes { bound in
      let other = unsafe bound.baseAddress ?? Buffer.empty.address
      let count = bound.count
      switch comparison {
      case .equal: return unsafe byteStrings { unsafe ByteOrder.areEqual($0, $1, other, count) }
      case .notEqual:
        return unsafe byteStrings { unsafe !ByteOrder.areEqual($0, $1, other, count) }
      default:
        return unsafe byteStrings {
          unsafe comparison.holds(between: ByteOrder.order($0, $1, other, count), and: 0)
        }
      }
    }
  }
}

// MARK: - Lists

extension ArrowArray {
  /// The bits of each slot's value being in `list`, which is sorted; those of nulls mean nothing.
  private func found(in list: [Scalar]) -> [UInt64] {
    switch type {
    case .boolean: return booleans { value in list.contains(.boolean(value)) }
    case .int8: return found(in: list.integers(Int8.self))
    case .int16: return found(in: list.integers(Int16.self))
    case .int32, .date32, .time32: return found(in: list.integers(Int32.self))
    case .uint8: return found(in: list.integers(UInt8.self))
    case .uint16: return found(in: list.integers(UInt16.self))
    case .uint32: return found(in: list.integers(UInt32.self))
    case .uint64: return found(in: list.integers(UInt64.self))
    case .float16:
      return found(in: list.bits { Float16($0).bitPattern }, nan: list) { bits in
        Float16(bitPattern: bits).isNaN
      }
    case .float32:
      return found(in: list.bits { Float($0).bitPattern }, nan: list) { bits in
        Float(bitPattern: bits).isNaN
      }
    case .float64:
      return found(in: list.bits { $0.bitPattern }, nan: list) { bits in
        Double(bitPattern: bits).isNaN
      }
    case .decimal32: return found(in: list.decimals { $0.int128.map { Int32(clamping: $0) } })
    case .decimal64: return found(in: list.decimals { $0.int128.map { Int64(clamping: $0) } })
    case .decimal128: return found(in: list.decimals { $0.int128 })
    case .decimal256: return found(in: list.decimals { $0 })
    case .utf8, .largeUTF8, .utf8View, .binary, .largeBinary, .binaryView, .fixedSizeBinary:
      return foundBytes(in: list)
    default: return found(in: list.integers(Int64.self))
    }
  }

  private func found<T: Comparable & BitwiseCopyable>(in list: [T]) -> [UInt64] {
    unsafe withFixedValues(width: MemoryLayout<T>.size) {
      unsafe Comparing.contains($0, count: length, list)
    }
  }

  /// Floating point numbers by their bits; all NaNs are one.
  private func found<T: FixedWidthInteger & BitwiseCopyable>(
    in bits: [T], nan list: [Scalar], isNaN: (T) -> Bool
  ) -> [UInt64] {
    var hits = found(in: bits)
    let hasNaN = list.contains { if case .double(let value) = $0 { value.isNaN } else { false } }
    guard hasNaN else { return hits }
    let values = values(as: T.self)
    for slot in values.indices where isNaN(values[slot]) {
      hits[slot >> 6] |= 1 << UInt64(slot & 63)
    }
    return hits
  }

  private func foundBytes(in list: [Scalar]) -> [UInt64] {
    var data: [UInt8] = []
    var ends = [0]
    for case .bytes(let bytes) in list {
      data += bytes
      ends.append(data.count)
    }
    return unsafe data.withUnsafeBytes { data in
      let base = unsafe data.baseAddress ?? Buffer.empty.address
      return unsafe byteStrings { value, count in
        var (low, high) = (0, ends.count - 1)
        while low < high {
          let middle = (low &+ high) >> 1
          let start = ends[middle]
          let order = unsafe ByteOrder.order(
            base + start, ends[middle + 1] - start, value, count)
          if order == 0 { return true }
          if order < 0 { low = middle + 1 } else { high = middle }
        }
        return false
      }
    }
  }
}

extension [Scalar] {
  fileprivate func integers<T: FixedWidthInteger>(_: T.Type) -> [T] {
    compactMap { if case .integer(let value) = $0 { T(exactly: value) } else { nil } }
  }

  fileprivate func decimals<T>(_ narrow: (Int256) -> T?) -> [T] {
    compactMap { if case .decimal(let value) = $0 { narrow(value) } else { nil } }
  }

  /// The sorted bits of the numbers that are not NaN.
  fileprivate func bits<T: FixedWidthInteger>(_ bits: (Double) -> T) -> [T] {
    compactMap {
      if case .double(let value) = $0, !value.isNaN { bits(value) } else { nil }
    }.sorted()
  }
}

// MARK: - Values

extension ArrowArray {
  /// Lends the values buffer from the first slot on.
  private func withFixedValues(
    width: Int, _ body: (UnsafeRawPointer) -> [UInt64]
  ) -> [UInt64] {
    guard length > 0 else { return [] }
    let buffer = buffers[1] ?? .empty
    precondition(
      type.byteWidth == width && (offset + length) * width <= buffer.byteCount,
      "values of \(type) have another width")
    // SAFETY: `length` values of `width` bytes lie behind the offset; `self` keeps them.
    return unsafe body(buffer.address + offset * width)
  }

  /// The bits of `test` for each boolean.
  private func booleans(_ test: (Bool) -> Bool) -> [UInt64] {
    let (ofTrue, ofFalse) = (test(true), test(false))
    return BitWords.read(buffers[1] ?? .empty, start: offset, count: length).map {
      (ofTrue ? $0 : 0) | (ofFalse ? ~$0 : 0)
    }
  }

  /// The bits of `test` for each byte string. What it is given is valid during its call.
  @inline(__always)
  private func byteStrings(_ test: (UnsafeRawPointer, Int) -> Bool) -> [UInt64] {
    var hits = [UInt64](repeating: 0, count: (length + 63) >> 6)
    switch type {
    case .utf8, .binary:
      let offsets = length == 0 ? Span<Int32>() : elements(of: Int32.self)
      let data = unsafe (buffers[2] ?? .empty).address
      for slot in 0..<length {
        let (start, end) = (Int(offsets[offset &+ slot]), Int(offsets[offset &+ slot &+ 1]))
        // SAFETY: offsets lie inside the data (invariant of the array), which `self` keeps.
        if unsafe test(data + start, end &- start) {
          hits[slot >> 6] |= 1 << UInt64(truncatingIfNeeded: slot & 63)
        }
      }
    case .largeUTF8, .largeBinary:
      let offsets = length == 0 ? Span<Int64>() : elements(of: Int64.self)
      let data = unsafe (buffers[2] ?? .empty).address
      for slot in 0..<length {
        let (start, end) = (Int(offsets[offset &+ slot]), Int(offsets[offset &+ slot &+ 1]))
        // SAFETY: as above.
        if unsafe test(data + start, end &- start) {
          hits[slot >> 6] |= 1 << UInt64(truncatingIfNeeded: slot & 63)
        }
      }
    default:
      for slot in 0..<length where isValid(slot) {
        let (buffer, range) = byteRange(at: slot)
        let bytes = buffer.bytes.extracting(range)
        let isHit = unsafe bytes.withUnsafeBytes {
          unsafe test($0.baseAddress ?? Buffer.empty.address, $0.count)
        }
        if isHit { hits[slot >> 6] |= 1 << UInt64(truncatingIfNeeded: slot & 63) }
      }
    }
    return hits
  }
}

extension ComparisonOperator {
  /// Whether the comparison holds between two values.
  @inline(__always)
  package func holds<T: Comparable>(between left: T, and right: T) -> Bool {
    switch self {
    case .equal: left == right
    case .notEqual: left != right
    case .less: left < right
    case .lessOrEqual: left <= right
    case .greater: left > right
    case .greaterOrEqual: left >= right
    }
  }
}
