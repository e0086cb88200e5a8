import Foundation
import PFArrow
import PFCore
import PFOperations
import Testing

/// Random numbers that are the same each time (SplitMix64).
struct Seeded: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}

/// A folder of its own for a test, deleted afterwards.
func withFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "operations-\(UUID())")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder.path)
}

/// A file of the fixtures.
func fixture(_ name: String) -> String {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/\(name)").path
}

func write(_ text: String, to path: String) throws {
  try Data(text.utf8).write(to: URL(fileURLWithPath: path))
}

/// The parameters in a JSON text.
func parameters(_ json: String) throws -> JSONObject {
  try #require(try JSONValue(parsing: json).object)
}

extension TableOperation {
  init(_ name: String, json: String) throws {
    try self.init(name, try parameters(json))
  }
}

/// What making an operation throws.
func refusal(_ name: String, _ json: String) throws -> OperationError {
  let object = try parameters(json)
  return try #require(throws: OperationError.self) { _ = try TableOperation(name, object) }
}

/// What running an operation throws.
func failure(
  _ name: String, _ json: String, _ inputs: [Table] = [],
  _ context: OperationContext = OperationContext()
) throws -> OperationError {
  let operation = try TableOperation(name, json: json)
  return try #require(throws: OperationError.self) { _ = try operation.run(inputs, context) }
}

extension Table {
  /// All rows as JSON.
  var rows: String { jsonRows(rowLimit: .max) }
  var names: [String] { schema.fields.map(\.name) }
}

/// Where the memory of an array is.
func addresses(_ array: ArrowArray) -> [UInt] {
  array.buffers.compactMap { $0 }.map { unsafe UInt(bitPattern: $0.address) }
    + array.children.flatMap(addresses)
}

/// Numbers, text and truth values with nulls, in three batches.
func people() throws -> Table {
  let whole = Table(columns: [
    ("id", try ArrowArray(int64: [1, 2, 3, 4, 5, 6])),
    ("name", try ArrowArray(strings: ["Ann", "Bob", nil, "Dan", "Eve", "Fay"])),
    ("age", try ArrowArray(int32: [31, nil, 45, 18, 62, 31])),
    ("member", try ArrowArray(booleans: [true, false, true, nil, true, false])),
  ])
  let batches = [(0, 2), (2, 1), (3, 3)].map { whole.batches[0].slice(start: $0, count: $1) }
  return Table(schema: whole.schema, batches: batches)
}
