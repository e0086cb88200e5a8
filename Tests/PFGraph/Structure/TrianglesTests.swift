import PFCore
import PFGraph
import Testing

@Suite("triangles")
struct TrianglesTests {
  /// By the definition, from the smallest of the three nodes.
  private func plainCount(_ sample: SampleGraph) -> Int {
    let neighbors = plainNeighbors(sample, directed: false).map { Set($0) }
    var count = 0
    for node in neighbors.indices {
      let above = neighbors[node].filter { $0 > node }
      for other in above { count += above.count { $0 > other && neighbors[other].contains($0) } }
    }
    return count
  }

  @Test("are counted once each", arguments: SampleGraph.all)
  func answers(sample: SampleGraph) throws {
    let graph = try sample.graph(directed: false)
    let count = try sameForAnyThreads { try graph.triangleCount($0) }
    #expect(count == plainCount(sample))
    let simple = try sample.graph(directed: false, duplicates: .first, keepsSelfLoops: false)
    #expect(try simple.triangleCount() == count)
  }

  @Test("are as many on any number of threads", arguments: SampleGraph.large)
  func threads(sample: SampleGraph) throws {
    let graph = try sample.graph(directed: false)
    _ = try sameForAnyThreads { try graph.triangleCount($0) }
  }

  @Test("of well-known graphs")
  func known() throws {
    #expect(try SampleGraph.complete(20).graph(directed: false).triangleCount() == 1140)
    #expect(try SampleGraph.cycle(3).graph(directed: false).triangleCount() == 1)
    #expect(try SampleGraph.grid(13, 17).graph(directed: false).triangleCount() == 0)
  }

  @Test("need a graph without directions, and stop when told to")
  func refusals() throws {
    #expect(throws: GraphError.wrongDirection(needsDirected: false)) {
      try SampleGraph.path(5).graph().triangleCount()
    }
    let token = CancellationToken()
    token.cancel()
    #expect(throws: GraphError.cancelled) {
      try SampleGraph.path(5).graph(directed: false)
        .triangleCount(KernelOptions(cancellation: token))
    }
  }
}
