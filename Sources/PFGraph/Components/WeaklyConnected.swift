// Weakly connected components: nodes that edges join, whatever their direction.
//
// Method: Afforest (Sutton, Ben-Nun, Barak, "Optimizing Parallel Graph Connectivity Computation via
// Subgraph Sampling", IPDPS 2018). Trees of nodes are hooked under each other until there is one a
// component. A few edges are enough to find most of the largest component; what it holds then is
// skipped, and only the rest looks at all of its neighbours.
//
// Tricks: a parent is smaller than its child, so the root is the smallest node of its tree and the
// labels are the same for any order of the threads. The few edges are not the same number at each
// node: lists are sorted, so a node's smallest neighbour is at hand, and is its parent if it is
// smaller, without a look at any tree. That leaves as roots the nodes without a smaller neighbour, of
// which a large graph has few (a sixth of a web's nodes, a twentieth where ten edges join any two),
// and only these look further. Where the edges are known by source only, an edge out of the largest
// component cannot be skipped from its other end: these are all looked at, but against a bitmap of
// that component, which stays in the cache.
//
// The second method, a union-find, hooks the ends of every edge in the same way (that of Rem, in
// Dijkstra, "A Discipline of Programming", 1976; for threads: Patwary, Blair, Manne, "Experiments on
// Union-Find Algorithms for the Disjoint-Set Data Structure", SEA 2010). It guesses nothing.

/// How weakly connected components are found; all ways have the same answer.
public enum ConnectedMethod: String, CaseIterable, Sendable {
  /// A few neighbours of the nodes first, then what is outside of the largest component.
  case afforest
  /// Every edge.
  case unionFind = "union_find"
}

extension Graph {
  /// Finds the weakly connected components; in a graph without directions, the connected ones.
  ///
  /// - Parameters:
  ///   - method: How they are found.
  ///   - options: Threads, cancellation.
  /// - Returns: The label of each node, and the number of components.
  /// - Complexity: O(nodes + edges), and less where one component has most of the nodes and `csc`
  ///   has been called before or edges have no direction; memory a bit for each node beside the
  ///   answer.
  /// - Throws: `.outOfMemory`, `.cancelled`.
  public func connectedComponents(
    method: ConnectedMethod = .afforest, _ options: KernelOptions = KernelOptions()
  ) throws(GraphError) -> Components {
    let incoming = madeCSC
    return try Kernel.run(options) { (kernel) throws(GraphError) in
      let forest = try Forest(kernel, nodeCount: nodeCount)
      return try withExtendedLifetime((self, incoming)) { () throws(GraphError) in
        if method == .unionFind {
          return try forest.unite(csr.adjacency.lists, isDirected: isDirected)
        }
        return try forest.run(
          outgoing: csr.adjacency.lists, incoming: incoming?.adjacency.lists,
          isDirected: isDirected)
      }
    }
  }
}

/// Trees of nodes that are known to be connected.
private struct Forest {
  let kernel: Kernel
  /// The node above, which is smaller; a root is its own. Threads write it at once.
  let parents: Slots<UInt32>
  /// Whether no other thread writes.
  let isAlone: Bool

  init(_ kernel: Kernel, nodeCount: Int) throws(GraphError) {
    self.kernel = kernel
    isAlone = kernel.threadCount == 1
    parents =
      isAlone
      ? try kernel.slots(of: UInt32.self, count: nodeCount)
      : try kernel.slots(repeating: 0 as UInt32, count: nodeCount)
  }

  private static let grain = 1 << 13
  /// The edges each way by which a root is linked before the largest component is guessed.
  private static let sampledCount = 3

  func run(outgoing: NeighborLists, incoming: NeighborLists?, isDirected: Bool) throws(GraphError)
    -> Components
  {
    let incoming = isDirected ? incoming : nil
    try hook(outgoing, incoming)
    try linkRoots(outgoing, incoming)
    _ = try compress()
    if let largest = largestGuess() {
      if isDirected, incoming == nil {
        try linkAll(outgoing, besides: largest)
      } else {
        try linkRest(outgoing, incoming, skipping: largest)
      }
    }
    let count = try compress()
    return Components(labels: NodeColumn(kernel.take(parents)), count: count)
  }

  /// Hooks the ends of all edges; one without direction stands at both ends and is taken once.
  func unite(_ lists: NeighborLists, isDirected: Bool) throws(GraphError) -> Components {
    for node in 0..<parents.count { parents[node] = UInt32(truncatingIfNeeded: node) }
    try kernel.forEach(count: parents.count, grain: Self.grain) { range, _ in
      for node in range {
        let id = UInt32(truncatingIfNeeded: node)
        for entry in lists.range(of: id) where isDirected || lists.neighbors[entry] < id {
          link(id, lists.neighbors[entry])
        }
      }
    }
    let count = try compress()
    return Components(labels: NodeColumn(kernel.take(parents)), count: count)
  }

  // MARK: Steps

