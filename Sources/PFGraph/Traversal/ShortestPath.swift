// The path of the fewest edges between two nodes, searched from both of them.
//
// Method: Pohl, "Bi-directional search" (Machine Intelligence 6, 1971), level by level: the side
// whose frontier has fewer edges takes the next step. Trick: before the level on which the searches
// meet, all nodes of both sides are known, so every node on which they meet is on a path of the
// fewest edges, and the smallest of them is a choice that depends on the graph alone.

extension Graph {
  /// Finds a path of the fewest edges from one node to another; weights do not matter.
  ///
  /// - Parameters:
  ///   - source: Where the path begins.
  ///   - target: Where it ends.
  ///   - options: Cancellation; one thread works.
  /// - Returns: The path; nil where there is none. Of several, always the same one.
  /// - Complexity: O(nodes + edges), but usually far fewer edges are walked; makes `csc` of a graph
  ///   with directions. Memory 24 bytes for each node.
  /// - Throws: `.unknownNode`, `.outOfMemory`, `.cancelled`.
  public func shortestPath(
    from source: Int, to target: Int, _ options: KernelOptions = KernelOptions()
  ) throws(GraphError) -> FoundPath? {
    let ends = (try check(source, is: "source"), try check(target, is: "target"))
    let incoming = try csc(options)
    return try Kernel.run(options) { (kernel) throws(GraphError) in
      try withExtendedLifetime((self, incoming)) { () throws(GraphError) in
        var forward = try SearchSide(kernel, csr.adjacency.lists, from: ends.0)
        var backward = try SearchSide(kernel, incoming.adjacency.lists, from: ends.1)
        var meeting = ends.0 == ends.1 ? ends.0 : UInt32.max
        while meeting == .max {
          guard forward.count > 0, backward.count > 0 else { return nil }
          try kernel.check()
          meeting =
            forward.edgeCount <= backward.edgeCount
            ? forward.step(meeting: backward) : backward.step(meeting: forward)
        }
        // The way back, turned around, leads on from where they met.
        let length = forward.levels[meeting] + backward.levels[meeting]
        var node = meeting
        while node != ends.1 {
          let next = backward.predecessors[node]
          forward.predecessors[next] = node
          node = next
        }
        return try kernel.path(to: ends.1, forward.predecessors, length: Double(length))
      }
    }
  }
}

/// One of two searches that go towards each other.
private struct SearchSide {
  let lists: NeighborLists
  /// The level of each node; `UInt32.max` for what is not reached.
  let levels: Slots<UInt32>
  /// The smallest node of the level before with an edge to it; `UInt32.max` for none.
  let predecessors: Slots<UInt32>
  /// All nodes reached, level by level.
  let queue: Slots<UInt32>
  /// The last level: where it is in the queue, how many edges leave it, its number.
  var nodes = 0..<1
  var edgeCount: Int
  var level: UInt32 = 0

  /// The nodes of the last level.
  var count: Int { nodes.count }

  init(_ kernel: Kernel, _ lists: NeighborLists, from node: UInt32) throws(GraphError) {
    self.lists = lists
    levels = try kernel.slots(repeating: .max, count: lists.nodeCount)
    predecessors = try kernel.slots(repeating: .max, count: lists.nodeCount)
    queue = try kernel.slots(of: UInt32.self, count: lists.nodeCount)
    levels[node] = 0
    queue[0] = node
    edgeCount = lists.degree(of: node)
  }

  /// Goes to the next level; the smallest node of it that the other side knows, or `UInt32.max`.
  mutating func step(meeting other: SearchSide) -> UInt32 {
    var meeting = UInt32.max
    var end = nodes.upperBound
    level += 1
    edgeCount = 0
    for index in nodes {
      let node = queue[index]
      for entry in lists.range(of: node) {
        let neighbor = lists.neighbors[entry]
        if levels[neighbor] == .max {
          levels[neighbor] = level
          predecessors[neighbor] = node
          queue[end] = neighbor
          end += 1
          edgeCount += lists.degree(of: neighbor)
          if other.levels[neighbor] != .max { meeting = min(meeting, neighbor) }
        } else if levels[neighbor] == level {
          predecessors[neighbor] = min(predecessors[neighbor], node)
        }
      }
    }
    nodes = nodes.upperBound..<end
    return meeting
  }
}
