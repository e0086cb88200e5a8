import PFGraph
import Testing

@Suite("bipartition")
struct BipartitionTests {
  @Test(
    "has two sides or an odd cycle", arguments: SampleGraph.all + SampleGraph.large, [true, false])
  func answers(sample: SampleGraph, directed: Bool) throws {
    let neighbors = plainNeighbors(sample, directed: false)
    // Some of the edges join numbers of which one is odd: sides exist.
    let even = zip(sample.sources, sample.targets).filter { ($0 + $1) % 2 == 1 }
    let graphs = [
      try sample.graph(directed: directed),
      try Graph(
        EdgeList(sources: even.map(\.0), targets: even.map(\.1)),
        GraphOptions(isDirected: directed, nodeCount: sample.nodeCount)),
    ]
    for (index, graph) in graphs.enumerated() {
      switch try sameForAnyThreads({ try graph.bipartition($0) }) {
      case .sides(let sides):
        let edges = index == 0 ? Array(zip(sample.sources, sample.targets)) : even
        #expect(sides.count == sample.nodeCount)
        #expect(edges.allSatisfy { sides[Int($0.0)] + sides[Int($0.1)] == 1 })
        let labels = try graph.connectedComponents().labels
        for node in 0..<sample.nodeCount where labels[node] == node { #expect(sides[node] == 0) }
      case .oddCycle(let cycle):
        #expect(index == 0)
        #expect(cycle.count % 2 == 1 && Set(cycle).count == cycle.count)
        #expect(cycle.first == cycle.min())
        for (node, next) in zip(cycle, cycle.dropFirst() + cycle.prefix(1)) {
          #expect(neighbors[node].contains(next))
        }
      }
    }
  }

  @Test("knows the worked examples")
  func examples() throws {
    #expect(try SampleGraph.cycle(5).graph().bipartition() == .oddCycle([0, 1, 2, 3, 4]))
    guard case .sides(let sides) = try SampleGraph.path(4).graph().bipartition() else {
      Issue.record("a path has sides")
      return
    }
    #expect([Int32](sides) == [0, 1, 0, 1])
    let loop = SampleGraph("loop", nodeCount: 2, [(0, 1), (1, 1)])
    #expect(try loop.graph(directed: false).bipartition() == .oddCycle([1]))
  }
}
