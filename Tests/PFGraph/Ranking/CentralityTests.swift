import PFCore
import PFGraph
import Testing

/// What an edge weighs, for each pair of nodes; edges without directions at both ends.
private func plainMatrix(_ sample: SampleGraph, directed: Bool, weighted: Bool) -> [[Int: Double]] {
  var rows = [[Int: Double]](repeating: [:], count: sample.nodeCount)
  for index in sample.sources.indices {
    let (source, target) = (Int(sample.sources[index]), Int(sample.targets[index]))
    let weight = weighted ? sample.weights[index] : 1
    rows[source][target, default: 0] += weight
    if !directed, source != target { rows[target][source, default: 0] += weight }
  }
  return rows
}

/// The sum of what leads to each node.
private func pulled(_ rows: [[Int: Double]], _ scores: [Double]) -> [Double] {
  var sums = [Double](repeating: 0, count: scores.count)
  for source in rows.indices {
    for (target, weight) in rows[source] { sums[target] += weight * scores[source] }
  }
  return sums
}

private func pushed(_ rows: [[Int: Double]], _ scores: [Double]) -> [Double] {
  rows.map { row in row.reduce(0) { $0 + $1.value * scores[$1.key] } }
}

private func largestDifference(_ left: [Double], _ right: [Double]) -> Double {
  zip(left, right).reduce(0) { max($0, abs($1.0 - $1.1)) }
}

private let small = SampleGraph.all.filter { $0.nodeCount <= 200 }

@Suite("hubs and authorities")
struct HITSTests {
  @Test("are made of each other", arguments: small, [true, false])
  func answers(sample: SampleGraph, weighted: Bool) throws {
    let graph = try sample.graph(weighted: weighted)
    let scoring = ScoreOptions(tolerance: 1e-8, maxIterations: 20_000, usesWeights: true)
    let answer = try sameForAnyThreads { try graph.hits(scoring, $0) }
    let (hubs, authorities) = ([Double](answer.hubs), [Double](answer.authorities))
    let rows = plainMatrix(sample, directed: true, weighted: weighted)
    guard rows.contains(where: { $0.values.contains { $0 > 0 } }) else {
      #expect(hubs.allSatisfy { $0 == 0 } && authorities.allSatisfy { $0 == 0 })
      return
    }
    #expect(abs(hubs.reduce(0, +) - 1) < 1e-9)
    #expect(abs(authorities.reduce(0, +) - 1) < 1e-9)
    let next = pulled(rows, hubs)
    let sum = next.reduce(0, +)
    #expect(largestDifference(next.map { $0 / sum }, authorities) < 1e-6)
  }

  @Test("are scaled by the largest where that is asked for")
  func unscaled() throws {
    let graph = try SampleGraph.random(50, edges: 200, seed: 3).graph()
    let answer = try graph.hits(normalized: false)
    #expect([Double](answer.hubs).max() == 1)
    #expect([Double](answer.authorities).max() == 1)
  }
}

@Suite("eigenvector and Katz centrality")
struct EigenvectorTests {
  @Test("eigenvector scores are an eigenvector", arguments: small, [true, false])
  func eigenvector(sample: SampleGraph, weighted: Bool) throws {
    // A graph without directions always has one that the iteration comes to.
    let graph = try sample.graph(directed: false, weighted: weighted)
    let scoring = ScoreOptions(tolerance: 1e-9, maxIterations: 20_000, usesWeights: true)
    let answer = try sameForAnyThreads { try graph.eigenvectorCentrality(scoring, $0) }
    let scores = [Double](answer.scores)
    guard !scores.isEmpty else { return }
    #expect(abs(scores.reduce(0) { $0 + $1 * $1 } - 1) < 1e-9)
    let next = pulled(plainMatrix(sample, directed: false, weighted: weighted), scores)
    let value = next.reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(largestDifference(next, scores.map { $0 * value }) < 1e-5 * max(value, 1))
  }

  @Test("Katz scores satisfy their equation", arguments: small, [true, false])
  func katz(sample: SampleGraph, directed: Bool) throws {
    let graph = try sample.graph(directed: directed)
    let most = max([Int64](try graph.degrees(.both)).max() ?? 0, 1)
    let alpha = 0.5 / Double(most)
    let betas = (0..<sample.nodeCount).map { Double($0 % 3) + 0.5 }
    let scoring = ScoreOptions(tolerance: 1e-14, maxIterations: 1000)
    let answer = try sameForAnyThreads {
      try graph.katzCentrality(alpha: alpha, betas: betas, normalized: false, scoring, $0)
    }
    let scores = [Double](answer.scores)
    let next = pulled(plainMatrix(sample, directed: directed, weighted: false), scores)
    #expect(largestDifference(zip(next, betas).map { alpha * $0 + $1 }, scores) < 1e-9)
    let scaled = try graph.katzCentrality(alpha: alpha, betas: betas, scoring)
    if sample.nodeCount > 0 {
      #expect(abs([Double](scaled.scores).reduce(0) { $0 + $1 * $1 } - 1) < 1e-9)
    }
  }

