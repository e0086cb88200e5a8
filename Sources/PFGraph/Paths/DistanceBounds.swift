/// What the distance of each node is at most, roughly, in a quarter of the memory.
///
/// In a large graph a look at the distance of an edge's target waits for memory, and most say that the
/// edge leads no nearer. A bound stays in the cache four times as often and says the same, as long as
/// the offer is larger by a two-thousandth. While several threads lower a distance, the last to write
/// may leave a bound that is too large, which is a bound still; one that is too small nobody writes.
struct DistanceBounds: Sendable {
  /// The exponent and eleven bits of the mantissa, counted from `least`.
  private let bounds: Slots<UInt16>
  private let least: Int

  private static let droppedBits: UInt64 = 52 - 11
  /// Powers of two below the width of a bucket that are told apart; there are 32 in all.
  private static let finePowers = 10

  /// For distances in the range of a bucket's width; all are infinite.
  init(_ kernel: Kernel, nodeCount: Int, delta: Double) throws(GraphError) {
    bounds = try kernel.slots(repeating: .max, count: nodeCount)
    least = Int(delta.bitPattern >> Self.droppedBits) - Self.finePowers << 11
  }

  /// Whether looks at distances are so many, and so far from the cache, that bounds pay: with many
  /// edges a node, and distances beyond four mebibytes.
  static func pay(for lists: NeighborLists) -> Bool {
    lists.nodeCount > 1 << 19 && lists.entryCount / 8 >= lists.nodeCount
  }

  /// Never falls as the distance grows, and is below that of none.
  @inline(__always)
  private func rounded(_ distance: Double) -> UInt16 {
    let steps = Int(truncatingIfNeeded: distance.bitPattern &>> Self.droppedBits) &- least
    return UInt16(truncatingIfNeeded: max(0, min(Int(UInt16.max) - 1, steps)))
  }

  /// False only if a node's distance is less than an offer.
  @inline(__always)
  func admit(_ offer: Double, to node: UInt32) -> Bool {
    rounded(offer) <= bounds.load(Int(node))
  }

  /// Takes note of a distance that was lowered.
  @inline(__always)
  func lower(_ node: UInt32, to distance: Double) { bounds.store(Int(node), rounded(distance)) }
}
