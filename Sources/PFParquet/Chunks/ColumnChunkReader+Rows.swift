internal import PFArrow
internal import PFCore

/// Columns below repeated nodes: a row has any number of levels, and may span pages.
extension ColumnChunkReader {
  /// Decodes the next `count` rows, or fewer where the array is full.
  func readRows(_ count: Int) throws(ReadError) -> DecodedLeaf {
    guard let nested else {
      throw ReadError(.inconsistent("a repeated column is not below a group"))
    }
    if count == 0 { return try finish(rowCount: 0) }
    // Levels are an upper bound of the slots, and most often their number.
    let share = Double(count) / Double(max(1, rowsLeft))
    expect(Int(Double(levelsLeft) * share))
    let expected = min(count, output.expectedSlotCount)
    var rows = 0
    while true {
      if nested.pendingCount == 0 {
        guard levelsLeft > 0 else { break }
        try loadLevels(nested)
      }
      let isFull = output.isHalfFull || nested.isFull
      let beginsRow = nested.beginsRow
      if beginsRow, rows == count || isFull && rows > 0 { break }
      do throws(DecodingError) {
        // A full array takes the rest of its last row and no more.
        let begun = isFull && rows > 0 ? rows : count
        let limit = min(try unsafe values.room(in: output), stretchLimit)
        guard limit > 0 else {
          throw .limitExceeded(offset: 0, declared: 1 << 31, limit: 1 << 31 - 1)
        }
        let taken = nested.prefix(beginning: begun - rows, limit: limit)
        let stretch = try nested.take(taken, expecting: expected, &validity)
        rows += stretch.rows
        levelsLeft -= taken
        pageSlotsLeft -= taken
        declaredNullsLeft? -= taken - stretch.values
        declaredRowsLeft? -= stretch.rows
        try decodeValues(stretch.values, slots: stretch.slots)
        if pageSlotsLeft == 0 {
          guard declaredNullsLeft ?? 0 == 0, declaredRowsLeft ?? 0 == 0 else {
            throw .invalidValue(offset: 0)
          }
          try unsafe values.checkEnd()
        }
      } catch { throw explained(error) }
      try chargeMemory()
    }
    rowsLeft -= rows
    // A limit may end a read before; what is left is then never looked at.
    let isWhole = levelsLeft == 0 ? rowsLeft == 0 : rowsLeft > 0
    guard isWhole else {
      throw ReadError(
        .inconsistent("the repetition levels do not make the rows of the row group"), at: place)
    }
    return try finish(rowCount: rows)
  }

  private func loadLevels(_ nested: NestedLevels) throws(ReadError) {
    if pageSlotsLeft == 0 { try readDataPage() }
    guard var repetitions = unsafe repetitionLevels, var definitions = unsafe definitionLevels
    else { throw ReadError(.inconsistent("a page of a repeated column has no levels"), at: place) }
    do throws(DecodingError) {
      try unsafe nested.load(
        min(pageSlotsLeft, NestedLevels.blockCapacity), &repetitions, &definitions)
    } catch { throw ReadError(error, at: place) }
    unsafe repetitionLevels = repetitions
    unsafe definitionLevels = definitions
  }
}
