// PageRank: how often a reader who follows edges by chance comes by each node.
//
// Method: power iteration (Brin, Page, "The Anatomy of a Large-Scale Hypertextual Web Search
// Engine", 1998) in the form of NetworkX: with probability alpha the reader follows an edge, chosen
// by weight, else jumps by the personalisation; from a node without a way out the reader always
// jumps. Nothing is lost on the way, so the ranks always sum to 1.
//
// Tricks: edges are cut into tiles (`EdgeTiles`), so that the sums of a block of nodes and what is
// added to them stay in the cache, and no two threads write one rank. What a node gives along an
// edge is divided once a node, not once an edge, and in the same pass that makes its rank, as are
// the residual and the rank of the nodes without a way out: an iteration touches each array once.
// All sums are made over fixed parts in a fixed order, for the same bits on any number of threads.

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
  /// - Complexity: O(nodes + edges) an iteration; memory 24 bytes for each node and 4 for each edge
  ///   (12 where they have weights) beside the answer.
  /// - Throws: `.notConverged`, `.invalidArgument`, `.lengthMismatch`, `.badWeight` with the first
  ///   edge whose weight is negative or not finite, `.outOfMemory`, `.cancelled`.
  public func pageRank(
    _ pageRank: PageRankOptions = PageRankOptions(), _ options: KernelOptions = KernelOptions()
  ) throws(GraphError) -> PageRanks {
    let limit = try pageRank.limit(nodeCount: nodeCount)
    return try Kernel.run(options) { (kernel) throws(GraphError) in
      try withExtendedLifetime(self) { () throws(GraphError) in
        let weights = pageRank.usesWeights ? csr.weights : nil
        return try PageRankIteration(kernel, csr.adjacency.lists, weights, pageRank)
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
  /// Blocks of nodes, those with the most edges first, for threads to be done together.
  let order: [Int]

  let ranks: Slots<Double>
  /// What one unit of rank gives along an edge (of weight 1): 0 for nodes without a way out.
  let shares: Slots<Double>
  /// What each node gives along an edge of weight 1, of this iteration and of the next.
  let given: (Slots<Double>, Slots<Double>)
  /// What the nodes of a block get, a block for each thread.
  let pulled: Slots<Double>
  /// The personalisation with sum 1; nil for all alike.
  let jumps: Slots<Double>?
  let alpha: Double

  init(
    _ kernel: Kernel, _ lists: NeighborLists, _ weights: EdgeWeights?, _ options: PageRankOptions
  ) throws(GraphError) {
    self.kernel = kernel
    alpha = options.alpha
    let nodeCount = lists.nodeCount
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
    let tiles = try kernel.tiles(of: lists, weights: weights)
    self.tiles = tiles
    order = (0..<tiles.blockCount).sorted {
      let (first, second) = (tiles.edgeCount(ofBlock: $0), tiles.edgeCount(ofBlock: $1))
      return first == second ? $0 < $1 : first > second
    }
    ranks = try kernel.slots(repeating: 1 / Double(nodeCount), count: nodeCount)
    given = (
      try kernel.slots(of: Double.self, count: nodeCount),
      try kernel.slots(of: Double.self, count: nodeCount)
    )
    pulled = try kernel.slots(of: Double.self, count: kernel.threadCount << Int(tiles.bits))
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
    var (now, next) = given
    var sums = try begin(now)
    var iterations = 0
    var didConverge = false
    while !didConverge, iterations < options.maxIterations {
      sums = try step(from: now, to: next, lost: sums.lost)
      swap(&now, &next)
      iterations += 1
      didConverge = sums.residual < limit
      try kernel.report(iteration: iterations, residual: sums.residual)
    }
    if !didConverge, !options.allowsUnconverged {
      throw .notConverged(iterations: iterations, residual: sums.residual)
    }
    return PageRanks(
      ranks: kernel.column(ranks), iterations: iterations, residual: sums.residual,
      didConverge: didConverge)
  }

  /// What nodes give at the start.
  private func begin(_ given: Slots<Double>) throws(GraphError) -> Sums {
    try kernel.sum(count: ranks.count, grain: 1 << 12) { range, _ in
      var sums = Sums.zero
      for node in range {
        let share = shares[node]
        given[node] = ranks[node] * share
        if share == 0 { sums.lost += ranks[node] }
      }
      return sums
    }
  }

  /// An iteration. `lost` is the rank of the nodes without a way out, which is given to all.
  private func step(from now: Slots<Double>, to next: Slots<Double>, lost: Double)
    throws(GraphError) -> Sums
  {
    let jumping = 1 - alpha + alpha * lost
    let evenly = jumping / Double(ranks.count)
    let size = 1 << Int(tiles.bits)
    return try kernel.sum(count: order.count, grain: 1) { range, thread in
      let block = order[range.lowerBound]
      let nodes = block * size..<min(ranks.count, (block + 1) * size)
      let pulled = self.pulled[thread * size..<thread * size + nodes.count]
      pulled.fill(0..<nodes.count, with: 0)
      tiles.add(now, toBlock: block, pulled)
      var sums = Sums.zero
      for node in nodes {
        let base = if let jumps { jumping * jumps[node] } else { evenly }
        let rank = base + alpha * pulled[node - nodes.lowerBound]
        let share = shares[node]
        sums.residual += abs(rank - ranks[node])
        if share == 0 { sums.lost += rank }
        ranks[node] = rank
        next[node] = rank * share
      }
      return sums
    }
  }
}

/// What an iteration sums over all nodes.
private struct Sums: AdditiveArithmetic, BitwiseCopyable, Sendable {
  var residual = 0.0
  /// The rank of nodes without a way out.
  var lost = 0.0

  static var zero: Sums { Sums() }
  static func + (left: Sums, right: Sums) -> Sums {
    Sums(residual: left.residual + right.residual, lost: left.lost + right.lost)
  }
  static func - (left: Sums, right: Sums) -> Sums {
    Sums(residual: left.residual - right.residual, lost: left.lost - right.lost)
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
