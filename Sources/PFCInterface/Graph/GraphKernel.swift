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
  typealias Prepare =
    @Sendable (inout JSONOptions) throws(OptionError) -> (Graph, KernelOptions) throws(GraphError)
    -> Answer
  private let prepare: Prepare

  init(_ prepare: @escaping Prepare) { self.prepare = prepare }

  func run(
    _ graph: Graph, json: String?, _ running: KernelOptions
  ) throws(CallError) -> Answer {
    var running = running
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
    traversal, paths, ranking, structure, centrality, communities,
  ].reduce(into: [:]) { (all, kernels) in all.merge(kernels) { first, _ in first } }
}
