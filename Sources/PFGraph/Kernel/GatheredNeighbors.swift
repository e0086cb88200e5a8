/// The neighbours of several nodes at once, in a small memory.
///
/// Where a list is and what stands in it are two waits for memory, and a branch on what is known of a
/// neighbour, which nobody foretells, lets no further one begin. So the bounds of some lists are read
/// first, then what stands in all of them, and the user of it goes without branches: the waits for
/// many lists are one.
struct GatheredNeighbors {
  private let bounds: Slots<Int>
  private let neighbors: Slots<UInt32>

  private static let nodeCount = 64
  private static let capacity = 1 << 10

  init(_ kernel: Kernel) throws(GraphError) {
    bounds = try kernel.slots(of: Int.self, count: 2 * Self.nodeCount)
    neighbors = try kernel.slots(of: UInt32.self, count: Self.capacity)
  }

  func free(_ kernel: Kernel) {
    kernel.free(bounds)
    kernel.free(neighbors)
  }

  /// Gives all neighbours of the next nodes of `queue` to `body`, in pieces; the nodes that were next.
  @inline(__always)
  func forEach(
    of queue: Slots<UInt32>, _ range: Range<Int>, in lists: NeighborLists,
    _ body: (_ neighbors: Slots<UInt32>) -> Void
  ) -> Range<Int> {
    let nodes = range.prefix(Self.nodeCount)
    var boundCount = 0
    for index in nodes {
      let entries = lists.range(of: queue[index])
      bounds[boundCount] = entries.lowerBound
      bounds[boundCount &+ 1] = entries.upperBound
      boundCount &+= 2
    }
    var (bound, count) = (0, 0)
    while bound < boundCount {
      var entry = bounds[bound]
      let end = bounds[bound &+ 1]
      while entry < end {
        neighbors[count] = lists.neighbors[entry]
        count &+= 1
        entry &+= 1
        if count == Self.capacity {
          body(neighbors)
          count = 0
        }
      }
      bound &+= 2
    }
    body(neighbors[0..<count])
    return nodes
  }
}
