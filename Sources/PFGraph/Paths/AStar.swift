// A*: the node that waits with the least length of a path over it, as far as a bound can tell.
//
// Method: Hart, Nilsson, Raphael, "A Formal Basis for the Heuristic Determination of Minimum Cost
// Paths" (IEEE Transactions on Systems Science and Cybernetics 4, 1968). Tricks: a bound is asked
// for once for each node, and only for nodes that a path was found to; a node that comes nearer
// waits again, so bounds need not be consistent, only not too large.

extension Graph {
  /// Finds a shortest path between two nodes with the help of lower bounds; an edge of a graph
  /// without weights has length 1.
  ///
  /// - Parameters:
  ///   - source: Where the path begins.
  ///   - target: Where it ends.
  ///   - options: Cancellation; one thread works.
  ///   - bound: At most the length of the shortest path from a node to the target, not negative;
  ///     infinite where there is none. A bound that is too large may give a longer path.
  /// - Returns: The path; nil where there is none. Of several as short, always the same one.
  /// - Complexity: O((nodes + edges) log edges) with consistent bounds, less the nearer they are to
  ///   the truth; memory 20 bytes for each node.
  /// - Throws: `.unknownNode`, `.badWeight` for a weight that is negative or not a number,
  ///   `.invalidArgument` for such a bound, `.outOfMemory`, `.cancelled`.
  public func aStar(
    from source: Int, to target: Int, _ options: KernelOptions = KernelOptions(),
    bound: (Int) -> Double
  ) throws(GraphError) -> FoundPath? {
    let start = try check(source, is: "source")
    let goal = try check(target, is: "target")
    return try Kernel.run(options) { (kernel) throws(GraphError) in
      try withExtendedLifetime(self) { () throws(GraphError) in
        if isWeighted, let entry = try weightFacts(kernel).firstNegative {
          throw badWeight(at: entry)
        }
        let query = PathQuery(
          sources: [start], targets: [goal], maxDistance: .infinity, asksForPredecessors: true)
        let search = try PathSearch(kernel, self, query)
        return try search.runAStar(from: start, to: goal, bound)
      }
    }
  }
}

extension PathSearch {
  fileprivate func runAStar(from source: UInt32, to target: UInt32, _ bound: (Int) -> Double)
    throws(GraphError) -> FoundPath?
  {
    // −1 where the bound was not asked for.
    let bounds = try kernel.slots(repeating: -1.0, count: lists.nodeCount)
    var heap = try NodeHeap(kernel)
    func push(_ node: UInt32) throws(GraphError) {
      if bounds[node] < 0 {
        let asked = bound(Int(node))
        guard asked >= 0 else {
          throw .invalidArgument(
            name: "heuristic", why: "the bound of node \(node) is \(asked), not 0 or more")
        }
        bounds[node] = asked
      }
      let key = (distance(node) + bounds[node]).bitPattern
      if key < Self.unreached { try heap.push(key, node) }
    }
    try push(source)
    var steps = 0
    while let element = heap.pop() {
      let node = element.node
      let distance = distance(node)
      guard element.key == (distance + bounds[node]).bitPattern else { continue }
      if node == target { break }
      steps += 1
      if steps & 1023 == 0 { try kernel.check() }
      for entry in lists.range(of: node) {
        let neighbor = lists.neighbors[entry]
        let offer = distance + lengths[entry]
        guard offer < self.distance(neighbor) else { continue }
        distances[neighbor] = offer.bitPattern
        predecessors[neighbor] = node
        try push(neighbor)
      }
    }
    let length = distance(target)
    return length < .infinity
      ? try kernel.path(to: target, predecessors, length: length) : nil
  }
}
