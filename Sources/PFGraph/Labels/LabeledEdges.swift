public import PFArrow
internal import PFCore

/// Edges between nodes that have names: integers of any width, dates, text, bytes.
///
/// The columns are borrowed until a graph is made of them.
public struct LabeledEdges: Sendable {
  private let batches: [(sources: ArrowArray, targets: ArrowArray)]
  private let weights: EdgeWeights?
  /// The type of the labels of the graph.
  private let type: DataType

  /// The number of edges.
  public let count: Int

  /// Edges from Arrow columns of one length without nulls.
  ///
  /// - Parameters:
  ///   - sources: Labels: integers, dates, times, decimals, text or bytes, also in dictionaries.
  ///   - targets: Labels of the same kind: integers may have another width, text another layout.
  ///   - weights: Numbers; nil for a graph without weights.
  /// - Throws: `.lengthMismatch`, `.wrongType`, `.nullValue` (of a weight).
  public init(sources: ArrowArray, targets: ArrowArray, weights: ArrowArray? = nil)
    throws(GraphError)
  {
    try self.init(batches: [(sources, targets)], weights: weights)
  }

  /// Edges from columns of a table.
  ///
  /// - Throws: as for columns; `.invalidArgument` for the name of a column that is not there.
  public init(
    of table: Table, source: String = "source", target: String = "target", weight: String? = nil
  ) throws(GraphError) {
    func index(_ name: String) throws(GraphError) -> Int {
      guard let index = table.schema.fields.firstIndex(where: { $0.name == name }) else {
        throw .invalidArgument(name: name, why: "no column is called so")
      }
      return index
    }
    try self.init(
      batches: Array(
        zip(try table.parts(at: index(source)), try table.parts(at: index(target)))),
      weights: try weight.map { (name) throws(GraphError) in try table.numbers(at: index(name)) })
  }

  /// The same, cut into batches. Precondition: there is one, and all have the types of the first.
  package init(batches: [(sources: ArrowArray, targets: ArrowArray)], weights: ArrowArray?)
    throws(GraphError)
  {
    var count = 0
    for (sources, targets) in batches {
      guard sources.length == targets.length else {
        throw .lengthMismatch(
          first: "source", count: sources.length, second: "target", otherCount: targets.length)
      }
      count += sources.length
    }
    if let weights, weights.length != count {
      throw .lengthMismatch(
        first: "source", count: count, second: "weight", otherCount: weights.length)
    }
    let (source, target) = (batches[0].sources.type, batches[0].targets.type)
    guard source.labelType.labelKind != nil else {
      throw .wrongType(
        column: "source", type: "\(source)", expected: "integers, dates or strings")
    }
    guard let type = source.labelType(with: target) else {
      throw .wrongType(
        column: "target", type: "\(target)", expected: "labels of the kind of source, \(source),")
    }
    self.batches = batches
    self.count = count
    self.type = type
    self.weights = try weights.map { (array) throws(GraphError) in try EdgeWeights(array) }
  }

  /// Dense ids in place of labels.
  fileprivate func numbered(_ kernel: Kernel) throws(GraphError) -> (EdgeList, NodeLabels) {
    var columns: [LabelBatch] = []
    var start = 0
    for (sources, targets) in batches {
      columns.append(
        LabelBatch(
          firstEdge: start, count: sources.length,
          sources: try LabelColumn(sources, column: "source", from: start, kernel),
          targets: try LabelColumn(targets, column: "target", from: start, kernel)))
      start += sources.length
    }
    return try withExtendedLifetime(self) { () throws(GraphError) in
      let ids = try LabelDictionary.ids(of: columns, kernel)
      let firsts = ids.firstPositions
      let places = try kernel.slots(of: LabelBatch.self, count: columns.count)
      for index in columns.indices { places[index] = columns[index] }
      let labels = try kernel.labels(type, count: firsts.count) { places.label(at: firsts[$0]) }
      let edges = EdgeList(
        sources: .int32(kernel.take(ids.sources)), targets: .int32(kernel.take(ids.targets)),
        weights: weights)
      return (edges, NodeLabels(labels))
    }
  }
}

extension Graph {
  /// Makes a graph from edges between labels.
  ///
  /// Nodes are numbered by where their label comes first when edges are read in order, the source
  /// of each before its target. Edges that are not kept count as well.
  ///
  /// - Parameters:
  ///   - edges: The edges; borrowed for the call.
  ///   - options: What becomes of them; the labels tell the number of nodes.
  ///   - running: Threads, cancellation.
  /// - Complexity: O(nodes + edges), all of it parallel; beside what a graph of ids takes, 8 bytes
  ///   for each edge and 18 to 36 for each node.
  /// - Throws: `.nullValue` with the first label that is null, `.invalidArgument` for a number of
  ///   nodes, `.tooManyNodes`, `.outOfMemory`, `.cancelled`.
  public convenience init(
    _ edges: LabeledEdges, _ options: GraphOptions = GraphOptions(),
    running: KernelOptions = KernelOptions()
  ) throws(GraphError) {
    guard options.nodeCount == nil else {
      throw .invalidArgument(name: "node_count", why: "labels tell how many nodes there are")
    }
    let (list, labels) = try Kernel.run(running) { (kernel) throws(GraphError) in
      try edges.numbered(kernel)
    }
    var options = options
    options.nodeCount = labels.count
    let plain = try Graph(list, options, running: running)
    self.init(plain, labels: labels)
  }

  /// The graph with names for its nodes; the edges share memory.
  ///
  /// - Parameters:
  ///   - column: A label for each node, no two the same and none null.
  ///   - running: Threads, cancellation.
  /// - Returns: A graph of the same edges.
  /// - Complexity: O(nodes).
  /// - Throws: `.lengthMismatch`, `.wrongType`, `.nullValue`, `.duplicateLabel`, `.outOfMemory`,
  ///   `.cancelled`.
  public func labeled(
    _ column: ArrowArray, running: KernelOptions = KernelOptions()
  ) throws(GraphError) -> Graph {
    guard column.length == nodeCount else {
      throw .lengthMismatch(
        first: "label", count: column.length, second: "node", otherCount: nodeCount)
    }
    let labels = try Kernel.run(running) { (kernel) throws(GraphError) in
      try withExtendedLifetime(column) { () throws(GraphError) in
        let labels = try LabelColumn(column, column: "label", kernel)
        kernel.free(try kernel.table(of: labels, count: column.length).places)
        return try kernel.labels(
          column.type.labelType.labelIsText.map { $0 ? .utf8 : .binary } ?? column.type.labelType,
          count: column.length
        ) { (labels, $0) }
      }
    }
    return Graph(self, labels: NodeLabels(labels))
  }
}
