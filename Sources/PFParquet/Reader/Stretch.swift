internal import PFArrow

/// Rows of which slices share memory.
protocol RowSliced {
  /// The number of rows.
  var length: Int { get }
  /// Rows `start ..< start + count`. Precondition: they exist.
  func slice(start: Int, count: Int) -> Self
}

extension ArrowArray: RowSliced {}
extension DecodedLeaf: RowSliced {}

/// Rows that lie in one piece of every column.
struct Stretch<Piece: RowSliced> {
  let rowCount: Int
  let columns: [Piece]

  /// The stretches of columns whose pieces may be cut at different rows.
  ///
  /// - Precondition: the pieces of each column have `rowCount` rows together.
  static func all(of columns: [[Piece]], rowCount: Int) -> [Stretch] {
    if columns.allSatisfy({ $0.count == 1 }) {
      return [Stretch(rowCount: rowCount, columns: columns.map { $0[0] })]
    }
    var cuts: Set<Int> = [rowCount]
    for column in columns {
      var row = 0
      for piece in column {
        row += piece.length
        cuts.insert(row)
      }
    }
    var stretches: [Stretch] = []
    var pieces = columns.map { $0.filter { $0.length > 0 }[...] }
    var offsets = [Int](repeating: 0, count: columns.count)
    var start = 0
    for end in cuts.sorted() where end > start {
      let count = end - start
      var slices: [Piece] = []
      for index in pieces.indices {
        let piece = pieces[index][pieces[index].startIndex]
        slices.append(piece.slice(start: offsets[index], count: count))
        offsets[index] += count
        if offsets[index] == piece.length {
          pieces[index].removeFirst()
          offsets[index] = 0
        }
      }
      stretches.append(Stretch(rowCount: count, columns: slices))
      start = end
    }
    return stretches
  }
}
