// Label propagation: each node takes the label that most of its neighbours have.
//
// Method: asynchronous (Raghavan, Albert, Kumara, "Near Linear Time Algorithm to Detect Community
// Structures in Large-Scale Networks", 2007), in an order that a seed decides and that stays. A node
// whose label is among those that most neighbours have keeps it, else it takes the smallest of them.
//
// Trick: each change makes the edges within communities weigh more, so there is an end; and only
// nodes with a neighbour that changed are looked at again.

extension Graph {
  /// Finds communities of a graph without directions by the spread of labels.
  ///
  /// Parallel edges count each, self-loops do not. The resolution does not matter to what is found.
  ///
  /// - Parameters:
  ///   - community: What is found. Rounds end after `maxLevels` even where labels still change.
  ///   - options: Cancellation; progress is told after each round. One thread works.
  /// - Returns: The community of each node, its modularity, and the rounds.
  /// - Complexity: O(nodes + edges) a round; memory 17 bytes for each node beside the answer.
  /// - Throws: `.wrongDirection`, `.invalidArgument`, `.badWeight` with the first edge whose weight
  ///   is negative or not finite, `.outOfMemory`, `.cancelled`.
  public func labelPropagation(
    _ community: CommunityOptions = CommunityOptions(), _ options: KernelOptions = KernelOptions()
  ) throws(GraphError) -> Communities {
    try community.run(self, options) { (level) throws(GraphError) in
      try level.propagateLabels(community)
    }
  }
}

extension CommunityLevel {
  fileprivate func propagateLabels(_ options: CommunityOptions) throws(GraphError)
    -> (communities: Slots<UInt32>, levels: Int)
  {
    let labels = try kernel.slots(of: UInt32.self, count: nodeCount)
    kernel.shuffle(labels, seed: nil)
    let order = try kernel.slots(of: UInt32.self, count: nodeCount)
    kernel.shuffle(order, seed: options.seed)
    let isOpen = try kernel.slots(repeating: UInt8(1), count: nodeCount)
    var ties = try Ties(kernel, nodeCount)
    var rounds = 0
    var hasChanged = true
    while hasChanged, rounds < options.maxLevels {
      hasChanged = false
      for place in 0..<nodeCount {
        if place & 0xFFF == 0 { try kernel.check() }
        let node = order[place]
        guard isOpen[node] != 0 else { continue }
        isOpen[node] = 0
        collect(node, labels, within: nil, into: &ties)
        // As in `move`: what rounding could feign is not more.
        var (best, most) = (labels[node], ties.weights[labels[node]] * (1 + 1e-12))
        for index in 0..<ties.count {
          let (label, its) = (ties.found[index], ties.weights[ties.found[index]])
          if its > most || its == most && best != labels[node] && label < best {
            (best, most) = (label, its)
          }
        }
        ties.clear()
        guard best != labels[node] else { continue }
        labels[node] = best
        hasChanged = true
        for entry in edges.lists.range(of: node) { isOpen[edges.lists.neighbors[entry]] = 1 }
      }
      rounds += 1
      try kernel.report(iteration: rounds)
    }
    return (labels, rounds)
  }
}
