internal import PFCore
package import PFGraph

extension GraphKernel {
  /// Paths by the lengths of their edges.
  static let paths: [String: GraphKernel] = [
    "shortest_paths": shortestPaths(withPredecessors: true),
    "shortest_distances": shortestPaths(withPredecessors: false),
    "shortest_path": shortestPath,
    "minimum_spanning_forest": minimumSpanningForest,
  ]

  private static func shortestPaths(withPredecessors: Bool) -> GraphKernel {
    GraphKernel { (options) throws(OptionError) in
      let sources = try options.integers("sources", in: .min ... .max) ?? []
      let targets = try options.integers("targets", in: .min ... .max)
      let maxDistance = try options.double("max_distance") ?? .infinity
      let delta = try options.double("delta")
      let methods: [String: ShortestPathMethod] = [
        "auto": delta == nil ? .auto : .deltaStepping(delta: delta), "dijkstra": .dijkstra,
        "delta_stepping": .deltaStepping(delta: delta), "bellman_ford": .bellmanFord,
      ]
      let name = try options.choice("method", of: methods.keys.sorted()) ?? "auto"
      let method = methods[name] ?? .auto
      return { (graph, running) throws(GraphError) in
        guard withPredecessors else {
          let distances = try graph.shortestDistances(
            from: sources, targets: targets, maxDistance: maxDistance, method: method, running)
          return Answer(columns: [("distance", distances.array)])
        }
        let paths = try graph.shortestPaths(
          from: sources, targets: targets, maxDistance: maxDistance, method: method, running)
        return Answer(
          columns: [
            ("distance", paths.distances.array), ("predecessor", paths.predecessors.array),
          ])
      }
    }
  }

  private static let shortestPath = GraphKernel { (options) throws(OptionError) in
    guard let source = try options.integer("source", in: .min ... .max) else {
      throw .wrongType(name: "source", expected: "a node")
    }
    guard let target = try options.integer("target", in: .min ... .max) else {
      throw .wrongType(name: "target", expected: "a node")
    }
    let usesWeights = try options.bool("use_weights") ?? true
    return { (graph, running) throws(GraphError) in
      Answer(
        usesWeights && graph.isWeighted
          ? try graph.lightestPath(from: source, to: target, running)
          : try graph.shortestPath(from: source, to: target, running))
    }
  }

  private static let minimumSpanningForest = GraphKernel { (_) throws(OptionError) in
    { (graph, running) throws(GraphError) in
      let forest = try graph.minimumSpanningForest(running)
      return Answer(
        columns: [
          ("source", forest.sources.array), ("target", forest.targets.array),
          ("weight", forest.weights.array),
        ],
        summary: { json in json.member("total_weight", forest.totalWeight) })
    }
  }
}

extension GraphKernel.Answer {
  /// A path, or that there is none.
  package init(_ path: FoundPath?) {
    guard let path else {
      self.init(summary: { json in json.member("found", false) })
      return
    }
    self.init(
      columns: [("node", path.nodes.array)],
      summary: { json in
        json.member("found", true)
        json.member("length", path.length)
      })
  }
}
