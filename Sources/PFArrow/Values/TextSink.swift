internal import PFCore

/// Text under construction, with a limit after which writers stop: a cell that shows thirty
/// characters must not format a list of a million.
struct TextSink {
  private(set) var text = ""
  /// Bytes of UTF-8. What is written last may go beyond it.
  let limit: Int

  init(limit: Int = .max) { self.limit = limit }

  /// Whether the limit is reached; the text is then not the whole.
  var isFull: Bool { text.utf8.count >= limit }

  mutating func write(_ part: String) {
    if !isFull { text += part }
  }

  /// Writes text in which control characters, line ends and marks that change the direction of
  /// reading are escaped, and in quotes where `isQuoted`.
  mutating func write(escaping part: String, isQuoted: Bool) {
    if isQuoted { write("\"") }
    var plain = part.startIndex
    for index in part.unicodeScalars.indices {
      if isFull { return }
      let scalar = part.unicodeScalars[index]
      guard let escape = Self.escape(for: scalar, isQuoted: isQuoted) else { continue }
      write(String(part[plain..<index]) + escape)
      plain = part.unicodeScalars.index(after: index)
    }
    write(String(part[plain...]))
    if isQuoted { write("\"") }
  }

  private static func escape(for scalar: Unicode.Scalar, isQuoted: Bool) -> String? {
    switch scalar.value {
    case 0x22 where isQuoted: "\\\""
    case 0x5C where isQuoted: "\\\\"
    case 0x0A: "\\n"
    case 0x0D: "\\r"
    case 0x09: "\\t"
    case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069, 0x200E, 0x200F, 0xFEFF:
      "\\u{\(String(scalar.value, radix: 16))}"
    default: nil
    }
  }

  /// Writes bytes as `b"…"`: printable ASCII is itself, the rest is `\x` and two digits.
  mutating func write(bytes: Span<UInt8>) {
    write("b\"")
    for index in bytes.indices {
      if isFull { return }
      let byte = bytes[index]
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        write("\\\(Unicode.Scalar(byte))")
      case 0x20..<0x7F: write(String(Unicode.Scalar(byte)))
      default: write((byte < 16 ? "\\x0" : "\\x") + String(byte, radix: 16))
      }
    }
    write("\"")
  }

  /// Writes a value; text inside other values is quoted.
  mutating func write(_ value: ArrowValue, isNested: Bool) {
    switch value {
    case .null: write("null")
    case .boolean(let flag): write(flag ? "true" : "false")
    case .int(let number): write("\(number)")
    case .uint(let number): write("\(number)")
    case .float16(let number): write("\(number)")
    case .float32(let number): write("\(number)")
    case .float64(let number): write("\(number)")
    case .decimal(let number): write(number.description)
    case .date(let days): write(CalendarText.date(days: days))
    case .time(let value, let unit): write(CalendarText.time(value, unit))
    case .timestamp(let value, let unit, let timeZone):
      write(
        escaping: CalendarText.timestamp(value, unit, timeZone: timeZone), isQuoted: false)
    case .duration(let value, let unit): write(CalendarText.duration(value, unit))
    case .interval(let months, let days, let nanoseconds):
      write(CalendarText.interval(months: months, days: days, nanoseconds: nanoseconds))
    case .binary(let bytes): write(bytes: bytes.span)
    case .string(let text): write(escaping: text, isQuoted: isNested)
    case .list(let values):
      writeItems(values.indices, "[", "]") { sink, index in
        sink.write(values[index], isNested: true)
      }
    case .structure(let values):
      writeItems(values.indices, "{", "}") { sink, index in
        sink.write(escaping: values[index].name, isQuoted: false)
        sink.write(": ")
        sink.write(values[index].value, isNested: true)
      }
    case .map(let entries):
      writeItems(entries.indices, "{", "}") { sink, index in
        sink.write(entries[index].key, isNested: true)
        sink.write(" → ")
        sink.write(entries[index].value, isNested: true)
      }
    }
  }

  /// Writes slot `index` of `array` as `write(_:isNested:)` does its value, but looks at no more of
  /// it than the limit shows.
  mutating func write(_ array: ArrowArray, at index: Int, isNested: Bool) {
    guard !isFull else { return }
    guard let (array, slot) = array.resolve(index) else { return write("null") }
    switch array.type {
    case .utf8, .largeUTF8, .utf8View:
      guard let bytes = array.bytes(at: slot) else { return }
      // A few more than fit, so that the limit is reached also with a character cut in half.
      let shown = limit < bytes.count ? bytes.extracting(first: min(limit + 4, bytes.count)) : bytes
      write(escaping: String(repairing: shown), isQuoted: isNested)
    case .binary, .largeBinary, .binaryView, .fixedSizeBinary:
      if let bytes = array.bytes(at: slot) { write(bytes: bytes) }
    case .list, .largeList, .fixedSizeList:
      writeItems(array.childRange(at: slot), "[", "]") { sink, index in
        sink.write(array.children[0], at: index, isNested: true)
      }
    case .structure(let fields):
      writeItems(fields.indices, "{", "}") { sink, index in
        sink.write(escaping: fields[index].name, isQuoted: false)
        sink.write(": ")
        sink.write(array.children[index], at: array.offset + slot, isNested: true)
      }
    case .map:
      let entries = array.children[0]
      writeItems(array.childRange(at: slot), "{", "}") { sink, index in
        sink.write(entries.children[0], at: entries.offset + index, isNested: true)
        sink.write(" → ")
        sink.write(entries.children[1], at: entries.offset + index, isNested: true)
      }
    default: write(array[slot], isNested: isNested)
    }
  }

  private mutating func writeItems(
    _ indices: Range<Int>, _ open: String, _ close: String,
    _ item: (inout TextSink, Int) -> Void
  ) {
    write(open)
    for index in indices {
      if isFull { return }
      if index > indices.lowerBound { write(", ") }
      item(&self, index)
    }
    write(close)
  }
}
