import PFCore
import PFGraph
import Testing

/// A way to find communities.
private enum Method: String, CaseIterable {
  case louvain, leiden, labelPropagation

  func run(
    _ graph: Graph, _ community: CommunityOptions = CommunityOptions(),
    _ options: KernelOptions = KernelOptions()
  ) throws -> Communities {
    switch self {
    case .louvain: try graph.louvain(community, options)
    case .leiden: try graph.leiden(community, options)
    case .labelPropagation: try graph.labelPropagation(community, options)
    }
  }
}

@Suite("communities")
struct CommunitiesTests {
  /// By the definition.
  private func plainModularity(
    _ sample: SampleGraph, _ labels: [Int32], weighted: Bool, resolution: Double
  ) -> Double {
    var strengths = [Double](repeating: 0, count: sample.nodeCount)
    var (within, total) = (0.0, 0.0)
    for index in sample.sources.indices {
      let (source, target) = (Int(sample.sources[index]), Int(sample.targets[index]))
      let weight = weighted ? sample.weights[index] : 1
      strengths[Int(labels[source])] += weight
      strengths[Int(labels[target])] += weight
      if labels[source] == labels[target] { within += weight }
      total += weight
    }
    guard total > 0 else { return 0 }
    return strengths.reduce(within / total) { sum, strength in
      sum - resolution * (strength / (2 * total)) * (strength / (2 * total))
    }
  }

  private func isConnected(_ neighbors: [[Int]], _ labels: [Int32]) -> Bool {
    var isReached = [Bool](repeating: false, count: labels.count)
    for node in labels.indices where Int(labels[node]) == node {
      isReached[node] = true
      var open = [node]
      while let next = open.popLast() {
        for other in neighbors[next] where !isReached[other] && labels[other] == labels[node] {
          isReached[other] = true
          open.append(other)
        }
      }
    }
    return isReached.allSatisfy { $0 }
  }

  /// Whether no label weighs more among the neighbours of a node than its own.
  private func isStable(_ sample: SampleGraph, _ labels: [Int32], weighted: Bool) -> Bool {
    var weights = [[Int32: Double]](repeating: [:], count: labels.count)
    for index in sample.sources.indices {
      let (source, target) = (Int(sample.sources[index]), Int(sample.targets[index]))
      guard source != target else { continue }
      let weight = weighted ? sample.weights[index] : 1
      weights[source][labels[target], default: 0] += weight
      weights[target][labels[source], default: 0] += weight
    }
    return labels.indices.allSatisfy { node in
      (weights[node].values.max() ?? 0) <= weights[node][labels[node]] ?? 0
    }
  }

  /// Groups of nodes with more edges within than between.
  private func planted(groups: Int, size: Int, seed: UInt64) -> SampleGraph {
    var random = Seeded(seed)
    var edges: [(Int, Int)] = []
    for node in 0..<groups * size {
      for other in node + 1..<max(groups * size, node + 1) {
        let chance = node / size == other / size ? 0.5 : 0.01
        if Double.random(in: 0..<1, using: &random) < chance { edges.append((node, other)) }
      }
    }
    return SampleGraph("planted(\(groups), \(size))", nodeCount: groups * size, edges)
  }

