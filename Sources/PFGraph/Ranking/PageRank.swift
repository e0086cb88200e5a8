// PageRank: how often a reader who follows edges by chance comes by each node.
//
// Method: power iteration (Brin, Page, "The Anatomy of a Large-Scale Hypertextual Web Search
// Engine", 1998) in the form of NetworkX: with probability alpha the reader follows an edge, chosen
// by weight, else jumps by the personalisation; from a node without a way out the reader always
// jumps. Nothing is lost on the way, so the ranks sum to 1.
//
// Tricks: edges are cut into tiles (`EdgeTiles`), so that the sums of a block of nodes and what is
// added to them stay in the cache, and no two threads write one rank. Large graphs are renewed in
// four phases, of which each takes what those before it have made (block Gauss–Seidel): that needs
// about two thirds of the iterations. What a node gives along an edge is divided once a node, not
// once an edge, and in the same pass that makes its rank, as are the residual and the rank of the
// nodes without a way out. All sums are made over fixed parts in a fixed order, for the same bits
// on any number of threads.

/// How PageRank is computed, beside how it runs.
public struct PageRankOptions: Equatable, Sendable {
  /// What the residual, which is the sum of the changes of all ranks, is compared with.
  public enum Tolerance: Equatable, Sendable {
    /// Below this times the number of nodes, as NetworkX has it.
    case perNode(Double)
    /// Below this, as the GAP Benchmark Suite has it.
    case total(Double)
  }

  /// The probability that the reader follows an edge: 0…1.
  public var alpha: Double
  /// When the ranks are good.
  public var tolerance: Tolerance
  /// The most iterations; at least 1.
  public var maxIterations: Int
  /// Where the reader jumps to: a weight for each node, not negative, of any sum but 0; nil for all
  /// alike.
  public var personalization: [Double]?
  /// Whether edges are chosen by their weights, where they have any.
  public var usesWeights: Bool
  /// Whether ranks that have not converged are an answer; an error otherwise.
  public var allowsUnconverged: Bool

  /// Options from what differs from the usual.
  public init(
    alpha: Double = 0.85, tolerance: Tolerance = .perNode(1e-6), maxIterations: Int = 100,
    personalization: [Double]? = nil, usesWeights: Bool = true, allowsUnconverged: Bool = false
  ) {
    self.alpha = alpha
    self.tolerance = tolerance
    self.maxIterations = maxIterations
    self.personalization = personalization
    self.usesWeights = usesWeights
    self.allowsUnconverged = allowsUnconverged
  }
}

/// The answer of PageRank.
public struct PageRanks: Equatable, Sendable {
  /// The rank of each node; their sum is 1.
  public let ranks: NodeColumn<Double>
  /// The iterations done.
  public let iterations: Int
  /// The sum of the changes of all ranks in the last of them.
  public let residual: Double
  /// Whether the residual came below the tolerance.
  public let didConverge: Bool
}

extension Graph {
  /// Ranks nodes by the ranks of those that lead to them.
  ///
  /// - Parameters:
  ///   - pageRank: What is computed.
  ///   - options: Threads, cancellation; progress is told after each iteration.
  /// - Returns: The ranks, and how well they have converged.
  /// - Complexity: O(nodes + edges) an iteration; memory 24 bytes for each node beside the answer,
  ///   and 4 for each edge (12 with weights) that the graph keeps for the next call.
  /// - Throws: `.notConverged`, `.invalidArgument`, `.lengthMismatch`, `.badWeight` with the first
  ///   edge whose weight is negative or not finite, `.outOfMemory`, `.cancelled`.
  public func pageRank(
    _ pageRank: PageRankOptions = PageRankOptions(), _ options: KernelOptions = KernelOptions()
  ) throws(GraphError) -> PageRanks {
    let limit = try pageRank.limit(nodeCount: nodeCount)
    let tiles = try tiles(weighted: pageRank.usesWeights && isWeighted, options)
    return try Kernel.run(options) { (kernel) throws(GraphError) in
      try withExtendedLifetime((self, tiles)) { () throws(GraphError) in
        let weights = pageRank.usesWeights ? csr.weights : nil
        return try PageRankIteration(kernel, csr.adjacency.lists, weights, tiles, pageRank)
          .run(limit, pageRank)
      }
    }
  }
}

