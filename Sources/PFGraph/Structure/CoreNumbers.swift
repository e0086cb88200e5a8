// Core numbers: how dense the densest neighbourhood is that a node is part of.
//
// Method: nodes are taken away by ascending number of neighbours that are left (Batagelj, Zaveršnik,
// "An O(m) Algorithm for Cores Decomposition of Networks", 2003). What a node has left when its turn
// comes is its core number.
//
// Trick: nodes stand in one array by what they have left, and where each number begins is known. A
// node that loses a neighbour changes places with the first of its number, and that number begins
// one later: no node is ever sorted again.

/// The answer of a decomposition into cores.
public struct CoreNumbers: Equatable, Sendable {
  /// For each node the largest k for which there is a set of nodes, it among them, each of which has
  /// at least k neighbours in the set.
  public let numbers: NodeColumn<Int32>
  /// The largest of them, the degeneracy of the graph; 0 without nodes.
  public let largest: Int
}

extension Graph {
  /// Finds the core number of each node of a graph without directions.
  ///
  /// Parallel edges count each, self-loops do not.
  ///
  /// - Parameter options: Cancellation; one thread works.
  /// - Returns: The numbers, and the largest of them.
  /// - Complexity: O(nodes + edges); memory 8 bytes for each node beside the answer, and 8 for each
  ///   degree up to the largest.
  /// - Throws: `.wrongDirection`, `.invalidArgument` where a node has more than 2³¹ − 1 neighbours,
  ///   `.outOfMemory`, `.cancelled`.
  public func coreNumbers(_ options: KernelOptions = KernelOptions()) throws(GraphError)
    -> CoreNumbers
  {
    guard !isDirected else { throw .wrongDirection(needsDirected: false) }
    return try Kernel.run(options) { (kernel) throws(GraphError) in
      try withExtendedLifetime(self) { () throws(GraphError) in
        try kernel.coreNumbers(csr.adjacency.lists)
      }
    }
  }
}

extension Kernel {
  fileprivate func coreNumbers(_ lists: NeighborLists) throws(GraphError) -> CoreNumbers {
    let nodeCount = lists.nodeCount
    // What each node has left; its core number once it is taken.
    let left = try slots(of: UInt32.self, count: nodeCount)
    let isTooMuch = try slots(repeating: UInt32(0), count: 1)
    try forEach(count: nodeCount, grain: 1 << 12) { range, _ in
      for node in range {
        let id = UInt32(truncatingIfNeeded: node)
        var degree = 0
        for entry in lists.range(of: id) where lists.neighbors[entry] != id { degree += 1 }
        if degree > Int(Int32.max) { isTooMuch.store(0, 1) }
        left[node] = UInt32(truncatingIfNeeded: degree)
      }
    }
    guard isTooMuch[0] == 0 else {
      throw .invalidArgument(name: "graph", why: "a node has more than 2³¹ − 1 neighbours")
    }

    var most = 0
    for node in 0..<nodeCount { most = max(most, Int(left[node])) }
    // Where the nodes that have so many left begin in the order.
    let starts = try slots(repeating: 0, count: most + 1)
    for node in 0..<nodeCount { starts[left[node]] += 1 }
    var start = 0
    for degree in 0...most {
      (starts[degree], start) = (start, start + starts[degree])
    }
    let order = try slots(of: UInt32.self, count: nodeCount)
    let places = try slots(of: UInt32.self, count: nodeCount)
    for node in 0..<nodeCount {
      let place = starts[left[node]]
      starts[left[node]] = place + 1
      order[place] = UInt32(truncatingIfNeeded: node)
      places[node] = UInt32(truncatingIfNeeded: place)
    }
    // They are at the ends now, which are the beginnings of the next.
    for degree in stride(from: most, to: 0, by: -1) { starts[degree] = starts[degree - 1] }
    starts[0] = 0

    var largest: UInt32 = 0
    for index in 0..<nodeCount {
      if index & 0x3FFF == 0 { try check() }
      let node = order[index]
      let number = left[node]
      largest = max(largest, number)
      for entry in lists.range(of: node) {
        let neighbor = lists.neighbors[entry]
        let has = left[neighbor]
        guard has > number else { continue }
        let (place, first) = (places[neighbor], starts[has])
        let other = order[first]
        order[first] = neighbor
        places[neighbor] = UInt32(truncatingIfNeeded: first)
        order[Int(place)] = other
        places[other] = place
        if other == neighbor { places[neighbor] = place }
        starts[has] = first + 1
        left[neighbor] = has - 1
      }
    }
    return CoreNumbers(numbers: NodeColumn(take(left)), largest: Int(largest))
  }
}
