import PFCore
import PFGraph
import Testing

@Suite("paths between two nodes")
struct FoundPathTests {
  /// The length of a path by the graph's own edges; infinite where one is missing.
  private func length(of path: [Int32], in graph: Graph) -> Double {
    let offsets = graph.csr.offsets.span(of: Int64.self)
    let neighbors = graph.csr.neighbors.span(of: Int32.self)
    var length = 0.0
    for (node, next) in zip(path, path.dropFirst()) {
      var least = Double.infinity
      for entry in Int(offsets[Int(node)])..<Int(offsets[Int(node) + 1])
      where neighbors[entry] == next {
        least = min(least, graph.csr.weights?[entry] ?? 1)
      }
      length += least
    }
    return length
  }

  private static let samples = SampleGraph.all.filter { $0.nodeCount > 0 && $0.nodeCount < 3000 }

  @Test("of the fewest edges, searched from both", arguments: samples, [true, false])
  func fewestEdges(sample: SampleGraph, directed: Bool) throws {
    let graph = try sample.graph(directed: directed)
    var random = Seeded(3)
    for _ in 0..<8 {
      let source = Int.random(in: 0..<sample.nodeCount, using: &random)
      let target = Int.random(in: 0..<sample.nodeCount, using: &random)
      let hops = try graph.breadthFirst(from: [source]).distances[target]
      let path = try sameForAnyThreads { try graph.shortestPath(from: source, to: target, $0) }
      #expect((path == nil) == (hops < 0))
      guard let path else { continue }
      let nodes = [Int32](path.nodes)
      #expect(nodes.first == Int32(source) && nodes.last == Int32(target))
      #expect(path.length == Double(hops) && length(of: nodes, in: graph) == Double(hops))
    }
  }

  @Test("of the least length, with bounds and without", arguments: samples, [true, false])
  func leastLength(sample: SampleGraph, directed: Bool) throws {
    let graph = try sample.graph(directed: directed, weighted: true)
    let back = try Graph(
      EdgeList(sources: sample.targets, targets: sample.sources, weights: sample.weights),
      GraphOptions(isDirected: directed, nodeCount: sample.nodeCount))
    var random = Seeded(4)
    for _ in 0..<3 {
      let source = Int.random(in: 0..<sample.nodeCount, using: &random)
      let target = Int.random(in: 0..<sample.nodeCount, using: &random)
      let all = try graph.shortestPaths(from: [source])
      let bounds = [Double](try back.shortestPaths(from: [target]).distances)
      let path = try graph.lightestPath(from: source, to: target)
      #expect(path.map { [Int32]($0.nodes).map { Int($0) } } == all.path(to: target))
      // Exact bounds, none, and some that are not consistent.
      let hints: [(Int) -> Double] = [
        { bounds[$0] }, { _ in 0 }, { $0 % 3 == 0 ? bounds[$0] : bounds[$0] / 4 },
      ]
      for hint in hints {
        var asked: Set<Int> = []
        let found = try graph.aStar(from: source, to: target) {
          #expect(asked.insert($0).inserted)
          return hint($0)
        }
        #expect((found == nil) == (path == nil))
        guard let found else { continue }
        let nodes = [Int32](found.nodes)
        #expect(nodes.first == Int32(source) && nodes.last == Int32(target))
        #expect(found.length == all.distances[target])
        #expect(length(of: nodes, in: graph) == found.length)
      }
    }
  }

  @Test("walk towards their target")
  func direction() throws {
    let graph = try SampleGraph.grid(40, 40).graph()
    var asked = 0
    let target = 20 * 40 + 39
    let path = try graph.aStar(from: 20 * 40, to: target) { node in
      asked += 1
      return Double(abs(node / 40 - 20) + 39 - node % 40)
    }
    #expect(path?.length == 39)
    #expect(asked < 200)
  }

  @Test("may have negative weights where nothing guides them")
  func negative() throws {
    let graph = try Graph(
      EdgeList(sources: [0, 0, 2], targets: [1, 2, 1], weights: [1, 3, -2.5]))
    let path = try graph.lightestPath(from: 0, to: 1)
    #expect(path.map { [Int32]($0.nodes) } == [0, 2, 1] && path?.length == 0.5)
    #expect(throws: GraphError.badWeight(source: 2, target: 1, weight: -2.5)) {
      try graph.aStar(from: 0, to: 1) { _ in 0 }
    }
  }

  @Test("refuse what is no node, and what is no bound")
  func refusals() throws {
    let graph = try SampleGraph.path(5).graph(weighted: true)
    for node in [-1, 5, .max, .min] {
      let (noSource, noTarget) = (
        GraphError.unknownNode(argument: "source", node: Int64(node), nodeCount: 5),
        GraphError.unknownNode(argument: "target", node: Int64(node), nodeCount: 5)
      )
      #expect(throws: noSource) { try graph.shortestPath(from: node, to: 0) }
      #expect(throws: noTarget) { try graph.shortestPath(from: 0, to: node) }
      #expect(throws: noSource) { try graph.lightestPath(from: node, to: 0) }
      #expect(throws: noTarget) { try graph.lightestPath(from: 0, to: node) }
      #expect(throws: noSource) { try graph.aStar(from: node, to: 0) { _ in 0 } }
      #expect(throws: noTarget) { try graph.aStar(from: 0, to: node) { _ in 0 } }
    }
    for bound in [-1, Double.nan] {
      #expect(throws: GraphError.self) { try graph.aStar(from: 0, to: 4) { _ in bound } }
    }
    let token = CancellationToken()
    token.cancel()
    let options = KernelOptions(cancellation: token)
    #expect(throws: GraphError.cancelled) { try graph.shortestPath(from: 0, to: 4, options) }
    #expect(throws: GraphError.cancelled) { try graph.aStar(from: 0, to: 4, options) { _ in 0 } }
  }
}
