import PFAvro
import PFCore

/// Reads the bytes as an Avro schema: its canonical form is a schema with the same canonical form,
/// and its default values are bytes of their types.
@c(LLVMFuzzerTestOneInput)
public func fuzzAvroSchema(_ bytes: UnsafePointer<UInt8>?, _ byteCount: Int) -> Int32 {
  // SAFETY: libFuzzer lends `byteCount` readable bytes for the call.
  let input = unsafe UnsafeBufferPointer(start: bytes, count: byteCount).span
  do throws(ReadError) {
    let schema = try AvroSchema(parsing: input)
    var walk = Walk()
    walk.visit(schema.type)
    let form = schema.canonicalForm
    // A name without a namespace inside of one with a namespace becomes another name in the form.
    if walk.plainCount == 0 || walk.plainCount == walk.nameCount {
      guard let again = try? AvroSchema(parsing: form) else {
        preconditionFailure("a canonical form is no schema")
      }
      precondition(again.canonicalForm == form, "a canonical form has another one")
      precondition(again.fingerprint == schema.fingerprint)
    }
    for field in walk.fields.prefix(16) {
      guard let value = field.defaultValue,
        let bytes = try? encodedDefault(value, of: field.type, in: schema)
      else { continue }
      var reader = ByteReader(bytes.span)
      let isWhole = (try? skip(field.type, of: schema, &reader)) != nil && reader.remaining == 0
      precondition(isWhole, "a default is no value of its type")
    }
  } catch {
    precondition(!error.description.isEmpty)
  }
  return 0
}

/// The names and the fields of a schema.
private struct Walk {
  var nameCount = 0
  var plainCount = 0
  var fields: [AvroField] = []

  mutating func visit(_ type: AvroType) {
    switch type.kind {
    case .record(let record):
      add(record.name)
      fields += record.fields
      for field in record.fields { visit(field.type) }
    case .enumeration(let enumeration): add(enumeration.name)
    case .fixed(let fixed): add(fixed.name)
    case .array(let part), .map(let part): visit(part)
    case .union(let branches): for branch in branches { visit(branch) }
    default: break
    }
  }

  private mutating func add(_ name: AvroName) {
    nameCount += 1
    if name.namespace == nil { plainCount += 1 }
  }
}

/// Moves past a value, as the specification's "Binary Encoding" has it.
private func skip(
  _ type: AvroType, of schema: AvroSchema, _ reader: inout ByteReader
) throws(DecodingError) {
  switch type.kind {
  case .null: break
  case .boolean: try reader.skip(1)
  case .int, .long: _ = try reader.readZigZag()
  case .enumeration(let enumeration):
    let index = try reader.readZigZag()
    precondition(enumeration.symbols.indices.contains(Int(index)))
  case .float: try reader.skip(4)
  case .double: try reader.skip(8)
  case .bytes, .string: try reader.skip(Int(try reader.readZigZag()))
  case .fixed(let fixed): try reader.skip(fixed.byteCount)
  case .record(let record):
    for field in record.fields { try skip(field.type, of: schema, &reader) }
  case .array(let item):
    while case let count = try reader.readZigZag(), count > 0 {
      for _ in 0..<count { try skip(item, of: schema, &reader) }
    }
  case .map(let value):
    while case let count = try reader.readZigZag(), count > 0 {
      for _ in 0..<count {
        try reader.skip(Int(try reader.readZigZag()))
        try skip(value, of: schema, &reader)
      }
    }
  case .union(let branches):
    let index = Int(try reader.readZigZag())
    precondition(branches.indices.contains(index))
    try skip(branches[index], of: schema, &reader)
  case .named(let name):
    guard let definition = schema.definition(of: name) else {
      preconditionFailure("a name without a definition")
    }
    try skip(definition, of: schema, &reader)
  }
}
