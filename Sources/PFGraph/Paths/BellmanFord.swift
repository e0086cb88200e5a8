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
    defer { kernel.free(isQueued) }
    var frontier = Set(query.sources).sorted()
    var next: [UInt32] = []
    var (round, walked) = (0, 0)
    while !frontier.isEmpty {
      for node in frontier {
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
          next.append(target)
        }
      }
      swap(&frontier, &next)
      next.removeAll(keepingCapacity: true)
      round += 1
      try kernel.report(iteration: round)
      if hasNegative, walked >= nodeCount || round >= nodeCount {
        walked = 0
        if let cycle = try predecessorCycle() { throw .negativeCycle(cycle) }
      }
    }

    try cutBehindTargets()
    try kernel.forEach(count: nodeCount, grain: 1 << 16) { range, _ in
      predecessors.fill(range, with: Self.none)
    }
    if !hasNegative { try explainByNearer() }
    try explainRest(fromSourcesOnly: hasNegative)
  }

  /// A cycle of predecessors in the order of its edges, from its smallest node on; nil if there is
  /// none.
  private func predecessorCycle() throws(GraphError) -> [Int]? {
    let nodeCount = lists.nodeCount
    // The walk that came by: 0 for none.
    let walks = try kernel.slots(repeating: UInt32(0), count: nodeCount)
    defer { kernel.free(walks) }
    for start in 0..<UInt32(nodeCount) where walks[start] == 0 {
      var node = start
      while node != Self.none, walks[node] == 0 {
        walks[node] = start + 1
        node = predecessors[node]
      }
      guard node != Self.none, walks[node] == start + 1 else { continue }
      var cycle = [Int(node)]
      var before = predecessors[node]
      while before != node {
        cycle.append(Int(before))
        before = predecessors[before]
      }
      cycle.reverse()
      let first = cycle.indices.min { cycle[$0] < cycle[$1] } ?? 0
      return Array(cycle[first...] + cycle[..<first])
    }
    return nil
  }
}
