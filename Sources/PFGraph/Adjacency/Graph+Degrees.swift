extension Graph {
  /// The number of edges that leave each node; those without direction count at both ends, a
  /// self-loop among them once.
  ///
  /// - Complexity: O(nodes).
  /// - Throws: `.outOfMemory`, `.cancelled`.
  public func outDegrees(_ options: KernelOptions = KernelOptions()) throws(GraphError)
    -> NodeColumn<Int64>
  {
    try csr.adjacency.degrees(options)
  }

  /// The number of edges that end in each node, as `outDegrees`.
  ///
  /// - Complexity: O(nodes) where `csc` has been made, and makes it otherwise.
  /// - Throws: `.outOfMemory`, `.cancelled`.
  public func inDegrees(_ options: KernelOptions = KernelOptions()) throws(GraphError)
    -> NodeColumn<Int64>
  {
    try csc(options).adjacency.degrees(options)
  }
}

/// Which ends of edges a degree counts.
public enum DegreeKind: String, CaseIterable, Sendable {
  /// Edges that leave the node, as `outDegrees`.
  case out
  /// Edges that end in the node, as `inDegrees`.
  case `in`
  /// All ends of edges at the node: a self-loop counts twice.
  case both
}

/// What degrees say of a graph.
public struct DegreeStatistics: Equatable, Sendable {
  /// The number of nodes of each degree from 0 to the largest.
  public let histogram: NodeColumn<Int64>
  /// The smallest degree; 0 without nodes.
  public let smallest: Int
  /// The largest degree; 0 without nodes.
  public let largest: Int
  /// The mean of the degrees; 0 without nodes.
  public let mean: Double
  /// The nodes that no edge touches, not even their own.
  public let isolatedCount: Int
  /// The edges from a node to itself.
  public let selfLoopCount: Int
}

extension Graph {
  /// The number of edges of each node, counted as `kind` says.
  ///
  /// - Complexity: O(nodes), for `.both` without directions O(nodes + edges); `csc`, which all but
  ///   `.out` need, is made if it has not been.
  /// - Throws: `.outOfMemory`, `.cancelled`.
  public func degrees(_ kind: DegreeKind, _ options: KernelOptions = KernelOptions())
    throws(GraphError) -> NodeColumn<Int64>
  {
    switch kind {
    case .out: return try outDegrees(options)
    case .in: return try inDegrees(options)
    case .both:
      let incoming = try isDirected ? csc(options).adjacency : nil
      return try Kernel.run(options) { (kernel) throws(GraphError) in
        try withExtendedLifetime((self, incoming)) { () throws(GraphError) in
          let degrees = try kernel.slots(of: Int64.self, count: nodeCount)
          let (lists, others) = (csr.adjacency.lists, incoming?.lists)
          try kernel.forEach(count: nodeCount, grain: 1 << 12) { range, _ in
            for node in range {
              let id = UInt32(truncatingIfNeeded: node)
              let more = others?.degree(of: id) ?? lists.loopCount(of: id)
              degrees[node] = Int64(lists.degree(of: id) + more)
            }
          }
          return kernel.column(degrees)
        }
      }
    }
  }

  /// The degree of each node, divided by that of a node which is joined with all others once.
  ///
  /// As NetworkX defines it: parallel edges and self-loops count, and values may be above 1. The
  /// only node of a graph has 1.
  ///
  /// - Complexity: As `degrees`.
  /// - Throws: `.outOfMemory`, `.cancelled`.
  public func degreeCentrality(
    _ kind: DegreeKind = .both, _ options: KernelOptions = KernelOptions()
  ) throws(GraphError) -> NodeColumn<Double> {
    let degrees = try degrees(kind, options)
    return try Kernel.run(options) { (kernel) throws(GraphError) in
      let values = try kernel.slots(of: Double.self, count: nodeCount)
      let scale = 1 / Double(max(nodeCount - 1, 1))
      let counts = degrees.span
      for node in 0..<nodeCount {
        values[node] = nodeCount == 1 ? 1 : Double(counts[node]) * scale
      }
      return kernel.column(values)
    }
  }

  /// How many nodes have how many edges.
  ///
  /// - Parameters:
  ///   - kind: Which edges count.
  ///   - options: Threads, cancellation.
  /// - Returns: The histogram of the degrees, and what follows from it.
  /// - Complexity: O(nodes + edges); memory 8 bytes for each node, and for each degree up to the
  ///   largest.
  /// - Throws: `.outOfMemory`, `.cancelled`.
  public func degreeStatistics(
    _ kind: DegreeKind = .both, _ options: KernelOptions = KernelOptions()
  ) throws(GraphError) -> DegreeStatistics {
    let all = try degrees(.both, options)
    let wanted = kind == .both ? all : try degrees(kind, options)
    return try Kernel.run(options) { (kernel) throws(GraphError) in
      try withExtendedLifetime(self) { () throws(GraphError) in
        let lists = csr.adjacency.lists
        let loops = try kernel.sum(count: nodeCount, grain: 1 << 12) { range, _ in
          var loops = 0
          for node in range { loops += lists.loopCount(of: UInt32(truncatingIfNeeded: node)) }
          return loops
        }
        let (ends, degrees) = (all.span, wanted.span)
        var (smallest, largest, total, isolated) = (nodeCount > 0 ? Int64.max : 0, Int64(0), 0.0, 0)
        for node in 0..<nodeCount {
          smallest = min(smallest, degrees[node])
          largest = max(largest, degrees[node])
          total += Double(degrees[node])
          isolated += ends[node] == 0 ? 1 : 0
        }
        let histogram = try kernel.slots(repeating: Int64(0), count: Int(largest) + 1)
        for node in 0..<nodeCount { histogram[Int(degrees[node])] += 1 }
        return DegreeStatistics(
          histogram: kernel.column(histogram), smallest: Int(smallest), largest: Int(largest),
          mean: total / Double(max(nodeCount, 1)), isolatedCount: isolated, selfLoopCount: loops)
      }
    }
  }
}

extension NeighborLists {
  /// How often a node is among its own neighbours, which are sorted.
  func loopCount(of node: UInt32) -> Int {
    let entries = range(of: node)
    var (low, high) = (entries.lowerBound, entries.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if neighbors[middle] < node { low = middle + 1 } else { high = middle }
    }
    var end = low
    while end < entries.upperBound, neighbors[end] == node { end += 1 }
    return end - low
  }
}

extension Adjacency {
  fileprivate func degrees(_ options: KernelOptions) throws(GraphError) -> NodeColumn<Int64> {
    try Kernel.run(options) { (kernel) throws(GraphError) in
      let lists = lists
      let degrees = try kernel.slots(of: Int64.self, count: nodeCount)
      try kernel.forEach(count: nodeCount, grain: 1 << 16) { range, _ in
        for node in range {
          degrees[node] = Int64(lists.offsets[node + 1] - lists.offsets[node])
        }
      }
      return kernel.column(degrees)
    }
  }
}
