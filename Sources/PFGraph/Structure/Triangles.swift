// Triangles: three nodes, each two of which an edge joins.
//
// Method: each edge is given the direction from the node with fewer neighbours to the one with more
// (of equal ones, to the larger id), so that each triangle is seen from one of its nodes only and no
// node has more than √(2 · edges) edges left (Schank, Wagner, "Finding, Counting and Listing All
// Triangles in Large Graphs", WEA 2005).
//
// Trick: the neighbours of a node are marked in a bitmap of the thread's own, and those of its
// neighbours are looked up in it. Unlike a merge of two sorted lists, the lookup has no branch to
// guess wrong, and the long list of a node is not walked once for each of its neighbours.

extension Graph {
  /// Counts the triangles of a graph without directions.
  ///
  /// Parallel edges count once, self-loops not at all.
  ///
  /// - Parameter options: Threads, cancellation.
  /// - Returns: The number of sets of three nodes that are joined two by two.
  /// - Complexity: O(edges^1.5); memory 8 bytes for each node, 4 for each edge and a bit for each
  ///   node and thread.
  /// - Throws: `.wrongDirection`, `.outOfMemory`, `.cancelled`.
  public func triangleCount(_ options: KernelOptions = KernelOptions()) throws(GraphError) -> Int {
    guard !isDirected else { throw .wrongDirection(needsDirected: false) }
    return try Kernel.run(options) { (kernel) throws(GraphError) in
      try withExtendedLifetime(self) { () throws(GraphError) in
        let upward = try kernel.upward(csr.adjacency.lists)
        return try kernel.triangleCount(upward)
      }
    }
  }
}

extension NeighborLists {
  /// Calls `body` with each neighbour of a node that has more neighbours than it, or as many and a
  /// larger id; once with those that are there several times.
  @inline(__always)
  fileprivate func forEachAbove(_ node: UInt32, _ body: (UInt32) -> Void) {
    let entries = range(of: node)
    var last = node
    for entry in entries {
      let neighbor = neighbors[entry]
      guard neighbor != last, neighbor != node else { continue }
      last = neighbor
      let its = degree(of: neighbor)
      if its > entries.count || its == entries.count && neighbor > node { body(neighbor) }
    }
  }
}

extension Kernel {
  /// For each node, its neighbours that have more.
  fileprivate func upward(_ lists: NeighborLists) throws(GraphError) -> NeighborLists {
    let nodeCount = lists.nodeCount
    let offsets = try slots(of: Int.self, count: nodeCount + 1)
    try forEach(count: nodeCount, grain: 1 << 11) { range, _ in
      for node in range {
        var count = 0
        lists.forEachAbove(UInt32(truncatingIfNeeded: node)) { _ in count += 1 }
        offsets[node] = count
      }
    }
    var start = 0
    for node in 0..<nodeCount { (offsets[node], start) = (start, start + offsets[node]) }
    offsets[nodeCount] = start
    let neighbors = try slots(of: UInt32.self, count: start)
    try forEach(count: nodeCount, grain: 1 << 11) { range, _ in
      for node in range {
        var place = offsets[node]
        lists.forEachAbove(UInt32(truncatingIfNeeded: node)) { neighbor in
          neighbors[place] = neighbor
          place += 1
        }
      }
    }
    return NeighborLists(offsets: offsets, neighbors: neighbors)
  }

  /// The pairs of edges that leave a node and whose ends an edge joins.
  fileprivate func triangleCount(_ lists: NeighborLists) throws(GraphError) -> Int {
    let wordCount = Slots<UInt64>.wordCount(ofBits: lists.nodeCount)
    let marks = try slots(repeating: UInt64(0), count: wordCount * threadCount)
    return try sum(count: lists.nodeCount, grain: 1 << 8) { range, thread in
      let marks = marks[thread * wordCount..<(thread + 1) * wordCount]
      var count = 0
      for node in range {
        let entries = lists.range(of: UInt32(truncatingIfNeeded: node))
        guard entries.count > 1 else { continue }
        for entry in entries { marks.setBit(lists.neighbors[entry]) }
        for entry in entries {
          for other in lists.range(of: lists.neighbors[entry]) {
            count += marks.bit(lists.neighbors[other]) ? 1 : 0
          }
        }
        for entry in entries { marks[Int(lists.neighbors[entry] >> 6)] = 0 }
      }
      return count
    }
  }
}
