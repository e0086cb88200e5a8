import PFArrow
import PFCore
import PFGraph
import Synchronization
import Testing

@Suite("PageRank")
struct PageRankTests {
  /// One iteration by the book, edge by edge.
  private func plainStep(
    _ ranks: [Double], _ edges: [(source: Int, target: Int, weight: Double)], alpha: Double,
    _ jumps: [Double]
  ) -> [Double] {
    var strengths = [Double](repeating: 0, count: ranks.count)
    for edge in edges { strengths[edge.source] += edge.weight }
    let lost = ranks.indices.reduce(0) { strengths[$1] == 0 ? $0 + ranks[$1] : $0 }
    var next = jumps.map { (1 - alpha + alpha * lost) * $0 }
    for edge in edges where edge.weight > 0 {
      next[edge.target] += alpha * ranks[edge.source] * edge.weight / strengths[edge.source]
    }
    return next
  }

  private func plainEdges(_ sample: SampleGraph, directed: Bool, weighted: Bool)
    -> [(source: Int, target: Int, weight: Double)]
  {
    var edges: [(source: Int, target: Int, weight: Double)] = []
    for index in sample.sources.indices {
      let (source, target) = (Int(sample.sources[index]), Int(sample.targets[index]))
      let weight = weighted ? sample.weights[index] : 1
      edges.append((source, target, weight))
      if !directed, source != target { edges.append((target, source, weight)) }
    }
    return edges
  }

  private func change(_ one: [Double], _ other: [Double]) -> Double {
    zip(one, other).reduce(0) { $0 + abs($1.0 - $1.1) }
  }

  /// Holds an answer against its definition: the sum is 1, and one more plain iteration changes
  /// little.
  private func verify(
    _ answer: PageRanks, _ edges: [(source: Int, target: Int, weight: Double)],
    alpha: Double = 0.85, jumps: [Double]? = nil
  ) {
    let ranks = [Double](answer.ranks)
    guard !ranks.isEmpty else { return }
    #expect(abs(ranks.reduce(0, +) - 1) < 1e-9)
    let jumps = jumps ?? [Double](repeating: 1 / Double(ranks.count), count: ranks.count)
    #expect(change(plainStep(ranks, edges, alpha: alpha, jumps), ranks) < 1e-9)
    let isAtLeast = ranks.indices.allSatisfy { ranks[$0] >= (1 - alpha) * jumps[$0] * 0.999_999 }
    #expect(isAtLeast)
  }

  private let exact = PageRankOptions(tolerance: .total(1e-10), maxIterations: 500)

  @Test("is the fixed point", arguments: SampleGraph.all, [true, false])
  func answers(sample: SampleGraph, directed: Bool) throws {
    let graph = try sample.graph(directed: directed)
    let answer = try graph.pageRank(exact)
    #expect(answer.didConverge && answer.residual < 1e-10)
    verify(answer, plainEdges(sample, directed: directed, weighted: false))
    let weighted = try sample.graph(directed: directed, weighted: true)
    #expect(try weighted.pageRank(exact.with { $0.usesWeights = false }) == answer)
    verify(
      try weighted.pageRank(exact), plainEdges(sample, directed: directed, weighted: true))
  }

  @Test("has the same bits on any number of threads", arguments: SampleGraph.large, [true, false])
  func threads(sample: SampleGraph, directed: Bool) throws {
    let options = PageRankOptions(maxIterations: 5, allowsUnconverged: true)
    for weighted in [true, false] {
      let graph = try sample.graph(directed: directed, weighted: weighted)
      let answer = try sameForAnyThreads { try graph.pageRank(options, $0) }
      #expect(abs([Double](answer.ranks).reduce(0, +) - 1) < 1e-9)
    }
  }

  @Test("iterates as the book does")
  func iterations() throws {
    let sample = SampleGraph.skewed(scale: 9, degree: 8, seed: 5)
    let edges = plainEdges(sample, directed: true, weighted: true)
    let jumps = [Double](repeating: 1 / 512, count: 512)
    var ranks = jumps
    let graph = try sample.graph(weighted: true)
    for count in 1...4 {
      let before = ranks
      ranks = plainStep(ranks, edges, alpha: 0.7, jumps)
      let answer = try graph.pageRank(
        PageRankOptions(
          alpha: 0.7, tolerance: .total(0), maxIterations: count, allowsUnconverged: true))
      #expect(answer.iterations == count && !answer.didConverge)
      #expect(change([Double](answer.ranks), ranks) < 1e-13)
      #expect(abs(answer.residual - change(ranks, before)) < 1e-13)
    }
  }

  @Test("jumps by the personalisation, from nodes without a way out too", arguments: [0, 0.5, 1.0])
  func personalization(alpha: Double) throws {
    let sample = SampleGraph.random(1000, edges: 1500, seed: 3)
    var random = Seeded(9)
    let values = (0..<1000).map { $0 % 3 == 0 ? 0 : Double.random(in: 0...5, using: &random) }
    let sum = values.reduce(0, +)
    var options = PageRankOptions(
      alpha: alpha, tolerance: .total(1e-10), maxIterations: 10_000, personalization: values)
    if alpha == 1 {
      // Without jumps there may be no limit; but the sum is kept.
      options.maxIterations = 50
      options.allowsUnconverged = true
      let answer = try sample.graph().pageRank(options)
      #expect(abs([Double](answer.ranks).reduce(0, +) - 1) < 1e-9)
    } else {
      verify(
        try sameForAnyThreads { try sample.graph().pageRank(options, $0) },
        plainEdges(sample, directed: true, weighted: false), alpha: alpha,
        jumps: values.map { $0 / sum })
    }
  }

