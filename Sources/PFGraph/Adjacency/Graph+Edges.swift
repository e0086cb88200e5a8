internal import PFCore

extension Graph {
  /// Makes a graph from its edges.
  ///
  /// The order of the edges does not matter, but for weights that are merged or the first of which
  /// stays.
  ///
  /// - Parameters:
  ///   - edges: The edges; borrowed for the call.
  ///   - options: What becomes of them.
  ///   - running: Threads, cancellation.
  /// - Complexity: O(nodes + edges), all of it parallel; beside the graph itself, at most 6 bytes
  ///   and a weight for each entry.
  /// - Throws: `.nodeOutOfRange` with the first edge that is wrong, `.tooManyNodes`,
  ///   `.sparseNodes`, `.outOfMemory`, `.cancelled`.
  public convenience init(
    _ edges: EdgeList, _ options: GraphOptions = GraphOptions(),
    running: KernelOptions = KernelOptions()
  ) throws(GraphError) {
    let (adjacency, edgeCount) = try Kernel.run(running) { (kernel) throws(GraphError) in
      let sorted = try kernel.sortedLists(of: edges, options)
      let adjacency = try kernel.withoutDuplicates(sorted, options.duplicates)
      let edgeCount =
        options.isDirected
        ? adjacency.entryCount : (adjacency.entryCount + (try kernel.loopCount(adjacency))) / 2
      return (adjacency, edgeCount)
    }
    self.init(adjacency, edgeCount: edgeCount, isDirected: options.isDirected)
  }
}

extension Kernel {
  /// The most nodes: ids are 32-bit integers with a sign, and −1 means none.
  static let mostNodes = Int(Int32.max)

  /// Checks what was said of the number of nodes.
  fileprivate func checkDeclared(nodeCount: Int) throws(GraphError) {
    guard nodeCount >= 0 else {
      throw .invalidArgument(name: "nodeCount", why: "there is no negative number of nodes")
    }
    guard nodeCount <= Self.mostNodes else { throw .tooManyNodes(count: nodeCount) }
  }

  /// Checks all ids; the number of nodes.
  fileprivate func nodeCount(of edges: EdgeList, declared: Int?) throws(GraphError) -> Int {
    let limit = declared ?? Self.mostNodes
    let largest = max(
      try largestID(edges.sources, end: "source", limit: limit, isDeclared: declared != nil),
      try largestID(edges.targets, end: "target", limit: limit, isDeclared: declared != nil))
    if let declared { return declared }
    // WHY: an id costs memory for each number below it. Real graphs have most of those.
    guard largest < max(1 << 20, edges.count * 64) else {
      throw .sparseNodes(largest: Int64(largest), edgeCount: edges.count)
    }
    return largest + 1
  }

  /// The largest id of a column, −1 if there is none.
  func largestID(_ ids: NodeIDs, end: String, limit: Int, isDeclared: Bool)
    throws(GraphError) -> Int
  {
    switch ids {
    case .int32(let buffer):
      try largestID(
        buffer.slots(of: Int32.self), end: end, limit: limit, isDeclared: isDeclared)
    case .int64(let buffer):
      try largestID(
        buffer.slots(of: Int64.self), end: end, limit: limit, isDeclared: isDeclared)
    }
  }

  private func largestID<ID: FixedWidthInteger & SignedInteger & BitwiseCopyable & Sendable>(
    _ ids: Slots<ID>, end: String, limit: Int, isDeclared: Bool
  ) throws(GraphError) -> Int {
    let grain = 1 << 16
    let extremes = try slots(of: ID.self, count: 2 * ((ids.count + grain - 1) / grain))
    defer { free(extremes) }
    try forEach(count: ids.count, grain: grain) { range, _ in
      var (least, most) = (ids[range.lowerBound], ids[range.lowerBound])
      for index in range {
        least = min(least, ids[index])
        most = max(most, ids[index])
      }
      extremes[range.lowerBound / grain * 2] = least
      extremes[range.lowerBound / grain * 2 + 1] = most
    }
    var largest = -1
    for part in 0..<extremes.count / 2 {
      let (least, most) = (extremes[2 * part], Int(extremes[2 * part + 1]))
      guard least >= 0, most < limit else {
        let range = part * grain..<min(ids.count, (part + 1) * grain)
        let position = range.first { ids[$0] < 0 || Int(ids[$0]) >= limit } ?? part * grain
        let node = Int64(ids[position])
        if node >= 0, !isDeclared { throw .tooManyNodes(count: Int(node)) }
        throw .nodeOutOfRange(
          end: end, position: position, node: node,
          nodeCount: isDeclared ? limit : Self.mostNodes)
      }
      largest = max(largest, most)
    }
    return largest
  }

  /// Edges by source, rows sorted.
  fileprivate func sortedLists(of edges: EdgeList, _ options: GraphOptions) throws(GraphError)
    -> Adjacency
  {
    switch (edges.sources, edges.targets) {
    case (.int32(let sources), .int32(let targets)):
      try sortedLists(
        edges, sources.slots(of: Int32.self), targets.slots(of: Int32.self), options)
    case (.int64(let sources), .int64(let targets)):
      try sortedLists(
        edges, sources.slots(of: Int64.self), targets.slots(of: Int64.self), options)
    default: preconditionFailure("the ids of an edge list are of one width")
    }
  }

