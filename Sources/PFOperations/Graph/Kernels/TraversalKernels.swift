internal import PFCore
internal import PFGraph

extension GraphKernel {
  /// Searches.
  static let traversal: [String: GraphKernel] = [
    "bfs": breadthFirst,
    "dfs": depthFirst,
    "topological_sort": topologicalSort,
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

  private static let depthFirst = GraphKernel { (options) throws(OptionError) in
    guard let source = try options.integer("source", in: .min ... .max) else {
      throw .wrongType(name: "source", expected: "a node")
    }
    let maxDepth = try options.integer("max_depth", in: 0 ... .max)
    return { (graph, running) throws(GraphError) in
      let tree = try graph.depthFirst(from: source, maxDepth: maxDepth, running)
      return Answer(
        columns: [
          ("preorder", tree.preorder.array), ("postorder", tree.postorder.array),
          ("predecessor", try tree.predecessorsInPreorder(running).array),
        ])
    }
  }

  private static let topologicalSort = GraphKernel { (_) throws(OptionError) in
    { (graph, running) throws(GraphError) in
      Answer(columns: [("node", try graph.topologicalOrder(running).array)])
    }
  }
}
