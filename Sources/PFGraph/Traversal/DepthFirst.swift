// Depth-first search: the order in which a recursive walk enters and leaves the nodes.
//
// Method: Tarjan, "Depth-first search and linear graph algorithms" (SIAM Journal on Computing 1,
// 1972), without recursion, so that a path of any length fits. Trick: for each node on the way the
// stack keeps how far its list was walked; a node is marked when it is entered, not when it is
// seen, which is what makes the order that of the recursive walk. One thread: the order is defined
// by doing one thing after the other.

/// The answer of a depth-first search.
public struct DepthFirstTree: Equatable, Sendable {
  /// The nodes in the order in which they are entered: as many as are reached.
  public let preorder: NodeColumn<Int32>
  /// The same nodes in the order in which they are left.
  public let postorder: NodeColumn<Int32>
  /// The node from which each node was entered; −1 for the source and for what is not reached.
  public let predecessors: NodeColumn<Int32>

  /// The predecessor of each node that is reached, in the order of `preorder`.
  package func predecessorsInPreorder(_ options: KernelOptions) throws(GraphError)
    -> NodeColumn<Int32>
  {
    try Kernel.run(options) { (kernel) throws(GraphError) in
      let found = try kernel.slots(of: Int32.self, count: preorder.count)
      for place in 0..<preorder.count { found[place] = predecessors[Int(preorder[place])] }
      return kernel.column(found)
    }
  }
}

extension Graph {
  /// Walks depth first from `source`, to the smaller neighbours first.
  ///
  /// - Parameters:
  ///   - source: Where the walk begins.
  ///   - maxDepth: Nodes are not entered more than so many steps below the source; nil for no
  ///     limit. A node counts as entered at the depth of its first visit, so with a limit some that
  ///     have a short way from the source may not be reached.
  ///   - options: Cancellation; the walk has one thread.
  /// - Returns: the nodes reached, in both orders, and predecessors of all nodes.
  /// - Complexity: O(nodes + edges); memory at most 24 bytes for each node beside the answer.
  /// - Throws: `.unknownNode`, `.invalidArgument`, `.outOfMemory`, `.cancelled`.
  public func depthFirst(
    from source: Int, maxDepth: Int? = nil, _ options: KernelOptions = KernelOptions()
  ) throws(GraphError) -> DepthFirstTree {
    if let maxDepth, maxDepth < 0 {
      throw .invalidArgument(name: "maxDepth", why: "a depth is not negative")
    }
    let start = try check(source, is: "source")
    return try Kernel.run(options) { (kernel) throws(GraphError) in
      try withExtendedLifetime(self) { () throws(GraphError) in
        try csr.adjacency.lists.depthFirst(from: start, maxDepth: maxDepth ?? .max, kernel)
      }
    }
  }
}

extension NeighborLists {
  fileprivate func depthFirst(from source: UInt32, maxDepth: Int, _ kernel: Kernel)
    throws(GraphError) -> DepthFirstTree
  {
    let none = UInt32.max
    let predecessors = try kernel.slots(repeating: none, count: nodeCount)
    let isEntered = try kernel.slots(repeating: false, count: nodeCount)
    let preorder = try kernel.slots(of: UInt32.self, count: nodeCount)
    let postorder = try kernel.slots(of: UInt32.self, count: nodeCount)
    // The way from the source: its nodes, and the next entry of each one's list.
    let way = try kernel.slots(of: UInt32.self, count: nodeCount)
    let next = try kernel.slots(of: Int.self, count: nodeCount)
    var (entered, left, depth) = (1, 0, 0)
    isEntered[source] = true
    preorder[0] = source
    way[0] = source
    next[0] = offsets[Int(source)]
    while depth >= 0 {
      let node = way[depth]
      let end = offsets[Int(node) + 1]
      var entry = depth < maxDepth ? next[depth] : end
      while entry < end, isEntered[neighbors[entry]] { entry += 1 }
      guard entry < end else {
        postorder[left] = node
        left += 1
        depth -= 1
        continue
      }
      let neighbor = neighbors[entry]
      next[depth] = entry + 1
      isEntered[neighbor] = true
      predecessors[neighbor] = node
      preorder[entered] = neighbor
      entered += 1
      depth += 1
      way[depth] = neighbor
      next[depth] = offsets[Int(neighbor)]
      if entered & 0xFFFF == 0 { try kernel.check() }
    }
    // Columns as long as what was reached.
    let (pre, post) = (
      try kernel.slots(of: UInt32.self, count: entered),
      try kernel.slots(of: UInt32.self, count: entered)
    )
    pre.copy(0..<entered, from: preorder, at: 0)
    post.copy(0..<entered, from: postorder, at: 0)
    return DepthFirstTree(
      preorder: NodeColumn(kernel.take(pre)), postorder: NodeColumn(kernel.take(post)),
      predecessors: NodeColumn(kernel.take(predecessors)))
  }
}
