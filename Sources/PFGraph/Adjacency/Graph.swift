package import PFCore
internal import Synchronization

/// A graph whose nodes are the numbers `0..<nodeCount`, made once and never changed.
///
/// It holds the edges by source (`csr`), and by target (`csc`) from the first time that somebody
/// asks; a graph without directions has one set of lists for both, in which each edge between two
/// nodes stands twice and a self-loop once. All kernels are its methods, may run at the same time
/// from several threads, and give the same bits on any number of them.
public final class Graph: Sendable {
  /// Whether edges have a direction.
  public let isDirected: Bool
  /// The number of edges; those without a direction count once.
  public let edgeCount: Int
  /// The edges by source.
  public let csr: CSRGraph
  /// What the nodes are called; nil for a graph whose nodes are numbers alone.
  public let labels: NodeLabels?
  private let byTarget: Mutex<CSCGraph?>
  /// Without weights and with them.
  private let cut = Mutex<(plain: EdgeTiles?, weighted: EdgeTiles?)>((nil, nil))
  /// What the weights are like, from the first time that a kernel asks.
  let knownWeights = Mutex<WeightFacts?>(nil)

  package init(_ adjacency: Adjacency, edgeCount: Int, isDirected: Bool) {
    csr = CSRGraph(adjacency)
    self.edgeCount = edgeCount
    self.isDirected = isDirected
    labels = nil
    byTarget = Mutex(isDirected ? nil : CSCGraph(adjacency))
  }

  /// A graph with other labels.
  init(_ graph: Graph, labels: NodeLabels) {
    (csr, edgeCount, isDirected) = (graph.csr, graph.edgeCount, graph.isDirected)
    self.labels = labels
    byTarget = Mutex(graph.madeCSC)
  }

  /// The number of nodes.
  public var nodeCount: Int { csr.nodeCount }

  /// Whether edges have weights.
  public var isWeighted: Bool { csr.weights != nil }

  /// The edges by target; made on the first call.
  ///
  /// - Complexity: O(nodes + edges) on the first call, then O(1).
  /// - Throws: `.outOfMemory`, `.cancelled`.
  public func csc(_ options: KernelOptions = KernelOptions()) throws(GraphError) -> CSCGraph {
    try byTarget.withLock { (made) throws(GraphError) in
      if let made { return made }
      let turned = CSCGraph(try csr.adjacency.turned(options))
      made = turned
      return turned
    }
  }

  /// The edges in tiles; made on the first call.
  func tiles(weighted: Bool, _ options: KernelOptions) throws(GraphError) -> EdgeTiles {
    try cut.withLock { (cut) throws(GraphError) in
      if let made = weighted ? cut.weighted : cut.plain { return made }
      let made = try Kernel.run(options) { (kernel) throws(GraphError) in
        try kernel.tiles(of: csr.adjacency.lists, weights: weighted ? csr.weights : nil)
      }
      if weighted { cut.weighted = made } else { cut.plain = made }
      return made
    }
  }

  /// The edges by target, if they have been made.
  package var madeCSC: CSCGraph? { byTarget.withLock { $0 } }

  /// The number of edges that end in a node.
  ///
  /// - Complexity: O(1) where `csc` has been made, and makes it otherwise.
  public func inDegree(of node: Int) throws(GraphError) -> Int { try csc().inDegree(of: node) }

  /// The number of edges that leave a node. Precondition: `0 <= node < nodeCount`.
  ///
  /// - Complexity: O(1).
  public func outDegree(of node: Int) -> Int { csr.outDegree(of: node) }

  /// Checks that `node` is one of the graph's.
  func check(_ node: Int, is argument: String) throws(GraphError) -> UInt32 {
    guard node >= 0, node < nodeCount else {
      throw .unknownNode(argument: argument, node: Int64(node), nodeCount: nodeCount)
    }
    return UInt32(node)
  }
}

extension Adjacency {
  /// The same edges by their other end.
  func turned(_ options: KernelOptions) throws(GraphError) -> Adjacency {
    try Kernel.run(options) { (kernel) throws(GraphError) in
      try kernel.adjacency(of: TurnedLists(lists: lists), nodeCount: nodeCount, weights: weights)
    }
  }
}

extension Kernel {
  /// Groups pairs of nodes, with the weights that their indices point to, into an adjacency.
  /// Precondition: pairs come by ascending value, so that rows are sorted.
  func adjacency<Source: PairSource>(of pairs: Source, nodeCount: Int, weights: EdgeWeights?)
    throws(GraphError) -> Adjacency
  {
    switch weights {
    case nil:
      let made = try group(pairs, keyCount: nodeCount, weights: Slots<NoWeight>?.none)
      return Adjacency(
        nodeCount: nodeCount, offsets: take(made.offsets), neighbors: take(made.values),
        weights: nil)
    case .float32(let buffer):
      let made = try group(pairs, keyCount: nodeCount, weights: buffer.slots(of: UInt32.self))
      return Adjacency(
        nodeCount: nodeCount, offsets: take(made.offsets), neighbors: take(made.values),
        weights: .float32(take(made.weights)))
    case .float64(let buffer):
      let made = try group(pairs, keyCount: nodeCount, weights: buffer.slots(of: UInt64.self))
      return Adjacency(
        nodeCount: nodeCount, offsets: take(made.offsets), neighbors: take(made.values),
        weights: .float64(take(made.weights)))
    }
  }
}

extension Buffer {
  /// The elements for a kernel, which only reads them. Valid while a copy of the buffer lives.
  package func slots<Element: BitwiseCopyable>(of _: Element.Type) -> Slots<Element> {
    // SAFETY: that many elements are there, and a kernel's caller holds the buffer.
    unsafe Slots(
      start: UnsafeMutableRawPointer(mutating: address),
      count: byteCount / MemoryLayout<Element>.stride)
  }
}
