package import PFCore

/// The bytes of a default value, as a writer of `type` would have written it.
///
/// - Parameters:
///   - value: The default as JSON (Avro specification, "Schema Declaration", the table of defaults).
///   - type: The type of the reader's field.
///   - schema: What defines the names in the type.
/// - Returns: A binary value, to be read with `type` as the writer's.
/// - Throws: `.inconsistent` where the value does not fit the type, with the place in it;
///   `.limitExceeded` where defaults of defaults grow without end.
package func encodedDefault(
  _ value: JSONValue, of type: AvroType, in schema: AvroSchema
) throws(ReadError) -> [UInt8] {
  var encoder = AvroDefaultEncoder(schema: schema)
  do throws(AvroDefaultEncoder.Failure) {
    try encoder.encode(value, type)
    return encoder.bytes
  } catch {
    switch error {
    case .mismatch(let path, let what):
      let place = path.isEmpty ? "" : ", at \(path.reversed().joined(separator: ".").prefix(1000))"
      throw ReadError(.inconsistent("a default value\(place): \(what)"))
    case .limit(let limit, let maximum):
      throw ReadError(.limitExceeded(limit: limit, declared: maximum + 1, maximum: maximum))
    }
  }
}

/// Writes JSON values as the binary values of types.
private struct AvroDefaultEncoder {
  enum Failure: Error {
    /// The value does not fit; the path from inside out.
    case mismatch(path: [String], String)
    case limit(String, maximum: Int)

    func inside(of name: String) -> Failure {
      guard case .mismatch(let path, let what) = self else { return self }
      return .mismatch(path: path + [name], what)
    }
  }

  /// The most values in a default, those of fields that it leaves out and of branches that were tried
  /// included: with records in records, and unions in them, a short schema asks for endlessly many.
  static let greatestValueCount = 100_000
  /// The most bytes of a default.
  static let greatestByteCount = 16 << 20
  /// The deepest nesting: a field left out may have a default that leaves it out as well.
  static let greatestDepth = 100

  let schema: AvroSchema
  private(set) var bytes: [UInt8] = []
  private var valueCount = 0
  private var depth = 0

  init(schema: AvroSchema) { self.schema = schema }

  mutating func encode(_ value: JSONValue, _ written: AvroType) throws(Failure) {
    try enter()
    defer { depth -= 1 }
    let type = try definition(of: written)
    switch (type.kind, value) {
    case (.null, .null): break
    case (.boolean, .bool(let value)): try append([value ? 1 : 0])
    case (.int, .number(let number)):
      guard let int = number.int64, Int32(exactly: int) != nil else { throw misfit(value, type) }
      try append(zigZag: int)
    case (.long, .number(let number)):
      guard let long = number.int64 else { throw misfit(value, type) }
      try append(zigZag: long)
    case (.float, _):
      guard let float = Self.float(value, as: Float.self) else { throw misfit(value, type) }
      try append(littleEndian: float.bitPattern)
    case (.double, _):
      guard let double = Self.float(value, as: Double.self) else { throw misfit(value, type) }
      try append(littleEndian: double.bitPattern)
    case (.string, .string(let string)): try append(counted: Array(string.utf8))
    case (.bytes, .string(let string)):
      guard let bytes = Self.bytes(string) else { throw misfit(value, type) }
      try append(counted: bytes)
    case (.fixed(let fixed), .string(let string)):
      guard let bytes = Self.bytes(string), bytes.count == fixed.byteCount else {
        throw misfit(value, type)
      }
      try append(bytes)
    case (.enumeration(let enumeration), .string(let symbol)):
      let name = ExactName(text: symbol)
      let index = enumeration.symbols.firstIndex { ExactName(text: $0) == name }
      guard let index else { throw misfit(value, type) }
      try append(zigZag: Int64(index))
    case (.array(let item), .array(let items)): try array(items, of: item)
    case (.map(let part), .object(let object)): try map(object, of: part)
    case (.record(let record), .object(let object)): try self.record(object, record)
    case (.union(let branches), _): try union(value, branches)
    default: throw misfit(value, type)
    }
  }

  // MARK: Values with parts

  private mutating func array(_ items: [JSONValue], of type: AvroType) throws(Failure) {
    if !items.isEmpty {
      try append(zigZag: Int64(items.count))
      for (index, item) in items.enumerated() { try encode(item, type, named: "\(index)") }
    }
    try append([0])
  }

  private mutating func map(_ object: JSONObject, of type: AvroType) throws(Failure) {
    if !object.members.isEmpty {
      try append(zigZag: Int64(object.members.count))
      for member in object.members {
        try append(counted: Array(member.name.utf8))
        try encode(member.value, type, named: member.name)
      }
    }
    try append([0])
  }