extension PageRankOptions {
  /// Checks the options; the residual below which ranks are good.
  fileprivate func limit(nodeCount: Int) throws(GraphError) -> Double {
    guard alpha >= 0, alpha <= 1 else {
      throw .invalidArgument(name: "alpha", why: "a probability is in 0…1")
    }
    guard maxIterations >= 1 else {
      throw .invalidArgument(name: "maxIterations", why: "there must be one at least")
    }
    let limit =
      switch tolerance {
      case .perNode(let each): each * Double(nodeCount)
      case .total(let all): all
      }
    guard limit >= 0 else {
      throw .invalidArgument(name: "tolerance", why: "a tolerance is not negative")
    }
    if let personalization {
      guard personalization.count == nodeCount else {
        throw .lengthMismatch(
          first: "personalization", count: personalization.count, second: "nodes",
          otherCount: nodeCount)
      }
      var sum = 0.0
      for value in personalization {
        guard value >= 0, value.isFinite else {
          throw .invalidArgument(
            name: "personalization", why: "its values are finite and not negative")
        }
        sum += value
      }
      guard nodeCount == 0 || sum >= 1e-200 && sum <= 1e200 else {
        throw .invalidArgument(
          name: "personalization", why: "its sum is 0, or no number to divide by")
      }
    }
    return limit
  }
}

/// The state of the iteration.
private struct PageRankIteration {
  let kernel: Kernel
  let tiles: EdgeTiles
  /// Blocks of nodes that are renewed together: each phase sees what those before it made.
  let phases: [[Int]]

  let ranks: Slots<Double>
  /// What one unit of rank gives along an edge (of weight 1): 0 for nodes without a way out.
  let shares: Slots<Double>
  /// What each node gives along an edge of weight 1: of each block one half is being read, and the
  /// other is what the next phase of the block writes.
  let given: (Slots<Double>, Slots<Double>)
  /// What the nodes of a block get, a block for each thread.
  let pulled: Slots<Double>
  /// The rank of the nodes of each block that have a way out.
  let kept: Slots<Double>
  /// The personalisation with sum 1; nil for all alike.
  let jumps: Slots<Double>?
  let alpha: Double

  private static let phaseCount = 4

  init(
    _ kernel: Kernel, _ lists: NeighborLists, _ weights: EdgeWeights?, _ tiles: EdgeTiles,
    _ options: PageRankOptions
  ) throws(GraphError) {
    self.kernel = kernel
    self.tiles = tiles
    alpha = options.alpha
    let nodeCount = lists.nodeCount
    let order = tiles.blocksBySize()
    phases = (0..<min(Self.phaseCount, order.count)).map { phase in
      stride(from: phase, to: order.count, by: Self.phaseCount).map { order[$0] }
    }
    shares = try kernel.slots(of: Double.self, count: nodeCount)
    switch weights {
    case .float32(let buffer): try kernel.setShares(shares, lists, buffer.slots(of: Float.self))
    case .float64(let buffer): try kernel.setShares(shares, lists, buffer.slots(of: Double.self))
    case nil:
      let shares = shares
      try kernel.forEach(count: nodeCount, grain: 1 << 14) { range, _ in
        for node in range {
          let degree = lists.offsets[node + 1] - lists.offsets[node]
          shares[node] = degree > 0 ? 1 / Double(degree) : 0
        }
      }
    }
    ranks = try kernel.slots(repeating: 1 / Double(nodeCount), count: nodeCount)
    given = (
      try kernel.slots(of: Double.self, count: nodeCount),
      try kernel.slots(of: Double.self, count: nodeCount)
    )
    pulled = try kernel.slots(of: Double.self, count: kernel.threadCount << Int(tiles.bits))
    kept = try kernel.slots(of: Double.self, count: tiles.blockCount)
    if let personalization = options.personalization {
      let jumps = try kernel.slots(of: Double.self, count: nodeCount)
      let sum = personalization.reduce(0, +)
      for node in 0..<nodeCount { jumps[node] = personalization[node] / sum }
      self.jumps = jumps
    } else {
      jumps = nil
    }
  }

  func run(_ limit: Double, _ options: PageRankOptions) throws(GraphError) -> PageRanks {
    guard ranks.count > 0 else {
      return PageRanks(ranks: kernel.column(ranks), iterations: 0, residual: 0, didConverge: true)
    }
    try begin()
    // Whether the second half of `given` is the one that is read, for each block.
    var isTurned = [Bool](repeating: false, count: tiles.blockCount)
    var (iterations, residual) = (0, Double.infinity)
    var didConverge = false
    while !didConverge, iterations < options.maxIterations {
      residual = 0
      for phase in phases {
        residual += try renew(phase, isTurned)
        for block in phase { isTurned[block].toggle() }
      }
      iterations += 1
      didConverge = residual < limit
      try kernel.report(iteration: iterations, residual: residual)
    }
    if !didConverge, !options.allowsUnconverged {
      throw .notConverged(iterations: iterations, residual: residual)
    }
    if phases.count > 1 { try normalize() }
    return PageRanks(
      ranks: kernel.column(ranks), iterations: iterations, residual: residual,
      didConverge: didConverge)
  }

