import PFArrow
import PFAvro
import PFCore

/// Bytes as the specification has them ("Binary Encoding").
enum Encode {
  static func long(_ value: Int64) -> [UInt8] {
    var rest = UInt64(bitPattern: value << 1 ^ value >> 63)
    var bytes: [UInt8] = []
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  static func string(_ text: String) -> [UInt8] { bytes(Array(text.utf8)) }

  static func bytes(_ bytes: [UInt8]) -> [UInt8] { long(Int64(bytes.count)) + bytes }

  static func double(_ value: Double) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt64($0))) }
  }

  static func float(_ value: Float) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt32($0))) }
  }

  static let marker: [UInt8] = (1...16).map { $0 * 7 }

  /// A container file of blocks: how many records each claims, and its bytes.
  static func file(
    _ schema: String, _ blocks: [(count: Int64, bytes: [UInt8])], codec: String? = nil,
    metadata: [(String, String)] = []
  ) -> [UInt8] {
    var pairs = [("avro.schema", schema)] + metadata
    if let codec { pairs.append(("avro.codec", codec)) }
    var file: [UInt8] = [0x4F, 0x62, 0x6A, 0x01] + long(Int64(pairs.count))
    for (key, value) in pairs { file += string(key) + string(value) }
    file += [0] + marker
    for block in blocks { file += long(block.count) + bytes(block.bytes) + marker }
    return file
  }
}

/// A file in memory.
func file(_ bytes: [UInt8]) throws -> AvroFile {
  try AvroFile(MemorySource(try Buffer(copying: bytes.span)))
}

func file(_ schema: String, _ records: [[UInt8]]) throws -> AvroFile {
  try file(Encode.file(schema, [(Int64(records.count), records.flatMap { $0 })]))
}

/// A record of fields `a`, `b`, ... of types.
func record(_ types: String...) -> String {
  let names = "abcdefghijklmnopqrstuvwxyz".map(String.init)
  let fields = zip(names, types).map { "{\"name\": \"\($0)\", \"type\": \($1)}" }
  return "{\"type\": \"record\", \"name\": \"R\", \"fields\": [\(fields.joined(separator: ", "))]}"
}

/// Rows as printed values; nil for nulls.
func rows(_ table: Table) -> [[String?]] {
  var rows: [[String?]] = []
  for batch in table.batches {
    for row in 0..<batch.rowCount {
      rows.append(
        batch.columns.map { column in
          let value = column[row]
          return if case .null = value { nil } else { "\(value)" }
        })
    }
  }
  return rows
}

/// The values of one column of type `type`, encoded one after the other.
func column(
  _ type: String, _ values: [[UInt8]], _ change: (inout AvroReadOptions) -> Void = { _ in }
)
  throws -> ArrowArray
{
  var options = AvroReadOptions()
  options.threads = 1
  change(&options)
  let table = try file(record(type), values).read(options)
  return table.batches[0].columns[0]
}

/// What a read of the file throws.
func failure(_ bytes: [UInt8], _ options: AvroReadOptions = AvroReadOptions()) -> ReadError? {
  do {
    _ = try file(bytes).read(options)
    return nil
  } catch { return error as? ReadError }
}
