// Breadth-first search: the levels of a graph around one or more sources.
//
// Method: direction-optimising (Beamer, Asanović, Patterson, "Direction-Optimizing Breadth-First
// Search", SC 2012). While few nodes are on the frontier, their out-neighbours are visited ("top
// down"); when the frontier has a large share of the edges, each unvisited node looks among its
// in-neighbours for one on the frontier ("bottom up"), and stops at the first.
//
// Tricks: the distance is the mark of a visited node, so an edge that leads back costs one load. A
// predecessor is the smallest id of the previous level: top down each node is written by the part
// of the frontier that owns it (`FrontierParts`), without atomics and for any order of the threads;
// bottom up the lists are sorted. Levels of few edges are walked by one thread, and the threads stay
// awake between two levels, so that a graph of a thousand thin levels does not wait for them.

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
  /// - Complexity: O(nodes + edges); memory 4 bytes and three bits for each node beside the answer.
  /// - Throws: `.unknownNode`, `.invalidArgument`, `.outOfMemory`, `.cancelled`.
  public func breadthFirst(
    from sources: [Int], maxDepth: Int? = nil, _ options: KernelOptions = KernelOptions()
  ) throws(GraphError) -> BreadthFirstTree {
    if let maxDepth, maxDepth < 0 {
      throw .invalidArgument(name: "maxDepth", why: "a depth is not negative")
    }
    var ids: [UInt32] = []
    for source in sources { ids.append(try check(source, is: "source")) }
    let incoming = madeCSC
    return try Kernel.run(options) { (kernel) throws(GraphError) in
      let search = try BreadthFirstSearch(
        kernel, outgoing: csr.adjacency.lists, incoming: incoming?.adjacency.lists)
      return try withExtendedLifetime((self, incoming)) { () throws(GraphError) in
        try search.run(from: ids, maxDepth: maxDepth ?? Int(Int32.max))
      }
    }
  }
}

/// The state of a search.
struct BreadthFirstSearch {
  let kernel: Kernel
  let outgoing: NeighborLists
  let incoming: NeighborLists?

  /// The bits of `Int32`; `none` where there is none.
  let predecessors: Slots<UInt32>
  /// The bits of `Int32`; `none` for what is not reached yet.
  let distances: Slots<UInt32>
  private static let none = UInt32.max
  /// All nodes reached top down, and the frontier.
  let parts: FrontierParts
  /// Bits of the nodes that are reached, as far as steps bottom up have come to know of them.
  let visited: Slots<UInt64>

  init(_ kernel: Kernel, outgoing: NeighborLists, incoming: NeighborLists?) throws(GraphError) {
    self.kernel = kernel
    self.outgoing = outgoing
    self.incoming = incoming
    let nodeCount = outgoing.nodeCount
    predecessors = try kernel.slots(repeating: Self.none, count: nodeCount)
    distances = try kernel.slots(repeating: Self.none, count: nodeCount)
    parts = try FrontierParts(kernel, outgoing)
    let wordCount = Slots<UInt64>.wordCount(ofBits: nodeCount)
    visited = try kernel.slots(repeating: 0, count: wordCount)
    // The bits behind the last node's are no nodes to look for.
    if nodeCount & 63 != 0 { visited[wordCount - 1] = .max << UInt64(nodeCount & 63) }
  }

  /// Below so many edges on the frontier one thread is faster than two.
  private static let fewEdges = 1 << 10
  /// Bottom up is worth it once the frontier has more than this part of the unexplored edges, and
  /// edges for this part of the nodes, all of which are looked at…
  private static let alpha = 15
  /// … and no more once it has fewer than this part of the nodes and shrinks.
  private static let beta = 18

  func run(from sources: [UInt32], maxDepth: Int) throws(GraphError) -> BreadthFirstTree {
    for source in sources where distances[source] == Self.none {
      distances[source] = 0
      parts.append(source, degree: outgoing.degree(of: source))
    }
    var level = parts.turn()
    var depth = level.nodeCount == 0 ? -1 : 0
    var unexploredEdges = outgoing.entryCount
    var reached = level.nodeCount

    while level.nodeCount > 0, depth < maxDepth {
      if let incoming,
        level.edgeCount > max(unexploredEdges, outgoing.nodeCount) / Self.alpha
      {
        let climbed = try climb(incoming, from: level, depth: depth, maxDepth: maxDepth)
        level = climbed.level
        depth = climbed.depth
        reached += climbed.found
      } else {
        unexploredEdges -= level.edgeCount
        level = try descend(from: level, to: UInt32(depth + 1))
        if level.nodeCount > 0 { depth += 1 }
        reached += level.nodeCount
        try kernel.report(iteration: depth)
      }
    }
    return BreadthFirstTree(
      distances: NodeColumn(kernel.take(distances)),
      predecessors: NodeColumn(kernel.take(predecessors)), reachedCount: reached, depth: depth)
  }

  // MARK: Top down

