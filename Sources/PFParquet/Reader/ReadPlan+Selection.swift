internal import PFArrow
internal import PFCore

/// How the rows of a leaf that are wanted are read.
enum LeafShape {
  /// The column of the table itself: its rows are filtered as they are read.
  case flat
  /// Below groups: stretches of rows are read, and filtered once the groups are put together.
  case grouped
  /// Of a column with lists in it: one stretch is read, from the first row to the last.
  case listed
}

extension ColumnChunkReader {
  /// Reads some rows of a leaf; see `LeafShape`. Precondition: as `read(_:)`.
  func read(_ rows: WantedRows, _ shape: LeafShape) throws(ReadError) -> [DecodedLeaf] {
    let pieces = try read(shape == .listed ? rows.stretches.span : rows.stretches)
    guard shape == .flat, rows.mask != nil else { return pieces }
    let kept = try rows.filter(pieces.map(\.values)).map { DecodedLeaf($0) }
    charge.budget.giveBack(
      zip(pieces, kept).reduce(0) { $0 + $1.0.values.bufferByteCount - $1.1.values.bufferByteCount }
    )
    return kept
  }
}

extension ArrowArray {
  /// The bytes of its own buffers.
  var bufferByteCount: Int { buffers.reduce(0) { $0 + ($1?.byteCount ?? 0) } }
}

/// Reading some of the rows: what is read of which leaf, and how it becomes batches.
extension ReadPlan {
  /// By leaf.
  var leafShapes: [LeafShape] {
    var result = [LeafShape](repeating: .flat, count: leaves.count)
    for field in fields {
      let isListed = leaves[field.leaves].contains { $0.isRepeated }
      for leaf in field.leaves where isListed || !leaves[leaf].path.isFlat {
        result[leaf] = isListed ? .listed : .grouped
      }
    }
    return result
  }

  /// Batches of `rows`, of which there is one at least. `columns` has, by leaf, the pieces of what
  /// was read of them; see `LeafShape`.
  func batches(of columns: [[DecodedLeaf]], rows: WantedRows) throws(ReadError) -> [RecordBatch] {
    let shapes = leafShapes
    guard shapes.contains(where: { $0 == .listed || $0 == .grouped && rows.mask != nil }) else {
      var batches: [RecordBatch] = []
      for stretch in Stretch.all(of: columns, rowCount: rows.count) {
        batches.append(try batch(stretch.columns, rowCount: stretch.rowCount))
      }
      return batches
    }
    var arrays: [[ArrowArray]] = []
    for field in fields {
      let shape = field.leaves.isEmpty ? .flat : shapes[field.leaves.lowerBound]
      let span = rows.stretches.span
      let rowCount =
        switch shape {
        case .flat: rows.count
        case .grouped: rows.stretches.selectedCount
        case .listed: span.selectedCount
        }
      var pieces: [ArrowArray] = []
      for stretch in Stretch.all(of: Array(columns[field.leaves]), rowCount: rowCount) {
        var all = columns.map { $0[0] }
        all.replaceSubrange(field.leaves, with: stretch.columns)
        pieces.append(try field.assemble(from: all, budget))
      }
      if shape == .listed {
        pieces = try Self.filter(pieces, by: rows.stretches.relative(to: span))
      }
      arrays.append(shape == .flat ? pieces : try rows.filter(pieces))
    }
    return Stretch.all(of: arrays, rowCount: rows.count).map {
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
