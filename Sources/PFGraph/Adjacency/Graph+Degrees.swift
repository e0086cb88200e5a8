extension Graph {
  /// The number of edges that leave each node; those without direction count at both ends, a
  /// self-loop among them once.
  ///
  /// - Complexity: O(nodes).
  /// - Throws: `.outOfMemory`, `.cancelled`.
  public func outDegrees(_ options: KernelOptions = KernelOptions()) throws(GraphError)
    -> NodeColumn<Int64>
  {
    try csr.adjacency.degrees(options)
  }

  /// The number of edges that end in each node, as `outDegrees`.
  ///
  /// - Complexity: O(nodes) where `csc` has been made, and makes it otherwise.
  /// - Throws: `.outOfMemory`, `.cancelled`.
  public func inDegrees(_ options: KernelOptions = KernelOptions()) throws(GraphError)
    -> NodeColumn<Int64>
  {
    try csc(options).adjacency.degrees(options)
  }
}

extension Adjacency {
  fileprivate func degrees(_ options: KernelOptions) throws(GraphError) -> NodeColumn<Int64> {
    try Kernel.run(options) { (kernel) throws(GraphError) in
      let lists = lists
      let degrees = try kernel.slots(of: Int64.self, count: nodeCount)
      try kernel.forEach(count: nodeCount, grain: 1 << 16) { range, _ in
        for node in range {
          degrees[node] = Int64(lists.offsets[node + 1] - lists.offsets[node])
        }
      }
      return kernel.column(degrees)
    }
  }
}
