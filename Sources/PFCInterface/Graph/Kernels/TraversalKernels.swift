internal import PFCore
internal import PFGraph

extension GraphKernel {
  /// Searches.
  static let traversal: [String: GraphKernel] = [
    "bfs": breadthFirst,
  ]

  private static let breadthFirst = GraphKernel { (options) throws(OptionError) in
    let sources = try options.integers("sources", in: .min ... .max) ?? []
    let maxDepth = try options.integer("max_depth", in: 0 ... .max)
    return { (graph, running) throws(GraphError) in
      let tree = try graph.breadthFirst(from: sources, maxDepth: maxDepth, running)
      return Answer(
        columns: [
          ("distance", tree.distances.array), ("predecessor", tree.predecessors.array),
        ],
        summary: { json in
          json.member("reached", tree.reachedCount)
          json.member("depth", tree.depth)
        })
    }
  }
}
