/// Which nodes belong together, as a method judged.
public struct Communities: Equatable, Sendable {
  /// The smallest node of its community, for each node.
  public let labels: NodeColumn<Int32>
  /// The number of communities.
  public let count: Int
  /// The part of the edges that is within communities, less what it were if edges joined nodes by
  /// chance (Newman, Girvan, "Finding and Evaluating Community Structure in Networks", 2004); 0
  /// without edges.
  public let modularity: Double
  /// Rounds over all nodes, or graphs of communities that were made on the way.
  public let levels: Int
}

/// How communities are found.
public struct CommunityOptions: Equatable, Sendable {
  /// How much the edges that chance would make count: above 1 for smaller communities.
  public var resolution: Double
  /// What the order depends on in which nodes are looked at.
  public var seed: UInt64
  /// Whether edges count by their weights, where they have any.
  public var usesWeights: Bool
  /// The most levels, or rounds; at least 1.
  public var maxLevels: Int

  /// Options from what differs from the usual.
  public init(
    resolution: Double = 1, seed: UInt64 = 0, usesWeights: Bool = true, maxLevels: Int = 1000
  ) {
    self.resolution = resolution
    self.seed = seed
    self.usesWeights = usesWeights
    self.maxLevels = maxLevels
  }
}

extension CommunityOptions {
  /// Calls `body` with what a method works on, whose weights are checked, and makes the answer of
  /// the communities that it gives: any numbers below that of the nodes.
  func run(
    _ graph: Graph, _ options: KernelOptions,
    _ body: (CommunityLevel) throws(GraphError) -> (communities: Slots<UInt32>, levels: Int)
  ) throws(GraphError) -> Communities {
    guard !graph.isDirected else { throw .wrongDirection(needsDirected: false) }
    guard resolution >= 0, resolution.isFinite else {
      throw .invalidArgument(name: "resolution", why: "it is finite and not negative")
    }
    guard maxLevels >= 1 else {
      throw .invalidArgument(name: "maxLevels", why: "there must be one at least")
    }
    return try Kernel.run(options) { (kernel) throws(GraphError) in
      try withExtendedLifetime(graph) { () throws(GraphError) in
        let edges = try kernel.weighted(graph.csr.adjacency, usesWeights: usesWeights)
        try kernel.checkWeights(edges)
        let level = try CommunityLevel(kernel, edges, loops: nil, resolution: resolution)
        guard level.total < .infinity else {
          throw .invalidArgument(name: "weights", why: "their sum is no number to divide by")
        }
        let answer = try body(level)
        let count = try kernel.nameBySmallest(answer.communities)
        return Communities(
          labels: NodeColumn(kernel.take(answer.communities)), count: count,
          modularity: try level.modularity(of: answer.communities), levels: answer.levels)
      }
    }
  }
}

extension Kernel {
  /// Gives each community the number of its smallest node; how many there are.
  fileprivate func nameBySmallest(_ communities: Slots<UInt32>) throws(GraphError) -> Int {
    let names = try slots(repeating: UInt32.max, count: communities.count)
    var count = 0
    for node in 0..<communities.count {
      let community = communities[node]
      if names[community] == .max {
        names[community] = UInt32(truncatingIfNeeded: node)
        count += 1
      }
      communities[node] = names[community]
    }
    free(names)
    return count
  }
}
