internal import PFCore

/// What one column chunk has taken of a budget for its array in the making.
struct AllocationCharge {
  /// Less than this is not told to the budget: threads would get into each other's way.
  private static let step = 1 << 20

  let budget: AllocationBudget
  /// What was told, for the array in the making.
  private var told = 0
  /// What the arrays have that were done since `keep`.
  private var doneByteCount = 0

  init(_ budget: AllocationBudget) { self.budget = budget }

  /// The array in the making has grown to `byteCount` bytes, or is about to.
  mutating func grow(to byteCount: Int) throws(ReadError) {
    guard byteCount - told >= Self.step else { return }
    let more = byteCount - told
    told = byteCount
    try budget.take(more)
  }

  /// The array is done with `byteCount` bytes, and another begins.
  mutating func finish(_ byteCount: Int) throws(ReadError) {
    let more = byteCount - told
    told = 0
    doneByteCount += byteCount
    try budget.take(more)
  }

  /// Of the arrays that were done since the last call, `count` of `total` rows are kept.
  mutating func keep(_ count: Int, of total: Int) {
    let share = 1 - Double(count) / Double(max(1, total))
    budget.giveBack(Int(Double(doneByteCount) * share))
    doneByteCount = 0
  }
}
