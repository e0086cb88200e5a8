import PFCore
import PFGraph
import Testing

@Suite("topological order")
struct TopologicalOrderTests {
  @Test("puts each node behind all that lead to it", arguments: SampleGraph.all + SampleGraph.large)
  func acyclic(sample: SampleGraph) throws {
    // From smaller to larger ids by a permutation: no cycle.
    var random = Seeded(9)
    let names = (0..<Int32(sample.nodeCount)).shuffled(using: &random)
    let edges = zip(sample.sources, sample.targets).filter { $0 != $1 }
      .map { (names[Int(min($0, $1))], names[Int(max($0, $1))]) }
    let graph = try Graph(
      EdgeList(sources: edges.map(\.0), targets: edges.map(\.1)),
      GraphOptions(nodeCount: sample.nodeCount))
    let order = try sameForAnyThreads { try graph.topologicalOrder($0) }
    var places = [Int](repeating: -1, count: sample.nodeCount)
    for place in 0..<order.count { places[Int(order[place])] = place }
    #expect(order.count == sample.nodeCount && !places.contains(-1))
    #expect(edges.allSatisfy { places[Int($0.0)] < places[Int($0.1)] })
  }

  @Test("names a cycle", arguments: SampleGraph.all)
  func cyclic(sample: SampleGraph) throws {
    let neighbors = plainNeighbors(sample)
    do {
      let order = try sample.graph().topologicalOrder()
      var places = [Int](repeating: -1, count: sample.nodeCount)
      for place in 0..<order.count { places[Int(order[place])] = place }
      for (node, neighbors) in neighbors.enumerated() {
        #expect(neighbors.allSatisfy { places[node] < places[$0] })
      }
    } catch GraphError.cycle(let cycle) {
      #expect(cycle.first == cycle.min() && Set(cycle).count == cycle.count)
      for (node, next) in zip(cycle, cycle.dropFirst() + cycle.prefix(1)) {
        #expect(neighbors[node].contains(next))
      }
    }
  }

  @Test("is that of the worked example, and needs directions")
  func examples() throws {
    let sample = SampleGraph("diamond", nodeCount: 5, [(3, 1), (3, 0), (0, 2), (1, 2), (4, 1)])
    #expect([Int32](try sample.graph().topologicalOrder()) == [3, 4, 0, 1, 2])
    #expect(throws: GraphError.wrongDirection(needsDirected: true)) {
      try sample.graph(directed: false).topologicalOrder()
    }
    let token = CancellationToken()
    token.cancel()
    #expect(throws: GraphError.cancelled) {
      try sample.graph().topologicalOrder(KernelOptions(cancellation: token))
    }
  }
}