  /// Members that the record has no field for are passed over, as Java does.
  private mutating func record(
    _ object: JSONObject, _ record: AvroRecord
  ) throws(Failure) {
    for field in record.fields {
      guard let value = object[field.name] ?? field.defaultValue else {
        throw .mismatch(
          path: [], "the field \(Self.shown(.string(field.name))) is missing and has no default")
      }
      try encode(value, field.type, named: field.name)
    }
  }

  /// The first branch that the value fits.
  private mutating func union(_ value: JSONValue, _ branches: [AvroType]) throws(Failure) {
    let start = bytes.count
    var first: Failure?
    for (index, branch) in branches.enumerated() {
      do throws(Failure) {
        try append(zigZag: Int64(index))
        try encode(value, branch)
        return
      } catch {
        guard case .mismatch = error else { throw error }
        if first == nil { first = error }
        bytes.removeSubrange(start...)
      }
    }
    if let first, branches.count == 1 { throw first }
    throw .mismatch(path: [], "\(Self.shown(value)) fits none of the types of a union")
  }

  private mutating func encode(
    _ value: JSONValue, _ type: AvroType, named name: String
  ) throws(Failure) {
    do throws(Failure) {
      try encode(value, type)
    } catch {
      throw error.inside(of: name)
    }
  }

  private mutating func enter() throws(Failure) {
    valueCount += 1
    guard valueCount <= Self.greatestValueCount else {
      throw .limit("the number of values in a default", maximum: Self.greatestValueCount)
    }
    guard depth < Self.greatestDepth else {
      throw .limit("the nesting of a default", maximum: Self.greatestDepth)
    }
    depth += 1
  }

  private func definition(of type: AvroType) throws(Failure) -> AvroType {
    guard case .named(let name) = type.kind else { return type }
    guard let definition = schema.definition(of: name) else {
      throw .mismatch(path: [], "the type \(Self.shown(.string(name.fullName))) is not defined")
    }
    return definition
  }

  // MARK: Bytes

  private mutating func append(_ more: [UInt8]) throws(Failure) {
    guard more.count <= Self.greatestByteCount - bytes.count else {
      throw .limit("the size of a default", maximum: Self.greatestByteCount)
    }
    bytes.append(contentsOf: more)
  }

  private mutating func append(counted more: [UInt8]) throws(Failure) {
    try append(zigZag: Int64(more.count))
    try append(more)
  }

  private mutating func append(zigZag value: Int64) throws(Failure) {
    var rest = UInt64(bitPattern: (value << 1) ^ (value >> 63))
    var encoded: [UInt8] = []
    while rest >= 0x80 {
      encoded.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    encoded.append(UInt8(rest))
    try append(encoded)
  }

  private mutating func append(littleEndian value: some FixedWidthInteger) throws(Failure) {
    try append(
      (0..<(value.bitWidth / 8)).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) })
  }

  // MARK: Scalars

  /// Each character up to U+00FF is a byte; nil where there are others.
  private static func bytes(_ string: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(string.unicodeScalars.count)
    for scalar in string.unicodeScalars {
      guard let byte = UInt8(exactly: scalar.value) else { return nil }
      bytes.append(byte)
    }
    return bytes
  }

  /// A number, or as Java has it the text of one, of NaN or of an infinity; nil for numbers beyond
  /// the type.
  private static func float<Number: BinaryFloatingPoint & LosslessStringConvertible>(
    _ value: JSONValue, as _: Number.Type
  ) -> Number? {
    let literal: String
    switch value {
    case .number(let number): literal = number.literal
    case .string("NaN"): return .nan
    case .string("Infinity"): return .infinity
    case .string("-Infinity"): return -.infinity
    case .string(let text):
      guard let number = JSONNumber(literal: text) else { return nil }
      literal = number.literal
    default: return nil
    }
    // The grammar of JSON is part of what floats are made of.
    guard let float = Number(literal), float.isFinite else { return nil }
    return float
  }

  // MARK: Errors

  private func misfit(_ value: JSONValue, _ type: AvroType) -> Failure {
    let what =
      switch type.kind {
      case .record(let record): "record \(record.name.fullName)"
      case .enumeration(let enumeration): "symbol of the enum \(enumeration.name.fullName)"
      case .fixed(let fixed): "text of \(fixed.byteCount) characters up to U+00FF"
      case .bytes: "text of characters up to U+00FF"
      case .array: "array"
      case .map: "map"
      case .union, .named: "value of its type"
      default: type.kind.primitiveName ?? "value of its type"
      }
    return .mismatch(path: [], "\(Self.shown(value)) is no \(what)")
  }

  /// Values come from input: not endless.
  private static func shown(_ value: JSONValue) -> String {
    switch value {
    case .array: return "an array"
    case .object: return "an object"
    default:
      let text = value.text()
      return text.count > 100 ? text.prefix(100) + "…" : text
    }
  }
}
