// Eigenvector and Katz centrality: a node counts by what those that lead to it count.
//
// Method: power iteration as NetworkX has it. For the eigenvector (Bonacich, "Power and Centrality: A
// Family of Measures", 1987) of the adjacency with 1 added on its diagonal, which moves no
// eigenvector and makes the largest eigenvalue the only one of its size; each step is divided by its
// Euclidean length. For Katz ("A New Status Index Derived from Sociometric Analysis", 1953) by
// x = alpha · Aᵀ x + beta.
//
// Trick: nodes pull from their in-neighbours, so no two threads write one score, and the length or
// the residual of a step is summed in the pass that makes it.

extension Graph {
  /// The eigenvector of the adjacency with the largest eigenvalue; its Euclidean length is 1.
  ///
  /// Parallel edges count each. Where the graph is not (strongly) connected there may be several
  /// such vectors, and this is the one that the iteration comes to from equal scores.
  ///
  /// - Parameters:
  ///   - scoring: The sum of the changes of all scores must come below its tolerance times the
  ///     number of nodes.
  ///   - options: Threads, cancellation; progress is told after each iteration.
  /// - Returns: The scores, and how well they have converged.
  /// - Complexity: O(nodes + edges) an iteration, and `csc`; memory 8 bytes for each node beside the
  ///   answer, and 16 for each edge where weights are float32.
  /// - Throws: `.notConverged`, `.invalidArgument`, `.badWeight` with the first edge whose weight is
  ///   negative or not finite, `.outOfMemory`, `.cancelled`.
  public func eigenvectorCentrality(
    _ scoring: ScoreOptions = ScoreOptions(), _ options: KernelOptions = KernelOptions()
  ) throws(GraphError) -> NodeScores {
    try PowerIteration.run(self, scoring, options) { (power) throws(GraphError) in
      let (kernel, nodeCount) = (power.kernel, power.nodeCount)
      var now = try kernel.slots(repeating: 1 / Double(nodeCount), count: nodeCount)
      var next = try kernel.slots(of: Double.self, count: nodeCount)
      guard nodeCount > 0 else {
        return NodeScores(scores: kernel.column(now), iterations: 0, residual: 0)
      }
      let done = try power.iterate(below: power.limit) { () throws(GraphError) in
        let (from, into, incoming) = (now, next, power.incoming)
        let squares = try power.sum { node in
          let score = from[node] + incoming.pull(node, from: from)
          into[node] = score
          return score * score
        }
        let length = squares.squareRoot()
        try power.scale(into, by: length > 0 ? 1 / length : 1)
        swap(&now, &next)
        return try power.sum { node in abs(into[node] - from[node]) }
      }
      return NodeScores(
        scores: kernel.column(now), iterations: done.iterations, residual: done.residual)
    }
  }

  /// What comes to each node along all ways that lead to it, `beta` from each node where one
  /// begins, and `alpha` of it with each step.
  ///
  /// Parallel edges count each. It converges where `alpha` is below the inverse of the largest
  /// eigenvalue of the adjacency.
  ///
  /// - Parameters:
  ///   - alpha: What is left of a score after a step.
  ///   - beta: What each node has of its own.
  ///   - betas: The same for each node by itself; nil for `beta` everywhere.
  ///   - normalized: Whether scores are divided by their Euclidean length.
  ///   - scoring: The sum of the changes of all scores must come below its tolerance times the
  ///     number of nodes.
  ///   - options: Threads, cancellation; progress is told after each iteration.
  /// - Returns: The scores, and how well they have converged.
  /// - Complexity: O(nodes + edges) an iteration, and `csc`; memory 8 bytes for each node beside the
  ///   answer, and 16 for each edge where weights are float32.
  /// - Throws: `.notConverged`, `.invalidArgument`, `.lengthMismatch`, `.badWeight` with the first
  ///   edge whose weight is negative or not finite, `.outOfMemory`, `.cancelled`.
  public func katzCentrality(
    alpha: Double = 0.1, beta: Double = 1, betas: [Double]? = nil, normalized: Bool = true,
    _ scoring: ScoreOptions = ScoreOptions(maxIterations: 1000),
    _ options: KernelOptions = KernelOptions()
  ) throws(GraphError) -> NodeScores {
    guard alpha.isFinite else { throw .invalidArgument(name: "alpha", why: "it is not finite") }
    guard beta.isFinite, betas?.allSatisfy(\.isFinite) ?? true else {
      throw .invalidArgument(name: "beta", why: "it is not finite")
    }
    if let betas, betas.count != nodeCount {
      throw .lengthMismatch(
        first: "beta", count: betas.count, second: "nodes", otherCount: nodeCount)
    }
    return try PowerIteration.run(self, scoring, options) { (power) throws(GraphError) in
      let (kernel, nodeCount) = (power.kernel, power.nodeCount)
      var now = try kernel.slots(repeating: 0.0, count: nodeCount)
      var next = try kernel.slots(of: Double.self, count: nodeCount)
      guard nodeCount > 0 else {
        return NodeScores(scores: kernel.column(now), iterations: 0, residual: 0)
      }
      let done = try power.iterate(below: power.limit) { () throws(GraphError) in
        let (from, into, incoming) = (now, next, power.incoming)
        swap(&now, &next)
        return try power.sum { node in
          let score = alpha * incoming.pull(node, from: from) + (betas?[node] ?? beta)
          into[node] = score
          return abs(score - from[node])
        }
      }
      if normalized {
        let scores = now
        let length = try power.sum { node in scores[node] * scores[node] }.squareRoot()
        try power.scale(scores, by: 1 / length)
      }
      return NodeScores(
        scores: kernel.column(now), iterations: done.iterations, residual: done.residual)
    }
  }
}
