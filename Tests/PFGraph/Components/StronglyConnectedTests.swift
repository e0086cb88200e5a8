import PFCore
import PFGraph
import Testing

@Suite("strongly connected components")
struct StronglyConnectedTests {
  /// Labels by the book (Kosaraju): the order in which nodes are left, then a search against the
  /// edges from the last of them.
  private func plainLabels(_ sample: SampleGraph) -> [Int32] {
    let forward = plainNeighbors(sample)
    var backward = [[Int]](repeating: [], count: sample.nodeCount)
    for node in forward.indices {
      for neighbor in forward[node] { backward[neighbor].append(node) }
    }
    var order: [Int] = []
    var isSeen = [Bool](repeating: false, count: sample.nodeCount)
    for start in forward.indices where !isSeen[start] {
      var stack = [(node: start, next: 0)]
      isSeen[start] = true
      while let (node, next) = stack.last {
        if next < forward[node].count {
          stack[stack.count - 1].next += 1
          let neighbor = forward[node][next]
          if !isSeen[neighbor] {
            isSeen[neighbor] = true
            stack.append((neighbor, 0))
          }
        } else {
          order.append(node)
          stack.removeLast()
        }
      }
    }
    var labels = [Int32](repeating: -1, count: sample.nodeCount)
    for start in order.reversed() where labels[start] < 0 {
      var members = [start]
      labels[start] = Int32(start)
      var next = 0
      while next < members.count {
        for neighbor in backward[members[next]] where labels[neighbor] < 0 {
          labels[neighbor] = Int32(start)
          members.append(neighbor)
        }
        next += 1
      }
      let smallest = Int32(members.min() ?? start)
      for member in members { labels[member] = smallest }
    }
    return labels
  }

  private func verify(_ components: Components, _ sample: SampleGraph) {
    let labels = [Int32](components.labels)
    #expect(labels == plainLabels(sample))
    #expect(components.count == Set(labels).count)
    #expect(components.sizes().reduce(0) { $0 + $1.nodeCount } == sample.nodeCount)
  }

  /// Whether nodes share a label exactly where each leads to the other.
  private func isMutual(_ components: Components, _ graph: Graph) throws -> Bool {
    let labels = [Int32](components.labels)
    let reached = try labels.indices.map { [Int32](try graph.breadthFirst(from: [$0]).distances) }
    for one in labels.indices {
      for other in labels.indices {
        let isMutual = reached[one][other] >= 0 && reached[other][one] >= 0
        if isMutual != (labels[one] == labels[other]) { return false }
      }
    }
    return true
  }

  @Test("finds the smallest node of each component", arguments: SampleGraph.all)
  func answers(sample: SampleGraph) throws {
    let graph = try sample.graph()
    let components = try sameForAnyThreads { try graph.stronglyConnectedComponents($0) }
    verify(components, sample)
    for method in StronglyConnectedMethod.allCases {
      let others = try sameForAnyThreads { options in
        try graph.stronglyConnectedComponents(method: method, options)
      }
      #expect(others == components)
    }
    if sample.nodeCount <= 200 { #expect(try isMutual(components, graph)) }
    _ = try graph.csc()
    #expect(try sameForAnyThreads { try graph.stronglyConnectedComponents($0) } == components)
    let joined = try sample.graph(directed: false)
    #expect(try joined.stronglyConnectedComponents() == joined.connectedComponents())
  }

  @Test("has the same bits on any number of threads", arguments: SampleGraph.large)
  func threads(sample: SampleGraph) throws {
    let graph = try sample.graph()
    let components = try sameForAnyThreads { try graph.stronglyConnectedComponents($0) }
    verify(components, sample)
    _ = try graph.csc()
    #expect(try sameForAnyThreads { try graph.stronglyConnectedComponents($0) } == components)
  }

  @Test("finds nested and chained cycles", arguments: 1...12)
  func sparse(seed: Int) throws {
    // Around one edge a node is where components of many sizes are.
    for edges in [40, 60, 90, 140] {
      let sample = SampleGraph.random(60, edges: edges, seed: UInt64(seed * 100 + edges))
      let graph = try sample.graph()
      let components = try graph.stronglyConnectedComponents()
      verify(components, sample)
      #expect(try isMutual(components, graph))
    }
  }

  @Test("finds a component before or behind which most nodes are", arguments: [false, true])
  func oneSided(turned: Bool) throws {
    var random = Seeded(21)
    let core = 3000..<5000
    var edges = (0..<16_000).map { _ in
      (Int.random(in: core, using: &random), Int.random(in: core, using: &random))
    }
    // Trees towards the core, with small ways round among them; many nodes have no edge to them.
    for node in 0..<12_000 where !core.contains(node) {
      edges.append((node, Int.random(in: node > 6000 ? 2000..<6000 : core, using: &random)))
      if node % 9 == 0 { edges += [(node, node + 1), (node + 1, node)] }
    }
    let sample = SampleGraph(
      "one-sided", nodeCount: 12_001, edges.map { turned ? ($0.1, $0.0) : $0 })
    let graph = try sample.graph()
    let components = try sameForAnyThreads { try graph.stronglyConnectedComponents($0) }
    verify(components, sample)
    #expect(try graph.stronglyConnectedComponents(method: .tarjan) == components)
  }

  @Test("walks a way of any length")
  func deep() throws {
    let path = try SampleGraph.path(100_000).graph().stronglyConnectedComponents()
    #expect(path.count == 100_000)
    let cycle = try SampleGraph.cycle(100_000).graph().stronglyConnectedComponents()
    #expect(cycle.count == 1 && cycle.labels[99_999] == 0)
  }

  @Test("stops when it is told to")
  func cancellation() throws {
    let token = CancellationToken()
    token.cancel()
    let graph = try SampleGraph.path(30).graph()
    #expect(throws: GraphError.cancelled) {
      try graph.stronglyConnectedComponents(KernelOptions(cancellation: token))
    }
  }
}
