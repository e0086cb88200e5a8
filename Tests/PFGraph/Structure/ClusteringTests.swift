import PFCore
import PFGraph
import Testing

@Suite("clustering")
struct ClusteringTests {
  @Test("is as the definition has it", arguments: SampleGraph.all)
  func answers(sample: SampleGraph) throws {
    let graph = try sample.graph(directed: false)
    let clustering = try sameForAnyThreads { try graph.clustering($0) }
    var sets = plainNeighbors(sample, directed: false).map { Set($0) }
    for node in sets.indices { sets[node].remove(node) }
    var (closed, pairs) = (0, 0)
    for node in sets.indices {
      let count = sets[node].reduce(0) { sum, other in
        sum + sets[node].count { $0 > other && sets[other].contains($0) }
      }
      let its = sets[node].count * (sets[node].count - 1) / 2
      #expect(clustering.triangles[node] == Int64(count))
      #expect(clustering.coefficients[node] == (its > 0 ? Double(count) / Double(its) : 0))
      closed += count
      pairs += its
    }
    #expect(clustering.triangleCount == closed / 3)
    #expect(try graph.triangleCount() == clustering.triangleCount)
    #expect(clustering.transitivity == (closed > 0 ? Double(closed) / Double(pairs) : 0))
    let simple = try sample.graph(directed: false, duplicates: .first, keepsSelfLoops: false)
    #expect(try simple.clustering() == clustering)
  }

  /// The edges that join two different nodes, parallel ones once: 0, 1 or 2.
  private func edgeCounts(_ sample: SampleGraph) -> [[Int]] {
    let sets = plainNeighbors(sample).map { Set($0) }
    return sets.indices.map { node in
      sets.indices.map { other in
        let isOne = node != other && sets[node].contains(other)
        return (isOne ? 1 : 0) + (node != other && sets[other].contains(node) ? 1 : 0)
      }
    }
  }

  @Test("is as the definition has it where edges have directions", arguments: SampleGraph.all)
  func directedAnswers(sample: SampleGraph) throws {
    let graph = try sample.graph()
    let coefficients = try sameForAnyThreads { try graph.clusteringCoefficients($0) }
    let counts = edgeCounts(sample)
    for node in counts.indices {
      let near = counts.indices.filter { counts[node][$0] > 0 }
      let degree = near.reduce(0) { $0 + counts[node][$1] }
      let twice = near.count { counts[node][$0] == 2 }
      var triangles = 0
      for (index, one) in near.enumerated() {
        for other in near[..<index] {
          triangles += counts[node][one] * counts[node][other] * counts[one][other]
        }
      }
      let possible = degree * (degree - 1) - 2 * twice
      #expect(coefficients[node] == (triangles > 0 ? Double(triangles) / Double(possible) : 0))
    }
    let undirected = try sample.graph(directed: false)
    #expect(
      try undirected.clusteringCoefficients() == undirected.clustering().coefficients)
  }

  @Test("has the same bits on any number of threads", arguments: SampleGraph.large)
  func threads(sample: SampleGraph) throws {
    let graph = try sample.graph(directed: false)
    let clustering = try sameForAnyThreads { try graph.clustering($0) }
    #expect(clustering.triangleCount == (try graph.triangleCount()))
    let directed = try sample.graph()
    _ = try sameForAnyThreads { try directed.clusteringCoefficients($0) }
  }

  @Test("of a complete graph is 1, of a graph without nodes 0")
  func known() throws {
    let complete = try SampleGraph.complete(20).graph(directed: false).clustering()
    #expect(complete.transitivity == 1)
    #expect(complete.averageCoefficient == 1)
    #expect(complete.triangles[7] == 171)
    let none = try SampleGraph("none", nodeCount: 0, []).graph(directed: false).clustering()
    #expect(none.averageCoefficient == 0)
  }

  @Test("needs a graph without directions, and stops when told to")
  func refusals() throws {
    #expect(throws: GraphError.wrongDirection(needsDirected: false)) {
      try SampleGraph.path(5).graph().clustering()
    }
    let token = CancellationToken()
    token.cancel()
    #expect(throws: GraphError.cancelled) {
      try SampleGraph.path(5).graph(directed: false).clustering(KernelOptions(cancellation: token))
    }
    #expect(throws: GraphError.cancelled) {
      try SampleGraph.path(5).graph().clusteringCoefficients(KernelOptions(cancellation: token))
    }
  }
}

@Suite("degrees of all kinds")
struct DegreeTests {
  @Test("are counted from the edges", arguments: SampleGraph.all, [true, false])
  func answers(sample: SampleGraph, directed: Bool) throws {
    let graph = try sample.graph(directed: directed)
    var ends = [Int64](repeating: 0, count: sample.nodeCount)
    for node in sample.sources + sample.targets { ends[Int(node)] += 1 }
    let degrees = try sameForAnyThreads { try graph.degrees(.both, $0) }
    #expect([Int64](degrees) == ends)
    #expect(try graph.degrees(.out) == graph.outDegrees())
    #expect(try graph.degrees(.in) == graph.inDegrees())

    let statistics = try sameForAnyThreads { try graph.degreeStatistics(.both, $0) }
    #expect(statistics.smallest == Int(ends.min() ?? 0))
    #expect(statistics.largest == Int(ends.max() ?? 0))
    #expect(statistics.isolatedCount == ends.count { $0 == 0 })
    #expect(statistics.selfLoopCount == zip(sample.sources, sample.targets).count { $0 == $1 })
    for (degree, count) in [Int64](statistics.histogram).enumerated() {
      #expect(Int(count) == ends.count { $0 == degree })
    }
    let mean = Double(ends.reduce(0, +)) / Double(max(ends.count, 1))
    #expect(abs(statistics.mean - mean) < 1e-12)

    let centrality = try sameForAnyThreads { try graph.degreeCentrality(.both, $0) }
    if ends.count == 1 {
      #expect(centrality[0] == 1)
    } else {
      for node in ends.indices {
        #expect(abs(centrality[node] - Double(ends[node]) / Double(ends.count - 1)) < 1e-12)
      }
    }
    let token = CancellationToken()
    token.cancel()
    let options = KernelOptions(cancellation: token)
    #expect(throws: GraphError.cancelled) { try graph.degreeStatistics(.both, options) }
    #expect(throws: GraphError.cancelled) { try graph.degreeCentrality(.both, options) }
  }
}
