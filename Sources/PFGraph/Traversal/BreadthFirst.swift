// Breadth-first search: the levels of a graph around one or more sources.
//
// Method: direction-optimising (Beamer, Asanović, Patterson, "Direction-Optimizing Breadth-First
// Search", SC 2012). While few nodes are on the frontier, their out-neighbours are visited ("top
// down"); when the frontier has a large share of the edges, each unvisited node looks among its
// in-neighbours for one on the frontier ("bottom up"), and stops at the first.
//
// Tricks: the distance is the mark of a visited node, so an edge that leads back costs one load. A
// predecessor is the smallest id of the previous level: top down by lowering it atomically, so that
// any order of the threads gives the same; bottom up because the lists are sorted. Levels of few
// edges are walked by one thread without atomics, and the threads stay awake between two levels, so
// that a graph of a thousand thin levels does not wait for them.

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
  /// - Complexity: O(nodes + edges); memory 8 bytes and a bit for each node beside the answer.
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
  /// All nodes reached, level by level; the frontier is the last part of it.
  let queue: Slots<UInt32>
  /// The end of the queue, which all threads push at, and the edges of what they pushed.
  let shared: Slots<Int>
  /// Memory for the stack of each thread.
  let stacks: Slots<UInt32>

  init(_ kernel: Kernel, outgoing: NeighborLists, incoming: NeighborLists?) throws(GraphError) {
    self.kernel = kernel
    self.outgoing = outgoing
    self.incoming = incoming
    let nodeCount = outgoing.nodeCount
    predecessors = try kernel.slots(repeating: Self.none, count: nodeCount)
    distances = try kernel.slots(repeating: Self.none, count: nodeCount)
    queue = try kernel.slots(of: UInt32.self, count: nodeCount)
    shared = try kernel.slots(repeating: 0, count: 2)
    stacks = try kernel.slots(of: UInt32.self, count: kernel.threadCount * NodeStack.capacity)
  }

  /// Below so many edges on the frontier one thread is faster than two.
  private static let fewEdges = 1 << 10
  /// Bottom up is worth it once the frontier has more than this part of the unexplored edges, and
  /// edges for this part of the nodes, all of which are looked at…
  private static let alpha = 15
  /// … and no more once it has fewer than this part of the nodes and shrinks.
  private static let beta = 18

  /// A level: where its nodes are in the queue, and how many edges leave them.
  struct Level {
    var nodes: Range<Int>
    var edges: Int
  }

  func run(from sources: [UInt32], maxDepth: Int) throws(GraphError) -> BreadthFirstTree {
    var level = Level(nodes: 0..<0, edges: 0)
    for source in sources where distances[source] == Self.none {
      distances[source] = 0
      queue[level.nodes.count] = source
      level.nodes = 0..<level.nodes.count + 1
      level.edges += outgoing.degree(of: source)
    }
    var depth = level.nodes.isEmpty ? -1 : 0
    var unexploredEdges = outgoing.entryCount
    var reached = level.nodes.upperBound

    while !level.nodes.isEmpty, depth < maxDepth {
      if let incoming,
        level.edges > max(unexploredEdges, outgoing.nodeCount) / Self.alpha
      {
        (level, depth) = try climb(incoming, from: level, depth: depth, maxDepth: maxDepth)
      } else {
        unexploredEdges -= level.edges
        let isSmall = level.edges < Self.fewEdges || kernel.threadCount == 1
        level =
          isSmall
          ? descendAlone(level.nodes, to: UInt32(depth + 1))
          : try descend(level.nodes, to: UInt32(depth + 1))
        if !level.nodes.isEmpty { depth += 1 }
        try kernel.report(iteration: depth)
      }
      reached = level.nodes.upperBound
    }
    return BreadthFirstTree(
      distances: NodeColumn(kernel.take(distances)),
      predecessors: NodeColumn(kernel.take(predecessors)), reachedCount: reached, depth: depth)
  }

  // MARK: Top down

  private func descend(_ nodes: Range<Int>, to depth: UInt32) throws(GraphError) -> Level {
    (shared[0], shared[1]) = (nodes.upperBound, 0)
    let first = nodes.lowerBound
    // Thin levels in one part a thread: each part costs a trip of cache lines between them.
    let parts = nodes.count < 1 << 11 ? kernel.threadCount : 4 * kernel.threadCount
    let grain = max(64, min(1024, (nodes.count + parts - 1) / parts))
    try kernel.forEach(count: nodes.count, grain: grain) { range, thread in
      let start = thread * NodeStack.capacity
      var found = NodeStack(stacks[start..<start + NodeStack.capacity])
      var edges = 0
      for index in range {
        let node = queue[first + index]
        for entry in outgoing.range(of: node) {
          let neighbor = outgoing.neighbors[entry]
          let distance = distances.load(Int(neighbor))
          guard distance == Self.none || distance == depth,
            predecessors.lower(Int(neighbor), to: node) == Self.none
          else { continue }
          // The first to come; others may come on this level, and find `none` or `depth`.
          distances.store(Int(neighbor), depth)
          if found.isFull { found.flush(to: queue, at: shared) }
          found.push(neighbor)
          edges += outgoing.degree(of: neighbor)
        }
      }
      found.flush(to: queue, at: shared)
      _ = shared.add(1, edges)
    }
    return Level(nodes: nodes.upperBound..<shared[0], edges: shared[1])
  }

  private func descendAlone(_ nodes: Range<Int>, to depth: UInt32) -> Level {
    var end = nodes.upperBound
    var edges = 0
    for index in nodes {
      let node = queue[index]
      for entry in outgoing.range(of: node) {
        let neighbor = outgoing.neighbors[entry]
        let distance = distances[neighbor]
        if distance == Self.none {
          distances[neighbor] = depth
          predecessors[neighbor] = node
          queue[end] = neighbor
          end += 1
          edges += outgoing.degree(of: neighbor)
        } else if distance == depth, node < predecessors[neighbor] {
          predecessors[neighbor] = node
        }
      }
    }
    return Level(nodes: nodes.upperBound..<end, edges: edges)
  }

  // MARK: Bottom up

  /// Levels bottom up as long as that pays: the last of them, as part of the queue again.
  private func climb(
    _ incoming: NeighborLists, from level: Level, depth: Int, maxDepth: Int
  ) throws(GraphError) -> (level: Level, depth: Int) {
    let nodeCount = outgoing.nodeCount
    let wordCount = Slots<UInt64>.wordCount(ofBits: nodeCount)
    let unvisited = try kernel.slots(of: UInt64.self, count: wordCount)
    var frontier = try kernel.slots(of: UInt64.self, count: wordCount)
    var next = try kernel.slots(of: UInt64.self, count: wordCount)
    defer {
      kernel.free(unvisited)
      kernel.free(frontier)
      kernel.free(next)
    }
    let (bits, now) = (frontier, UInt32(depth))
    try kernel.forEach(count: wordCount, grain: 256) { range, _ in
      for word in range {
        var (left, front) = (UInt64(0), UInt64(0))
        for bit in 0..<min(64, nodeCount - word * 64) {
          let distance = distances[word * 64 + bit]
          // What is not reached has the highest bit set.
          left |= UInt64(distance >> 31) << UInt64(bit)
          front |= (distance == now ? 1 : 0) << UInt64(bit)
        }
        unvisited[word] = left
        bits[word] = front
      }
    }

    var (depth, reached, awake) = (depth, level.nodes.upperBound, level.nodes.count)
    while depth < maxDepth {
      let (onFrontier, found, distance) = (frontier, next, UInt32(depth + 1))
      let count = try kernel.sum(count: wordCount, grain: 64) { range, _ in
        var count = 0
        for word in range {
          var left = unvisited[word]
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
          found[word] = new
          unvisited[word] ^= new
          count += new.nonzeroBitCount
        }
        return count
      }
      (frontier, next) = (found, onFrontier)
      let shrinks = count < awake
      (awake, reached) = (count, reached + count)
      if count > 0 { depth += 1 }
      try kernel.report(iteration: depth)
      if count == 0 || shrinks && count <= nodeCount / Self.beta { break }
    }
    // The next step goes down: its edges are not counted, but taken for few.
    let nodes = enqueue(frontier, at: reached - awake)
    return (Level(nodes: nodes, edges: Self.fewEdges), depth)
  }

  /// Writes the nodes of a bitmap into the queue, ascending.
  private func enqueue(_ bits: Slots<UInt64>, at start: Int) -> Range<Int> {
    var end = start
    for word in 0..<bits.count {
      var left = bits[word]
      while left != 0 {
        queue[end] = UInt32(truncatingIfNeeded: word << 6 | left.trailingZeroBitCount)
        end += 1
        left &= left - 1
      }
    }
    return start..<end
  }
}
