internal import PFArrow
internal import PFCore

/// Rows of a row group to read: stretches that are decoded, and which of their rows are kept.
struct WantedRows {
  /// Stretches shorter than this on average, gaps included, are decoded with the gaps between them:
  /// skipping costs more than what it saves.
  private static let shortestStretch = 128
  /// Gaps that are skipped even so.
  private static let longestGap = 1024

  /// What is decoded; counts the rows of the row group.
  let stretches: RowSelection
  /// Of the rows of the stretches those that are kept; nil for all.
  let mask: RowMask?

  init(_ stretches: RowSelection, mask: RowMask? = nil) {
    self.stretches = stretches
    self.mask = mask
  }

  var count: Int { mask?.selectedCount ?? stretches.selectedCount }

  /// The first `count` of them. Precondition: there are as many.
  func prefix(_ count: Int) -> WantedRows {
    guard let mask else { return WantedRows(stretches.prefix(count)) }
    let rowCount = mask.rowCount(selecting: count)
    return WantedRows(stretches.prefix(rowCount), mask: mask.slice(start: 0, count: rowCount))
  }

  /// Of arrays that have the rows of the stretches together, the rows that are kept.
  func filter(_ pieces: [ArrowArray]) throws(ReadError) -> [ArrowArray] {
    guard let mask else { return pieces }
    var filtered: [ArrowArray] = []
    var start = 0
    for piece in pieces {
      do throws(AllocationError) {
        filtered.append(try piece.filter(mask.slice(start: start, count: piece.length)))
      } catch { throw ReadError(error) }
      start += piece.length
    }
    return filtered
  }

  /// Whether the rows of `mask` are so scattered that they are filtered best by it.
  static func areScattered(_ mask: RowMask) -> Bool {
    mask.stretchCount > mask.rowCount / shortestStretch
  }

  /// The rows of `stretches` that `mask` has, with long gaps left out.
  static func scattered(_ mask: RowMask, of stretches: RowSelection) -> WantedRows {
    let split = mask.splitting(atGapsOf: longestGap)
    return WantedRows(stretches.refined(by: split.stretches), mask: split.mask)
  }
}
