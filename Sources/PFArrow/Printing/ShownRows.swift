/// The first and last rows of a table, where it has more than may be shown.
struct ShownRows {
  /// A row, by its batch and the index there.
  struct Row {
    let batch: Int
    let row: Int
  }

  /// Rows before the gap; all where there is none.
  private(set) var head: [Row] = []
  /// Rows behind the gap.
  private(set) var tail: [Row] = []

  /// At most `limit` rows of `table`, half of them its last.
  init(of table: Table, limit: Int) {
    let limit = max(0, limit)
    let isWhole = table.rowCount <= limit
    let headCount = isWhole ? table.rowCount : limit - limit / 2
    let tailStart = isWhole ? table.rowCount : table.rowCount - limit / 2
    var start = 0
    for (batch, columns) in table.batches.enumerated() {
      let end = start + columns.rowCount
      for row in start..<max(start, min(end, headCount)) {
        head.append(Row(batch: batch, row: row - start))
      }
      for row in min(end, max(start, tailStart))..<end {
        tail.append(Row(batch: batch, row: row - start))
      }
      start = end
    }
  }
}
