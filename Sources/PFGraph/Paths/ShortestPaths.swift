// Shortest paths from one or more sources.
//
// The length of a path is the float64 sum of its weights from the source on. Rounding keeps order
// (a ≤ b gives a + w ≤ b + w), so the least length of all paths to a node is one number that does
// not depend on which path is tried first: all methods here give the same bits. Predecessors follow
// a rule over the distances alone (`Predecessors.swift`), so they agree as well.

/// The answer of a search for shortest paths.
public struct ShortestPaths: Equatable, Sendable {
  /// The length of the shortest path to each node; infinite where there is none.
  public let distances: NodeColumn<Double>
  /// The node before, on one of the shortest paths; −1 for sources and for what is not reached.
  ///
  /// An edge from `p` to `v` is tight if `distances[p] + weight == distances[v]`. Of the nodes with
  /// a tight edge to `v` that are nearer than `v`, the predecessor is the smallest. Where there is
  /// none, only edges without length (or too short to change the sum) lead to `v` from nodes as far
  /// as itself: of those, the ones that are the fewest such edges away from a node of the first
  /// kind or a source are taken, and the smallest of them.
  ///
  /// Where weights are negative, it is the smallest of those that tight edges reach from a source
  /// in the fewest steps.
  public let predecessors: NodeColumn<Int32>

  /// The nodes on the path to `node`, from its source to itself; nil where there is none.
  ///
  /// Precondition: `node` is one of the graph's.
  ///
  /// - Complexity: O(nodes on the path).
  public func path(to node: Int) -> [Int]? {
    guard distances[node] < .infinity else { return nil }
    let before = predecessors.span
    var path = [node]
    var next = before[node]
    while next >= 0 {
      path.append(Int(next))
      next = before[Int(next)]
    }
    path.reverse()
    return path
  }
}

/// How shortest paths are found; never what they are.
public enum ShortestPathMethod: Equatable, Sendable {
  /// Bellman–Ford where a weight is negative, Dijkstra where there are targets, delta-stepping
  /// otherwise. A graph without weights is searched breadth first, whatever the method.
  case auto
  /// Nodes one by one, nearest first; one thread.
  case dijkstra
  /// Nodes in buckets of the width `delta`, on all threads; nil for a width from the weights.
  case deltaStepping(delta: Double?)
  /// Rounds over what the last round lowered; one thread. Weights may be negative.
  case bellmanFord
}

extension Graph {
  /// Finds shortest paths from `sources`, all of which have distance 0; an edge of a graph without
  /// weights has length 1.
  ///
  /// - Parameters:
  ///   - sources: Nodes, in any order; repeated ones count once.
  ///   - targets: The search ends when all of these are reached, and knows all nodes that are as
  ///     near as the furthest of them, and no others. With nil, an empty list or a target that
  ///     cannot be reached it goes on to the end. Not with negative weights.
  ///   - maxDistance: Nodes further away are not reached; not with negative weights.
  ///   - method: See `ShortestPathMethod`.
  ///   - options: Threads, cancellation; progress is told after each bucket or round.
  /// - Returns: distances and predecessors of all nodes.
  /// - Complexity: Dijkstra O((nodes + edges) log edges). Delta-stepping O(nodes + edges) for
  ///   random weights, more where paths of many edges fit in a bucket. Bellman–Ford
  ///   O(nodes × edges), usually much less. Memory is 12 bytes for each node and at most 32 for
  ///   each time that a distance is lowered.
  /// - Throws: `.unknownNode`, `.invalidArgument`, `.badWeight` with the first edge (by source,
  ///   then target) whose weight is not a number or, but for Bellman–Ford, is negative,
  ///   `.negativeCycle`, `.outOfMemory`, `.cancelled`.
  public func shortestPaths(
    from sources: [Int], targets: [Int]? = nil, maxDistance: Double = .infinity,
    method: ShortestPathMethod = .auto, _ options: KernelOptions = KernelOptions()
  ) throws(GraphError) -> ShortestPaths {
    let query = PathQuery(
      sources: sources, targets: targets ?? [], maxDistance: maxDistance,
      asksForPredecessors: true)
    return try paths(query, method, options)
  }

  /// Finds the distances of `shortestPaths` alone: several threads, which look for predecessors at
  /// the end, save about a third of the time.
  ///
  /// - Parameters: as `shortestPaths` has.
  /// - Returns: The distance of each node; infinite for what is not reached.
  /// - Complexity: as `shortestPaths` has.
  /// - Throws: as `shortestPaths` does.
  public func shortestDistances(
    from sources: [Int], targets: [Int]? = nil, maxDistance: Double = .infinity,
    method: ShortestPathMethod = .auto, _ options: KernelOptions = KernelOptions()
  ) throws(GraphError) -> NodeColumn<Double> {
    let query = PathQuery(
      sources: sources, targets: targets ?? [], maxDistance: maxDistance,
      asksForPredecessors: false)
    return try paths(query, method, options).distances
  }

  /// Checks what is asked, and finds it; predecessors that are not asked for may be anything.
  private func paths(
    _ asked: PathQuery<Int>, _ method: ShortestPathMethod, _ options: KernelOptions
  ) throws(GraphError) -> ShortestPaths {
    guard asked.maxDistance >= 0 else {
      throw .invalidArgument(name: "maxDistance", why: "a distance is a number, not negative")
    }
    if case .deltaStepping(let delta?) = method, !(delta > 0 && delta < .infinity) {
      throw .invalidArgument(name: "delta", why: "a width is finite and more than 0")
    }
    var query = PathQuery<UInt32>(
      sources: [], targets: [], maxDistance: asked.maxDistance,
      asksForPredecessors: asked.asksForPredecessors)
    for source in asked.sources { query.sources.append(try check(source, is: "source")) }
    query.sources = Set(query.sources).sorted()
    for target in asked.targets { query.targets.append(try check(target, is: "target")) }
    return isWeighted ? try lengths(query, method, options) : try hops(query, options)
  }

