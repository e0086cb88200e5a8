// PageRank: how often a reader who follows edges by chance comes by each node.
//
// Method: power iteration (Brin, Page, "The Anatomy of a Large-Scale Hypertextual Web Search
// Engine", 1998) in the form of NetworkX: with probability alpha the reader follows an edge, chosen
// by weight, else jumps by the personalisation; from a node without a way out the reader always
// jumps. Nothing is lost on the way, so the ranks always sum to 1.
//
// Tricks: each node pulls from its in-neighbours, so no two threads write one rank. What a node
// gives along an edge is divided once a node, not once an edge, and in the same pass that makes its
// rank, as are the residual and the rank of the nodes without a way out: an iteration touches each
// array once. All sums are made over fixed parts in a fixed order, for the same bits on any number
// of threads; a row has four running sums, as adding one after the other would wait for each.

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
  /// - Complexity: O(nodes + edges) an iteration, and `csc`; memory 24 bytes for each node beside
  ///   the answer.
  /// - Throws: `.notConverged`, `.invalidArgument`, `.lengthMismatch`, `.badWeight` with the first
  ///   edge whose weight is negative or not finite, `.outOfMemory`, `.cancelled`.
  public func pageRank(
    _ pageRank: PageRankOptions = PageRankOptions(), _ options: KernelOptions = KernelOptions()
  ) throws(GraphError) -> PageRanks {
    let limit = try pageRank.limit(nodeCount: nodeCount)
    let incoming = try csc(options).adjacency
    return try Kernel.run(options) { (kernel) throws(GraphError) in
      try withExtendedLifetime((self, incoming)) { () throws(GraphError) in
        switch pageRank.usesWeights ? (csr.weights, incoming.weights) : (nil, nil) {
        case (.float32(let outgoing)?, .float32(let weights)?):
          let iteration = try PageRankIteration(
            kernel, csr.adjacency.lists, incoming.lists,
            (outgoing.slots(of: Float.self), weights.slots(of: Float.self)), pageRank)
          return try iteration.run(limit, pageRank)
        case (.float64(let outgoing)?, .float64(let weights)?):
          let iteration = try PageRankIteration(
            kernel, csr.adjacency.lists, incoming.lists,
            (outgoing.slots(of: Double.self), weights.slots(of: Double.self)), pageRank)
          return try iteration.run(limit, pageRank)
        default:
          let iteration = try PageRankIteration<Double>(
            kernel, csr.adjacency.lists, incoming.lists, nil, pageRank)
          return try iteration.run(limit, pageRank)
        }
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
private struct PageRankIteration<Weight: WeightElement> {
  let kernel: Kernel
  let incoming: NeighborLists
  let weights: Slots<Weight>?

  let ranks: Slots<Double>
  /// What one unit of rank gives along an edge (of weight 1): 0 for nodes without a way out.
  let shares: Slots<Double>
  /// What each node gives along an edge of weight 1, of this iteration and of the next.
  let given: (Slots<Double>, Slots<Double>)
  /// The personalisation with sum 1; nil for all alike.
  let jumps: Slots<Double>?
  let alpha: Double

  private static var grain: Int { 1 << 12 }

  init(
    _ kernel: Kernel, _ outgoing: NeighborLists, _ incoming: NeighborLists,
    _ weights: (outgoing: Slots<Weight>, incoming: Slots<Weight>)?, _ options: PageRankOptions
  ) throws(GraphError) {
    self.kernel = kernel
    self.incoming = incoming
    self.weights = weights?.incoming
    alpha = options.alpha
    let nodeCount = incoming.nodeCount
    ranks = try kernel.slots(repeating: 1 / Double(nodeCount), count: nodeCount)
    shares = try kernel.slots(of: Double.self, count: nodeCount)
    given = (
      try kernel.slots(of: Double.self, count: nodeCount),
      try kernel.slots(of: Double.self, count: nodeCount)
    )
    if let weights {
      try kernel.setShares(shares, outgoing, weights.outgoing)
    } else {
      let shares = shares
      try kernel.forEach(count: nodeCount, grain: 1 << 14) { range, _ in
        for node in range {
          let degree = outgoing.offsets[node + 1] - outgoing.offsets[node]
          shares[node] = degree > 0 ? 1 / Double(degree) : 0
        }
      }
    }
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
    try kernel.sum(count: ranks.count, grain: Self.grain) { range, _ in
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
    return try kernel.sum(count: ranks.count, grain: Self.grain) { range, _ in
      var sums = Sums.zero
      for node in range {
        let entries = incoming.offsets[node]..<incoming.offsets[node + 1]
        let pulled =
          if let weights { pull(entries, now, weights) } else { pull(entries, now) }
        let base = if let jumps { jumping * jumps[node] } else { evenly }
        let rank = base + alpha * pulled
        let share = shares[node]
        sums.residual += abs(rank - ranks[node])
        if share == 0 { sums.lost += rank }
        ranks[node] = rank
        next[node] = rank * share
      }
      return sums
    }
  }

  @inline(__always)
  private func pull(_ entries: Range<Int>, _ given: Slots<Double>) -> Double {
    var (a, b, c, d) = (0.0, 0.0, 0.0, 0.0)
    var entry = entries.lowerBound
    while entry &+ 4 <= entries.upperBound {
      a += given[incoming.neighbors[entry]]
      b += given[incoming.neighbors[entry &+ 1]]
      c += given[incoming.neighbors[entry &+ 2]]
      d += given[incoming.neighbors[entry &+ 3]]
      entry &+= 4
    }
    while entry < entries.upperBound {
      a += given[incoming.neighbors[entry]]
      entry &+= 1
    }
    return (a + b) + (c + d)
  }

  @inline(__always)
  private func pull(_ entries: Range<Int>, _ given: Slots<Double>, _ weights: Slots<Weight>)
    -> Double
  {
    var (a, b, c, d) = (0.0, 0.0, 0.0, 0.0)
    var entry = entries.lowerBound
    while entry &+ 4 <= entries.upperBound {
      a += given[incoming.neighbors[entry]] * Double(weights[entry])
      b += given[incoming.neighbors[entry &+ 1]] * Double(weights[entry &+ 1])
      c += given[incoming.neighbors[entry &+ 2]] * Double(weights[entry &+ 2])
      d += given[incoming.neighbors[entry &+ 3]] * Double(weights[entry &+ 3])
      entry &+= 4
    }
    while entry < entries.upperBound {
      a += given[incoming.neighbors[entry]] * Double(weights[entry])
      entry &+= 1
    }
    return (a + b) + (c + d)
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
