import PFCore
import PFGraph
import Testing

@Suite("minimum spanning forest")
struct SpanningForestTests {
  /// Kruskal by the book: the edges of a forest, by weight, then ends.
  private func plainForest(_ sample: SampleGraph, weighted: Bool) -> [(Int32, Int32, Double)] {
    var edges: [(Int32, Int32, Double)] = []
    for index in sample.sources.indices {
      let (source, target) = (sample.sources[index], sample.targets[index])
      edges.append((min(source, target), max(source, target), weighted ? sample.weights[index] : 1))
    }
    edges.sort { ($0.2, $0.0, $0.1) < ($1.2, $1.0, $1.1) }
    var roots = Array(0..<Int32(sample.nodeCount))
    func root(_ node: Int32) -> Int32 {
      var node = node
      while roots[Int(node)] != node {
        roots[Int(node)] = roots[Int(roots[Int(node)])]
        node = roots[Int(node)]
      }
      return node
    }
    var forest: [(Int32, Int32, Double)] = []
    for edge in edges {
      let (one, two) = (root(edge.0), root(edge.1))
      guard one != two else { continue }
      roots[Int(one)] = two
      forest.append(edge)
    }
    return forest.sorted { ($0.0, $0.1) < ($1.0, $1.1) }
  }

  @Test(
    "is the one of the order of all edges", arguments: SampleGraph.all + SampleGraph.large,
    [true, false])
  func answers(sample: SampleGraph, weighted: Bool) throws {
    let graph = try sample.graph(directed: false, weighted: weighted)
    let forest = try sameForAnyThreads { try graph.minimumSpanningForest($0) }
    let plain = plainForest(sample, weighted: weighted)
    #expect([Int32](forest.sources) == plain.map(\.0))
    #expect([Int32](forest.targets) == plain.map(\.1))
    #expect([Double](forest.weights) == plain.map(\.2))
    #expect(forest.totalWeight == plain.reduce(0) { $0 + $1.2 })
  }

  @Test("takes negative and infinite weights, and no directions")
  func weights() throws {
    func graph(_ weights: [Double], directed: Bool = false) throws -> Graph {
      try Graph(
        EdgeList(sources: [0, 1, 0, 2], targets: [1, 2, 2, 3], weights: weights),
        GraphOptions(isDirected: directed))
    }
    let forest = try graph([-1, -3, -2, .infinity]).minimumSpanningForest()
    #expect([Int32](forest.sources) == [0, 1, 2] && [Int32](forest.targets) == [2, 2, 3])
    #expect(forest.totalWeight == .infinity)
    #expect(throws: GraphError.self) { try graph([1, .nan, 1, 1]).minimumSpanningForest() }
    #expect(throws: GraphError.wrongDirection(needsDirected: false)) {
      try graph([1, 1, 1, 1], directed: true).minimumSpanningForest()
    }
    let token = CancellationToken()
    let stops = KernelOptions(cancellation: token, progress: { _ in token.cancel() })
    #expect(throws: GraphError.cancelled) {
      try SampleGraph.path(100).graph(directed: false).minimumSpanningForest(stops)
    }
  }
}
