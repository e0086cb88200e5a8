// Topological order: each node behind all that lead to it.
//
// Method: Kahn, "Topological sorting of large networks" (Communications of the ACM 5, 1962). Trick:
// the order itself is the queue. What is left over when it runs dry has an edge from another node
// that is left over each; to follow such edges backwards is to find a cycle.

extension Graph {
  /// Puts the nodes of a graph with directions in an order in which all edges lead on.
  ///
  /// - Parameter options: Cancellation; one thread works.
  /// - Returns: All nodes: first those that no edge leads to, ascending; then each when the last
  ///   node that leads to it was passed, of several together the smaller first.
  /// - Complexity: O(nodes + edges); memory 8 bytes for each node beside the answer.
  /// - Throws: `.wrongDirection`; `.cycle` with the nodes of one in the order of its edges, the
  ///   smallest first; `.outOfMemory`, `.cancelled`.
  public func topologicalOrder(_ options: KernelOptions = KernelOptions()) throws(GraphError)
    -> NodeColumn<Int32>
  {
    guard isDirected else { throw .wrongDirection(needsDirected: true) }
    return try Kernel.run(options) { (kernel) throws(GraphError) in
      try withExtendedLifetime(self) { () throws(GraphError) in
        try csr.adjacency.lists.topologicalOrder(kernel)
      }
    }
  }
}

extension NeighborLists {
  fileprivate func topologicalOrder(_ kernel: Kernel) throws(GraphError) -> NodeColumn<Int32> {
    // The edges to each node from nodes that have no place yet.
    let waiting = try kernel.slots(repeating: 0, count: nodeCount)
    let order = try kernel.slots(of: UInt32.self, count: nodeCount)
    for entry in 0..<entryCount { waiting[neighbors[entry]] += 1 }
    var end = 0
    for node in 0..<UInt32(nodeCount) where waiting[node] == 0 {
      order[end] = node
      end += 1
    }
    var place = 0
    while place < end {
      if place & 0xFFFF == 0 { try kernel.check() }
      for entry in range(of: order[place]) {
        let neighbor = neighbors[entry]
        waiting[neighbor] -= 1
        guard waiting[neighbor] == 0 else { continue }
        order[end] = neighbor
        end += 1
      }
      place += 1
    }
    if end < nodeCount {
      let before = try kernel.slots(repeating: UInt32.max, count: nodeCount)
      for node in 0..<UInt32(nodeCount) where waiting[node] > 0 {
        for entry in range(of: node) where before[neighbors[entry]] == .max {
          before[neighbors[entry]] = node
        }
      }
      if let cycle = try kernel.cycle(of: before) { throw .cycle(cycle) }
    }
    return NodeColumn(kernel.take(order))
  }
}