  /// What nodes give at the start.
  private func begin() throws(GraphError) {
    let given = given.0
    try kernel.forEach(count: tiles.blockCount, grain: 1) { range, _ in
      var kept = 0.0
      for node in tiles.nodes(ofBlock: range.lowerBound, nodeCount: ranks.count) {
        given[node] = ranks[node] * shares[node]
        if shares[node] != 0 { kept += ranks[node] }
      }
      self.kept[range.lowerBound] = kept
    }
  }

  /// Makes the ranks of some blocks out of those that there are; the sum of their changes.
  private func renew(_ phase: [Int], _ isTurned: [Bool]) throws(GraphError) -> Double {
    // All that does not follow an edge: so much that the sum of what is made is 1.
    var following = 0.0
    for block in 0..<kept.count { following += kept[block] }
    let jumping = max(0, 1 - alpha * following)
    let evenly = jumping / Double(ranks.count)
    let size = 1 << Int(tiles.bits)
    return try kernel.sum(count: phase.count, grain: 1) { range, thread in
      let block = phase[range.lowerBound]
      let nodes = tiles.nodes(ofBlock: block, nodeCount: ranks.count)
      let pulled = self.pulled[thread * size..<thread * size + nodes.count]
      pulled.fill(0..<nodes.count, with: 0)
      tiles.add(toBlock: block, pulled) { source in
        let half = isTurned[source] ? given.1 : given.0
        return half[tiles.nodes(ofBlock: source, nodeCount: ranks.count)]
      }
      let next = isTurned[block] ? given.0 : given.1
      var (residual, kept) = (0.0, 0.0)
      for node in nodes {
        let base = if let jumps { jumping * jumps[node] } else { evenly }
        let rank = base + alpha * pulled[node - nodes.lowerBound]
        let share = shares[node]
        residual += abs(rank - ranks[node])
        if share != 0 { kept += rank }
        ranks[node] = rank
        next[node] = rank * share
      }
      self.kept[block] = kept
      return residual
    }
  }

  /// Blocks that are renewed one after the other sum to 1 in the limit only.
  private func normalize() throws(GraphError) {
    let sum = try kernel.sum(count: ranks.count, grain: 1 << 14) { range, _ in
      var sum = 0.0
      for node in range { sum += ranks[node] }
      return sum
    }
    guard sum > 0, sum.isFinite else { return }
    try kernel.forEach(count: ranks.count, grain: 1 << 14) { range, _ in
      for node in range { ranks[node] /= sum }
    }
  }
}

extension Kernel {
  /// Writes the inverse of the sum of the weights that leave each node, and 0 where that is 0.
  ///
  /// - Throws: `.badWeight`; `.invalidArgument` where a sum is no number to divide by.
  fileprivate func setShares<Weight: WeightElement>(
    _ shares: Slots<Double>, _ lists: NeighborLists, _ weights: Slots<Weight>
  ) throws(GraphError) {
    // The first node of each kind; ids are below 2³¹.
    let wrong = try slots(repeating: UInt32.max, count: 2)
    try forEach(count: shares.count, grain: 1 << 12) { range, _ in
      for node in range {
        let id = UInt32(truncatingIfNeeded: node)
        var sum = 0.0
        var isGood = true
        for entry in lists.range(of: id) {
          let weight = weights[entry]
          isGood = isGood && weight >= 0 && weight.isFinite
          sum += Double(weight)
        }
        if !isGood { _ = wrong.lower(0, to: id) }
        if isGood, sum != 0, !(sum >= 1e-200 && sum <= 1e200) { _ = wrong.lower(1, to: id) }
        shares[node] = sum > 0 ? 1 / sum : 0
      }
    }
    if wrong[0] != .max {
      for entry in lists.range(of: wrong[0]) {
        let weight = weights[entry]
        guard weight >= 0, weight.isFinite else {
          throw .badWeight(
            source: Int(wrong[0]), target: Int(lists.neighbors[entry]), weight: Double(weight))
        }
      }
    }
    if wrong[1] != .max {
      throw .invalidArgument(
        name: "weights", why: "those that leave node \(wrong[1]) have no sum to divide by")
    }
    free(wrong)
  }
}
