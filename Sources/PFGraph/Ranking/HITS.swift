// Hubs and authorities: a good hub leads to good authorities, which are what good hubs lead to.
//
// Method: power iteration (Kleinberg, "Authoritative Sources in a Hyperlinked Environment", JACM
// 1999): authorities pull from the hubs that lead to them, then hubs from the authorities that they
// lead to; both are divided by their largest, as NetworkX does.
//
// Trick: both halves pull, along `csc` and `csr`, so no two threads write one score.

/// The answer of HITS.
public struct HubsAndAuthorities: Equatable, Sendable {
  /// How well each node leads to authorities.
  public let hubs: NodeColumn<Double>
  /// How well each node is led to by hubs.
  public let authorities: NodeColumn<Double>
  /// The iterations done.
  public let iterations: Int
  /// The sum of the changes of all hubs in the last of them, where the largest is 1.
  public let residual: Double
}

extension Graph {
  /// Finds hubs and authorities.
  ///
  /// Parallel edges count each. Without edges all scores are 0.
  ///
  /// - Parameters:
  ///   - scoring: The residual must come below its tolerance.
  ///   - normalized: Whether scores are divided by their sum, or by the largest.
  ///   - options: Threads, cancellation; progress is told after each iteration.
  /// - Returns: The scores, and how well they have converged.
  /// - Complexity: O(nodes + edges) an iteration, and `csc`; memory 8 bytes for each node beside the
  ///   answer, and 16 for each edge where weights are float32.
  /// - Throws: `.notConverged`, `.invalidArgument`, `.badWeight` with the first edge whose weight is
  ///   negative or not finite, `.outOfMemory`, `.cancelled`.
  public func hits(
    _ scoring: ScoreOptions = ScoreOptions(tolerance: 1e-8, usesWeights: true),
    normalized: Bool = true, _ options: KernelOptions = KernelOptions()
  ) throws(GraphError) -> HubsAndAuthorities {
    try PowerIteration.run(self, scoring, options) { (power) throws(GraphError) in
      let (kernel, nodeCount) = (power.kernel, power.nodeCount)
      let hubs = try kernel.slots(repeating: 1 / Double(nodeCount), count: nodeCount)
      let last = try kernel.slots(of: Double.self, count: nodeCount)
      let authorities = try kernel.slots(of: Double.self, count: nodeCount)
      let done = try power.iterate(below: power.totalLimit) { () throws(GraphError) in
        try power.pull(power.incoming, from: hubs, into: authorities)
        try kernel.forEach(count: nodeCount, grain: PowerIteration.grain) { range, _ in
          last.copy(range, from: hubs, at: range.lowerBound)
        }
        try power.pull(power.outgoing, from: authorities, into: hubs)
        try power.scale(hubs, byInverseOf: power.largest(hubs))
        try power.scale(authorities, byInverseOf: power.largest(authorities))
        return try power.sum { node in abs(hubs[node] - last[node]) }
      }
      if normalized {
        try power.scale(hubs, byInverseOf: power.sum { node in hubs[node] })
        try power.scale(authorities, byInverseOf: power.sum { node in authorities[node] })
      }
      return HubsAndAuthorities(
        hubs: kernel.column(hubs), authorities: kernel.column(authorities),
        iterations: done.iterations, residual: done.residual)
    }
  }
}

extension PowerIteration {
  @inline(never)
  fileprivate func pull(_ edges: WeightedLists, from: Slots<Double>, into: Slots<Double>)
    throws(GraphError)
  {
    try kernel.forEach(count: nodeCount, grain: Self.grain) { range, _ in
      for node in range { into[node] = edges.pull(node, from: from) }
    }
  }

  @inline(never)
  fileprivate func scale(_ scores: Slots<Double>, byInverseOf divisor: Double) throws(GraphError) {
    if divisor > 0 { try scale(scores, by: 1 / divisor) }
  }
}
