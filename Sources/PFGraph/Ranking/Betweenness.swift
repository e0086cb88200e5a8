// Betweenness: which part of the shortest paths between other nodes goes through a node.
//
// Method: a breadth-first search from each source counts shortest paths; then, from the furthest node
// back, each node collects what depends on it (Brandes, "A Faster Algorithm for Betweenness
// Centrality", 2001). From a sample of the sources: Brandes, Pich, "Centrality Estimation in Large
// Networks", 2007, with the scales of NetworkX.
//
// Tricks: what a node has collected is stored divided by its paths, so that an edge costs one
// addition on the way back, and nodes collect along the edges by source, without `csc`. Sources are
// dealt to at most sixteen groups, whatever the number of threads; each group has sums of its own,
// which are added in their order: the same bits on any number of threads.

internal import PFCore

/// Which sources betweenness is computed from, and how it is scaled.
public struct BetweennessOptions: Equatable, Sendable {
  /// The number of sources, drawn by `seed`; nil for all nodes.
  public var sampleCount: Int?
  /// What the draw depends on.
  public var seed: UInt64
  /// The sources themselves, instead of a draw.
  public var sources: [Int]?
  /// Whether scores are divided by the number of pairs of nodes that could have a path through the
  /// node.
  public var normalized: Bool
  /// Whether a path goes through its own ends.
  public var countsEndpoints: Bool

  /// Options from what differs from the usual.
  public init(
    sampleCount: Int? = nil, seed: UInt64 = 0, sources: [Int]? = nil, normalized: Bool = true,
    countsEndpoints: Bool = false
  ) {
    self.sampleCount = sampleCount
    self.seed = seed
    self.sources = sources
    self.normalized = normalized
    self.countsEndpoints = countsEndpoints
  }
}

extension Graph {
  /// The part of the shortest paths that goes through each node, summed over pairs of other nodes.
  ///
  /// As NetworkX has it; weights do not matter, nor parallel edges and self-loops. A sampled score
  /// is an estimate of the one from all sources; one of a source that is the only one, whose own
  /// paths do not count, is not a number.
  ///
  /// - Parameters:
  ///   - betweenness: What is computed.
  ///   - options: Threads (at most sixteen are used), cancellation, which is looked for between two
  ///     sources.
  /// - Returns: A score for each node.
  /// - Complexity: O(sources · (nodes + edges)); memory up to 128 bytes for each node, and 24 for
  ///   each node and thread.
  /// - Throws: `.unknownNode`, `.invalidArgument` for a source that is there twice, for a sample
  ///   that is larger than the graph, and where a number of paths is beyond float64;
  ///   `.outOfMemory`, `.cancelled`.
  public func betweennessCentrality(
    _ betweenness: BetweennessOptions = BetweennessOptions(),
    _ options: KernelOptions = KernelOptions()
  ) throws(GraphError) -> NodeColumn<Double> {
    var chosen: [UInt32] = []
    for node in betweenness.sources ?? [] { chosen.append(try check(node, is: "source")) }
    if let count = betweenness.sampleCount, count < 0 || count > nodeCount {
      throw .invalidArgument(name: "sampleCount", why: "there are \(nodeCount) nodes")
    }
    if Set(chosen).count < chosen.count {
      throw .invalidArgument(name: "sources", why: "a node is among them twice")
    }
    let ids = chosen
    let wanted = betweenness.sources?.count ?? betweenness.sampleCount ?? nodeCount
    let groupCount = min(wanted, Kernel.betweennessGroups)
    return try Kernel.run(options, threads: groupCount) { (kernel) throws(GraphError) in
      try withExtendedLifetime(self) { () throws(GraphError) in
        let sources = try kernel.slots(of: UInt32.self, count: nodeCount)
        if betweenness.sources != nil {
          for index in 0..<wanted { sources[index] = ids[index] }
        } else {
          kernel.shuffle(sources, seed: wanted < nodeCount ? betweenness.seed : nil)
        }
        let scores = try kernel.betweenness(
          csr.adjacency.lists, from: sources[0..<wanted],
          countsEndpoints: betweenness.countsEndpoints, cancellation: options.cancellation)
        let scales = betweenness.scales(
          nodeCount: nodeCount, sourceCount: wanted, isDirected: isDirected)
        for index in 0..<wanted { scores[sources[index]] *= scales.sources / scales.others }
        for node in 0..<nodeCount { scores[node] *= scales.others }
        return kernel.column(scores)
      }
    }
  }
}

extension BetweennessOptions {
  /// What sums over ordered pairs are multiplied with.
  fileprivate func scales(nodeCount: Int, sourceCount: Int, isDirected: Bool)
    -> (sources: Double, others: Double)
  {
    let ends = Double(countsEndpoints ? nodeCount : nodeCount - 1)
    guard ends >= 2 else { return (1, 1) }
    // Without endpoints a source sees one source less: itself.
    let isAll = sourceCount == nodeCount
    let others = isAll ? ends : Double(sourceCount)
    let sources = isAll || countsEndpoints ? others : others - 1
    func scale(_ count: Double) -> Double {
      guard count > 0 else { return count == 0 && sourceCount > 0 ? .nan : 1 }
      return normalized ? 1 / (count * (ends - 1)) : ends / (count * (isDirected ? 1 : 2))
    }
    return (scale(sources), scale(others))
  }
}

