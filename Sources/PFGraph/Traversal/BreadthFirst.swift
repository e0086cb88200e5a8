// Breadth-first search: the levels of a graph around one or more sources.
//
// Method: direction-optimising (Beamer, Asanović, Patterson, "Direction-Optimizing Breadth-First
// Search", SC 2012). While few nodes are on the frontier, their out-neighbours are visited ("top
// down"); when the frontier has a large share of the edges, each unvisited node looks among its
// in-neighbours for one on the frontier ("bottom up"), and stops at the first.
//
// Tricks: the distance is the mark of a visited node, so an edge that leads back costs one load. A
// predecessor is the smallest id of the previous level. Bottom up that is the first one found, as
// lists are sorted; top down each thread notes the smallest that it came from, or it is left for the
// end where a node's own list tells it (`Frontier`), without atomic exchanges and for any order of the
// threads. Levels of few edges are walked by one thread, and the threads stay awake between two
// levels, so that a graph of a thousand thin levels does not wait for them.

/// The answer of a breadth-first search.
public struct BreadthFirstTree: Equatable, Sendable {
  /// Edges on the way from the nearest source, for each node; −1 where there is no way.
  public let distances: NodeColumn<Int32>
  /// The node before, for each node: of those one step nearer to a source with an edge to it, the
  /// smallest. −1 for sources and for what is not reached.
  public let predecessors: NodeColumn<Int32>
  /// The number of nodes reached, sources included.
  public let reachedCount: Int
  /// The largest distance; −1 without a source.
  public let depth: Int
}

extension Graph {
  /// Searches breadth first from `sources`, all of which have distance 0.
  ///
  /// Bottom-up steps need the edges by target: a graph with directions takes them where `csc` has
  /// been called before, and is walked top down only where not.
  ///
  /// - Parameters:
  ///   - sources: Nodes, in any order; repeated ones count once.
  ///   - maxDepth: Nodes further away are not reached; nil for no limit.
  ///   - options: Threads, cancellation; progress is told after each level.
  /// - Returns: How far each node is, and by which it is reached.
  /// - Complexity: O(nodes + edges); memory three bits for each node beside the answer, and 4 bytes for
  ///   each of up to three further threads; at most 16 bytes for each node, or for each edge of the
  ///   largest level walked top down where those are more.
  /// - Throws: `.unknownNode`, `.invalidArgument`, `.outOfMemory`, `.cancelled`.
  public func breadthFirst(
    from sources: [Int], maxDepth: Int? = nil, _ options: KernelOptions = KernelOptions()
  ) throws(GraphError) -> BreadthFirstTree {
    if let maxDepth, maxDepth < 0 {
      throw .invalidArgument(name: "maxDepth", why: "a depth is not negative")
    }
    var ids: [UInt32] = []
    for source in sources { ids.append(try check(source, is: "source")) }
    let byTarget = madeCSC
    return try Kernel.run(options) { (kernel) throws(GraphError) in
      let (outgoing, incoming) = (csr.adjacency.lists, byTarget?.adjacency.lists)
      let maxDepth = maxDepth ?? Int(Int32.max)
      return try withExtendedLifetime((self, byTarget)) { () throws(GraphError) in
        var search = try BreadthFirstSearch(
          kernel, outgoing, incoming, isSymmetric: !isDirected)
        return try search.run(from: ids, maxDepth: maxDepth)
      }
    }
  }
}

/// What a search knows of the nodes.
struct ReachedTree {
  /// The bits of `Int32`; `none` for what is not reached yet.
  let distances: Slots<UInt32>
  /// The bits of `Int32`; `none` where there is none, or none is known yet.
  let predecessors: Slots<UInt32>

  static let none = UInt32.max

  init(_ kernel: Kernel, nodeCount: Int) throws(GraphError) {
    distances = try kernel.slots(repeating: Self.none, count: nodeCount)
    predecessors = try kernel.slots(repeating: Self.none, count: nodeCount)
  }

  /// The number of nodes that are reached.
  func count(_ kernel: Kernel) throws(GraphError) -> Int {
    let distances = distances
    return try kernel.sum(count: distances.count, grain: 1 << 15) { range, _ in
      var count: UInt32 = 0
      // As the highest bit tells it, without a branch.
      for node in range { count &+= ~distances[node] >> 31 }
      return Int(count)
    }
  }
}

/// The state of a search.
private struct BreadthFirstSearch {
  let kernel: Kernel
  let outgoing: NeighborLists
  let incoming: NeighborLists?
  let tree: ReachedTree
  var frontier: Frontier
  /// Bits of the nodes that are reached, as far as steps bottom up have come to know of them.
  let visited: Slots<UInt64>

