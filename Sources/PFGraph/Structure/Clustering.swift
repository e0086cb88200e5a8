// Clustering: how many of the pairs of a node's neighbours are neighbours themselves.
//
// Method: each triangle is found once, from its lowest node in the order by number of neighbours, as
// in Triangles.swift, and counted at its three nodes (Schank, Wagner, "Finding, Counting and Listing
// All Triangles in Large Graphs", WEA 2005; the coefficients are those of Watts, Strogatz,
// "Collective Dynamics of 'Small-World' Networks", Nature 1998). Where edges have directions, a
// triangle counts as often as there are ways to choose an edge for each two of its nodes (Fagiolo,
// "Clustering in Complex Directed Networks", Physical Review E 2007).
//
// Trick: counts are integers, so threads may add to them atomically in any order; what a node and
// its neighbour gain is added once for all triangles that they share.

/// The answer about triangles.
public struct Clustering: Equatable, Sendable {
  /// The triangles that each node is part of.
  public let triangles: NodeColumn<Int64>
  /// For each node the part of the pairs of its neighbours that an edge joins; 0 where there are
  /// fewer than two neighbours.
  public let coefficients: NodeColumn<Double>
  /// The number of triangles.
  public let triangleCount: Int
  /// The part of the pairs of edges with a common node that a third edge closes; 0 where there is
  /// no such pair.
  public let transitivity: Double

  /// The mean of the coefficients; 0 without nodes.
  public var averageCoefficient: Double { coefficients.mean }
}

extension Graph {
  /// Finds the triangles of each node of a graph without directions, and how clustered it is.
  ///
  /// Parallel edges count once, self-loops not at all, and weights do not matter.
  ///
  /// - Parameter options: Threads, cancellation.
  /// - Returns: Triangles and coefficients of the nodes, and what they say of the whole.
  /// - Complexity: O(edges^1.5); memory 8 bytes for each node, 4 for each edge and one for each node
  ///   and thread beside the answer.
  /// - Throws: `.wrongDirection`, `.outOfMemory`, `.cancelled`.
  public func clustering(_ options: KernelOptions = KernelOptions()) throws(GraphError)
    -> Clustering
  {
    guard !isDirected else { throw .wrongDirection(needsDirected: false) }
    return try Kernel.run(options) { (kernel) throws(GraphError) in
      try withExtendedLifetime(self) { () throws(GraphError) in
        try kernel.clustering(csr.adjacency.lists)
      }
    }
  }

  /// Finds how clustered each node of a graph is, with directions or without: the part of the
  /// triangles that its neighbours could make with it that there are.
  ///
  /// With directions each two of three nodes may be joined by two edges, and a triangle counts as
  /// often as there are ways to choose one edge for each two. Parallel edges count once, self-loops
  /// not at all, and weights do not matter.
  ///
  /// - Parameter options: Threads, cancellation.
  /// - Returns: 0…1 for each node; 0 where no triangle is possible.
  /// - Complexity: O(edges^1.5); memory 16 bytes for each node, 10 for each edge and one for each node
  ///   and thread beside the answer; the first call makes `csc`.
  /// - Throws: `.outOfMemory`, `.cancelled`.
  public func clusteringCoefficients(_ options: KernelOptions = KernelOptions()) throws(GraphError)
    -> NodeColumn<Double>
  {
    guard isDirected else { return try clustering(options).coefficients }
    let incoming = try csc(options)
    return try Kernel.run(options) { (kernel) throws(GraphError) in
      try withExtendedLifetime((self, incoming)) { () throws(GraphError) in
        try kernel.clusteringCoefficients(csr.adjacency.lists, incoming.adjacency.lists)
      }
    }
  }
}

extension Kernel {
  fileprivate func clustering(_ lists: NeighborLists) throws(GraphError) -> Clustering {
    let nodeCount = lists.nodeCount
    let triangles = try slots(repeating: 0, count: nodeCount)
    try countTriangles(try upward(lists), Slots<UInt8>?.none, at: triangles)

    let coefficients = try slots(of: Double.self, count: nodeCount)
    let pairCount = try sum(count: nodeCount, grain: 1 << 12) { range, _ in
      var sum = 0.0
      for node in range {
        let id = UInt32(truncatingIfNeeded: node)
        var degree = 0.0
        var last = id
        for entry in lists.range(of: id) {
          let neighbor = lists.neighbors[entry]
          if neighbor != last, neighbor != id { degree += 1 }
          last = neighbor
        }
        let pairs = degree * (degree - 1) / 2
        sum += pairs
        coefficients[node] = pairs > 0 ? Double(triangles[node]) / pairs : 0
      }
      return sum
    }
    var corners = 0
    for node in 0..<nodeCount { corners += triangles[node] }
    return Clustering(
      triangles: NodeColumn(take(triangles)), coefficients: column(coefficients),
      triangleCount: corners / 3, transitivity: corners > 0 ? Double(corners) / pairCount : 0)
  }

