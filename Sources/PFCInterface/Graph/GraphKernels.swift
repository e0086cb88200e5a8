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
    "bfs": breadthFirst, "pagerank": pageRank, "connected_components": connectedComponents,
    "strongly_connected_components": stronglyConnectedComponents, "out_degree": outDegrees,
    "in_degree": inDegrees, "core_numbers": coreNumbers, "triangle_count": triangleCount,
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

  private static let connectedComponents = GraphKernel { (_) throws(OptionError) in
    { (graph, running) throws(GraphError) in Answer(try graph.connectedComponents(running)) }
  }

  private static let stronglyConnectedComponents = GraphKernel { (_) throws(OptionError) in
    { (graph, running) throws(GraphError) in
      Answer(try graph.stronglyConnectedComponents(running))
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

  private static let pageRank = GraphKernel { (options) throws(OptionError) in
    var what = PageRankOptions()
    what.alpha = try options.double("alpha") ?? what.alpha
    if let tolerance = try options.double("tol") { what.tolerance = .perNode(tolerance) }
    what.maxIterations = try options.integer("max_iter", in: 1 ... .max) ?? what.maxIterations
    what.usesWeights = try options.bool("use_weights") ?? true
    let preferences = try options.value("personalization").map { (json) throws(OptionError) in
      try Preferences(json)
    }
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

extension GraphKernel.Answer {
  fileprivate init(_ components: Components) {
    self.init(
      columns: [("component", components.labels.array)],
      summary: { json in json.member("count", components.count) })
  }
}

/// A weight for each node: a list of all, or an object of some by their ids.
private struct Preferences: Sendable {
  private var all: [Double]?
  private var some: [(node: Int, weight: Double)] = []

  init(_ json: JSONValue) throws(OptionError) {
    let problem = OptionError.wrongType(
      name: "personalization", expected: "a list of numbers, or an object of numbers by node")
    let weights = json.array ?? json.object?.members.map(\.value)
    guard let numbers = weights?.compactMap(\.number?.double), numbers.count == weights?.count
    else {
      throw problem
    }
    guard let members = json.object?.members else {
      all = numbers
      return
    }
    for (member, weight) in zip(members, numbers) {
      guard let node = Int(member.name) else { throw problem }
      some.append((node, weight))
    }
  }

  func values(nodeCount: Int) throws(GraphError) -> [Double] {
    if let all { return all }
    var values = [Double](repeating: 0, count: nodeCount)
    for (node, weight) in some {
      guard values.indices.contains(node) else {
        throw .unknownNode(argument: "personalization", node: Int64(node), nodeCount: nodeCount)
      }
      values[node] = weight
    }
    return values
  }
}
