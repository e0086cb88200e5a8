import PFArrow
import PFCSV
import PFCore

/// A file in memory.
func file(_ text: String) throws -> CSVFile { try file(Array(text.utf8)) }

func file(_ bytes: [UInt8]) throws -> CSVFile {
  try CSVFile(MemorySource(try Buffer(copying: bytes.span)))
}

/// Options for text as it stands: no header, all strings, nothing null.
func plain(_ change: (inout CSVReadOptions) -> Void = { _ in }) -> CSVReadOptions {
  var options = CSVReadOptions()
  options.dialect.hasHeader = false
  options.infersTypes = false
  options.nullValues = []
  options.threads = 1
  change(&options)
  return options
}

/// The rows of a table as printed values; nil for nulls.
func rows(_ table: Table) -> [[String?]] {
  var rows: [[String?]] = []
  for batch in table.batches {
    for row in 0..<batch.rowCount {
      rows.append(
        batch.columns.map { column in
          switch column[row] {
          case .null: nil
          case .string(let text): text
          default: "\(column[row])"
          }
        })
    }
  }
  return rows
}

/// A generator whose numbers depend on its seed alone.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func pick<T>(_ choices: [T]) -> T { choices[Int(next() % UInt64(choices.count))] }
}
