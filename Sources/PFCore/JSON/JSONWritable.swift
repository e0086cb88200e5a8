/// A value that a `JSONWriter` writes.
///
/// Types of other modules conform by calling `value`, `object` or `array` of the writer once.
package protocol JSONWritable {
  /// Writes exactly one JSON value.
  func write(to writer: inout JSONWriter)
}

extension Bool: JSONWritable {
  package func write(to writer: inout JSONWriter) { writer.write(literal: self ? "true" : "false") }
}

extension FixedWidthInteger {
  /// Writes all digits: 64-bit integers keep their value whatever a reader makes of them.
  package func write(to writer: inout JSONWriter) { writer.write(integer: self) }
}

extension Int: JSONWritable {}
extension Int8: JSONWritable {}
extension Int16: JSONWritable {}
extension Int32: JSONWritable {}
extension Int64: JSONWritable {}
extension UInt: JSONWritable {}
extension UInt8: JSONWritable {}
extension UInt16: JSONWritable {}
extension UInt32: JSONWritable {}
extension UInt64: JSONWritable {}

extension Double: JSONWritable {
  /// Writes the shortest decimal that reads back equal; `null` for NaN and infinities, which JSON
  /// lacks and which must not spoil the rest of a document.
  package func write(to writer: inout JSONWriter) {
    writer.write(literal: isFinite ? description : "null")
  }
}

extension Float: JSONWritable {
  /// Writes the shortest decimal that reads back equal as a `Float`; otherwise as `Double` does.
  package func write(to writer: inout JSONWriter) {
    writer.write(literal: isFinite ? description : "null")
  }
}

extension String: JSONWritable {
  package func write(to writer: inout JSONWriter) { writer.write(string: self) }
}

extension Optional: JSONWritable where Wrapped: JSONWritable {
  /// Writes `null` for nil.
  package func write(to writer: inout JSONWriter) {
    if let self { self.write(to: &writer) } else { writer.write(literal: "null") }
  }
}

extension Array: JSONWritable where Element: JSONWritable {
  package func write(to writer: inout JSONWriter) {
    writer.array { for element in self { $0.value(element) } }
  }
}

extension JSONNumber: JSONWritable {
  package func write(to writer: inout JSONWriter) { writer.write(literal: literal) }
}

extension JSONObject: JSONWritable {
  package func write(to writer: inout JSONWriter) {
    writer.object { for member in members { $0.member(member.name, member.value) } }
  }
}

extension JSONValue: JSONWritable {
  /// Recurses as deep as the value is nested.
  package func write(to writer: inout JSONWriter) {
    switch self {
    case .null: writer.write(literal: "null")
    case .bool(let value): value.write(to: &writer)
    case .number(let value): value.write(to: &writer)
    case .string(let value): value.write(to: &writer)
    case .array(let value): value.write(to: &writer)
    case .object(let value): value.write(to: &writer)
    }
  }
}
