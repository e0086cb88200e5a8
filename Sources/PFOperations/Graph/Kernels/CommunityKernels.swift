internal import PFArrow
internal import PFCore
internal import PFGraph

extension GraphKernel {
  /// Kernels that say how nodes gather.
  static let communities: [String: GraphKernel] = [
    "clustering": clustering,
    "triangles": triangles,
    "label_propagation": communities { (graph, options, running) throws(GraphError) in
      try graph.labelPropagation(options, running)
    },
    "louvain": communities { (graph, options, running) throws(GraphError) in
      try graph.louvain(options, running)
    },
    "leiden": communities { (graph, options, running) throws(GraphError) in
      try graph.leiden(options, running)
    },
  ]

  private static let clustering = GraphKernel { (_) throws(OptionError) in
    { (graph, running) throws(GraphError) in
      let coefficients = try graph.clusteringCoefficients(running)
      return Answer(
        columns: [("coefficient", coefficients.array)],
        summary: { json in json.member("average", coefficients.mean) })
    }
  }

  private static let triangles = GraphKernel { (_) throws(OptionError) in
    { (graph, running) throws(GraphError) in
      let answer = try graph.clustering(running)
      return Answer(
        columns: [("triangles", answer.triangles.array)],
        summary: { json in
          json.member("count", answer.triangleCount)
          json.member("transitivity", answer.transitivity)
        })
    }
  }

  private static func communities(
    _ method:
      @escaping @Sendable (Graph, CommunityOptions, KernelOptions) throws(GraphError) -> Communities
  ) -> GraphKernel {
    GraphKernel { (options) throws(OptionError) in
      let usual = CommunityOptions()
      let community = CommunityOptions(
        resolution: try options.double("resolution") ?? usual.resolution,
        seed: UInt64(try options.integer("seed", in: 0 ... .max) ?? 0),
        usesWeights: try options.bool("use_weights") ?? usual.usesWeights,
        maxLevels: try options.integer("max_levels", in: 1 ... .max) ?? usual.maxLevels)
      return { (graph, running) throws(GraphError) in
        let answer = try method(graph, community, running)
        return Answer(
          columns: [("community", answer.labels.array)],
          summary: { json in
            json.member("count", answer.count)
            json.member("modularity", answer.modularity)
            json.member("levels", answer.levels)
          })
      }
    }
  }
}
