public import PFArrow
internal import PFCore

extension Graph {
  /// Makes a graph over lists of neighbours: the rows of a sparse matrix.
  ///
  /// Memory is shared, not copied, where offsets are `int64`, neighbours `int32` and weights
  /// floating-point numbers, and each row ascends; rows that do not are sorted, parallel edges in
  /// their order. Who lends memory must not change it as long as the graph lives.
  ///
  /// - Parameters:
  ///   - offsets: Where the neighbours of each node begin, and behind the last: integers, one more
  ///     than nodes.
  ///   - neighbors: The nodes that each node leads to, back to back: integers.
  ///   - weights: A number for each of them; nil for a graph without weights.
  ///   - isDirected: False for lists that have each edge at both of its nodes.
  ///   - running: Threads, cancellation.
  /// - Complexity: O(nodes + edges).
  /// - Throws: `.badOffsets`, `.nodeOutOfRange` (end "target"), `.lengthMismatch`, `.wrongType`,
  ///   `.nullValue`, `.notSymmetric`, `.tooManyNodes`, `.outOfMemory`, `.cancelled`.
  public convenience init(
    offsets: ArrowArray, neighbors: ArrowArray, weights: ArrowArray? = nil, isDirected: Bool = true,
    running: KernelOptions = KernelOptions()
  ) throws(GraphError) {
    if let weights, weights.length != neighbors.length {
      throw .lengthMismatch(
        first: "indices", count: neighbors.length, second: "weight", otherCount: weights.length)
    }
    let starts = try NodeIDs(offsets, column: "indptr").of64Bits()
    let ids = try NodeIDs(neighbors, column: "indices")
    let values = try weights.map { (array) throws(GraphError) in try EdgeWeights(array) }
    let (adjacency, edgeCount) = try Kernel.run(running) { (kernel) throws(GraphError) in
      let given = try kernel.checked(starts, ids, values)
      let adjacency = try kernel.withSortedRows(given)
      guard !isDirected else { return (adjacency, adjacency.entryCount) }
      try kernel.checkSymmetry(adjacency)
      return (adjacency, (adjacency.entryCount + (try kernel.loopCount(adjacency))) / 2)
    }
    self.init(adjacency, edgeCount: edgeCount, isDirected: isDirected)
  }
}

extension NodeIDs {
  /// The integers with 64 bits each.
  fileprivate func of64Bits() throws(GraphError) -> Buffer {
    switch self {
    case .int64(let buffer): buffer
    case .int32(let buffer): try buffer.widened(from: Int32.self, to: Int64.self)
    }
  }
}

extension Kernel {
  /// The first index that is one of those, if one is. Most often none is.
  fileprivate func first(_ count: Int, where isOne: @Sendable (Int) -> Bool) throws(GraphError)
    -> Int?
  {
    let found = try sum(count: count, grain: 1 << 14) { range, _ in
      range.reduce(into: 0) { $0 += isOne($1) ? 1 : 0 }
    }
    return found == 0 ? nil : (0..<count).first(where: isOne)
  }

  /// Lists of which all is in range; rows may have any order.
  fileprivate func checked(_ starts: Buffer, _ ids: NodeIDs, _ weights: EdgeWeights?)
    throws(GraphError) -> Adjacency
  {
    let offsets = starts.slots(of: Int.self)
    guard offsets.count > 0 else {
      throw .invalidArgument(name: "indptr", why: "there must be one offset at least")
    }
    let nodeCount = offsets.count - 1
    guard nodeCount <= Self.mostNodes else { throw .tooManyNodes(count: nodeCount) }
    guard offsets[0] == 0 else { throw .badOffsets(position: 0, value: Int64(offsets[0])) }
    if let node = try first(nodeCount, where: { offsets[$0] > offsets[$0 + 1] }) {
      throw .badOffsets(position: node + 1, value: Int64(offsets[node + 1]))
    }
    guard offsets[nodeCount] == ids.count else {
      throw .badOffsets(position: nodeCount, value: Int64(offsets[nodeCount]))
    }
    _ = try largestID(ids, end: "target", limit: nodeCount, isDeclared: true)
    let neighbors: Buffer
    switch ids {
    case .int32(let buffer): neighbors = buffer
    case .int64(let buffer):
      let wide = buffer.slots(of: Int.self)
      let narrow = try slots(of: UInt32.self, count: wide.count)
      try forEach(count: wide.count, grain: 1 << 16) { range, _ in
        for index in range { narrow[index] = UInt32(truncatingIfNeeded: wide[index]) }
      }
      neighbors = take(narrow)
    }
    return Adjacency(nodeCount: nodeCount, offsets: starts, neighbors: neighbors, weights: weights)
  }

  /// The same lists with neighbours that ascend.
  func withSortedRows(_ adjacency: Adjacency) throws(GraphError) -> Adjacency {
    let lists = adjacency.lists
    let unsorted = try first(lists.nodeCount) { node in
      let row = lists.range(of: UInt32(truncatingIfNeeded: node))
      return row.dropFirst().contains { lists.neighbors[$0 - 1] > lists.neighbors[$0] }
    }
    guard unsorted != nil else { return adjacency }
    // Turning lists round sorts them.
    return try turned(turned(adjacency))
  }

  private func turned(_ adjacency: Adjacency) throws(GraphError) -> Adjacency {
    try self.adjacency(
      of: TurnedLists(lists: adjacency.lists), nodeCount: adjacency.nodeCount,
      weights: adjacency.weights)
  }

  /// Checks that each edge stands at both of its nodes, with the same weight where it is the only
  /// one of the two.
  fileprivate func checkSymmetry(_ adjacency: Adjacency) throws(GraphError) {
    let other = try turned(adjacency)
    let (lists, back) = (adjacency.lists, other.lists)
    let wrong = try first(lists.nodeCount) { node in
      let row = lists.range(of: UInt32(truncatingIfNeeded: node))
      guard back.range(of: UInt32(truncatingIfNeeded: node)) == row else { return true }
      return row.contains { index in
        let neighbor = lists.neighbors[index]
        if back.neighbors[index] != neighbor { return true }
        guard let weights = adjacency.weights, let backWeights = other.weights else { return false }
        let isParallel =
          index > row.lowerBound && lists.neighbors[index - 1] == neighbor
          || index + 1 < row.upperBound && lists.neighbors[index + 1] == neighbor
        return !isParallel && weights[index].bitPattern != backWeights[index].bitPattern
      }
    }
    if let wrong { throw .notSymmetric(node: wrong) }
  }
}
