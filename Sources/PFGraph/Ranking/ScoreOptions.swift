/// How scores that a power iteration finds are computed.
public struct ScoreOptions: Equatable, Sendable {
  /// When the scores are good: each method says what it compares with it.
  public var tolerance: Double
  /// The most iterations; at least 1.
  public var maxIterations: Int
  /// Whether edges count by their weights, where they have any.
  public var usesWeights: Bool

  /// Options from what differs from the usual.
  public init(tolerance: Double = 1e-6, maxIterations: Int = 100, usesWeights: Bool = false) {
    self.tolerance = tolerance
    self.maxIterations = maxIterations
    self.usesWeights = usesWeights
  }

  fileprivate func check() throws(GraphError) {
    guard maxIterations >= 1 else {
      throw .invalidArgument(name: "maxIterations", why: "there must be one at least")
    }
    guard tolerance >= 0 else {
      throw .invalidArgument(name: "tolerance", why: "a tolerance is not negative")
    }
  }
}

/// Scores that a power iteration found.
public struct NodeScores: Equatable, Sendable {
  /// The score of each node.
  public let scores: NodeColumn<Double>
  /// The iterations done.
  public let iterations: Int
  /// What the last of them changed.
  public let residual: Double
}

/// The state of a power iteration: lists to pull along, and the scores of this step and the last.
struct PowerIteration {
  let kernel: Kernel
  /// The edges by source and by target.
  let outgoing: WeightedLists
  let incoming: WeightedLists
  let nodeCount: Int
  private let scoring: ScoreOptions

  static let grain = 1 << 12

  /// Calls `body` with an iteration over the edges of a graph, whose weights it checks.
  static func run<Result>(
    _ graph: Graph, _ scoring: ScoreOptions, _ options: KernelOptions,
    _ body: (PowerIteration) throws(GraphError) -> Result
  ) throws(GraphError) -> Result {
    try scoring.check()
    let incoming = try graph.csc(options).adjacency
    return try Kernel.run(options) { (kernel) throws(GraphError) in
      try withExtendedLifetime((graph, incoming)) { () throws(GraphError) in
        let outgoing = try kernel.weighted(graph.csr.adjacency, usesWeights: scoring.usesWeights)
        try kernel.checkWeights(outgoing)
        return try body(
          PowerIteration(
            kernel: kernel, outgoing: outgoing,
            incoming: graph.isDirected
              ? kernel.weighted(incoming, usesWeights: scoring.usesWeights) : outgoing,
            nodeCount: graph.nodeCount, scoring: scoring))
      }
    }
  }

  /// Calls `step`, which gives what it changed, until that is below `limit`.
  func iterate(below limit: Double, _ step: () throws(GraphError) -> Double) throws(GraphError)
    -> (iterations: Int, residual: Double)
  {
    for iteration in 1...scoring.maxIterations {
      let residual = try step()
      try kernel.report(iteration: iteration, residual: residual)
      if residual < limit { return (iteration, residual) }
      if iteration == scoring.maxIterations {
        throw .notConverged(iterations: iteration, residual: residual)
      }
    }
    return (0, 0)
  }

  /// The tolerance that is meant for each node.
  var limit: Double { scoring.tolerance * Double(nodeCount) }

  /// The tolerance that is meant for all nodes together.
  var totalLimit: Double { scoring.tolerance }

  /// The sum of what `value` has for each node.
  @inline(never)
  func sum(_ value: @Sendable (Int) -> Double) throws(GraphError) -> Double {
    try kernel.sum(count: nodeCount, grain: Self.grain) { range, _ in
      var sum = 0.0
      for node in range { sum += value(node) }
      return sum
    }
  }

  /// Multiplies all scores.
  @inline(never)
  func scale(_ scores: Slots<Double>, by factor: Double) throws(GraphError) {
    try kernel.forEach(count: nodeCount, grain: Self.grain) { range, _ in
      for node in range { scores[node] *= factor }
    }
  }

  /// The largest score; 0 without nodes.
  func largest(_ scores: Slots<Double>) -> Double {
    var largest = 0.0
    for node in 0..<nodeCount { largest = max(largest, scores[node]) }
    return largest
  }
}
