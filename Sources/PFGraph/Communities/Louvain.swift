// Louvain and Leiden: communities of high modularity.
//
// Method: nodes move to the neighbouring community where they raise the modularity most, until none
// does; then communities become the nodes of a smaller graph, and so on (Blondel, Guillaume,
// Lambiotte, Lefebvre, "Fast Unfolding of Communities in Large Networks", 2008). Leiden first takes
// each community apart again, from single nodes that join parts which they are well connected with;
// the parts become the nodes of the smaller graph, and begin in the communities that they are from
// (Traag, Waltman, van Eck, "From Louvain to Leiden: Guaranteeing Well-Connected Communities", 2019).
// Here a node joins the part where it raises the modularity most, instead of drawing one.
//
// Tricks: only nodes with a neighbour that moved are looked at again (the "fast local move" of the
// same paper). One thread moves nodes, in an order that the seed decides: the answer depends on
// nothing else. Leiden's communities are at last cut into their connected pieces, which only raises
// the modularity, so that they are connected whatever the last level did.

extension Graph {
  /// Finds communities of a graph without directions by the method of Louvain.
  ///
  /// Parallel edges count each; a self-loop is an edge within any community of its node.
  ///
  /// - Parameters:
  ///   - community: What is found.
  ///   - options: Cancellation; progress is told after each level. One thread moves nodes, sums are
  ///     made by all.
  /// - Returns: The community of each node, and what it is worth.
  /// - Complexity: O(nodes + edges) for each round that moves nodes; memory about 40 bytes for each
  ///   node, 24 for each edge, and 16 more for each where weights are float32.
  /// - Throws: `.wrongDirection`, `.invalidArgument`, `.badWeight` with the first edge whose weight
  ///   is negative or not finite, `.outOfMemory`, `.cancelled`.
  public func louvain(
    _ community: CommunityOptions = CommunityOptions(), _ options: KernelOptions = KernelOptions()
  ) throws(GraphError) -> Communities {
    try community.run(self, options) { (level) throws(GraphError) in
      try level.climb(community, refines: false)
    }
  }

  /// Finds communities of a graph without directions by the method of Leiden. Each of them is
  /// connected.
  ///
  /// Parallel edges count each; a self-loop is an edge within any community of its node.
  ///
  /// - Parameters:
  ///   - community: What is found.
  ///   - options: Cancellation; progress is told after each level. One thread moves nodes, sums are
  ///     made by all.
  /// - Returns: The community of each node, and what it is worth.
  /// - Complexity: As `louvain`.
  /// - Throws: As `louvain`.
  public func leiden(
    _ community: CommunityOptions = CommunityOptions(), _ options: KernelOptions = KernelOptions()
  ) throws(GraphError) -> Communities {
    try community.run(self, options) { (level) throws(GraphError) in
      try level.climb(community, refines: true)
    }
  }
}

extension CommunityLevel {
  /// Communities of the nodes by way of graphs of communities.
  @inline(never)
  fileprivate func climb(_ options: CommunityOptions, refines: Bool) throws(GraphError)
    -> (communities: Slots<UInt32>, levels: Int)
  {
    // Of the nodes of the first level: the node of the present one, and at last the community.
    let answer = try kernel.slots(of: UInt32.self, count: nodeCount)
    for node in 0..<nodeCount { answer[node] = UInt32(truncatingIfNeeded: node) }
    var level = self
    var communities = try kernel.slots(of: UInt32.self, count: nodeCount)
    communities.copy(0..<nodeCount, from: answer, at: 0)
    var levels = 0
    while true {
      let hasMoved = try level.move(communities, seed: options.seed &+ UInt64(levels))
      levels += hasMoved ? 1 : 0
      try kernel.report(iteration: levels)
      let count = try level.renumber(communities)
      if !hasMoved || count == level.nodeCount || levels >= options.maxLevels { break }

      let parts = refines ? try level.refined(communities) : communities
      let partCount = refines ? try level.renumber(parts) : count
      // Nothing would change from here on.
      if partCount == level.nodeCount { break }
      let next = try level.joined(by: parts, count: partCount)
      let began = try kernel.slots(of: UInt32.self, count: partCount)
      for node in 0..<level.nodeCount {
        // Parts begin in the communities that they are from, whose numbers fit.
        began[parts[node]] = refines ? communities[node] : parts[node]
      }
      for node in 0..<nodeCount { answer[node] = parts[answer[node]] }
      if refines { kernel.free(parts) }
      kernel.free(communities)
      if levels > 1 { level.free() }
      (level, communities) = (next, began)
    }
    for node in 0..<nodeCount { answer[node] = communities[answer[node]] }
    kernel.free(communities)
    if refines { try split(answer) }
    return (answer, levels)
  }

