internal import PFArrow
internal import PFCore
internal import PFGraph

/// `pf_graph_labels` of the header.
@c(pf_graph_labels)
public func graphLabels(
  _ graph: UInt64, _ nodes: UInt64, _ cancel: UInt64, _ labels: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let out = try unsafe required(labels, "labels")
    guard let labels = try Handles.graph(graph).labels else {
      unsafe out.pointee = 0
      return
    }
    var column = labels.column
    if nodes != 0 {
      let running = KernelOptions(cancellation: try Handles.cancellation(cancel))
      let ids = try Handles.table(nodes).onlyColumn(running)
      column = try graphing { () throws(GraphError) in
        try labels.labels(of: NodeColumn(nodes: ids), running)
      }
    }
    unsafe out.pointee = Handles.add(.table(Table(columns: [("label", column)])))
  }
}

/// `pf_graph_nodes` of the header.
@c(pf_graph_nodes)
public func graphNodes(
  _ graph: UInt64, _ labels: UInt64, _ cancel: UInt64, _ nodes: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let out = try unsafe required(nodes, "nodes")
    guard let known = try Handles.graph(graph).labels else {
      throw .argument("the graph has no labels")
    }
    let running = KernelOptions(cancellation: try Handles.cancellation(cancel))
    let wanted = try Handles.table(labels).onlyColumn(running)
    let ids = try graphing { () throws(GraphError) in try known.nodes(labeled: wanted, running) }
    unsafe out.pointee = Handles.add(.table(Table(columns: [("node", ids.array)])))
  }
}

/// `pf_graph_labeled` of the header.
@c(pf_graph_labeled)
public func graphLabeled(
  _ graph: UInt64, _ labels: UInt64, _ cancel: UInt64, _ labeled: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let out = try unsafe required(labeled, "labeled")
    let plain = try Handles.graph(graph)
    let running = KernelOptions(cancellation: try Handles.cancellation(cancel))
    let column = try Handles.table(labels).onlyColumn(running)
    let made = try graphing { () throws(GraphError) in try plain.labeled(column, running: running) }
    unsafe out.pointee = Handles.add(.graph(made))
  }
}

extension Table {
  /// The first column as one array.
  fileprivate func onlyColumn(_ running: KernelOptions) throws(CallError) -> ArrowArray {
    guard let type = schema.fields.first?.type else { throw .argument("the table has no column") }
    return try graphing { () throws(GraphError) in
      try ArrowArray.joinedLabels(parts(at: 0), type, running)
    }
  }
}
