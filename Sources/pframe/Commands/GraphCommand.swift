import ParquetFrame

/// `pframe graph`: what kernels say of the edges in a file.
struct GraphCommand: FileCommand {
  private static let source = Option(
    name: "--source", value: "NAME", help: "The column of the nodes that edges leave (source).")
  private static let target = Option(
    name: "--target", value: "NAME", help: "The column of the nodes that edges end in (target).")
  private static let weight = Option(
    name: "--weight", value: "NAME", help: "The column of weights (none).")
  private static let undirected = Option(
    name: "--undirected", help: "Edges have no direction.")
  private static let from = Option(
    name: "--from", value: "NODES",
    help: "Where bfs and paths begin, by name; \\, for a comma.")
  private static let rows = Option(
    name: "--rows", short: "-n", value: "ROWS", help: "How many rows to show (10; in JSON all).")

  static let specification = CommandSpecification(
    name: "graph", summary: "Ask a graph, given by its edges.",
    details: """
      Reads edges from a Parquet, CSV or Avro file, and shows what KERNEL says of the
      graph as a table, a row for each node. Nodes are named as the columns name them:
      by integers, dates or strings.

      pagerank    rank; the highest come first
      bfs         distance and predecessor in a search from the nodes of --from
      paths       distance by weights and predecessor on shortest paths from --from
      components  component (directions do not matter), by its first node
      stats       nodes, edges, degrees and components of the whole

      With --json: a list of objects, one for each node; of stats an object.
      """,
    options: [source, target, weight, undirected, from, rows] + TextInput.options,
    topics: Kernel.allCases.map(\.rawValue))

  private enum Kernel: String, CaseIterable { case pagerank, bfs, paths, components, stats }

  private let arguments: Arguments
  private let kernel: Kernel
  private let rowLimit: Int
  private let start: [String]
  private let isSingle: Bool
  private var isFirst = true

  init(_ arguments: Arguments) throws(UsageError) {
    self.arguments = arguments
    guard let kernel = arguments.topic.flatMap({ Kernel(rawValue: $0) }) else {
      throw arguments.error("a kernel is missing")
    }
    self.kernel = kernel
    start = arguments.list(of: Self.from) ?? []
    guard start.isEmpty == (kernel != .bfs && kernel != .paths) else {
      throw arguments.error("\(kernel.rawValue) \(start.isEmpty ? "needs" : "takes no") --from")
    }
    if let text = arguments.value(of: Self.rows) {
      rowLimit = try arguments.count(text, of: Self.rows)
    } else {
      rowLimit = arguments.has(.json) ? .max : 10
    }
    isSingle = arguments.files.count == 1
  }

  // MARK: Reading

  private var sourceName: String { arguments.value(of: Self.source) ?? "source" }
  private var targetName: String { arguments.value(of: Self.target) ?? "target" }
  private var weightName: String? { arguments.value(of: Self.weight) }

  /// The columns to read, each once.
  private var columns: [String] {
    var names: [String] = []
    for name in [sourceName, targetName, weightName].compactMap({ $0 })
    where !names.contains(name) {
      names.append(name)
    }
    return names
  }

  mutating func show(_ file: ParquetFile, to output: Output) throws(ReadError) {
    var options = ParquetReadOptions()
    options.columns = columns
    let table = try ProgressLine.run("reading \(file.source.name)") { progress throws(ReadError) in
      try file.read(options, progress: progress)
    }
    try show(table, named: file.source.name, to: output)
  }

  mutating func show(_ dataset: ParquetDataset, to output: Output) throws(ReadError) {
    var options = ParquetReadOptions()
    options.columns = columns
    let table = try ProgressLine.run("reading \(dataset.name)") { _ throws(ReadError) in
      try dataset.read(options)
    }
    try show(table, named: dataset.name, to: output)
  }

  mutating func show(_ text: TextInput, to output: Output) throws(ReadError) {
    var options = try text.readOptions(arguments)
    options.columns = columns
    let table = try ProgressLine.run("reading \(text.name)") { progress throws(ReadError) in
      try text.read(options, progress: progress)
    }
    try show(table, named: text.name, to: output)
  }

  mutating func show(_ avro: AvroInput, to output: Output) throws(ReadError) {
    var options = AvroReadOptions()
    options.columns = columns
    let table = try ProgressLine.run("reading \(avro.name)") { progress throws(ReadError) in
      try avro.dataset.read(options, progress: progress)
    }
    try show(table, named: avro.name, to: output)
  }

  // MARK: Answers

  private mutating func show(_ table: Table, named name: String, to output: Output)
    throws(ReadError)
  {
    let command = self
    do throws(GraphError) {
      let made: Graph = try ProgressLine.run("asking \(name)") { _ throws(GraphError) in
        try command.graph(of: table)
      }
      if kernel == .stats { return try showStatistics(of: made, named: name, to: output) }
      let found: [(name: String, array: ArrowArray)] =
        try ProgressLine.run("asking \(name)") { _ throws(GraphError) in
          try command.answer(of: made)
        }
      show(found, of: made.nodeCount, named: name, to: output)
    } catch {
      throw ReadError(.inconsistent(error.description), at: .init(file: name))
    }
  }

  private func graph(of table: Table) throws(GraphError) -> Graph {
    let edges = try LabeledEdges(
      of: table, source: sourceName, target: targetName, weight: weightName)
    return try Graph(edges, GraphOptions(isDirected: !arguments.has(Self.undirected)))
  }

