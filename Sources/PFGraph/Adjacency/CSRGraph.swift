public import PFCore

/// The edges of a graph in compressed sparse row form: for each node, those that it leads to.
///
/// Shapes: `offsets` are `nodeCount + 1` values of type `Int64`, `neighbors` are `edgeCount` values
/// of type `Int32`, `weights` as many. The out-neighbours of `node` stand at
/// `offsets[node]..<offsets[node + 1]` and ascend.
public struct CSRGraph: Sendable {
  package let adjacency: Adjacency

  package init(_ adjacency: Adjacency) { self.adjacency = adjacency }

  /// The number of nodes.
  public var nodeCount: Int { adjacency.nodeCount }
  /// The number of entries; in a graph without directions each edge between two nodes is two.
  public var entryCount: Int { adjacency.entryCount }
  /// Where the neighbours of each node begin: `Int64`, `nodeCount + 1` of them.
  public var offsets: Buffer { adjacency.offsetBuffer }
  /// The neighbours of all nodes: `Int32`.
  public var neighbors: Buffer { adjacency.neighborBuffer }
  /// The weights of the edges to the neighbours; nil for a graph without weights.
  public var weights: EdgeWeights? { adjacency.weights }

  /// The number of edges that leave a node. Precondition: `0 <= node < nodeCount`.
  ///
  /// - Complexity: O(1).
  public func outDegree(of node: Int) -> Int { adjacency.degree(of: node) }

  /// The nodes that a node leads to, ascending. Precondition: `0 <= node < nodeCount`.
  ///
  /// - Complexity: O(1).
  @_lifetime(borrow self)
  public func outNeighbors(of node: Int) -> Span<Int32> {
    let all = adjacency.neighborBuffer.span(of: Int32.self)
    return unsafe _overrideLifetime(
      all.extracting(adjacency.range(of: node)), borrowing: self)
  }
}

/// The edges of a graph in compressed sparse column form: for each node, those that lead to it.
///
/// Shapes: as in `CSRGraph`; the neighbours of a node are the sources of the edges that end in it.
public struct CSCGraph: Sendable {
  package let adjacency: Adjacency

  package init(_ adjacency: Adjacency) { self.adjacency = adjacency }

  /// The number of nodes.
  public var nodeCount: Int { adjacency.nodeCount }
  /// The number of entries; in a graph without directions each edge between two nodes is two.
  public var entryCount: Int { adjacency.entryCount }
  /// Where the neighbours of each node begin: `Int64`, `nodeCount + 1` of them.
  public var offsets: Buffer { adjacency.offsetBuffer }
  /// The neighbours of all nodes: `Int32`.
  public var neighbors: Buffer { adjacency.neighborBuffer }
  /// The weights of the edges from the neighbours; nil for a graph without weights.
  public var weights: EdgeWeights? { adjacency.weights }

  /// The number of edges that end in a node. Precondition: `0 <= node < nodeCount`.
  ///
  /// - Complexity: O(1).
  public func inDegree(of node: Int) -> Int { adjacency.degree(of: node) }

  /// The nodes that lead to a node, ascending. Precondition: `0 <= node < nodeCount`.
  ///
  /// - Complexity: O(1).
  @_lifetime(borrow self)
  public func inNeighbors(of node: Int) -> Span<Int32> {
    let all = adjacency.neighborBuffer.span(of: Int32.self)
    return unsafe _overrideLifetime(
      all.extracting(adjacency.range(of: node)), borrowing: self)
  }
}