  /// Parts of each community, from single nodes: those that are well connected with their community
  /// and still alone join the part that is well connected too, and where they raise the modularity
  /// most.
  private func refined(_ communities: Slots<UInt32>) throws(GraphError) -> Slots<UInt32> {
    let parts = try kernel.slots(of: UInt32.self, count: nodeCount)
    let partSums = try kernel.slots(of: Double.self, count: nodeCount)
    let sums = try kernel.slots(repeating: 0.0, count: nodeCount)
    // What joins each part to the rest of its community.
    let outward = try kernel.slots(of: Double.self, count: nodeCount)
    let isAlone = try kernel.slots(repeating: UInt8(1), count: nodeCount)
    var ties = try Ties(kernel, nodeCount)
    defer {
      kernel.free(partSums)
      kernel.free(sums)
      kernel.free(outward)
      kernel.free(isAlone)
      ties.free(kernel)
    }
    for node in 0..<nodeCount {
      let id = UInt32(truncatingIfNeeded: node)
      parts[node] = id
      partSums[node] = strengths[node]
      sums[communities[node]] += strengths[node]
      var joined = 0.0
      for entry in edges.lists.range(of: id) {
        let neighbor = edges.lists.neighbors[entry]
        if neighbor != id, communities[neighbor] == communities[node] {
          joined += edges.weight(entry)
        }
      }
      outward[node] = joined
    }
    func isWellConnected(_ part: UInt32, _ sum: Double) -> Bool {
      outward[part] >= resolution * partSums[part] * ((sum - partSums[part]) / total)
    }
    for node in 0..<UInt32(truncatingIfNeeded: nodeCount) {
      if node & 0xFFF == 0 { try kernel.check() }
      let sum = sums[communities[node]]
      guard isAlone[node] != 0, isWellConnected(node, sum) else { continue }
      collect(node, parts, within: communities, into: &ties)
      var (best, most) = (node, 0.0)
      for index in 0..<ties.count {
        let part = ties.found[index]
        guard ties.weights[part] > 0, isWellConnected(part, sum) else { continue }
        let its = gain(node, ties.weights[part], to: partSums[part])
        if its > most || its == most && (best == node || part < best) { (best, most) = (part, its) }
      }
      if best != node {
        parts[node] = best
        // A part is named by the node that it began with, which is no more alone.
        isAlone[best] = 0
        partSums[best] += strengths[node]
        outward[best] += outward[node] - 2 * ties.weights[best]
      }
      ties.clear()
    }
    return parts
  }

  /// Cuts communities into their connected pieces, named by their smallest nodes.
  private func split(_ communities: Slots<UInt32>) throws(GraphError) {
    let queue = try kernel.slots(of: UInt32.self, count: nodeCount)
    let pieces = try kernel.slots(repeating: UInt32.max, count: nodeCount)
    for start in 0..<UInt32(truncatingIfNeeded: nodeCount) where pieces[start] == .max {
      if start & 0xFFF == 0 { try kernel.check() }
      pieces[start] = start
      queue[0] = start
      var (place, end) = (0, 1)
      while place < end {
        let node = queue[place]
        place += 1
        for entry in edges.lists.range(of: node) {
          let neighbor = edges.lists.neighbors[entry]
          guard pieces[neighbor] == .max, communities[neighbor] == communities[node] else {
            continue
          }
          pieces[neighbor] = start
          queue[end] = neighbor
          end += 1
        }
      }
    }
    communities.copy(0..<nodeCount, from: pieces, at: 0)
    kernel.free(queue)
    kernel.free(pieces)
  }
}
