import PFCore
import PFGraph
import Testing

@Suite("weakly connected components")
struct WeaklyConnectedTests {
  /// Labels by the book: sets that are joined edge by edge.
  private func plainLabels(_ sample: SampleGraph) -> [Int32] {
    var parents = Array(0..<sample.nodeCount)
    func root(_ node: Int) -> Int {
      var node = node
      while parents[node] != node {
        parents[node] = parents[parents[node]]
        node = parents[node]
      }
      return node
    }
    for (source, target) in zip(sample.sources, sample.targets) {
      let (one, other) = (root(Int(source)), root(Int(target)))
      parents[max(one, other)] = min(one, other)
    }
    return (0..<sample.nodeCount).map { Int32(root($0)) }
  }

  /// Holds the answer against its definition: each edge joins equal labels, a label is the smallest
  /// node that has it, and there are as many as sets.
  private func verify(_ components: Components, _ sample: SampleGraph) {
    let labels = [Int32](components.labels)
    let joined = zip(sample.sources, sample.targets).allSatisfy {
      labels[Int($0)] == labels[Int($1)]
    }
    #expect(joined)
    let smallest = labels.indices.allSatisfy {
      labels[$0] <= $0 && labels[Int(labels[$0])] == labels[$0]
    }
    #expect(smallest)
    #expect(components.count == Set(labels).count)
    #expect(labels == plainLabels(sample))
    let sizes = components.sizes()
    #expect(sizes.map(\.label) == Set(labels).sorted().map { Int($0) })
    var counts: [Int32: Int] = [:]
    for label in labels { counts[label, default: 0] += 1 }
    #expect(sizes.allSatisfy { counts[Int32($0.label)] == $0.nodeCount })
  }

  @Test("finds the smallest node of each component", arguments: SampleGraph.all, [true, false])
  func answers(sample: SampleGraph, directed: Bool) throws {
    let graph = try sample.graph(directed: directed)
    let bySource = try sameForAnyThreads { try graph.connectedComponents($0) }
    verify(bySource, sample)
    _ = try graph.csc()
    #expect(try sameForAnyThreads { try graph.connectedComponents($0) } == bySource)
  }

  @Test("has the same bits on any number of threads", arguments: SampleGraph.large, [true, false])
  func threads(sample: SampleGraph, directed: Bool) throws {
    let graph = try sample.graph(directed: directed)
    let bySource = try sameForAnyThreads { try graph.connectedComponents($0) }
    verify(bySource, sample)
    _ = try graph.csc()
    #expect(try sameForAnyThreads { try graph.connectedComponents($0) } == bySource)
  }

  /// Edges that only lead out of, or only into, the largest component, which a skip must not lose.
  @Test(
    "sees edges that cross the border of the largest component", arguments: [true, false],
    [true, false])
  func border(leadsOut: Bool, isReversed: Bool) throws {
    var edges: [(Int, Int)] = []
    for node in 0..<4000 { edges += [(node, (node + 1) % 4000), (node, (node + 7) % 4000)] }
    // Another ring, joined to the first by edges that are, one way round, the third of their node.
    for node in 4000..<4100 {
      let ring = (node - 4000) * 13
      edges += [(node, 4000 + (node + 1) % 100), (node, 4000 + (node + 2) % 100)]
      edges.append(leadsOut ? (ring, node) : (node, ring))
    }
    if isReversed { edges = edges.map { (4199 - $0.0, 4199 - $0.1) } }
    let sample = SampleGraph("border", nodeCount: 4200, edges)
    let graph = try sample.graph()
    verify(try sameForAnyThreads { try graph.connectedComponents($0) }, sample)
    _ = try graph.csc()
    let components = try sameForAnyThreads { try graph.connectedComponents($0) }
    verify(components, sample)
    #expect(components.count == 101)
  }

  @Test("stops when it is told to")
  func cancellation() throws {
    let token = CancellationToken()
    token.cancel()
    let graph = try SampleGraph.path(30).graph()
    #expect(throws: GraphError.cancelled) {
      try graph.connectedComponents(KernelOptions(cancellation: token))
    }
  }
}
