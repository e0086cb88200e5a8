internal import PFArrow
internal import PFCore

/// What one chunk of the input gave.
struct ChunkResult: Sendable {
  /// The offset of its first record, and that behind its last one.
  var start = 0
  var end = 0
  /// Rows of the arrays.
  var rowCount = 0
  /// Records, those left out counted, and physical lines.
  var recordCount = 0
  var lineCount = 0
  /// The array of each column; nil where it has none yet.
  var arrays: [ArrowArray?] = []
  /// The types that the columns were parsed with, and what is left for them.
  var types: [ColumnType] = []
  /// Which columns were parsed from the first row to the last with their type.
  var isWhole: [Bool] = []
  /// Which columns of floats have a number among their values, and which a word for infinity or no
  /// number.
  var hasNumber: [Bool] = []
  var hasWord: [Bool] = []
  /// Records that were left out, counted from the first of the chunk.
  var dropped: Set<Int> = []
  /// Rejects; lines and records count from the first of the chunk.
  var rejects: [CSVRejects.Entry] = []
  var rejectCount = 0
  /// What ended the parse; lines and records count as those of rejects.
  var error: ReadError?
}

/// The type of a column: given, or what its values leave of those that are inferred.
enum ColumnType: Sendable, Hashable {
  case given(DataType)
  case inferred(TypeSet)

  var type: DataType {
    switch self {
    case .given(let type): type
    case .inferred(let set): set.type
    }
  }

  /// Whether arrays of both are of one type.
  func isSame(as other: ColumnType) -> Bool {
    switch (self, other) {
    case (.inferred(let left), .inferred(let right)): left.first == right.first
    case (.given, .given): true
    default: false
    }
  }

  /// What both leave.
  func narrowed(by other: ColumnType) -> ColumnType {
    guard case .inferred(let left) = self, case .inferred(let right) = other else { return self }
    return .inferred(left.intersection(right))
  }
}
