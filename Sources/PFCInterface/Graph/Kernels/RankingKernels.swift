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
