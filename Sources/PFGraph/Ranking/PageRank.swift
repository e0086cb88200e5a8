// PageRank: how often a reader who follows edges by chance comes by each node.
//
// Method: power iteration (Brin, Page, "The Anatomy of a Large-Scale Hypertextual Web Search
// Engine", 1998) in the form of NetworkX: with probability alpha the reader follows an edge, chosen
// by weight, else jumps by the personalisation; from a node without a way out the reader always
// jumps. Nothing is lost on the way, so the ranks sum to 1.
//
// Tricks: edges are cut into tiles (`EdgeTiles`), so that the sums of a block of nodes and what is
// added to them stay in the cache, and no two threads write one rank. Large graphs are renewed in
// some phases, of which each takes what those before it have made (block Gauss–Seidel): that needs
// about two thirds of the iterations. What a node gives along an edge is divided once a node, not
// once an edge, and is all that is kept of its rank: little memory is touched beside the edges. All
// sums are made over fixed parts in a fixed order, for the same bits on any number of threads.

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
  /// - Complexity: O(nodes + edges) an iteration; memory 14 bytes (18 with weights) for each node
  ///   beside the answer, and 4 for each edge (12 with weights) that the graph keeps for the next
  ///   call.
  /// - Throws: `.notConverged`, `.invalidArgument`, `.lengthMismatch`, `.badWeight` with the first
  ///   edge whose weight is negative or not finite, `.outOfMemory`, `.cancelled`.
  public func pageRank(
    _ pageRank: PageRankOptions = PageRankOptions(), _ options: KernelOptions = KernelOptions()
  ) throws(GraphError) -> PageRanks {
    let limit = try pageRank.limit(nodeCount: nodeCount)
    let tiles = try tiles(weighted: pageRank.usesWeights && isWeighted, options)
    return try Kernel.run(options) { (kernel) throws(GraphError) in
      try withExtendedLifetime((self, tiles)) { () throws(GraphError) in
        let lists = csr.adjacency.lists
        switch pageRank.usesWeights ? csr.weights : nil {
        case .float32(let buffer):
          let strengths = try kernel.strengths(lists, buffer.slots(of: Float.self))
          return try PageRankIteration(kernel, strengths, tiles, pageRank).run(limit, pageRank)
        case .float64(let buffer):
          let strengths = try kernel.strengths(lists, buffer.slots(of: Double.self))
          return try PageRankIteration(kernel, strengths, tiles, pageRank).run(limit, pageRank)
        case nil where lists.entryCount <= Int32.max:
          let degrees = try kernel.degrees(lists, as: Int32.self)
          return try PageRankIteration(kernel, degrees, tiles, pageRank).run(limit, pageRank)
        case nil:
          let degrees = try kernel.degrees(lists, as: Double.self)
          return try PageRankIteration(kernel, degrees, tiles, pageRank).run(limit, pageRank)
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
///
/// A rank is kept as what its node gives along an edge of weight 1, which is all that others ask for:
/// the rank over the node's strength, or the rank itself where there is no way out.
private struct PageRankIteration<Strength: EdgeStrength> {
  let kernel: Kernel
  let tiles: EdgeTiles
  let nodeCount: Int
  /// Blocks of nodes that are renewed together: each phase sees what those before it made.
  let phases: [[Int]]

  /// The sum of the weights that leave each node; 0 for nodes without a way out.
  let strengths: Slots<Strength>
  /// What each node gives: room for all blocks, and for those that a phase makes anew.
  let given: Slots<Double>
  /// What the nodes of a block get, a block for each thread.
  let pulled: Slots<Double>
  /// The ranks of the nodes of each block that have a way out, and of those that have none.
  let kept: Slots<Double>
  let lost: Slots<Double>
  /// The personalisation with sum 1; nil for all alike.
  let jumps: Slots<Double>?
  let alpha: Double

  /// The number of phases: the more, the fewer iterations, but a phase of few blocks keeps few threads
  /// busy. It does not depend on their number, for the same bits.
  private static func phaseCount(blockCount: Int) -> Int {
    min(blockCount, min(max(4, blockCount / 4), 8))
  }

  init(
    _ kernel: Kernel, _ strengths: Slots<Strength>, _ tiles: EdgeTiles, _ options: PageRankOptions
  ) throws(GraphError) {
    self.kernel = kernel
    self.strengths = strengths
    self.tiles = tiles
    nodeCount = strengths.count
    alpha = options.alpha
    let order = tiles.blocksBySize()
    let phaseCount = Self.phaseCount(blockCount: order.count)
    phases = (0..<phaseCount).map { phase in
      stride(from: phase, to: order.count, by: phaseCount).map { order[$0] }
    }
    let blockCount = order.count + (phases.first?.count ?? 0)
    given = try kernel.slots(of: Double.self, count: blockCount << Int(tiles.bits))
    pulled = try kernel.slots(of: Double.self, count: kernel.threadCount << Int(tiles.bits))
    kept = try kernel.slots(of: Double.self, count: tiles.blockCount)
    lost = try kernel.slots(of: Double.self, count: tiles.blockCount)
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
    var places = Array(0..<tiles.blockCount)
    var free = Array(tiles.blockCount..<tiles.blockCount + (phases.first?.count ?? 0))
    try begin()
    var (iterations, residual) = (0, nodeCount > 0 ? Double.infinity : 0)
    var didConverge = nodeCount == 0
    while !didConverge, iterations < options.maxIterations {
      residual = 0
      for phase in phases {
        residual += try renew(phase, places, into: free)
        for (index, block) in phase.enumerated() { swap(&places[block], &free[index]) }
      }
      iterations += 1
      didConverge = residual < limit
      try kernel.report(iteration: iterations, residual: residual)
    }
    if !didConverge, !options.allowsUnconverged {
      throw .notConverged(iterations: iterations, residual: residual)
    }
    return PageRanks(
      ranks: kernel.column(try ranks(places)), iterations: iterations, residual: residual,
      didConverge: didConverge)
  }

  private func nodes(of block: Int) -> Range<Int> {
    tiles.nodes(ofBlock: block, nodeCount: nodeCount)
  }

  /// What the nodes of a block give, in its place.
  private func given(at place: Int) -> Slots<Double> {
    given[place << Int(tiles.bits)..<(place + 1) << Int(tiles.bits)]
  }

  /// What nodes give at the start.
  private func begin() throws(GraphError) {
    let rank = 1 / Double(nodeCount)
    try kernel.forEach(count: tiles.blockCount, grain: 1) { range, _ in
      let block = range.lowerBound
      let nodes = nodes(of: block)
      let given = given(at: block)
      var keptCount = 0
      for node in nodes {
        let strength = strengths[node].value
        given[node - nodes.lowerBound] = strength > 0 ? rank / strength : rank
        if strength > 0 { keptCount += 1 }
      }
      kept[block] = Double(keptCount) * rank
      lost[block] = Double(nodes.count - keptCount) * rank
    }
  }

  /// Makes the ranks of some blocks out of those that there are; the sum of their changes.
  private func renew(_ phase: [Int], _ places: [Int], into free: [Int]) throws(GraphError)
    -> Double
  {
    // All that does not follow an edge: so much that the sum of what is made is 1.
    var following = 0.0
    for block in 0..<kept.count { following += kept[block] }
    let jumping = max(0, 1 - alpha * following)
    return try kernel.sum(count: phase.count, grain: 1) { range, thread in
      let block = phase[range.lowerBound]
      let nodes = nodes(of: block)
      let first = thread << Int(tiles.bits)
      let pulled = self.pulled[first..<first + nodes.count]
      pulled.fill(0..<nodes.count, with: 0)
      tiles.add(toBlock: block, pulled) { given(at: places[$0]) }
      return renew(
        block, nodes, pulled, from: given(at: places[block]),
        into: given(at: free[range.lowerBound]), jumping: jumping)
    }
  }

  /// Makes the ranks of a block out of what its nodes get; the sum of their changes.
  private func renew(
    _ block: Int, _ nodes: Range<Int>, _ pulled: Slots<Double>, from old: Slots<Double>,
    into new: Slots<Double>, jumping: Double
  ) -> Double {
    let evenly = jumping / Double(nodeCount)
    let strengths = strengths[nodes]
    let jumps = jumps?[nodes]
    var (residuals, keptRanks, allRanks) = (
      SIMD4<Double>.zero, SIMD4<Double>.zero, SIMD4<Double>.zero
    )
    var index = 0
    while index &+ 4 <= nodes.count {
      let strength = Strength.four(of: strengths, at: index)
      let isLost = strength .<= 0
      let divisor = strength.replacing(with: 1, where: isLost)
      let base = if let jumps { jumps[four: index] * jumping } else { SIMD4(repeating: evenly) }
      let rank = base + pulled[four: index] * alpha
      let gives = rank / divisor
      let change = (gives - old[four: index]) * divisor
      residuals += change.replacing(with: -change, where: change .< 0)
      keptRanks += rank.replacing(with: 0, where: isLost)
      allRanks += rank
      new[four: index] = gives
      index &+= 4
    }
    var (residual, kept, all) = (residuals.sum(), keptRanks.sum(), allRanks.sum())
    while index < nodes.count {
      let strength = strengths[index].value
      let divisor = strength > 0 ? strength : 1
      let base = if let jumps { jumps[index] * jumping } else { evenly }
      let rank = base + pulled[index] * alpha
      let gives = rank / divisor
      residual += abs(gives - old[index]) * divisor
      if strength > 0 { kept += rank }
      all += rank
      new[index] = gives
      index &+= 1
    }
    self.kept[block] = kept
    lost[block] = all - kept
    return residual
  }

  /// The ranks as they are now. Blocks that are renewed one after the other sum to 1 in the limit
  /// only.
  private func ranks(_ places: [Int]) throws(GraphError) -> Slots<Double> {
    let ranks = try kernel.slots(of: Double.self, count: nodeCount)
    var sum = 0.0
    for block in 0..<kept.count { sum += kept[block] + lost[block] }
    let scale = phases.count > 1 && sum > 0 && sum.isFinite ? 1 / sum : 1
    try kernel.forEach(count: tiles.blockCount, grain: 1) { range, _ in
      let nodes = nodes(of: range.lowerBound)
      let given = given(at: places[range.lowerBound])
      for node in nodes {
        let strength = strengths[node].value
        let rank = given[node - nodes.lowerBound] * scale
        ranks[node] = strength > 0 ? rank * strength : rank
      }
    }
    return ranks
  }
}

/// The sum of the weights that leave a node; where each edge counts 1 an integer will do, which is
/// half as large.
private protocol EdgeStrength: BitwiseCopyable, Sendable {
  init(_ degree: Int)
  var value: Double { get }
  static func four(of slots: Slots<Self>, at index: Int) -> SIMD4<Double>
}

extension Int32: EdgeStrength {
  fileprivate var value: Double { Double(self) }
  fileprivate static func four(of slots: Slots<Int32>, at index: Int) -> SIMD4<Double> {
    SIMD4<Double>(slots[four: index])
  }
}

extension Double: EdgeStrength {
  fileprivate var value: Double { self }
  fileprivate static func four(of slots: Slots<Double>, at index: Int) -> SIMD4<Double> {
    slots[four: index]
  }
}

extension Kernel {
  /// The number of edges that leave each node.
  fileprivate func degrees<Strength: EdgeStrength>(_ lists: NeighborLists, as _: Strength.Type)
    throws(GraphError) -> Slots<Strength>
  {
    let degrees = try slots(of: Strength.self, count: lists.nodeCount)
    try forEach(count: lists.nodeCount, grain: 1 << 14) { range, _ in
      for node in range {
        degrees[node] = Strength(lists.offsets[node + 1] - lists.offsets[node])
      }
    }
    return degrees
  }

  /// The sum of the weights that leave each node.
  ///
  /// - Throws: `.badWeight`; `.invalidArgument` where a sum is no number to divide by.
  fileprivate func strengths<Weight: WeightElement>(
    _ lists: NeighborLists, _ weights: Slots<Weight>
  ) throws(GraphError) -> Slots<Double> {
    let strengths = try slots(of: Double.self, count: lists.nodeCount)
    // The first node of each kind; ids are below 2³¹.
    let wrong = try slots(repeating: UInt32.max, count: 2)
    try forEach(count: strengths.count, grain: 1 << 12) { range, _ in
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
        strengths[node] = sum
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
    return strengths
  }
}
