internal import PFArrow
internal import PFCore

/// Reading some of the rows: what is read of which leaf, and how it becomes batches.
extension ReadPlan {
  /// By leaf: whether it belongs to a column with lists in it, of which whole stretches of rows are
  /// read and filtered once they are put together.
  var leavesOfLists: [Bool] {
    var result = [Bool](repeating: false, count: leaves.count)
    for field in fields where leaves[field.leaves].contains(where: { $0.isRepeated }) {
      for leaf in field.leaves { result[leaf] = true }
    }
    return result
  }

  /// Batches of `rows`, of which there is one at least. `columns` has, by leaf, the pieces of what
  /// was read: of these rows, or of the stretch that spans them for leaves of lists.
  func batches(of columns: [[DecodedLeaf]], rows: RowSelection) throws(ReadError) -> [RecordBatch] {
    let ofLists = leavesOfLists
    guard ofLists.contains(true) else {
      var batches: [RecordBatch] = []
      for stretch in Stretch.all(of: columns, rowCount: rows.selectedCount) {
        batches.append(try batch(stretch.columns, rowCount: stretch.rowCount))
      }
      return batches
    }
    var arrays: [[ArrowArray]] = []
    for field in fields {
      let isList = ofLists[field.leaves.lowerBound]
      var pieces: [ArrowArray] = []
      let rowCount = isList ? rows.span.selectedCount : rows.selectedCount
      for stretch in Stretch.all(of: Array(columns[field.leaves]), rowCount: rowCount) {
        var all = columns.map { $0[0] }
        all.replaceSubrange(field.leaves, with: stretch.columns)
        pieces.append(try field.assemble(from: all))
      }
      arrays.append(isList ? try Self.filter(pieces, by: rows.relative(to: rows.span)) : pieces)
    }
    return Stretch.all(of: arrays, rowCount: rows.selectedCount).map {
      RecordBatch(schema: schema, columns: $0.columns, rowCount: $0.rowCount)
    }
  }

  private static func filter(
    _ pieces: [ArrowArray], by rows: RowSelection
  ) throws(ReadError) -> [ArrowArray] {
    if rows.isAll { return pieces }
    var filtered: [ArrowArray] = []
    var start = 0
    for piece in pieces {
      let end = start + piece.length
      let ranges = rows.intersection(RowSelection([start..<end], of: rows.rowCount)).ranges
      do throws(AllocationError) {
        filtered.append(
          try piece.take(ranges.map { ($0.lowerBound - start)..<($0.upperBound - start) }))
      } catch { throw ReadError(error) }
      start = end
    }
    return filtered
  }
}

extension ColumnMapping {
  fileprivate var isRepeated: Bool { leaf.maxRepetitionLevel > 0 }
}

extension RowSelection {
  /// One stretch from the first selected row to the last.
  var span: RowSelection {
    guard let first = ranges.first, let last = ranges.last else { return self }
    return RowSelection([first.lowerBound..<last.upperBound], of: rowCount)
  }
}
