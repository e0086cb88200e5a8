// Bellman–Ford: rounds over the nodes that the last round lowered.
//
// Method: Bellman, "On a routing problem" (Quarterly of Applied Mathematics 16, 1958), Moore 1959,
// with a queue of what changed. Trick: a negative cycle shows as a cycle of predecessors long before
// the last round; looking for one costs O(nodes), and is done whenever that many edges were walked
// (Cherkassky, Goldberg, "Negative-cycle detection algorithms", 1999). With n nodes, a distance
// that the n-th round lowers proves that there is such a cycle.

extension PathSearch {
  /// Searches in rounds.
  ///
  /// - Throws: `.negativeCycle`, `.cancelled`, `.outOfMemory`.
  func runBellmanFord(hasNegative: Bool) throws(GraphError) {
    let nodeCount = lists.nodeCount
    let isQueued = try kernel.slots(repeating: false, count: nodeCount)
    // A node is in a queue once at most.
    var frontier = try kernel.slots(of: UInt32.self, count: nodeCount)
    var next = try kernel.slots(of: UInt32.self, count: nodeCount)
    defer {
      kernel.free(isQueued)
      kernel.free(frontier)
      kernel.free(next)
    }
    var count = query.sources.count
    for index in 0..<count { frontier[index] = query.sources[index] }
    var (round, walked) = (0, 0)
    while count > 0 {
      var nextCount = 0
      for index in 0..<count {
        let node = frontier[index]
        isQueued[node] = false
        let distance = distance(node)
        walked += lists.degree(of: node)
        for entry in lists.range(of: node) {
          let target = lists.neighbors[entry]
          let offer = distance + lengths[entry]
          guard offer < self.distance(target), offer <= query.maxDistance else { continue }
          // Sums below the least number would have no end.
          distances[target] = max(offer, -.greatestFiniteMagnitude).bitPattern
          predecessors[target] = node
          guard !isQueued[target] else { continue }
          isQueued[target] = true
          next[nextCount] = target
          nextCount += 1
        }
      }
      swap(&frontier, &next)
      count = nextCount
      round += 1
      try kernel.report(iteration: round)
      if hasNegative, walked >= nodeCount || round >= nodeCount {
        walked = 0
        if let cycle = try kernel.cycle(of: predecessors) { throw .negativeCycle(cycle) }
      }
    }

    try cutBehindTargets()
    try kernel.forEach(count: nodeCount, grain: 1 << 16) { range, _ in
      predecessors.fill(range, with: Self.none)
    }
    if !hasNegative { try explainByNearer() }
    try explainRest(fromSourcesOnly: hasNegative)
  }
}

extension Kernel {
  /// A cycle among nodes each of which has one predecessor or none (`UInt32.max`), in the order of
  /// its edges, from its smallest node on; nil if there is none.
  func cycle(of predecessors: Slots<UInt32>) throws(GraphError) -> [Int]? {
    let nodeCount = predecessors.count
    // The walk that came by: 0 for none.
    let walks = try slots(repeating: UInt32(0), count: nodeCount)
    defer { free(walks) }
    for start in 0..<UInt32(nodeCount) where walks[start] == 0 {
      var node = start
      while node != .max, walks[node] == 0 {
        walks[node] = start + 1
        node = predecessors[node]
      }
      guard node != .max, walks[node] == start + 1 else { continue }
      var cycle = [Int(node)]
      var before = predecessors[node]
      while before != node {
        cycle.append(Int(before))
        before = predecessors[before]
      }
      cycle.reverse()
      return GraphError.fromSmallest(cycle)
    }
    return nil
  }
}

extension GraphError {
  /// The nodes of a cycle, from the smallest on.
  static func fromSmallest(_ cycle: [Int]) -> [Int] {
    let first = cycle.indices.min { cycle[$0] < cycle[$1] } ?? 0
    return Array(cycle[first...] + cycle[..<first])
  }
}