  /// Finds a path of the least length between two nodes, by Dijkstra's method, or Bellman–Ford's
  /// where a weight is negative.
  ///
  /// - Parameters:
  ///   - source: Where the path begins.
  ///   - target: Where it ends.
  ///   - options: Cancellation.
  /// - Returns: The path; nil where there is none. Of several, the one that the predecessors of
  ///   `shortestPaths` tell.
  /// - Complexity: as `shortestPaths` has, but what is further than the target is not walked.
  /// - Throws: as `shortestPaths` does.
  public func lightestPath(
    from source: Int, to target: Int, _ options: KernelOptions = KernelOptions()
  ) throws(GraphError) -> FoundPath? {
    _ = try check(source, is: "source")
    let end = try check(target, is: "target")
    var hasNegative = false
    if isWeighted {
      hasNegative = try Kernel.run(options) { (kernel) throws(GraphError) in
        try weightFacts(kernel).firstNegative != nil
      }
    }
    let paths = try shortestPaths(
      from: [source], targets: hasNegative ? nil : [target], options)
    guard paths.distances[target] < .infinity else { return nil }
    return try Kernel.run(options) { (kernel) throws(GraphError) in
      try withExtendedLifetime(paths) { () throws(GraphError) in
        try kernel.path(
          to: end, paths.predecessors.buffer.slots(of: UInt32.self),
          length: paths.distances[target])
      }
    }
  }

  private func lengths(
    _ query: PathQuery<UInt32>, _ method: ShortestPathMethod, _ options: KernelOptions
  ) throws(GraphError) -> ShortestPaths {
    try Kernel.run(options) { (kernel) throws(GraphError) in
      try withExtendedLifetime(self) { () throws(GraphError) in
        let facts = try weightFacts(kernel)
        if let entry = facts.firstUnusable { throw badWeight(at: entry) }
        let search = try PathSearch(kernel, self, query)
        switch method {
        case .bellmanFord,
          .auto where facts.firstNegative != nil:
          let hasNegative = facts.firstNegative != nil
          if hasNegative, !query.targets.isEmpty || query.maxDistance < .infinity {
            throw .invalidArgument(
              name: query.targets.isEmpty ? "maxDistance" : "targets",
              why: "with negative weights no search can end early")
          }
          try search.runBellmanFord(hasNegative: hasNegative)
        case .dijkstra,
          .auto where !query.targets.isEmpty:
          if let entry = facts.firstNegative { throw badWeight(at: entry) }
          try search.runDijkstra()
        case .auto:
          try search.runDeltaStepping(delta: defaultDelta(facts))
        case .deltaStepping(let delta):
          if let entry = facts.firstNegative { throw badWeight(at: entry) }
          try search.runDeltaStepping(delta: delta ?? defaultDelta(facts))
        }
        return ShortestPaths(
          distances: NodeColumn(kernel.take(search.distances)),
          predecessors: NodeColumn(kernel.take(search.predecessors)))
      }
    }
  }

  /// A bucket should hold what one node's edges reach at once: wide for few edges, narrow for many; a
  /// little narrower still, as where edges are many some nodes have most of them.
  private func defaultDelta(_ facts: WeightFacts) -> Double {
    let degree = Double(csr.entryCount) / Double(max(1, nodeCount))
    let delta = facts.mean * 2 / max(1, degree * degree.squareRoot().squareRoot())
    return delta > 0 && delta < .infinity ? delta : 1
  }

  /// Shortest paths where each edge has length 1.
  private func hops(
    _ query: PathQuery<UInt32>, _ options: KernelOptions
  ) throws(GraphError) -> ShortestPaths {
    let maxDepth = Int(min(query.maxDistance, Double(Int32.max)))
    let tree = try breadthFirst(from: query.sources.map { Int($0) }, maxDepth: maxDepth, options)
    return try Kernel.run(options) { (kernel) throws(GraphError) in
      let hops = tree.distances.buffer.slots(of: Int32.self)
      let before = tree.predecessors.buffer.slots(of: UInt32.self)
      let distances = try kernel.slots(of: Double.self, count: nodeCount)
      let predecessors = try kernel.slots(of: UInt32.self, count: nodeCount)
      var limit: Int32 = 0
      for target in query.targets { limit = max(limit, hops[target] < 0 ? .max : hops[target]) }
      let last = query.targets.isEmpty ? .max : limit
      try withExtendedLifetime(tree) { () throws(GraphError) in
        try kernel.forEach(count: nodeCount, grain: 1 << 14) { range, _ in
          for node in range {
            let isReached = hops[node] >= 0 && hops[node] <= last
            distances[node] = isReached ? Double(hops[node]) : .infinity
            predecessors[node] = isReached ? before[node] : .max
          }
        }
      }
      return ShortestPaths(
        distances: kernel.column(distances), predecessors: NodeColumn(kernel.take(predecessors)))
    }
  }
}

/// What is asked of a search for paths; nodes are `UInt32` once they are checked.
struct PathQuery<Node: Sendable>: Sendable {
  var sources: [Node]
  var targets: [Node]
  var maxDistance: Double
  /// Without, a search may leave them as they come.
  var asksForPredecessors: Bool
}
