internal import PFArrow
internal import PFCore
internal import PFGraph

extension TableOperation {
  /// `graph`: a kernel on the graph whose edges a table has.
  static let makeGraph: Making = { (name, options) throws(OperationError) in
    let (kernelName, making) = try opting { () throws(OptionError) in
      (
        try options.choice("kernel", of: GraphKernel.all.keys.sorted()),
        try GraphMaking(
          &options, columns: ("source_column", "target_column", "weight_column"))
      )
    }
    guard let kernelName, let kernel = GraphKernel.all[kernelName] else {
      throw .missing(operation: name, parameter: "kernel")
    }
    // Labels are looked up when there is a graph; until then numbers stand for them.
    let nodes = NodeParameters(options)
    var count = 0
    options.replacements = try nodes.replacements { (_, _) throws(OperationError) in
      count += 1
      return count
    }
    try opting { () throws(OptionError) in _ = try kernel.prepare(&options) }
    options.replacements = JSONObject()
    let given = options
    return Parts { (inputs, context) throws(OperationError) in
      var making = making
      making.threads = context.threads(making.threads)
      var running = KernelOptions(threads: making.threads, cancellation: context.cancellation)
      if let progress = context.progress {
        running.progress = {
          progress(OperationProgress(fraction: nil, iteration: $0.iteration))
        }
      }
      let graph = try making.graph(of: inputs[0], context.cancellation)
      var options = given
      if let labels = graph.labels {
        options.replacements = try nodes.replacements { (parameter, value) throws(OperationError) in
          try labels.id(of: value, parameter)
        }
      }
      let answer = try opting { () throws(OptionError) in try kernel.prepare(&options) }
      let chosen = kernelName == "closeness_centrality" ? options.value("nodes")?.array : nil
      return try graphing { () throws(GraphError) in
        try answer(graph, running).table(
          of: kernelName, graph, rows: chosen?.compactMap(\.number?.int64), running)
      }
    }
  }
}

/// Parameters that name nodes: by ids, or by the labels that the table has.
private struct NodeParameters: Sendable {
  private let given: JSONObject

  init(_ options: JSONOptions) {
    var given = JSONObject()
    // A copy: which of them a kernel knows is its own business.
    var options = options
    for name in ["source", "target", "sources", "targets", "nodes", "personalization", "betas"] {
      if let value = options.value(name) { _ = given.append(name, value) }
    }
    self.given = given
  }

  /// The parameters with what `id` gives for each node.
  func replacements(
    _ id: (_ parameter: String, _ node: JSONValue) throws(OperationError) -> Int
  ) throws(OperationError) -> JSONObject {
    func number(_ name: String, _ node: JSONValue) throws(OperationError) -> JSONValue {
      // What is neither stays, and is refused by whoever reads it.
      guard node.string != nil || node.number != nil else { return node }
      return .number(JSONNumber(try id(name, node)))
    }
    var replaced = JSONObject()
    for member in given.members {
      switch member.value {
      case .array(let nodes):
        // The weights of all nodes have no names in them.
        guard !["personalization", "betas"].contains(member.name) else { continue }
        var ids: [JSONValue] = []
        for node in nodes { ids.append(try number(member.name, node)) }
        _ = replaced.append(member.name, .array(ids))
      case .object(let weights):
        var byID = JSONObject()
        for weight in weights.members {
          let id = try id(member.name, .string(weight.name))
          _ = byID.append("\(id)", weight.value)
        }
        _ = replaced.append(member.name, .object(byID))
      default: _ = replaced.append(member.name, try number(member.name, member.value))
      }
    }
    return replaced
  }
}

extension NodeLabels {
  /// The node that is called so.
  fileprivate func id(of label: JSONValue, _ parameter: String) throws(OperationError) -> Int {
    let text = label.string ?? label.number?.literal ?? ""
    let node = try graphing { () throws(GraphError) -> Int? in
      if column.type.isLabelText { return try self.node(labeled: text) }
      guard let number = JSONNumber(literal: text)?.int64 else { return nil }
      return try self.node(labeled: number)
    }
    guard let node else { throw .unknownLabel(parameter: parameter, label: text) }
    return node
  }
}

extension GraphKernel.Answer {
  /// Kernels whose rows are not one for each node.
  private static let ownRows = [
    "dfs", "topological_sort", "shortest_path", "minimum_spanning_forest", "degree_statistics",
    "triangle_count",
  ]

  /// The answer as a table whose rows say which nodes they are about; what it says of the whole is
  /// JSON in the schema's metadata.
  fileprivate func table(
    of kernel: String, _ graph: Graph, rows: [Int64]?, _ running: KernelOptions
  ) throws(GraphError) -> Table {
    var writer = JSONWriter()
    writer.object { json in summary(&json) }
    var named = columns
    switch kernel {
    case "triangle_count":
      let count = (try? JSONValue(parsing: writer.text))?.object?["count"]?.number?.int64 ?? 0
      named = [("count", try .numbers([count], .int64))]
    case "shortest_path" where columns.isEmpty: named = [("node", try .nodes(0))]
    // Without two sides there is no row.
    case "bipartition" where columns.isEmpty:
      named = [("node", try .nodes(0)), ("side", try .nodes(0))]
    case "degree_statistics":
      named.insert(("degree", try .nodes(columns.first?.array.length ?? 0)), at: 0)
    case _ where Self.ownRows.contains(kernel): break
    default:
      let nodes: ArrowArray
      if let rows {
        nodes = try .numbers(rows.map { Int32(truncatingIfNeeded: $0) }, .int32)
      } else {
        nodes = try .nodes(graph.nodeCount)
      }
      named.insert(("node", nodes), at: 0)
    }
    if let labels = graph.labels {
      let nodes = ["node", "source", "target", "predecessor", "preorder", "postorder"]
      for index in named.indices where nodes.contains(named[index].name) {
        let ids = try NodeColumn(nodes: named[index].array)
        named[index].array = try labels.labels(of: ids, running)
      }
    }
    var table = Table(columns: named)
    if writer.text != "{}" {
      let schema = Schema(table.schema.fields, metadata: [KeyValue("summary", writer.text)])
      table = Table(
        schema: schema,
        batches: table.batches.map {
          RecordBatch(schema: schema, columns: $0.columns, rowCount: $0.rowCount)
        })
    }
    return table
  }
}

extension ArrowArray {
  /// The ids of the first `count` nodes.
  fileprivate static func nodes(_ count: Int) throws(GraphError) -> ArrowArray {
    do throws(AllocationError) {
      var ids = try MutableBuffer(byteCount: count * MemoryLayout<Int32>.size)
      for id in 0..<count { ids.append(Int32(truncatingIfNeeded: id)) }
      return ArrowArray(
        type: .int32, length: count, nullCount: 0, buffers: [nil, ids.freeze()])
    } catch { throw .outOfMemory(byteCount: error.byteCount) }
  }

  /// A few numbers of a type without nulls.
  fileprivate static func numbers<Element: BitwiseCopyable>(
    _ values: [Element], _ type: DataType
  ) throws(GraphError) -> ArrowArray {
    do throws(AllocationError) {
      return ArrowArray(
        type: type, length: values.count, nullCount: 0,
        buffers: [nil, try Buffer(copying: values)])
    } catch { throw .outOfMemory(byteCount: error.byteCount) }
  }
}