extension Kernel {
  fileprivate static var betweennessGroups: Int { 16 }

  /// Writes all nodes in an order that a seed decides; ascending without one.
  func shuffle(_ nodes: Slots<UInt32>, seed: UInt64?) {
    for node in 0..<nodes.count { nodes[node] = UInt32(truncatingIfNeeded: node) }
    guard var state = seed else { return }
    for place in stride(from: nodes.count - 1, to: 0, by: -1) {
      // SplitMix64 (Steele, Lea, Flood, 2014).
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
      mixed ^= mixed >> 31
      let other = Int(mixed.multipliedFullWidth(by: UInt64(place + 1)).high)
      (nodes[place], nodes[other]) = (nodes[other], nodes[place])
    }
  }

  fileprivate func betweenness(
    _ lists: NeighborLists, from sources: Slots<UInt32>, countsEndpoints: Bool,
    cancellation: CancellationToken?
  ) throws(GraphError) -> Slots<Double> {
    let nodeCount = lists.nodeCount
    let groupCount = max(1, min(sources.count, Self.betweennessGroups))
    let sums = try slots(repeating: 0.0, count: groupCount * nodeCount)
    let searches = try PathCounts(self, lists)
    let isTooMuch = try slots(repeating: UInt32(0), count: 1)
    try forEach(count: sources.count == 0 ? 0 : groupCount, grain: 1) { range, thread in
      for group in range {
        let scores = sums[group * nodeCount..<(group + 1) * nodeCount]
        let first = sources.count * group / groupCount
        for index in first..<sources.count * (group + 1) / groupCount {
          if cancellation?.isCancelled == true || isTooMuch.load(0) != 0 { return }
          let isGood = searches.add(
            thread, from: sources[index], countsEndpoints: countsEndpoints, to: scores)
          if !isGood { isTooMuch.store(0, 1) }
        }
      }
    }
    guard isTooMuch[0] == 0 else {
      throw .invalidArgument(
        name: "graph", why: "more shortest paths join two nodes than float64 can count")
    }
    let scores = try slots(repeating: 0.0, count: nodeCount)
    try forEach(count: nodeCount, grain: 1 << 12) { range, _ in
      for group in 0..<groupCount {
        for node in range { scores[node] += sums[group * nodeCount + node] }
      }
    }
    return scores
  }
}

/// The memory of searches that count shortest paths, for each thread.
private struct PathCounts: Sendable {
  let lists: NeighborLists
  /// The number of shortest paths to each node; then what depends on the node, divided by it.
  private let paths: Slots<Double>
  private let shares: Slots<Double>
  /// −1 for what is not reached, which all are between two searches.
  private let depths: Slots<Int32>
  /// The nodes in the order in which they are reached.
  private let queue: Slots<UInt32>

  init(_ kernel: Kernel, _ lists: NeighborLists) throws(GraphError) {
    self.lists = lists
    let count = lists.nodeCount * kernel.threadCount
    paths = try kernel.slots(of: Double.self, count: count)
    shares = try kernel.slots(of: Double.self, count: count)
    depths = try kernel.slots(repeating: -1, count: count)
    queue = try kernel.slots(of: UInt32.self, count: count)
  }

  /// Adds what depends on each node, for the paths from one source; false where a number of paths
  /// is infinite.
  func add(_ thread: Int, from source: UInt32, countsEndpoints: Bool, to scores: Slots<Double>)
    -> Bool
  {
    let own = thread * lists.nodeCount..<(thread + 1) * lists.nodeCount
    let (paths, shares, depths, queue) = (paths[own], shares[own], depths[own], queue[own])
    queue[0] = source
    paths[source] = 1
    depths[source] = 0
    var (place, end) = (0, 1)
    while place < end {
      let node = queue[place]
      place += 1
      let (count, depth) = (paths[node], depths[node] + 1)
      var last = UInt32.max
      for entry in lists.range(of: node) {
        let neighbor = lists.neighbors[entry]
        guard neighbor != last else { continue }
        last = neighbor
        if depths[neighbor] < 0 {
          depths[neighbor] = depth
          paths[neighbor] = count
          queue[end] = neighbor
          end += 1
        } else if depths[neighbor] == depth {
          paths[neighbor] += count
        }
      }
    }
    var isGood = true
    for place in stride(from: end - 1, through: 0, by: -1) {
      let node = queue[place]
      let (count, depth) = (paths[node], depths[node] + 1)
      var (sum, last) = (0.0, UInt32.max)
      for entry in lists.range(of: node) {
        let neighbor = lists.neighbors[entry]
        if neighbor != last, depths[neighbor] == depth { sum += shares[neighbor] }
        last = neighbor
      }
      let depending = count * sum
      isGood = isGood && count < .infinity
      shares[node] = (1 + depending) / count
      if place > 0 {
        scores[node] += countsEndpoints ? depending + 1 : depending
      } else if countsEndpoints {
        scores[node] += Double(end - 1)
      }
    }
    for place in 0..<end { depths[queue[place]] = -1 }
    return isGood
  }
}