  @Test("gives isolated nodes and dangling ones their part")
  func dangling() throws {
    // 0 → 1, and 2 alone: 1 and 2 have no way out. With d the rank of these two,
    // r0 = r2 = (0.15 + 0.85 d) / 3 and r1 = r0 + 0.85 r0.
    let graph = try SampleGraph("dangling", nodeCount: 3, [(0, 1)]).graph()
    let ranks = [Double](try graph.pageRank(exact).ranks)
    #expect(abs(ranks[0] - ranks[2]) < 1e-9 && abs(ranks[1] - 1.85 * ranks[0]) < 1e-9)
    #expect(abs(ranks[0] - 1 / 3.85) < 1e-9)
    let none = try SampleGraph("no edges", nodeCount: 4, []).graph().pageRank()
    #expect([Double](none.ranks) == [0.25, 0.25, 0.25, 0.25])
    #expect(none.iterations == 1 && none.didConverge)
  }

  @Test("takes weights of 32 bits")
  func narrowWeights() throws {
    let sample = SampleGraph.random(200, edges: 2000, seed: 2)
    let wide = try sample.graph(weighted: true).pageRank(exact)
    let edges = try EdgeList(
      sources: column(sample.sources), targets: column(sample.targets),
      weights: column(sample.weights.map { Float($0) }))
    let narrow = try Graph(edges, GraphOptions(nodeCount: 200))
    #expect(try narrow.pageRank(exact) == wide)
  }

  private func column<Element: ColumnElement>(_ values: [Element]) throws -> ArrowArray {
    ArrowArray(
      type: Element.arrowType, length: values.count, nullCount: 0,
      buffers: [nil, try Buffer(copying: values)])
  }

  @Test("says when it did not converge")
  func convergence() throws {
    let graph = try SampleGraph.path(1000).graph()
    let options = PageRankOptions(tolerance: .total(1e-12), maxIterations: 3)
    let answer = try graph.pageRank(options.with { $0.allowsUnconverged = true })
    #expect(!answer.didConverge && answer.iterations == 3)
    #expect(throws: GraphError.notConverged(iterations: 3, residual: answer.residual)) {
      try graph.pageRank(options)
    }
    // The two rules differ by the number of nodes.
    let each = try graph.pageRank(PageRankOptions(tolerance: .perNode(1e-6)))
    let all = try graph.pageRank(PageRankOptions(tolerance: .total(1e-3)))
    #expect(each == all)
  }

  @Test("refuses what it cannot use")
  func refusals() throws {
    let sample = SampleGraph("two", nodeCount: 2, [(0, 1), (1, 0)])
    let graph = try sample.graph()
    func refuses(_ name: String, _ change: (inout PageRankOptions) -> Void) {
      #expect {
        try graph.pageRank(PageRankOptions().with(change))
      } throws: { error in
        if case GraphError.invalidArgument(name, _) = error { true } else { false }
      }
    }
    for alpha in [-0.1, 1.1, .nan, .infinity] { refuses("alpha") { $0.alpha = alpha } }
    for limit in [-1, Double.nan] {
      refuses("tolerance") { $0.tolerance = .total(limit) }
      refuses("tolerance") { $0.tolerance = .perNode(limit) }
    }
    for count in [0, -1, Int.min] { refuses("maxIterations") { $0.maxIterations = count } }
    for values in [[0, 0], [-1, 2], [.nan, 1], [.infinity, 1], [1e300, 1e300]] {
      refuses("personalization") { $0.personalization = values }
    }
    #expect(
      throws: GraphError.lengthMismatch(
        first: "personalization", count: 3, second: "nodes", otherCount: 2)
    ) {
      try graph.pageRank(PageRankOptions(personalization: [1, 1, 1]))
    }
    func weighted(_ weights: [Double]) throws -> Graph {
      try Graph(EdgeList(sources: [0, 1], targets: [1, 0], weights: weights))
    }
    for weight in [-1, Double.infinity, -Double.infinity] {
      let graph = try weighted([1, weight])
      #expect(throws: GraphError.badWeight(source: 1, target: 0, weight: weight)) {
        try graph.pageRank()
      }
      #expect(try graph.pageRank(PageRankOptions(usesWeights: false)).didConverge)
    }
    for weight in [1e-300, 1e300] {
      let graph = try weighted([1, weight])
      #expect {
        try graph.pageRank()
      } throws: { error in
        if case GraphError.invalidArgument("weights", _) = error { true } else { false }
      }
    }
    let nan = try weighted([1, .nan])
    #expect(throws: GraphError.self) { try nan.pageRank() }
  }

  @Test("tells each iteration and stops between two")
  func progress() throws {
    let graph = try SampleGraph.path(1000).graph()
    let token = CancellationToken()
    let residuals = Mutex<[Double]>([])
    let options = KernelOptions(
      cancellation: token,
      progress: { progress in
        residuals.withLock { $0.append(progress.residual ?? .nan) }
        if progress.iteration == 4 { token.cancel() }
      })
    #expect(throws: GraphError.cancelled) {
      try graph.pageRank(PageRankOptions(tolerance: .total(1e-15)), options)
    }
    let seen = residuals.withLock { $0 }
    #expect(seen.count == 4 && seen == seen.sorted(by: >))
  }
}

extension PageRankOptions {
  /// The options with something else in them.
  fileprivate func with(_ change: (inout PageRankOptions) -> Void) -> PageRankOptions {
    var options = self
    change(&options)
    return options
  }
}
