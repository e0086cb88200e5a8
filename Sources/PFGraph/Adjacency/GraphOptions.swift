/// How edges become a graph.
public struct GraphOptions: Equatable, Sendable {
  /// What becomes of edges that join the same nodes in the same direction.
  public enum Duplicates: String, CaseIterable, Sendable {
    /// All stay.
    case keep
    /// They become one, with the sum of their weights (added in the order of the input).
    case merge
    /// The first of the input stays.
    case first
  }

  /// Whether an edge leads from its source to its target only, or joins the two.
  public var isDirected: Bool
  /// The number of nodes; nil for one more than the largest id.
  public var nodeCount: Int?
  /// What becomes of parallel edges.
  public var duplicates: Duplicates
  /// Whether edges from a node to itself stay.
  public var keepsSelfLoops: Bool

  /// Options from what differs from the usual.
  public init(
    isDirected: Bool = true, nodeCount: Int? = nil, duplicates: Duplicates = .keep,
    keepsSelfLoops: Bool = true
  ) {
    self.isDirected = isDirected
    self.nodeCount = nodeCount
    self.duplicates = duplicates
    self.keepsSelfLoops = keepsSelfLoops
  }
}
