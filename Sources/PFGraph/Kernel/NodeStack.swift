/// A few nodes that one thread found, before they go into a queue that all threads push at.
struct NodeStack {
  /// The nodes that there is room for.
  static let capacity = 256

  private let nodes: Slots<UInt32>
  private var count = 0

  /// An empty stack in memory of `capacity` nodes.
  init(_ nodes: Slots<UInt32>) { self.nodes = nodes }

  /// Whether a flush must come before the next push.
  @inline(__always)
  var isFull: Bool { count == Self.capacity }

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
    queue.copy(start..<start + count, from: nodes, at: 0)
    count = 0
  }
}
