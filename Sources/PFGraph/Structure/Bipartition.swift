// Bipartite graphs: two sides, and each edge from the one to the other.
//
// Method: each component is searched breadth first, and sides alternate by level. An edge between
// two nodes of one side closes an odd cycle with the ways to them from where they part (Kőnig 1916:
// there are two sides exactly where there is no odd cycle).

/// The two sides of a graph, or why it has none.
public enum Bipartition: Equatable, Sendable {
  /// The side of each node, 0 or 1; the smallest node of each component is on side 0.
  case sides(NodeColumn<Int32>)
  /// The nodes of a cycle with an odd number of edges, the smallest first, its smaller neighbour next.
  case oddCycle([Int])
}

extension Graph {
  /// Divides the nodes into two sides so that each edge joins nodes of both; directions do not
  /// matter.
  ///
  /// - Parameter options: Cancellation; one thread works.
  /// - Returns: The sides, or a cycle that forbids them.
  /// - Complexity: O(nodes + edges); makes `csc` of a graph with directions. Memory 8 bytes for each
  ///   node beside the answer.
  /// - Throws: `.outOfMemory`, `.cancelled`.
  public func bipartition(_ options: KernelOptions = KernelOptions()) throws(GraphError)
    -> Bipartition
  {
    let incoming = isDirected ? try csc(options) : nil
    return try Kernel.run(options) { (kernel) throws(GraphError) in
      try withExtendedLifetime((self, incoming)) { () throws(GraphError) in
        var lists = [csr.adjacency.lists]
        if let incoming { lists.append(incoming.adjacency.lists) }
        return try kernel.bipartition(lists, nodeCount: nodeCount)
      }
    }
  }
}

extension Kernel {
  fileprivate func bipartition(_ lists: [NeighborLists], nodeCount: Int) throws(GraphError)
    -> Bipartition
  {
    let none = UInt32.max
    let sides = try slots(repeating: none, count: nodeCount)
    let predecessors = try slots(repeating: none, count: nodeCount)
    let queue = try slots(of: UInt32.self, count: nodeCount)
    var (place, end) = (0, 0)
    for start in 0..<UInt32(nodeCount) where sides[start] == none {
      sides[start] = 0
      queue[end] = start
      end += 1
      while place < end {
        if place & 0xFFFF == 0 { try check() }
        let node = queue[place]
        place += 1
        for lists in lists {
          for entry in lists.range(of: node) {
            let neighbor = lists.neighbors[entry]
            if sides[neighbor] == none {
              sides[neighbor] = 1 - sides[node]
              predecessors[neighbor] = node
              queue[end] = neighbor
              end += 1
            } else if sides[neighbor] == sides[node] {
              return .oddCycle(Self.cycle(closing: node, neighbor, predecessors))
            }
          }
        }
      }
    }
    return .sides(NodeColumn(take(sides)))
  }

  /// The cycle that an edge between two nodes of a search on the same level closes.
  private static func cycle(closing one: UInt32, _ other: UInt32, _ predecessors: Slots<UInt32>)
    -> [Int]
  {
    // Both are as far from where their ways part.
    var (left, right) = ([Int(one)], [Int(other)])
    var (up, down) = (one, other)
    while up != down {
      (up, down) = (predecessors[up], predecessors[down])
      left.append(Int(up))
      right.append(Int(down))
    }
    let cycle = GraphError.fromSmallest(left + right.dropLast().reversed())
    return cycle.count > 1 && cycle[1] > cycle[cycle.count - 1]
      ? cycle.prefix(1) + cycle.dropFirst().reversed() : cycle
  }
}
