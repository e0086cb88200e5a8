// Clustering: how many of the pairs of a node's neighbours are neighbours themselves.
//
// Method: each triangle is found once, from its lowest node in the order by number of neighbours, as
// in Triangles.swift, and counted at its three nodes (Schank, Wagner, "Finding, Counting and Listing
// All Triangles in Large Graphs", WEA 2005; the coefficients are those of Watts, Strogatz,
// "Collective Dynamics of 'Small-World' Networks", Nature 1998).
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
  public let averageCoefficient: Double
}

extension Graph {
  /// Finds the triangles of each node of a graph without directions, and how clustered it is.
  ///
  /// Parallel edges count once, self-loops not at all, and weights do not matter.
  ///
  /// - Parameter options: Threads, cancellation.
  /// - Returns: Triangles and coefficients of the nodes, and what they say of the whole.
  /// - Complexity: O(edges^1.5); memory 8 bytes for each node, 4 for each edge and a bit for each
  ///   node and thread beside the answer.
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
}

extension Kernel {
  fileprivate func clustering(_ lists: NeighborLists) throws(GraphError) -> Clustering {
    let nodeCount = lists.nodeCount
    let triangles = try slots(repeating: 0, count: nodeCount)
    try countTriangles(try upward(lists), at: triangles)

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
    var (corners, average) = (0, 0.0)
    for node in 0..<nodeCount {
      corners += triangles[node]
      average += coefficients[node]
    }
    return Clustering(
      triangles: NodeColumn(take(triangles)), coefficients: column(coefficients),
      triangleCount: corners / 3, transitivity: corners > 0 ? Double(corners) / pairCount : 0,
      averageCoefficient: average / Double(max(nodeCount, 1)))
  }

  /// Adds to each node the triangles that it is part of.
  private func countTriangles(_ upward: NeighborLists, at counts: Slots<Int>) throws(GraphError) {
    let wordCount = Slots<UInt64>.wordCount(ofBits: upward.nodeCount)
    let marks = try slots(repeating: UInt64(0), count: wordCount * threadCount)
    try forEach(count: upward.nodeCount, grain: 1 << 8) { range, thread in
      let marks = marks[thread * wordCount..<(thread + 1) * wordCount]
      for node in range {
        let entries = upward.range(of: UInt32(truncatingIfNeeded: node))
        guard entries.count > 1 else { continue }
        for entry in entries { marks.setBit(upward.neighbors[entry]) }
        var own = 0
        for entry in entries {
          let neighbor = upward.neighbors[entry]
          var shared = 0
          for other in upward.range(of: neighbor) {
            let third = upward.neighbors[other]
            guard marks.bit(third) else { continue }
            shared += 1
            _ = counts.add(Int(third), 1)
          }
          guard shared > 0 else { continue }
          _ = counts.add(Int(neighbor), shared)
          own += shared
        }
        if own > 0 { _ = counts.add(node, own) }
        for entry in entries { marks[Int(upward.neighbors[entry] >> 6)] = 0 }
      }
    }
    free(marks)
  }
}