  init(
    _ kernel: Kernel, _ outgoing: NeighborLists, _ incoming: NeighborLists?, isSymmetric: Bool
  ) throws(GraphError) {
    self.kernel = kernel
    self.outgoing = outgoing
    self.incoming = incoming
    let nodeCount = outgoing.nodeCount
    tree = try ReachedTree(kernel, nodeCount: nodeCount)
    frontier = try Frontier(kernel, outgoing, isSymmetric: isSymmetric, tree)
    let wordCount = Slots<UInt64>.wordCount(ofBits: nodeCount)
    visited = try kernel.slots(repeating: 0, count: wordCount)
    // The bits behind the last node's are no nodes to look for.
    if nodeCount & 63 != 0 { visited[wordCount - 1] = .max << UInt64(nodeCount & 63) }
  }

  /// Bottom up is worth it once the frontier has more than this part of the unexplored edges, and
  /// edges for this part of the nodes, all of which are looked at…
  private static var alpha: Int { 15 }
  /// … and no more once it has fewer than this part of the nodes and shrinks.
  private static var beta: Int { 18 }

  mutating func run(from sources: [UInt32], maxDepth: Int) throws(GraphError) -> BreadthFirstTree {
    var starts: [UInt32] = []
    for source in sources where tree.distances[source] == ReachedTree.none {
      tree.distances[source] = 0
      starts.append(source)
    }
    var level = try frontier.begin(with: starts)
    var depth = level.nodeCount == 0 ? -1 : 0
    var unexploredEdges = outgoing.entryCount
    var cameUp = false

    while level.nodeCount > 0, depth < maxDepth {
      if let incoming, !cameUp,
        level.edgeCount > max(unexploredEdges, outgoing.nodeCount) / Self.alpha
      {
        (level, depth) = try climb(incoming, from: level, depth: depth, maxDepth: maxDepth)
        cameUp = true
      } else {
        cameUp = false
        unexploredEdges -= level.edgeCount
        level = try frontier.descend(from: level, to: UInt32(depth + 1))
        if level.nodeCount > 0 { depth += 1 }
        try kernel.report(iteration: depth)
      }
    }
    try frontier.completePredecessors()
    let reachedCount = try tree.count(kernel)
    return BreadthFirstTree(
      distances: NodeColumn(kernel.take(tree.distances)),
      predecessors: NodeColumn(kernel.take(tree.predecessors)), reachedCount: reachedCount,
      depth: depth)
  }

  /// Levels bottom up as long as that pays: the last of them, and its depth.
  private mutating func climb(
    _ incoming: NeighborLists, from level: FrontierLevel, depth: Int, maxDepth: Int
  ) throws(GraphError) -> (level: FrontierLevel, depth: Int) {
    let nodeCount = outgoing.nodeCount
    let visited = visited
    let (distances, predecessors) = (tree.distances, tree.predecessors)
    var last = try kernel.slots(repeating: UInt64(0), count: visited.count)
    var next = try kernel.slots(of: UInt64.self, count: visited.count)
    defer {
      kernel.free(last)
      kernel.free(next)
    }
    try frontier.mark(reached: visited, frontier: last)

    var (depth, awake) = (depth, level.nodeCount)
    while depth < maxDepth {
      let (onFrontier, reached, distance) = (last, next, UInt32(depth + 1))
      let count = try kernel.sum(count: visited.count, grain: 64) { range, _ in
        var count = 0
        for word in range {
          var left = ~visited[word]
          var new: UInt64 = 0
          while left != 0 {
            let bit = left & (0 &- left)
            let node = UInt32(truncatingIfNeeded: word << 6 | left.trailingZeroBitCount)
            left ^= bit
            for entry in incoming.range(of: node) {
              let neighbor = incoming.neighbors[entry]
              guard onFrontier.bit(neighbor) else { continue }
              predecessors[node] = neighbor
              distances[node] = distance
              new |= bit
              break
            }
          }
          reached[word] = new
          visited[word] |= new
          count += new.nonzeroBitCount
        }
        return count
      }
      (last, next) = (reached, onFrontier)
      let shrinks = count < awake
      awake = count
      if count > 0 { depth += 1 }
      try kernel.report(iteration: depth)
      if count == 0 || shrinks && count <= nodeCount / Self.beta { break }
    }
    return (try frontier.set(to: last), depth)
  }
}
