internal import PFCore
internal import PFGraph

extension GraphKernel {
  /// Degrees, components and other structure.
  static let structure: [String: GraphKernel] = [
    "out_degree": outDegrees,
    "in_degree": inDegrees,
    "connected_components": connectedComponents,
    "strongly_connected_components": stronglyConnectedComponents,
    "core_numbers": coreNumbers,
    "triangle_count": triangleCount,
    "bipartition": bipartition,
  ]

  private static let outDegrees = GraphKernel { (_) throws(OptionError) in
    { (graph, running) throws(GraphError) in
      Answer(columns: [("degree", try graph.outDegrees(running).array)])
    }
  }

  private static let inDegrees = GraphKernel { (_) throws(OptionError) in
    { (graph, running) throws(GraphError) in
      Answer(columns: [("degree", try graph.inDegrees(running).array)])
    }
  }

  private static let connectedComponents = GraphKernel { (options) throws(OptionError) in
    let method =
      try options.choice("method", of: ConnectedMethod.allCases.map(\.rawValue))
      .flatMap { ConnectedMethod(rawValue: $0) } ?? .afforest
    return { (graph, running) throws(GraphError) in
      Answer(try graph.connectedComponents(method: method, running))
    }
  }

  private static let stronglyConnectedComponents = GraphKernel { (options) throws(OptionError) in
    let method =
      try options.choice("method", of: StronglyConnectedMethod.allCases.map(\.rawValue))
      .flatMap { StronglyConnectedMethod(rawValue: $0) } ?? .automatic
    return { (graph, running) throws(GraphError) in
      Answer(try graph.stronglyConnectedComponents(method: method, running))
    }
  }

  private static let coreNumbers = GraphKernel { (_) throws(OptionError) in
    { (graph, running) throws(GraphError) in
      let cores = try graph.coreNumbers(running)
      return Answer(
        columns: [("core", cores.numbers.array)],
        summary: { json in json.member("largest", cores.largest) })
    }
  }

  private static let triangleCount = GraphKernel { (_) throws(OptionError) in
    { (graph, running) throws(GraphError) in
      let count = try graph.triangleCount(running)
      return Answer(summary: { json in json.member("count", count) })
    }
  }

  private static let bipartition = GraphKernel { (_) throws(OptionError) in
    { (graph, running) throws(GraphError) in
      switch try graph.bipartition(running) {
      case .sides(let sides):
        Answer(
          columns: [("side", sides.array)], summary: { json in json.member("is_bipartite", true) })
      case .oddCycle(let nodes):
        Answer(
          summary: { json in
            json.member("is_bipartite", false)
            json.array("odd_cycle") { json in for node in nodes { json.value(node) } }
          })
      }
    }
  }
}

extension GraphKernel.Answer {
  fileprivate init(_ components: Components) {
    self.init(
      columns: [("component", components.labels.array)],
      summary: { json in json.member("count", components.count) })
  }
}