  /// Hooks each node under its smallest neighbour, if that is smaller.
  private func hook(_ outgoing: NeighborLists, _ incoming: NeighborLists?) throws(GraphError) {
    try kernel.forEach(count: parents.count, grain: Self.grain) { range, _ in
      for node in range {
        let id = UInt32(truncatingIfNeeded: node)
        var parent = min(id, outgoing.first(of: id) ?? id)
        if let incoming { parent = min(parent, incoming.first(of: id) ?? id) }
        if parent != id {
          // Its own parent is better. Of several threads one may not have come there yet, and then
          // it is 0; where 0 is the parent indeed, nothing is lost.
          let above = parents.load(Int(parent))
          if isAlone || above != 0 { parent = above }
        }
        parents.store(node, parent)
      }
    }
  }

  /// Links the roots with their first neighbours.
  private func linkRoots(_ outgoing: NeighborLists, _ incoming: NeighborLists?) throws(GraphError) {
    try kernel.forEach(count: parents.count, grain: Self.grain) { range, _ in
      for node in range where parents.load(node) == UInt32(truncatingIfNeeded: node) {
        link(node, outgoing, atMost: Self.sampledCount)
        if let incoming { link(node, incoming, atMost: Self.sampledCount) }
      }
    }
  }

  /// Links the nodes outside of the tree of `largest` with all of their neighbours.
  private func linkRest(
    _ outgoing: NeighborLists, _ incoming: NeighborLists?, skipping largest: UInt32
  ) throws(GraphError) {
    try kernel.forEach(count: parents.count, grain: Self.grain) { range, _ in
      for node in range where parents.load(node) != largest {
        link(node, outgoing)
        if let incoming { link(node, incoming) }
      }
    }
  }

  /// Links all nodes with their neighbours, but for edges within the tree of `largest`.
  private func linkAll(_ lists: NeighborLists, besides largest: UInt32) throws(GraphError) {
    let nodeCount = parents.count
    let wordCount = Slots<UInt64>.wordCount(ofBits: nodeCount)
    let others = try kernel.slots(of: UInt64.self, count: wordCount)
    defer { kernel.free(others) }
    let otherCount = try kernel.sum(count: wordCount, grain: 256) { range, _ in
      var count = 0
      for word in range {
        var bits: UInt64 = 0
        for bit in 0..<min(64, nodeCount - word * 64) {
          bits |= (parents[word * 64 + bit] != largest ? 1 : 0) << UInt64(bit)
        }
        others[word] = bits
        count += bits.nonzeroBitCount
      }
      return count
    }
    guard otherCount > 0 else { return }
    try kernel.forEach(count: nodeCount, grain: Self.grain) { range, _ in
      for node in range {
        let id = UInt32(truncatingIfNeeded: node)
        if others.bit(id) {
          link(node, lists)
        } else {
          for entry in lists.range(of: id) where others.bit(lists.neighbors[entry]) {
            link(id, lists.neighbors[entry])
          }
        }
      }
    }
  }

  // MARK: Trees

  /// Links a node with its first neighbours, or with all.
  @inline(__always)
  private func link(_ node: Int, _ lists: NeighborLists, atMost count: Int = .max) {
    let id = UInt32(truncatingIfNeeded: node)
    for entry in lists.range(of: id).prefix(count) { link(id, lists.neighbors[entry]) }
  }

  /// Hooks the larger of two roots under the smaller, unless they are one.
  @inline(__always)
  private func link(_ first: UInt32, _ second: UInt32) {
    var (one, other) = (parents.load(Int(first)), parents.load(Int(second)))
    while one != other {
      let (low, high) = (min(one, other), max(one, other))
      let above = parents.load(Int(high))
      if above == low { return }
      if above == high {
        if isAlone {
          parents[high] = low
          return
        }
        if parents.exchange(Int(high), expected: high, with: low) { return }
      }
      // The way up is halved as it is walked, so that no order of the edges makes it long. Of two
      // threads that write here both write a node above; it is no root any more, which hooks need.
      one = parents.load(Int(above))
      if above != high, one != above { parents.store(Int(high), one) }
      other = parents.load(Int(low))
    }
  }

  /// Puts each node directly under its root; the number of roots.
  private func compress() throws(GraphError) -> Int {
    try kernel.sum(count: parents.count, grain: Self.grain) { range, _ in
      var roots = 0
      for node in range {
        let parent = parents.load(node)
        if Int(parent) == node { roots += 1 }
        var (root, above) = (parent, parents.load(Int(parent)))
        while root != above {
          root = above
          above = parents.load(Int(root))
        }
        if root != parent { parents.store(node, root) }
      }
      return roots
    }
  }

  /// The root that most of some nodes have, which are spread over all; nil without nodes. A wrong
  /// guess costs time only. Precondition: each node is directly under its root.
  private func largestGuess() -> UInt32? {
    let sampleCount = min(parents.count, 1024)
    var samples = (0..<sampleCount).map { index in
      // WHY: steps of the golden ratio meet no pattern that ids may have.
      let place = UInt64(index) &* 0x9E37_79B9_7F4A_7C15
      return parents[Int(place.multipliedFullWidth(by: UInt64(parents.count)).high)]
    }
    samples.sort()
    var best: (root: UInt32, count: Int)?
    var start = 0
    for index in samples.indices
    where index + 1 == sampleCount || samples[index] != samples[index + 1] {
      let count = index + 1 - start
      start = index + 1
      if count > best?.count ?? 0 { best = (samples[index], count) }
    }
    return best?.root
  }
}