  /// The rows to show.
  private func answer(of graph: Graph) throws(GraphError) -> [(name: String, array: ArrowArray)] {
    guard let labels = graph.labels else { return [] }
    switch kernel {
    case .pagerank:
      let ranks = try graph.pageRank().ranks
      let span = ranks.span
      let order = (0..<ranks.count).sorted { span[$0] != span[$1] ? span[$0] > span[$1] : $0 < $1 }
      let shown = order.prefix(rowLimit)
      return [
        ("node", try labels.labels(of: NodeColumn(nodes: Self.column(shown.map { Int32($0) })))),
        ("rank", try Self.column(shown.map { span[$0] })),
      ]
    case .bfs:
      let tree = try graph.breadthFirst(from: try nodes(of: labels))
      return [
        ("node", labels.column), ("distance", try Self.column(tree.distances, where: { $0 >= 0 })),
        ("predecessor", try labels.labels(of: tree.predecessors)),
      ]
    case .paths:
      let paths = try graph.shortestPaths(from: try nodes(of: labels))
      return [
        ("node", labels.column), ("distance", try Self.lengths(paths.distances)),
        ("predecessor", try labels.labels(of: paths.predecessors)),
      ]
    case .components, .stats:
      let components = try graph.connectedComponents()
      return [("node", labels.column), ("component", try labels.labels(of: components.labels))]
    }
  }

  /// The nodes of `--from`.
  private func nodes(of labels: NodeLabels) throws(GraphError) -> [Int] {
    var nodes: [Int] = []
    for name in start {
      let node: Int?
      if case .utf8 = labels.column.type {
        node = try labels.node(labeled: name)
      } else if case .largeUTF8 = labels.column.type {
        node = try labels.node(labeled: name)
      } else if let number = Int64(name) {
        node = try labels.node(labeled: number)
      } else {
        node = nil
      }
      guard let node else {
        throw .invalidArgument(name: "--from", why: "no node is called \"\(name)\"")
      }
      nodes.append(node)
    }
    return nodes
  }

  private static func column<T: ArrowPrimitive>(_ values: [T]) throws(GraphError) -> ArrowArray {
    do throws(BuildError) { return try ArrowArray(values: values) } catch {
      throw .outOfMemory(byteCount: values.count * MemoryLayout<T>.stride)
    }
  }

  /// A column with nulls for what `isValue` does not take.
  private static func column(
    _ values: NodeColumn<Int32>, where isValue: (Int32) -> Bool
  ) throws(GraphError) -> ArrowArray {
    do throws(BuildError) {
      return try ArrowArray(int32: [Int32](values).map { isValue($0) ? $0 : nil })
    } catch { throw .outOfMemory(byteCount: values.count * 4) }
  }

  /// Distances, with nulls for what is not reached.
  private static func lengths(_ distances: NodeColumn<Double>) throws(GraphError) -> ArrowArray {
    do throws(BuildError) {
      return try ArrowArray(float64: [Double](distances).map { $0 < .infinity ? $0 : nil })
    } catch { throw .outOfMemory(byteCount: distances.count * 8) }
  }

  private mutating func show(
    _ columns: [(name: String, array: ArrowArray)], of nodeCount: Int, named name: String,
    to output: Output
  ) {
    var table = Table(columns: columns)
    if table.rowCount > rowLimit { table = table.slice(offset: 0, length: rowLimit) }
    let laying = "laying out \(name)"
    if arguments.has(.json) {
      return output.write(ProgressLine.run(laying) { _ in table.jsonRows() } + "\n")
    }
    writeHeading(name, to: output)
    let format = TableFormat(
      rowLimit: table.rowCount, width: output.width, usesColor: output.usesColor)
    let text = ProgressLine.run(laying) { _ in table.formatted(format) }
    guard table.rowCount < nodeCount else { return output.write(text) }
    output.write(text.dropLast() + output.styled(", of \(nodeCount.grouped) nodes", .dim) + "\n")
  }

  private mutating func writeHeading(_ name: String, to output: Output) {
    if !isSingle { output.writeHeading(name, isFirst: isFirst) }
    isFirst = false
  }

  private mutating func showStatistics(of graph: Graph, named name: String, to output: Output)
    throws(GraphError)
  {
    let components = try graph.connectedComponents()
    let largest = components.sizes().reduce(0) { max($0, $1.nodeCount) }
    func most(_ degrees: NodeColumn<Int64>) -> Int { Int([Int64](degrees).max() ?? 0) }
    let mostOut = most(try graph.outDegrees())
    let mostIn = most(try graph.inDegrees())
    let counts = [
      ("nodes", graph.nodeCount), ("edges", graph.edgeCount), ("largest out-degree", mostOut),
      ("largest in-degree", mostIn), ("components", components.count),
      ("nodes of the largest component", largest),
    ]
    if arguments.has(.json) {
      return output.writeJSON {
        $0.member("file", name)
        $0.member("nodes", graph.nodeCount)
        $0.member("edges", graph.edgeCount)
        $0.member("directed", graph.isDirected)
        $0.member("weighted", graph.isWeighted)
        $0.member("largest_out_degree", mostOut)
        $0.member("largest_in_degree", mostIn)
        $0.member("components", components.count)
        $0.member("largest_component", largest)
      }
    }
    writeHeading(name, to: output)
    let width = counts.reduce(0) { max($0, $1.1.grouped.count) }
    for (what, count) in counts {
      let number = count.grouped
      output.write(
        "\(String(repeating: " ", count: width - number.count))\(number)  \(what)\n")
    }
  }
}
