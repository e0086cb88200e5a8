internal import PFArrow
internal import PFCore

/// What the levels of a leaf say about the groups above it.
struct LevelShape: Sendable {
  /// Of each group that may be null, in the order of the path; nil where none is.
  var validities: [Buffer?] = []
  /// Of the lists at each depth: 32-bit offsets, one more than there are slots.
  var offsets: [Buffer] = []
}

/// Rows of one leaf column: its values, and the groups above them.
struct DecodedLeaf: Sendable {
  /// All slots of the leaf. For a flat column these are the rows.
  let values: ArrowArray
  let shape: LevelShape
  /// The rows that are meant, among those of the shape; of a flat column all.
  private let rows: Range<Int>

  init(_ values: ArrowArray) {
    self.values = values
    shape = LevelShape()
    rows = 0..<values.length
  }

  init(_ values: ArrowArray, _ shape: LevelShape, rowCount: Int) {
    self.values = values
    self.shape = shape
    rows = 0..<rowCount
  }

  private init(_ whole: DecodedLeaf, rows: Range<Int>) {
    values = whole.values
    shape = whole.shape
    self.rows = rows
  }

  /// The number of rows.
  var length: Int { rows.count }

  /// The slots at depth 0.
  var slots: Range<Int> { rows }

  /// Rows `start ..< start + count`, sharing memory. Precondition: they exist.
  func slice(start: Int, count: Int) -> DecodedLeaf {
    if start == 0, count == rows.count { return self }
    let first = rows.lowerBound + start
    return DecodedLeaf(self, rows: first..<(first + count))
  }

  /// The offset at `depth` that the list in `slot` begins at, or the one before it ends at.
  func offset(at depth: Int, of slot: Int) -> Int {
    let buffer = shape.offsets[depth]
    return Int(buffer.span(of: Int32.self)[slot])
  }
}
