package import PFCore

extension Table {
  /// The first rows as a JSON list of objects, one for each row (RFC 8259).
  ///
  /// Integers and finite floats are numbers; NaN and infinities, which JSON lacks, are null.
  /// Decimals, dates, times and spans of time are strings, exact; bytes are strings of hexadecimal
  /// digits. A map is a list of objects of key and value, since keys may be anything and repeat.
  /// A nil `rowLimit` means all rows.
  public func jsonRows(rowLimit: Int? = nil) -> String {
    var writer = JSONWriter()
    var left = max(0, rowLimit ?? rowCount)
    writer.array { writer in
      for batch in batches {
        for row in 0..<min(left, batch.rowCount) {
          writer.object { writer in
            for (field, column) in zip(schema.fields, batch.columns) {
              writer.member(field.name, column[row])
            }
          }
        }
        left -= min(left, batch.rowCount)
      }
    }
    return writer.text
  }
}

extension ArrowValue: JSONWritable {
  /// Writes the value as `Table.jsonRows` says.
  package func write(to writer: inout JSONWriter) {
    switch self {
    case .null: writer.value(String?.none)
    case .boolean(let flag): writer.value(flag)
    case .int(let number): writer.value(number)
    case .uint(let number): writer.value(number)
    case .float16(let number): writer.value(Float(number))
    case .float32(let number): writer.value(number)
    case .float64(let number): writer.value(number)
    case .timestamp(let value, let unit, let timeZone):
      writer.value(CalendarText.timestamp(value, unit, timeZone: timeZone, separator: "T"))
    case .decimal, .date, .time, .duration, .interval: writer.value(description)
    case .binary(let bytes): writer.value(Self.hexadecimal(bytes))
    case .string(let text): writer.value(text)
    case .list(let values): writer.value(values)
    case .structure(let values):
      writer.object { for value in values { $0.member(value.name, value.value) } }
    case .map(let entries):
      writer.array { writer in
        for entry in entries {
          writer.object {
            $0.member("key", entry.key)
            $0.member("value", entry.value)
          }
        }
      }
    }
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
