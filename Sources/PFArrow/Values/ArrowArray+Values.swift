package import PFCore

extension ArrowArray {
  /// The value in slot `index`, whole.
  ///
  /// - Precondition: `0 <= index < length`.
  public subscript(index: Int) -> ArrowValue {
    guard let (array, slot) = resolve(index) else { return .null }
    return array.plainValue(at: slot)
  }

  /// The values of all slots as `T`, the offset applied; what null slots hold means nothing.
  ///
  /// Shape: `length` elements. Dates, times and the like are their integers, decimals of 128 bits
  /// are `Int128`, indices of dictionaries are themselves.
  ///
  /// - Precondition: the type has values of `T`'s width.
  @_lifetime(borrow self)
  public func values<T: BitwiseCopyable>(as _: T.Type) -> Span<T> {
    precondition(type.byteWidth == MemoryLayout<T>.size, "values of \(type) have another width")
    let all = elements(of: T.self)
    return length == 0 ? all.extracting(first: 0) : all.extracting(offset..<(offset + length))
  }

  /// Buffer `index` as elements of `T`, the offset not applied; none where there is no buffer.
  @_lifetime(borrow self)
  func elements<T: BitwiseCopyable>(of _: T.Type, buffer index: Int = 1) -> Span<T> {
    let buffer = buffers[index] ?? .empty
    let span = buffer.span(of: T.self)
    // SAFETY: the span points into a buffer that `self` holds, or to static memory.
    return unsafe _overrideLifetime(span, borrowing: self)
  }

  /// The bytes of a binary or text value in slot `index`, also behind a dictionary; nil for null.
  ///
  /// - Precondition: `0 <= index < length`, and the type is a binary or UTF-8 one.
  @_lifetime(borrow self)
  public func bytes(at index: Int) -> Span<UInt8>? {
    guard let (array, slot) = resolve(index) else { return nil }
    let (buffer, range) = array.byteRange(at: slot)
    let span = buffer.bytes.extracting(range)
    // SAFETY: the span points into a buffer of `self` or of an array inside it.
    return unsafe _overrideLifetime(span, borrowing: self)
  }

  /// The text in slot `index`, also behind a dictionary; nil for null. Bytes that are no UTF-8 are
  /// repaired.
  ///
  /// - Precondition: `0 <= index < length`, and the type is a binary or UTF-8 one.
  public func string(at index: Int) -> String? {
    guard let bytes = bytes(at: index) else { return nil }
    return String(repairing: bytes)
  }
}

extension String {
  /// Text from UTF-8; what is none becomes U+FFFD.
  init(repairing bytes: Span<UInt8>) {
    self = unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
  }
}

extension ArrowArray {
  /// Where the value of slot `index` is, past dictionaries and unions; nil when it is null.
  func resolve(_ index: Int) -> (array: ArrowArray, slot: Int)? {
    precondition(index >= 0 && index < length, "slot outside the array")
    var (array, slot) = (self, index)
    while true {
      guard array.isValid(slot) else { return nil }
      switch array.type {
      case .dictionary(let indexType, _, _):
        guard let dictionary = array.dictionary else { return nil }
        slot = array.integer(at: slot, indexType)
        array = dictionary
      case .union(let mode, _, let typeIDs):
        slot += array.offset
        let code = array.elements(of: Int8.self, buffer: 0)[slot]
        guard let child = typeIDs.firstIndex(of: code) else { return nil }
        if mode == .dense { slot = Int(array.elements(of: Int32.self)[slot]) }
        array = array.children[child]
      default: return (array, slot)
      }
    }
  }

  /// The slots of the child that the list, map or fixed-size list in slot `index` holds.
  func childRange(at index: Int) -> Range<Int> {
    let slot = offset + index
    switch type {
    case .fixedSizeList(_, let count): return (slot * count)..<((slot + 1) * count)
    case .largeList:
      let offsets = elements(of: Int64.self)
      return Int(offsets[slot])..<Int(offsets[slot + 1])
    default:
      let offsets = elements(of: Int32.self)
      return Int(offsets[slot])..<Int(offsets[slot + 1])
    }
  }

  /// The buffer and the bytes in it that the value of slot `index` takes.
  package func byteRange(at index: Int) -> (Buffer, Range<Int>) {
    let slot = offset + index
    switch type {
    case .binary, .utf8:
      let offsets = elements(of: Int32.self)
      return (buffers[2] ?? .empty, Int(offsets[slot])..<Int(offsets[slot + 1]))
    case .largeBinary, .largeUTF8:
      let offsets = elements(of: Int64.self)
      return (buffers[2] ?? .empty, Int(offsets[slot])..<Int(offsets[slot + 1]))
    case .fixedSizeBinary(let width):
      return (buffers[1] ?? .empty, (slot * width)..<((slot + 1) * width))
    case .binaryView, .utf8View:
      let view = view(at: index)
      guard view.byteCount > View.inlineByteCount else {
        return (buffers[1] ?? .empty, (slot * 16 + 4)..<(slot * 16 + 4 + view.byteCount))
      }
      let data = buffers[view.bufferIndex + 2] ?? .empty
      return (data, view.offset..<(view.offset + view.byteCount))
    default: preconditionFailure("\(type) has no bytes")
    }
  }

