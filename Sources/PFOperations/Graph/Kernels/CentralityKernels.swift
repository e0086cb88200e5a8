internal import PFArrow
internal import PFCore
internal import PFGraph

extension GraphKernel {
  /// Kernels that say how central nodes are.
  static let centrality: [String: GraphKernel] = [
    "degree_centrality": degreeCentrality,
    "degree_statistics": degreeStatistics,
    "hits": hits,
    "eigenvector_centrality": eigenvectorCentrality,
    "katz_centrality": katzCentrality,
    "closeness_centrality": closenessCentrality,
    "betweenness_centrality": betweennessCentrality,
  ]

  private static let degreeCentrality = GraphKernel { (options) throws(OptionError) in
    let kind = try options.degreeKind()
    return { (graph, running) throws(GraphError) in
      Answer(columns: [("centrality", try graph.degreeCentrality(kind, running).array)])
    }
  }

  private static let degreeStatistics = GraphKernel { (options) throws(OptionError) in
    let kind = try options.degreeKind()
    return { (graph, running) throws(GraphError) in
      let answer = try graph.degreeStatistics(kind, running)
      return Answer(
        columns: [("count", answer.histogram.array)],
        summary: { json in
          json.member("min", answer.smallest)
          json.member("max", answer.largest)
          json.member("mean", answer.mean)
          json.member("isolated", answer.isolatedCount)
          json.member("self_loops", answer.selfLoopCount)
        })
    }
  }

  private static let hits = GraphKernel { (options) throws(OptionError) in
    let scoring = try options.scoring(ScoreOptions(tolerance: 1e-8, usesWeights: true))
    let normalized = try options.bool("normalized") ?? true
    return { (graph, running) throws(GraphError) in
      let answer = try graph.hits(scoring, normalized: normalized, running)
      return Answer(
        columns: [("hub", answer.hubs.array), ("authority", answer.authorities.array)],
        summary: { json in
          json.member("iterations", answer.iterations)
          json.member("residual", answer.residual)
        })
    }
  }

  private static let eigenvectorCentrality = GraphKernel { (options) throws(OptionError) in
    let scoring = try options.scoring(ScoreOptions())
    return { (graph, running) throws(GraphError) in
      Answer(try graph.eigenvectorCentrality(scoring, running))
    }
  }

  private static let katzCentrality = GraphKernel { (options) throws(OptionError) in
    let scoring = try options.scoring(ScoreOptions(maxIterations: 1000))
    let alpha = try options.double("alpha") ?? 0.1
    let beta = try options.double("beta") ?? 1
    let betas = try NodeWeights(&options, "betas")
    let normalized = try options.bool("normalized") ?? true
    return { (graph, running) throws(GraphError) in
      let betas = try betas?.values(nodeCount: graph.nodeCount, rest: beta)
      return Answer(
        try graph.katzCentrality(
          alpha: alpha, beta: beta, betas: betas, normalized: normalized, scoring, running))
    }
  }

  private static let closenessCentrality = GraphKernel { (options) throws(OptionError) in
    let nodes = try options.integers("nodes", in: .min ... .max)
    let scaled = try options.bool("wf_improved") ?? true
    return { (graph, running) throws(GraphError) in
      let scores = try graph.closenessCentrality(of: nodes, scaled: scaled, running)
      return Answer(columns: [("centrality", scores.array)])
    }
  }

  private static let betweennessCentrality = GraphKernel { (options) throws(OptionError) in
    let betweenness = BetweennessOptions(
      sampleCount: try options.integer("k", in: 0 ... .max),
      seed: UInt64(try options.integer("seed", in: 0 ... .max) ?? 0),
      sources: try options.integers("sources", in: .min ... .max),
      normalized: try options.bool("normalized") ?? true,
      countsEndpoints: try options.bool("endpoints") ?? false)
    return { (graph, running) throws(GraphError) in
      let scores = try graph.betweennessCentrality(betweenness, running)
      return Answer(columns: [("centrality", scores.array)])
    }
  }
}

extension JSONOptions {
  /// Which degree is meant.
  fileprivate mutating func degreeKind() throws(OptionError) -> DegreeKind {
    try choice("direction", of: DegreeKind.allCases.map(\.rawValue))
      .flatMap { DegreeKind(rawValue: $0) } ?? .both
  }

  /// The options of a power iteration, where they differ from the usual.
  fileprivate mutating func scoring(_ usual: ScoreOptions) throws(OptionError) -> ScoreOptions {
    ScoreOptions(
      tolerance: try double("tol") ?? usual.tolerance,
      maxIterations: try integer("max_iter", in: 1 ... .max) ?? usual.maxIterations,
      usesWeights: try bool("use_weights") ?? usual.usesWeights)
  }
}

extension GraphKernel.Answer {
  fileprivate init(_ scores: NodeScores) {
    self.init(
      columns: [("centrality", scores.scores.array)],
      summary: { json in
        json.member("iterations", scores.iterations)
        json.member("residual", scores.residual)
      })
  }
}