  @Test("say why there is no answer")
  func refusals() throws {
    let graph = try SampleGraph.complete(20).graph()
    #expect(throws: GraphError.self) { try graph.katzCentrality(alpha: 0.5) }
    #expect(throws: GraphError.invalidArgument(name: "alpha", why: "it is not finite")) {
      try graph.katzCentrality(alpha: .nan)
    }
    #expect(throws: GraphError.invalidArgument(name: "beta", why: "it is not finite")) {
      try graph.katzCentrality(beta: .infinity)
    }
    #expect(
      throws: GraphError.lengthMismatch(first: "beta", count: 1, second: "nodes", otherCount: 20)
    ) { try graph.katzCentrality(betas: [1]) }
    #expect(throws: GraphError.self) {
      try graph.eigenvectorCentrality(ScoreOptions(maxIterations: 0))
    }
    #expect(throws: GraphError.self) { try graph.hits(ScoreOptions(tolerance: .nan)) }
    let negative = try Graph(
      EdgeList(sources: [0, 1] as [Int32], targets: [1, 0] as [Int32], weights: [1.0, -2.0]))
    #expect(throws: GraphError.badWeight(source: 1, target: 0, weight: -2)) { try negative.hits() }
    let token = CancellationToken()
    token.cancel()
    let options = KernelOptions(cancellation: token)
    #expect(throws: GraphError.cancelled) { try graph.hits(ScoreOptions(), options) }
    #expect(throws: GraphError.cancelled) {
      try graph.eigenvectorCentrality(ScoreOptions(), options)
    }
    #expect(throws: GraphError.cancelled) { try graph.katzCentrality(ScoreOptions(), options) }
  }
}

/// Distances and numbers of shortest paths from a node; no neighbour is there twice.
private func plainSearch(_ neighbors: [[Int]], from source: Int) -> (
  distances: [Int], paths: [Double]
) {
  var distances = [Int](repeating: -1, count: neighbors.count)
  var paths = [Double](repeating: 0, count: neighbors.count)
  (distances[source], paths[source]) = (0, 1)
  var level = [source]
  while !level.isEmpty {
    var next: [Int] = []
    for node in level {
      for neighbor in neighbors[node] {
        if distances[neighbor] < 0 {
          distances[neighbor] = distances[node] + 1
          next.append(neighbor)
        }
        if distances[neighbor] == distances[node] + 1 { paths[neighbor] += paths[node] }
      }
    }
    level = next
  }
  return (distances, paths)
}

@Suite("closeness")
struct ClosenessTests {
  @Test("is as the definition has it", arguments: SampleGraph.all, [true, false])
  func answers(sample: SampleGraph, directed: Bool) throws {
    let graph = try sample.graph(directed: directed)
    let nodes = Array((0..<sample.nodeCount).reversed().prefix(70))
    let scores = try sameForAnyThreads { try graph.closenessCentrality(of: nodes, $0) }
    let plain = try graph.closenessCentrality(of: nodes, scaled: false)
    var incoming = [[Int]](repeating: [], count: sample.nodeCount)
    for (source, targets) in plainNeighbors(sample, directed: directed).enumerated() {
      for target in Set(targets) { incoming[target].append(source) }
    }
    for (index, node) in nodes.enumerated() {
      let distances = plainSearch(incoming, from: node).distances.filter { $0 > 0 }
      let sum = Double(distances.reduce(0, +))
      let expected = sum > 0 ? Double(distances.count) / sum : 0
      #expect(plain[index] == expected)
      let part = Double(distances.count) / Double(max(sample.nodeCount - 1, 1))
      #expect(abs(scores[index] - expected * part) < 1e-12)
    }
  }

  @Test("of all nodes holds that of each", arguments: SampleGraph.large.prefix(2))
  func subset(sample: SampleGraph) throws {
    let graph = try SampleGraph.random(1500, edges: 9000, seed: 8).graph()
    let all = try sameForAnyThreads { try graph.closenessCentrality($0) }
    let some = try graph.closenessCentrality(of: [700, 3, 3, 1499])
    #expect([Double](some) == [all[700], all[3], all[3], all[1499]])
    _ = try sample.graph().closenessCentrality(of: [0])
  }

