extension Table {
  /// The first rows as a JSON list of objects, one for each row (RFC 8259).
  ///
  /// Integers and finite floats are numbers; NaN and infinities, which JSON lacks, are null.
  /// Decimals, dates, times and spans of time are strings, exact; bytes are strings of hexadecimal
  /// digits. A map is an object where its keys are text, else a list of objects of key and value.
  /// A nil `rowLimit` means all rows.
  public func jsonRows(rowLimit: Int? = nil) -> String {
    var json = JSONText()
    var left = max(0, rowLimit ?? rowCount)
    json.write("[")
    for batch in batches {
      for row in 0..<min(left, batch.rowCount) {
        if json.bytes.count > 1 { json.write(",\n ") }
        json.writeObject(zip(schema.fields, batch.columns).lazy.map { ($0.name, $1[row]) })
      }
      left -= min(left, batch.rowCount)
    }
    json.write("]")
    return String(decoding: json.bytes, as: UTF8.self)
  }
}

/// JSON under construction.
private struct JSONText {
  private(set) var bytes: [UInt8] = []

  mutating func write(_ text: String) { bytes.append(contentsOf: text.utf8) }

  mutating func writeObject(_ members: some Sequence<(String, ArrowValue)>) {
    write("{")
    var isFirst = true
    for (name, value) in members {
      if !isFirst { write(",") }
      isFirst = false
      writeString(name)
      write(":")
      writeValue(value)
    }
    write("}")
  }

  mutating func writeString(_ text: String) {
    write("\"")
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): write("\\\"")
      case UInt8(ascii: "\\"): write("\\\\")
      case UInt8(ascii: "\n"): write("\\n")
      case UInt8(ascii: "\r"): write("\\r")
      case UInt8(ascii: "\t"): write("\\t")
      case 0..<0x20: write((byte < 16 ? "\\u000" : "\\u00") + String(byte, radix: 16))
      default: bytes.append(byte)
      }
    }
    write("\"")
  }

  mutating func writeValue(_ value: ArrowValue) {
    switch value {
    case .null: write("null")
    case .boolean(let flag): write(flag ? "true" : "false")
    case .int(let number): write("\(number)")
    case .uint(let number): write("\(number)")
    case .float16(let number): write(number.isFinite ? "\(number)" : "null")
    case .float32(let number): write(number.isFinite ? "\(number)" : "null")
    case .float64(let number): write(number.isFinite ? "\(number)" : "null")
    case .timestamp(let value, let unit, let timeZone):
      writeString(CalendarText.timestamp(value, unit, timeZone: timeZone, separator: "T"))
    case .decimal, .date, .time, .duration, .interval: writeString(value.description)
    case .binary(let bytes):
      let digits = Array("0123456789abcdef".utf8)
      self.bytes.append(UInt8(ascii: "\""))
      for byte in bytes {
        self.bytes.append(digits[Int(byte >> 4)])
        self.bytes.append(digits[Int(byte & 15)])
      }
      self.bytes.append(UInt8(ascii: "\""))
    case .string(let text): writeString(text)
    case .list(let values): writeList(values) { $0.writeValue($1) }
    case .structure(let values): writeObject(values.lazy.map { ($0.name, $0.value) })
    case .map(let entries): writeMap(entries)
    }
  }

  private mutating func writeMap(_ entries: [ArrowValue.MapEntry]) {
    var members: [(String, ArrowValue)] = []
    for entry in entries {
      guard case .string(let key) = entry.key else {
        return writeList(entries) { $0.writeObject([("key", $1.key), ("value", $1.value)]) }
      }
      members.append((key, entry.value))
    }
    writeObject(members)
  }

  private mutating func writeList<T>(_ items: [T], _ item: (inout JSONText, T) -> Void) {
    write("[")
    for (index, value) in items.enumerated() {
      if index > 0 { write(",") }
      item(&self, value)
    }
    write("]")
  }
}
