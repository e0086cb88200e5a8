/// A few nodes that one thread found, before they go into a queue that all threads push at.
struct NodeStack {
  private var nodes: InlineArray<256, UInt32> = .init(repeating: 0)
  private var count = 0

  /// Whether a flush must come before the next push.
  @inline(__always)
  var isFull: Bool { count == 256 }

  /// Precondition: it is not full.
  @inline(__always)
  mutating func push(_ node: UInt32) {
    nodes[count] = node
    count += 1
  }

  /// Appends the nodes to `queue`, whose end is `end[0]`, in one piece.
  mutating func flush(to queue: Slots<UInt32>, at end: Slots<Int>) {
    guard count > 0 else { return }
    let start = end.add(0, count)
    for index in 0..<count { queue[start + index] = nodes[index] }
    count = 0
  }
}
