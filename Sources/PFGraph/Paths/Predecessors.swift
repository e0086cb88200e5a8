// Predecessors from distances alone.
//
// An edge is tight if it explains the distance of its target. A tight edge from a nearer node can
// never be part of a cycle, and which of them is taken is free: the smallest node. Edges without
// length join nodes that are equally far; among those a breadth-first walk, which begins at the
// nodes that are explained already, gives predecessors without a cycle.

/// The state of a search for paths, which all methods share.
struct PathSearch {
  let kernel: Kernel
  let lists: NeighborLists
  let lengths: EdgeLengths
  let query: PathQuery<UInt32>
  /// Whether each edge is in the lists of both of its ends.
  let isDirected: Bool
  /// The bits of `Double`: those of numbers that are not negative have the order of integers, so
  /// that threads can lower them.
  let distances: Slots<UInt64>
  /// The bits of `Int32`; `none` where there is none.
  let predecessors: Slots<UInt32>

  static var none: UInt32 { .max }
  static var unreached: UInt64 { Double.infinity.bitPattern }

  /// A search in a graph, which the caller holds.
  init(_ kernel: Kernel, _ graph: Graph, _ query: PathQuery<UInt32>) throws(GraphError) {
    self.kernel = kernel
    lists = graph.csr.adjacency.lists
    lengths = graph.lengths
    isDirected = graph.isDirected
    self.query = query
    distances = try kernel.slots(repeating: Self.unreached, count: lists.nodeCount)
    predecessors = try kernel.slots(repeating: Self.none, count: lists.nodeCount)
    for source in query.sources { distances[source] = 0 }
  }

  /// The distance of a node.
  @inline(__always)
  func distance(_ node: UInt32) -> Double { Double(bitPattern: distances[node]) }

  /// Offers `target` the way over `node`, which has `distance`; whether that is a shorter one. One
  /// thread only.
  ///
  /// Keeps the predecessor as the rule wants it once all distances are final: a tight edge stays
  /// tight until its target is lowered, because a node that is lowered is walked from again. What
  /// is left to `explainRest` is what only nodes as far have an edge to; `hasRest` tells of it.
  @inline(__always)
  func relax(
    _ node: UInt32, _ distance: Double, to target: UInt32, _ offer: Double, hasRest: inout Bool
  ) -> Bool {
    let old = self.distance(target)
    if offer < old {
      guard offer <= query.maxDistance else { return false }
      distances[target] = offer.bitPattern
      predecessors[target] = node
      if !(distance < offer) { hasRest = true }
      return true
    }
    if offer == old, distance < offer, offer < .infinity {
      let current = predecessors[target]
      // Sources have none, and are not further than another node.
      if node < current || !(self.distance(current) < offer) { predecessors[target] = node }
    }
    return false
  }

  /// Forgets what is further than the furthest target.
  func cutBehindTargets() throws(GraphError) {
    guard !query.targets.isEmpty else { return }
    var limit: UInt64 = 0
    for target in query.targets { limit = max(limit, distances[target]) }
    let last = limit
    try kernel.forEach(count: lists.nodeCount, grain: 1 << 14) { range, _ in
      for node in range where distances[node] > last {
        distances[node] = Self.unreached
        predecessors[node] = Self.none
      }
    }
  }

  /// Finds the predecessors that are nearer than their node, on all threads. Weights are not
  /// negative, and no predecessor is known.
  func explainByNearer() throws(GraphError) {
    try kernel.forEach(count: lists.nodeCount, grain: 1 << 10) { range, _ in
      for index in range {
        let node = UInt32(truncatingIfNeeded: index)
        let distance = self.distance(node)
        guard distance < .infinity else { continue }
        for entry in lists.range(of: node) {
          let other = lists.neighbors[entry]
          if isDirected {
            let offer = distance + lengths[entry]
            if offer == self.distance(other), distance < offer, offer < .infinity {
              _ = predecessors.lower(Int(other), to: node)
            }
          } else {
            // The same edge leads here, and the first that fits comes from the smallest node.
            let before = self.distance(other)
            guard before + lengths[entry] == distance, before < distance else { continue }
            predecessors[node] = other
            break
          }
        }
      }
    }
  }

  /// Finds the predecessors that are still missing, step by step from what has one.
  ///
  /// A node is open while it is reached, no source, and has no predecessor or one that is not
  /// nearer; with `fromSourcesOnly` all but the sources are.
  func explainRest(fromSourcesOnly: Bool = false) throws(GraphError) {
    let nodeCount = lists.nodeCount
    // The step that explains a node: 0 for what is explained already, `none` while it is open.
    let steps = try kernel.slots(repeating: UInt32(0), count: nodeCount)
    defer { kernel.free(steps) }
    var openCount = 0
    for node in 0..<UInt32(nodeCount) where distance(node) < .infinity {
      let before = predecessors[node]
      guard fromSourcesOnly || before == Self.none || !(distance(before) < distance(node)) else {
        continue
      }
      steps[node] = Self.none
      openCount += 1
    }
    for source in query.sources where steps[source] == Self.none {
      steps[source] = 0
      openCount -= 1
    }
    guard openCount > 0 else { return }

    let queue = try kernel.slots(of: UInt32.self, count: openCount)
    defer { kernel.free(queue) }
    var end = 0
    var step: UInt32 = 1
    func explain(from node: UInt32) {
      let distance = distance(node)
      for entry in lists.range(of: node) {
        let target = lists.neighbors[entry]
        guard steps[target] >= step, distance + lengths[entry] == self.distance(target) else {
          continue
        }
        if steps[target] == step {
          predecessors[target] = min(predecessors[target], node)
        } else {
          steps[target] = step
          predecessors[target] = node
          queue[end] = target
          end += 1
        }
      }
    }
    for node in 0..<UInt32(nodeCount) where steps[node] == 0 && distance(node) < .infinity {
      explain(from: node)
    }
    var start = 0
    while start < end {
      try kernel.check()
      step += 1
      let level = start..<end
      start = end
      for index in level { explain(from: queue[index]) }
    }
  }
}
