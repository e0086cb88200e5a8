/// Which nodes belong together.
public struct Components: Equatable, Sendable {
  /// The smallest node of its component, for each node.
  public let labels: NodeColumn<Int32>
  /// The number of components.
  public let count: Int

  /// A component by its label, and how many nodes it has.
  public struct Size: Equatable, Sendable {
    /// The smallest node.
    public let label: Int
    /// The number of nodes.
    public let nodeCount: Int
  }

  /// The components by ascending label.
  ///
  /// - Complexity: O(nodes).
  public func sizes() -> [Size] {
    let labels = labels.span
    // A label is the smallest node, so its place among the labels is known when others follow.
    var places = [Int32](repeating: 0, count: labels.count)
    var counts: [(label: Int, nodeCount: Int)] = []
    counts.reserveCapacity(count)
    for node in labels.indices {
      let label = Int(labels[node])
      if label == node {
        places[node] = Int32(counts.count)
        counts.append((node, 1))
      } else {
        counts[Int(places[label])].nodeCount += 1
      }
    }
    return counts.map { Size(label: $0.label, nodeCount: $0.nodeCount) }
  }
}
