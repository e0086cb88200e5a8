internal import PFArrow
internal import PFCore
internal import PFGraph

/// A kernel as `pf_graph_run` calls it: by name, with options in JSON.
struct GraphKernel: Sendable {
  /// What a kernel found.
  struct Answer {
    /// Columns with a value for each node.
    var columns: [(name: String, array: ArrowArray)] = []
    /// Writes members that say something of the whole.
    var summary: (inout JSONWriter) -> Void = { _ in }
  }

  /// Reads its options first, all of them, and gives what is left to do.
  private typealias Prepare =
    @Sendable (inout JSONOptions) throws(OptionError) -> (Graph, KernelOptions) throws(GraphError)
    -> Answer
  private let prepare: Prepare

  private init(_ prepare: @escaping Prepare) { self.prepare = prepare }

  func run(
    _ graph: Graph, json: String?, cancellation: CancellationToken?
  ) throws(CallError) -> Answer {
    var running = KernelOptions(cancellation: cancellation)
    let body = try options { () throws(OptionError) in
      var options = try JSONOptions(json)
      running.threads = try options.integer("threads", in: 1 ... .max)
      let body = try prepare(&options)
      try options.finish()
      return body
    }
    return try graphing { () throws(GraphError) in try body(graph, running) }
  }

  /// All kernels, by the names of the header.
  static let all: [String: GraphKernel] = [
    "bfs": breadthFirst, "out_degree": outDegrees, "in_degree": inDegrees,
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
