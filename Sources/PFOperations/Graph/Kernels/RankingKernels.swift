internal import PFCore
internal import PFGraph

extension GraphKernel {
  /// Kernels that rank nodes.
  static let ranking: [String: GraphKernel] = [
    "pagerank": pageRank
  ]

  private static let pageRank = GraphKernel { (options) throws(OptionError) in
    var what = PageRankOptions()
    what.alpha = try options.double("alpha") ?? what.alpha
    if let tolerance = try options.double("tol") { what.tolerance = .perNode(tolerance) }
    what.maxIterations = try options.integer("max_iter", in: 1 ... .max) ?? what.maxIterations
    what.usesWeights = try options.bool("use_weights") ?? true
    let preferences = try NodeWeights(&options, "personalization")
    let pageRank = what
    return { (graph, running) throws(GraphError) in
      var pageRank = pageRank
      pageRank.personalization = try preferences?.values(nodeCount: graph.nodeCount)
      let answer = try graph.pageRank(pageRank, running)
      return Answer(
        columns: [("rank", answer.ranks.array)],
        summary: { json in
          json.member("iterations", answer.iterations)
          json.member("residual", answer.residual)
        })
    }
  }
}