  private func descend(
    from level: FrontierParts.Level, to depth: UInt32
  ) throws(GraphError) -> FrontierParts.Level {
    if parts.count == 1 {
      descendAlone(to: depth)
      return parts.turn()
    }
    var isDone = false
    while !isDone {
      if level.edgeCount < Self.fewEdges {
        for part in 0..<parts.count { follow(part, to: depth) }
      } else {
        try kernel.forEach(count: parts.count, grain: 1) { range, _ in
          follow(range.lowerBound, to: depth)
        }
      }
      isDone = parts.areFollowed
      if parts.sentCount < Self.fewEdges {
        for part in 0..<parts.count { receive(part, to: depth) }
      } else {
        try kernel.forEach(count: parts.count, grain: 1) { range, _ in
          receive(range.lowerBound, to: depth)
        }
      }
    }
    return parts.turn()
  }

  /// Follows the edges of the nodes of a part until that is done or a box is full.
  private func follow(_ number: Int, to depth: UInt32) {
    var part = parts[number]
    parts.emptyBoxes(from: number)
    // What the loop needs, in registers as far as there are any.
    let (queue, ownerMask) = (parts.queue, parts.ownerMask)
    let (distances, predecessors) = (distances, predecessors)
    let (neighbors, offsets) = (outgoing.neighbors, outgoing.offsets)
    while part.next < part.frontierEnd {
      let node = queue[part.next]
      var entry = offsets[Int(node)] &+ part.followed
      let last = offsets[Int(node) &+ 1]
      while entry < last {
        let neighbor = neighbors[entry]
        // Its owner may write these at the moment: the predecessor on this level only falls.
        let distance = distances.load(Int(neighbor))
        if distance == Self.none
          || distance == depth && node < predecessors.load(Int(neighbor))
        {
          if (neighbor ^ node) & ownerMask == 0 {
            predecessors.store(Int(neighbor), node)
            if distance == Self.none {
              distances.store(Int(neighbor), depth)
              queue[part.end] = neighbor
              part.end &+= 1
              part.edgeCount &+= offsets[Int(neighbor) &+ 1] &- offsets[Int(neighbor)]
            }
          } else if !parts.send(neighbor, from: node) {
            part.followed = entry - offsets[Int(node)]
            parts[number] = part
            return
          }
        }
        entry &+= 1
      }
      part.followed = 0
      part.next &+= 1
    }
    parts[number] = part
  }

  /// Visits what other parts found.
  private func receive(_ number: Int, to depth: UInt32) {
    var part = parts[number]
    for sender in 0..<parts.count {
      let box = parts.box(from: sender, to: number)
      for index in 0..<box.count {
        let (node, predecessor) = box[index].edge
        if distances[node] == Self.none {
          distances[node] = depth
          predecessors[node] = predecessor
          parts.queue[part.end] = node
          part.end += 1
          part.edgeCount += outgoing.degree(of: node)
        } else if predecessor < predecessors[node] {
          predecessors[node] = predecessor
        }
      }
    }
    parts[number] = part
  }

  /// The same for a frontier of one part: without owners and boxes it takes a sixth less time.
  private func descendAlone(to depth: UInt32) {
    let part = parts[0]
    var (end, edgeCount) = (part.end, 0)
    for index in part.next..<part.frontierEnd {
      let node = parts.queue[index]
      for entry in outgoing.range(of: node) {
        let neighbor = outgoing.neighbors[entry]
        let distance = distances[neighbor]
        if distance == Self.none {
          distances[neighbor] = depth
          predecessors[neighbor] = node
          parts.queue[end] = neighbor
          end += 1
          edgeCount += outgoing.degree(of: neighbor)
        } else if distance == depth, node < predecessors[neighbor] {
          predecessors[neighbor] = node
        }
      }
    }
    parts[0] = FrontierParts.Part(
      next: part.frontierEnd, frontierEnd: part.frontierEnd, end: end, edgeCount: edgeCount)
  }

  // MARK: Bottom up

  /// Levels bottom up as long as that pays: the last of them, its depth, and the nodes found.
  private func climb(
    _ incoming: NeighborLists, from level: FrontierParts.Level, depth: Int, maxDepth: Int
  ) throws(GraphError) -> (level: FrontierParts.Level, depth: Int, found: Int) {
    let nodeCount = outgoing.nodeCount
    let (visited, parts) = (visited, parts)
    var frontier = try kernel.slots(repeating: UInt64(0), count: visited.count)
    var next = try kernel.slots(of: UInt64.self, count: visited.count)
    defer {
      kernel.free(frontier)
      kernel.free(next)
    }
    let bits = frontier
    try kernel.forEach(count: parts.count, grain: 1) { range, _ in
      parts.mark(range.lowerBound, reached: visited, frontier: bits)
    }

    var (depth, found, awake) = (depth, 0, level.nodeCount)
    while depth < maxDepth {
      let (onFrontier, reached, distance) = (frontier, next, UInt32(depth + 1))
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
      (frontier, next) = (reached, onFrontier)
      let shrinks = count < awake
      (awake, found) = (count, found + count)
      if count > 0 { depth += 1 }
      try kernel.report(iteration: depth)
      if count == 0 || shrinks && count <= nodeCount / Self.beta { break }
    }
    let last = frontier
    try kernel.forEach(count: parts.count, grain: 1) { range, _ in
      parts.set(range.lowerBound, to: last)
    }
    // The next step goes down: its edges are not counted, but taken for few.
    let few = FrontierParts.Level(nodeCount: awake, edgeCount: Self.fewEdges)
    return (few, depth, found)
  }
}
