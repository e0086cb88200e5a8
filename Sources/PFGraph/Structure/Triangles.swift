// Triangles: three nodes, each two of which an edge joins.
//
// Method: each edge is given the direction from the node with fewer neighbours to the one with more
// (of equal ones, to the larger id), so that each triangle is seen from one of its nodes only and no
// node has more than √(2 · edges) edges left (Schank, Wagner, "Finding, Counting and Listing All
// Triangles in Large Graphs", WEA 2005).
//
// Trick: the neighbours of a node are marked in a bitmap of the thread's own, and those of its
// neighbours are looked up in it. Unlike a merge of two sorted lists, the lookup has no branch to
// guess wrong, and the long list of a node is not walked once for each of its neighbours. Where all
// lists are short, as in a grid, none of this pays: there ids give the direction, what is above a
// node is the end of its list, and two such ends are merged.

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
        let lists = csr.adjacency.lists
        if try kernel.hasShortLists(lists) { return try kernel.triangleCountByMerge(lists) }
        return try kernel.triangleCount(kernel.upward(lists))
      }
    }
  }
}

extension NeighborLists {
  /// Calls `body` with the entry of each neighbour of a node that has more neighbours than it, or as
  /// many and a larger id; once for those that are there several times.
  @inline(__always)
  fileprivate func forEachAbove(_ node: UInt32, _ body: (Int) -> Void) {
    let entries = range(of: node)
    var last = node
    for entry in entries {
      let neighbor = neighbors[entry]
      guard neighbor != last, neighbor != node else { continue }
      last = neighbor
      let its = degree(of: neighbor)
      if its > entries.count || its == entries.count && neighbor > node { body(entry) }
    }
  }
}

extension NeighborLists {
  /// The number of nodes in both of two ascending lists; those that are there several times count
  /// once.
  @inline(__always)
  fileprivate func common(_ first: Range<Int>, _ second: Range<Int>) -> Int {
    var (left, right, count) = (first.upperBound, second.upperBound, 0)
    // From the end: what is below the nodes of interest is never looked at.
    var last = UInt32.max
    while left > first.lowerBound, right > second.lowerBound {
      let (one, other) = (neighbors[left - 1], neighbors[right - 1])
      if one >= other { left -= 1 }
      if other >= one { right -= 1 }
      if one == other, one != last {
        count += 1
        last = one
      }
    }
    return count
  }
}

extension Kernel {
  /// For each node, its neighbours that have more.
  func upward(_ lists: NeighborLists) throws(GraphError) -> NeighborLists {
    try upward(lists, carrying: Slots<UInt8>?.none).lists
  }

  /// The same with what belongs to each entry.
  func upward<Carried>(_ lists: NeighborLists, carrying carried: Slots<Carried>?)
    throws(GraphError) -> (lists: NeighborLists, carried: Slots<Carried>?)
  {
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
    let carriedUp = try carried.map { (_) throws(GraphError) in
      try slots(of: Carried.self, count: start)
    }
    try forEach(count: nodeCount, grain: 1 << 11) { range, _ in
      for node in range {
        var place = offsets[node]
        lists.forEachAbove(UInt32(truncatingIfNeeded: node)) { entry in
          neighbors[place] = lists.neighbors[entry]
          if let carried { carriedUp?[place] = carried[entry] }
          place += 1
        }
      }
    }
    return (NeighborLists(offsets: offsets, neighbors: neighbors), carriedUp)
  }

  /// Whether no node has more than sixteen neighbours.
  fileprivate func hasShortLists(_ lists: NeighborLists) throws(GraphError) -> Bool {
    guard lists.entryCount <= 16 * lists.nodeCount else { return false }
    let long = try sum(count: lists.nodeCount, grain: 1 << 14) { range, _ in
      var long = 0
      for node in range { long += lists.offsets[node + 1] - lists.offsets[node] > 16 ? 1 : 0 }
      return long
    }
    return long == 0
  }

  /// As `triangleCount`, each triangle seen from its smallest node.
  fileprivate func triangleCountByMerge(_ lists: NeighborLists) throws(GraphError) -> Int {
    try sum(count: lists.nodeCount, grain: 1 << 11) { range, _ in
      var count = 0
      for node in range {
        let end = lists.offsets[node + 1]
        var entry = end
        while entry > lists.offsets[node], lists.neighbors[entry - 1] > node { entry -= 1 }
        while end - entry > 1 {
          let neighbor = lists.neighbors[entry]
          entry += 1
          if entry < end, lists.neighbors[entry] != neighbor {
            count += lists.common(entry..<end, lists.range(of: neighbor))
          }
        }
      }
      return count
    }
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