  @Test("refuses what is no node, and stops when told to")
  func refusals() throws {
    let graph = try SampleGraph.path(5).graph()
    #expect(throws: GraphError.unknownNode(argument: "node", node: 5, nodeCount: 5)) {
      try graph.closenessCentrality(of: [5])
    }
    let token = CancellationToken()
    token.cancel()
    #expect(throws: GraphError.cancelled) {
      try graph.closenessCentrality(KernelOptions(cancellation: token))
    }
  }
}

@Suite("betweenness")
struct BetweennessTests {
  /// By the definition, over all pairs.
  private func plainScores(_ sample: SampleGraph, directed: Bool) -> [Double] {
    let neighbors = plainNeighbors(sample, directed: directed).map { Array(Set($0)) }
    let searches = neighbors.indices.map { plainSearch(neighbors, from: $0) }
    return neighbors.indices.map { node in
      var score = 0.0
      for source in neighbors.indices where source != node {
        let from = searches[source]
        guard from.distances[node] > 0 else { continue }
        for target in neighbors.indices where target != node && target != source {
          let rest = searches[node].distances[target]
          if rest > 0, from.distances[target] == from.distances[node] + rest {
            score += from.paths[node] * searches[node].paths[target] / from.paths[target]
          }
        }
      }
      return directed ? score : score / 2
    }
  }

  @Test("is as the definition has it", arguments: small, [true, false])
  func answers(sample: SampleGraph, directed: Bool) throws {
    let graph = try sample.graph(directed: directed)
    let scores = try sameForAnyThreads {
      try graph.betweennessCentrality(BetweennessOptions(normalized: false), $0)
    }
    let expected = plainScores(sample, directed: directed)
    let most = max(expected.max() ?? 0, 1)
    #expect(largestDifference([Double](scores), expected) < 1e-9 * most)
    let count = sample.nodeCount
    guard count > 2 else { return }
    let parts = [Double](try graph.betweennessCentrality())
    let pairs = Double((count - 1) * (count - 2)) / (directed ? 1 : 2)
    #expect(largestDifference(parts, expected.map { $0 / pairs }) < 1e-9)
  }

  @Test("is estimated from a sample, the same for the same seed")
  func samples() throws {
    let graph = try SampleGraph.skewed(scale: 9, degree: 8, seed: 5).graph(directed: false)
    let exact = [Double](try graph.betweennessCentrality())
    let seeded = BetweennessOptions(sampleCount: 256, seed: 1)
    let scores = [Double](try sameForAnyThreads { try graph.betweennessCentrality(seeded, $0) })
    #expect(scores != exact)
    #expect(largestDifference(scores, exact) < 0.2 * (exact.max() ?? 0))
    let other = BetweennessOptions(sampleCount: 256, seed: 2)
    #expect([Double](try graph.betweennessCentrality(other)) != scores)
    let all = BetweennessOptions(sources: Array((0..<512).reversed()))
    let turned = [Double](try graph.betweennessCentrality(all))
    #expect(largestDifference(turned, exact) < 1e-12)
    // The estimate from some is the mean of those from each.
    let some = Array(stride(from: 3, to: 512, by: 16))
    var mean = [Double](repeating: 0, count: 512)
    for source in some {
      let one = BetweennessOptions(sources: [source], countsEndpoints: true)
      for (node, score) in [Double](try graph.betweennessCentrality(one)).enumerated() {
        mean[node] += score / Double(some.count)
      }
    }
    let ends = BetweennessOptions(sources: some, countsEndpoints: true)
    #expect(largestDifference(mean, [Double](try graph.betweennessCentrality(ends))) < 1e-12)
  }

  @Test("refuses what it cannot answer, and stops when told to")
  func refusals() throws {
    let graph = try SampleGraph.path(5).graph()
    for options in [
      BetweennessOptions(sampleCount: 6), BetweennessOptions(sampleCount: -1),
      BetweennessOptions(sources: [1, 1]), BetweennessOptions(sources: [5]),
    ] {
      #expect(throws: GraphError.self) { try graph.betweennessCentrality(options) }
    }
    // A chain of diamonds has two ways through each: more than 2¹⁰²⁴ in all.
    let chain = SampleGraph(
      "diamonds", nodeCount: 3 * 1100 + 1,
      (0..<1100).flatMap { link in
        let start = 3 * link
        return [
          (start, start + 1), (start, start + 2), (start + 1, start + 3), (start + 2, start + 3),
        ]
      })
    let one = BetweennessOptions(sources: [0])
    #expect(throws: GraphError.self) { try chain.graph().betweennessCentrality(one) }
    let token = CancellationToken()
    token.cancel()
    #expect(throws: GraphError.cancelled) {
      try graph.betweennessCentrality(
        BetweennessOptions(), KernelOptions(cancellation: token))
    }
  }
}
