internal import PFArrow
internal import PFCore

/// One shortest path.
public struct FoundPath: Equatable, Sendable {
  /// The nodes on it, from its source to its target.
  public let nodes: NodeColumn<Int32>
  /// The sum of the weights from the source on; the number of edges where they are not asked for.
  public let length: Double
}

extension Kernel {
  /// The path that predecessors lead to `target`, from what has none on.
  func path(to target: UInt32, _ predecessors: Slots<UInt32>, length: Double) throws(GraphError)
    -> FoundPath
  {
    var count = 0
    var node = target
    while node != .max {
      node = predecessors[node]
      count += 1
    }
    let nodes = try slots(of: UInt32.self, count: count)
    node = target
    while node != .max {
      count -= 1
      nodes[count] = node
      node = predecessors[node]
    }
    return FoundPath(nodes: NodeColumn(take(nodes)), length: length)
  }
}