  private func integer(at index: Int, _ type: DataType) -> Int {
    switch type {
    case .int8: Int(values(as: Int8.self)[index])
    case .int16: Int(values(as: Int16.self)[index])
    case .int32: Int(values(as: Int32.self)[index])
    case .uint8: Int(values(as: UInt8.self)[index])
    case .uint16: Int(values(as: UInt16.self)[index])
    case .uint32: Int(values(as: UInt32.self)[index])
    case .uint64: Int(values(as: UInt64.self)[index])
    default: Int(values(as: Int64.self)[index])
    }
  }

  /// The value of a slot that `resolve(_:)` gave: not null, no dictionary, no union.
  private func plainValue(at index: Int) -> ArrowValue {
    func int64() -> Int64 { values(as: Int64.self)[index] }
    switch type {
    case .null, .dictionary, .union: return .null
    case .boolean: return .boolean(elements(of: UInt8.self).bit(at: offset + index))
    case .int8, .int16, .int32, .int64: return .int(Int64(integer(at: index, type)))
    case .uint8, .uint16, .uint32: return .uint(UInt64(integer(at: index, type)))
    case .uint64: return .uint(values(as: UInt64.self)[index])
    case .float16: return .float16(Float16(bitPattern: values(as: UInt16.self)[index]))
    case .float32: return .float32(values(as: Float.self)[index])
    case .float64: return .float64(values(as: Double.self)[index])
    case .decimal32(_, let scale):
      return .decimal(DecimalValue(unscaled: Int128(values(as: Int32.self)[index]), scale: scale))
    case .decimal64(_, let scale):
      return .decimal(DecimalValue(unscaled: Int128(int64()), scale: scale))
    case .decimal128(_, let scale), .decimal256(_, let scale):
      return .decimal(wideDecimal(at: index, scale: scale))
    case .date32: return .date(days: Int64(values(as: Int32.self)[index]))
    case .date64:
      let (days, rest) = int64().quotientAndRemainder(dividingBy: 86_400_000)
      return .date(days: rest < 0 ? days - 1 : days)
    case .time32(let unit): return .time(Int64(values(as: Int32.self)[index]), unit)
    case .time64(let unit): return .time(int64(), unit)
    case .timestamp(let unit, let timeZone): return .timestamp(int64(), unit, timeZone: timeZone)
    case .duration(let unit): return .duration(int64(), unit)
    case .interval(let unit): return interval(at: index, unit)
    case .binary, .largeBinary, .binaryView, .fixedSizeBinary:
      guard let bytes = bytes(at: index) else { return .null }
      return .binary(bytes.indices.map { bytes[$0] })
    case .utf8, .largeUTF8, .utf8View: return .string(string(at: index) ?? "")
    case .list, .largeList, .fixedSizeList:
      return .list(childRange(at: index).map { children[0][$0] })
    case .map:
      let (entries, child) = (children[0], childRange(at: index))
      return .map(
        child.map { slot in
          let slot = entries.offset + slot
          return ArrowValue.MapEntry(
            key: entries.children[0][slot], value: entries.children[1][slot])
        })
    case .structure(let fields):
      return .structure(
        zip(fields, children).map { field, child in
          ArrowValue.NamedValue(name: field.name, value: child[offset + index])
        })
    }
  }

  private func wideDecimal(at index: Int, scale: Int) -> DecimalValue {
    let wordCount = (type.byteWidth ?? 16) / 8
    let words = elements(of: UInt64.self)
    let first = (offset + index) * wordCount
    func pair(_ index: Int) -> UInt128 {
      UInt128(words[first + index]) | UInt128(words[first + index + 1]) << 64
    }
    return wordCount == 2
      ? DecimalValue(unscaled: Int128(bitPattern: pair(0)), scale: scale)
      : DecimalValue(high: Int128(bitPattern: pair(2)), low: pair(0), scale: scale)
  }

  private func interval(at index: Int, _ unit: IntervalUnit) -> ArrowValue {
    let words = elements(of: Int32.self)
    let slot = offset + index
    switch unit {
    case .yearMonth: return .interval(months: words[slot], days: 0, nanoseconds: 0)
    case .dayTime:
      let milliseconds = Int64(words[slot * 2 + 1])
      return .interval(months: 0, days: words[slot * 2], nanoseconds: milliseconds * 1_000_000)
    case .monthDayNano:
      let nanoseconds = elements(of: Int64.self)[slot * 2 + 1]
      return .interval(
        months: words[slot * 4], days: words[slot * 4 + 1], nanoseconds: nanoseconds)
    }
  }
}