  private func sortedLists<ID: FixedWidthInteger & BitwiseCopyable & Sendable>(
    _ edges: EdgeList, _ sources: Slots<ID>, _ targets: Slots<ID>, _ options: GraphOptions
  ) throws(GraphError) -> Adjacency {
    let nodeCount: Int
    if let declared = options.nodeCount {
      try checkDeclared(nodeCount: declared)
      nodeCount = declared
    } else {
      nodeCount = try self.nodeCount(of: edges, declared: nil)
    }
    if options.keepsSelfLoops,
      let lists = try ascendingLists(sources, targets, edges.weights, nodeCount)
    {
      return options.isDirected ? lists : try bothWays(lists)
    }
    if options.nodeCount != nil { _ = try self.nodeCount(of: edges, declared: nodeCount) }
    let byTarget = try adjacency(
      of: EdgePairs(
        sources: sources, targets: targets, isMirrored: !options.isDirected,
        keepsSelfLoops: options.keepsSelfLoops), nodeCount: nodeCount, weights: edges.weights)
    return try adjacency(
      of: TurnedLists(lists: byTarget.lists), nodeCount: nodeCount, weights: byTarget.weights)
  }

  /// Edges that come by ascending source, as most files have them, are lists already: nil for
  /// others, and where an id is out of range. One pass finds out and makes them.
  private func ascendingLists<ID: FixedWidthInteger & BitwiseCopyable & Sendable>(
    _ sources: Slots<ID>, _ targets: Slots<ID>, _ weights: EdgeWeights?, _ nodeCount: Int
  ) throws(GraphError) -> Adjacency? {
    guard sources.count > 0 else { return nil }
    let offsets = try slots(of: Int.self, count: nodeCount + 1)
    let neighbors = try slots(of: UInt32.self, count: targets.count)
    // 0 where sources descend or an id is out of range, and where the neighbours of a row descend.
    let facts = try slots(repeating: UInt32(1), count: 2)
    try forEach(count: sources.count, grain: 1 << 16) { range, _ in
      guard facts.load(0) != 0 else { return }
      let before = range.lowerBound - 1
      var source = before < 0 ? -1 : max(-1, Int(sources[before]))
      var target = before < 0 ? -1 : Int(targets[before])
      var rowsAscend = true
      for index in range {
        let (next, neighbor) = (Int(sources[index]), Int(targets[index]))
        guard next >= source, next < nodeCount, neighbor >= 0, neighbor < nodeCount else {
          return facts.store(0, 0)
        }
        neighbors[index] = UInt32(truncatingIfNeeded: neighbor)
        if next == source {
          rowsAscend = rowsAscend && neighbor >= target
        } else {
          while source < next {
            source += 1
            offsets[source] = index
          }
        }
        target = neighbor
      }
      if !rowsAscend { facts.store(1, 0) }
    }
    guard facts[0] != 0 else {
      free(offsets)
      free(neighbors)
      return nil
    }
    for node in Int(sources[sources.count - 1]) + 1...nodeCount { offsets[node] = sources.count }
    let lists = Adjacency(
      nodeCount: nodeCount, offsets: take(offsets), neighbors: take(neighbors),
      weights: try weights.map { (weights) throws(GraphError) in
        weights.replacing(try copy(of: weights.buffer))
      })
    return facts[1] != 0 ? lists : try withSortedRows(lists)
  }

  private func copy(of buffer: Buffer) throws(GraphError) -> Buffer {
    let bytes = buffer.slots(of: UInt8.self)
    let copied = try slots(of: UInt8.self, count: bytes.count)
    try forEach(count: bytes.count, grain: 1 << 20) { range, _ in
      copied.copy(range, from: bytes, at: range.lowerBound)
    }
    return take(copied)
  }

  /// The self-loops of an adjacency, parallel ones each.
  func loopCount(_ adjacency: Adjacency) throws(GraphError) -> Int {
    let lists = adjacency.lists
    return try sum(count: lists.nodeCount, grain: 1 << 14) { range, _ in
      var count = 0
      for node in range {
        let node = UInt32(truncatingIfNeeded: node)
        for index in lists.range(of: node) where lists.neighbors[index] == node { count += 1 }
      }
      return count
    }
  }
}

/// The edges of a list: the pair (target, source) of each, and, where they have no direction,
/// (source, target) behind it. A self-loop is its own mirror image.
private struct EdgePairs<ID: FixedWidthInteger & BitwiseCopyable & Sendable>: PairSource {
  let sources: Slots<ID>
  let targets: Slots<ID>
  let isMirrored: Bool
  let keepsSelfLoops: Bool

  let partCount = 16

  @inline(__always)
  func forEachPair(in part: Int, _ body: (UInt32, UInt32, Int) -> Void) {
    let size = (sources.count + partCount - 1) / partCount
    let range = min(sources.count, part * size)..<min(sources.count, (part + 1) * size)
    for index in range {
      let source = UInt32(truncatingIfNeeded: sources[index])
      let target = UInt32(truncatingIfNeeded: targets[index])
      if keepsSelfLoops || source != target { body(target, source, index) }
      if isMirrored, source != target { body(source, target, index) }
    }
  }
}