  @Test(
    "are named by their smallest nodes, and worth what is said",
    arguments: SampleGraph.all, [true, false])
  func answers(sample: SampleGraph, weighted: Bool) throws {
    let graph = try sample.graph(directed: false, weighted: weighted)
    let neighbors = plainNeighbors(sample, directed: false)
    for method in Method.allCases {
      for resolution in sample.nodeCount > 200 ? [1.0] : [1, 0.5, 3] {
        let options = CommunityOptions(resolution: resolution)
        let found = try sameForAnyThreads { try method.run(graph, options, $0) }
        let labels = [Int32](found.labels)
        var smallest: [Int32: Int] = [:]
        for node in labels.indices { smallest[labels[node]] = smallest[labels[node]] ?? node }
        #expect(smallest.allSatisfy { Int($0.key) == $0.value })
        #expect(found.count == smallest.count)
        let expected = plainModularity(
          sample, labels, weighted: weighted, resolution: resolution)
        #expect(abs(found.modularity - expected) < 1e-9)
        if method == .leiden { #expect(isConnected(neighbors, labels)) }
        if method == .labelPropagation {
          #expect(isStable(sample, labels, weighted: weighted))
        }
        // Each node by itself is where all begin.
        let alone = plainModularity(
          sample, labels.indices.map { Int32($0) }, weighted: weighted, resolution: resolution)
        if method != .labelPropagation { #expect(found.modularity >= alone - 1e-9) }
      }
    }
  }

  @Test(
    "are the same on any number of threads",
    arguments: SampleGraph.large.filter { $0.nodeCount <= 10_000 })
  func threads(sample: SampleGraph) throws {
    let graph = try sample.graph(directed: false, weighted: true)
    let neighbors = plainNeighbors(sample, directed: false)
    for method in Method.allCases {
      let found = try sameForAnyThreads { try method.run(graph, CommunityOptions(), $0) }
      if method == .leiden { #expect(isConnected(neighbors, [Int32](found.labels))) }
    }
  }

  @Test("that were planted are found")
  func planted() throws {
    let sample = planted(groups: 8, size: 40, seed: 3)
    let graph = try sample.graph(directed: false)
    let truth = (0..<320).map { Int32($0 / 40 * 40) }
    for method in Method.allCases {
      for seed in UInt64(0)..<5 {
        let found = try method.run(graph, CommunityOptions(seed: seed))
        let labels = [Int32](found.labels)
        if method != .labelPropagation {
          let isTruth = labels == truth
          #expect(isTruth, "\(method), \(seed)")
          continue
        }
        // Labels may flood a second group, but never tear one apart.
        let isWhole = labels.indices.allSatisfy { labels[$0] == labels[$0 / 40 * 40] }
        #expect(isWhole && found.count > 4, "\(seed), \(found.count)")
      }
    }
  }

  @Test("of the karate club are as good as is known to be possible, or nearly")
  func karate() throws {
    // Zachary, "An Information Flow Model for Conflict and Fission in Small Groups", 1977.
    let above: [[Int]] = [
      [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 17, 19, 21, 31], [2, 3, 7, 13, 17, 19, 21, 30],
      [3, 7, 8, 9, 13, 27, 28, 32], [7, 12, 13], [6, 10], [6, 10, 16], [16], [],
      [30, 32, 33], [33], [], [], [], [33], [32, 33], [32, 33], [], [], [32, 33], [33],
      [32, 33], [], [32, 33], [25, 27, 29, 32, 33], [25, 27, 31], [31], [29, 33], [33],
      [31, 33], [32, 33], [32, 33], [32, 33], [33], [],
    ]
    let sample = SampleGraph(
      "karate", nodeCount: 34, above.enumerated().flatMap { node, all in all.map { (node, $0) } })
    #expect(sample.sources.count == 78)
    let graph = try sample.graph(directed: false)
    for seed in UInt64(0)..<10 {
      #expect(try graph.louvain(CommunityOptions(seed: seed)).modularity > 0.38)
      #expect(try graph.leiden(CommunityOptions(seed: seed)).modularity > 0.40)
    }
  }

  @Test("need a graph without directions and good weights, and stop when told to")
  func refusals() throws {
    let negative = try Graph(
      EdgeList(sources: [0] as [Int32], targets: [1] as [Int32], weights: [-1.0]),
      GraphOptions(isDirected: false))
    let graph = try SampleGraph.path(5).graph(directed: false)
    let token = CancellationToken()
    token.cancel()
    for method in Method.allCases {
      #expect(throws: GraphError.wrongDirection(needsDirected: false)) {
        try method.run(try SampleGraph.path(5).graph())
      }
      #expect(throws: GraphError.badWeight(source: 0, target: 1, weight: -1)) {
        try method.run(negative)
      }
      for wrong in [CommunityOptions(resolution: -1), CommunityOptions(maxLevels: 0)] {
        #expect(throws: GraphError.self) { try method.run(graph, wrong) }
      }
      #expect(throws: GraphError.cancelled) {
        try method.run(graph, CommunityOptions(), KernelOptions(cancellation: token))
      }
    }
  }
}
