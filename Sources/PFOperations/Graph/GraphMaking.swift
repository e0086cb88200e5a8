package import PFArrow
package import PFCore
package import PFGraph

/// How edges become a graph, as options say.
package struct GraphMaking: Sendable {
  package var graph = GraphOptions()
  package var threads: Int?
  /// Names of columns.
  package var source = "source"
  package var target = "target"
  package var weight: String?
  /// Nil for where there is text.
  package var labels: Bool?

  /// Reads the options; `columns` has the names of those that name columns: for the source, the
  /// target and the weight.
  package init(
    _ options: inout JSONOptions, columns: (source: String, target: String, weight: String)?
  ) throws(OptionError) {
    graph.isDirected = try options.bool("directed") ?? true
    graph.nodeCount = try options.integer("node_count", in: 0 ... .max)
    let rules = GraphOptions.Duplicates.allCases.map(\.rawValue)
    graph.duplicates =
      try options.choice("duplicates", of: rules)
      .flatMap { GraphOptions.Duplicates(rawValue: $0) } ?? .keep
    graph.keepsSelfLoops = try options.bool("self_loops") ?? true
    threads = try options.integer("threads", in: 1 ... .max)
    labels = try options.bool("labels")
    if let columns {
      source = try options.string(columns.source) ?? source
      target = try options.string(columns.target) ?? target
      weight = try options.string(columns.weight)
    }
  }

  /// A graph of edges in columns.
  package func graph(
    _ source: ArrowArray, _ target: ArrowArray, _ weight: ArrowArray?,
    _ cancellation: CancellationToken?
  ) throws(GraphError) -> Graph {
    if usesLabels(source, target) {
      return try labeled([source], [target], weight, cancellation)
    }
    return try Graph(
      EdgeList(sources: source, targets: target, weights: weight), graph,
      running: KernelOptions(threads: threads, cancellation: cancellation))
  }

  /// A graph of the edges in the columns of a table.
  package func graph(
    of table: Table, _ cancellation: CancellationToken?
  ) throws(OperationError) -> Graph {
    let (source, target) = (try table.index(of: source), try table.index(of: target))
    let weight = try weight.map { (name) throws(OperationError) in try table.index(of: name) }
    do throws(GraphError) {
      let weights = try weight.map { (index) throws(GraphError) in try table.numbers(at: index) }
      let (sources, targets) = (try table.parts(at: source), try table.parts(at: target))
      if usesLabels(sources[0], targets[0]) {
        return try labeled(sources, targets, weights, cancellation)
      }
      return try graph(
        table.numbers(at: source), table.numbers(at: target), weights, cancellation)
    } catch { throw .graph(error) }
  }

  /// Whether nodes are named by labels: as was said, or by text.
  private func usesLabels(_ source: ArrowArray, _ target: ArrowArray) -> Bool {
    labels ?? (source.type.isLabelText || target.type.isLabelText)
  }

  private func labeled(
    _ sources: [ArrowArray], _ targets: [ArrowArray], _ weight: ArrowArray?,
    _ cancellation: CancellationToken?
  ) throws(GraphError) -> Graph {
    try Graph(
      LabeledEdges(batches: zip(sources, targets).map { ($0, $1) }, weights: weight), graph,
      running: KernelOptions(threads: threads, cancellation: cancellation))
  }
}