  fileprivate func clusteringCoefficients(_ outgoing: NeighborLists, _ incoming: NeighborLists)
    throws(GraphError) -> NodeColumn<Double>
  {
    let nodeCount = outgoing.nodeCount
    let (lists, edgeCounts) = try joined(outgoing, incoming)
    let (upward, edgeCountsUp) = try upward(lists, carrying: edgeCounts)
    let triangles = try slots(repeating: 0, count: nodeCount)
    try countTriangles(upward, edgeCountsUp, at: triangles)

    let coefficients = try slots(of: Double.self, count: nodeCount)
    try forEach(count: nodeCount, grain: 1 << 12) { range, _ in
      for node in range {
        var (degree, twice) = (0.0, 0.0)
        for entry in lists.range(of: UInt32(truncatingIfNeeded: node)) {
          degree += Double(edgeCounts[entry])
          twice += edgeCounts[entry] == 2 ? 1 : 0
        }
        // Two edges to one neighbour make no triangle.
        let possible = degree * (degree - 1) - 2 * twice
        coefficients[node] = triangles[node] > 0 ? Double(triangles[node]) / possible : 0
      }
    }
    return column(coefficients)
  }

  /// The neighbours of each node either way, without itself, each once, and by how many edges each is
  /// joined: 1, or 2 where there is one each way.
  private func joined(_ outgoing: NeighborLists, _ incoming: NeighborLists) throws(GraphError) -> (
    lists: NeighborLists, edgeCounts: Slots<UInt8>
  ) {
    let nodeCount = outgoing.nodeCount
    let offsets = try slots(of: Int.self, count: nodeCount + 1)
    try forEach(count: nodeCount, grain: 1 << 11) { range, _ in
      for node in range {
        var count = 0
        outgoing.forEachJoined(UInt32(truncatingIfNeeded: node), incoming) { _, _ in count += 1 }
        offsets[node] = count
      }
    }
    var start = 0
    for node in 0..<nodeCount { (offsets[node], start) = (start, start + offsets[node]) }
    offsets[nodeCount] = start
    let neighbors = try slots(of: UInt32.self, count: start)
    let edgeCounts = try slots(of: UInt8.self, count: start)
    try forEach(count: nodeCount, grain: 1 << 11) { range, _ in
      for node in range {
        var place = offsets[node]
        outgoing.forEachJoined(UInt32(truncatingIfNeeded: node), incoming) { neighbor, count in
          neighbors[place] = neighbor
          edgeCounts[place] = count
          place += 1
        }
      }
    }
    return (NeighborLists(offsets: offsets, neighbors: neighbors), edgeCounts)
  }

  /// Adds to each node the triangles that it is part of, each times the edges between each two of its
  /// nodes, which are 1 where nothing is said of them.
  private func countTriangles(
    _ upward: NeighborLists, _ edgeCounts: Slots<UInt8>?, at counts: Slots<Int>
  ) throws(GraphError) {
    let nodeCount = upward.nodeCount
    @Sendable func edgeCount(_ entry: Int) -> UInt8 { edgeCounts.map { $0[entry] } ?? 1 }
    // For each thread, by how many edges the neighbours of the node at hand are joined to it.
    let marks = try slots(repeating: UInt8(0), count: nodeCount * threadCount)
    try forEach(count: nodeCount, grain: 1 << 8) { range, thread in
      let marks = marks[thread * nodeCount..<(thread + 1) * nodeCount]
      for node in range {
        let entries = upward.range(of: UInt32(truncatingIfNeeded: node))
        guard entries.count > 1 else { continue }
        for entry in entries { marks[upward.neighbors[entry]] = edgeCount(entry) }
        var own = 0
        for entry in entries {
          let neighbor = upward.neighbors[entry]
          let near = Int(edgeCount(entry))
          var shared = 0
          for other in upward.range(of: neighbor) {
            let third = upward.neighbors[other]
            guard marks[third] > 0 else { continue }
            let found = near * Int(marks[third] &* edgeCount(other))
            shared += found
            _ = counts.add(Int(third), found)
          }
          guard shared > 0 else { continue }
          _ = counts.add(Int(neighbor), shared)
          own += shared
        }
        if own > 0 { _ = counts.add(node, own) }
        for entry in entries { marks[upward.neighbors[entry]] = 0 }
      }
    }
    free(marks)
  }
}

extension NeighborLists {
  /// Calls `body` with each other node that an edge joins to a node, ascending, and with the number of
  /// edges, of which parallel ones count once.
  @inline(__always)
  fileprivate func forEachJoined(
    _ node: UInt32, _ incoming: NeighborLists, _ body: (UInt32, UInt8) -> Void
  ) {
    let (ends, starts) = (range(of: node), incoming.range(of: node))
    var (next, other) = (ends.lowerBound, starts.lowerBound)
    while next < ends.upperBound || other < starts.upperBound {
      let end = next < ends.upperBound ? neighbors[next] : .max
      let start = other < starts.upperBound ? incoming.neighbors[other] : .max
      let neighbor = min(end, start)
      while next < ends.upperBound, neighbors[next] == neighbor { next += 1 }
      while other < starts.upperBound, incoming.neighbors[other] == neighbor { other += 1 }
      if neighbor != node { body(neighbor, end == start ? 2 : 1) }
    }
  }
}
