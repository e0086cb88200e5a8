internal import PFArrow
internal import PFCore
internal import PFGraph
internal import PFOperations

/// `pf_graph_counts` of the header.
@c(pf_graph_counts)
public func graphCounts(
  _ graph: UInt64, _ nodeCount: UnsafeMutablePointer<Int64>?,
  _ edgeCount: UnsafeMutablePointer<Int64>?, _ isDirected: UnsafeMutablePointer<Int32>?,
  _ isWeighted: UnsafeMutablePointer<Int32>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let graph = try Handles.graph(graph)
    unsafe nodeCount?.pointee = Int64(graph.nodeCount)
    unsafe edgeCount?.pointee = Int64(graph.edgeCount)
    unsafe isDirected?.pointee = graph.isDirected ? 1 : 0
    unsafe isWeighted?.pointee = graph.isWeighted ? 1 : 0
  }
}

/// `pf_graph_adjacency` of the header.
@c(pf_graph_adjacency)
public func graphAdjacency(
  _ graph: UInt64, _ byTarget: Int32, _ cancel: UInt64, _ offsets: UnsafeMutablePointer<UInt64>?,
  _ neighbors: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let offsetsOut = try unsafe required(offsets, "offsets")
    let neighborsOut = try unsafe required(neighbors, "neighbors")
    let graph = try Handles.graph(graph)
    let token = try Handles.cancellation(cancel)
    let lists = try graphing { () throws(GraphError) in
      byTarget == 0
        ? graph.csr.adjacency : try graph.csc(KernelOptions(cancellation: token)).adjacency
    }
    var columns = [("indices", lists.neighborColumn)]
    if let weights = lists.weightColumn { columns.append(("weights", weights)) }
    unsafe offsetsOut.pointee = Handles.add(.table(Table([("indptr", lists.offsetColumn)])))
    unsafe neighborsOut.pointee = Handles.add(.table(Table(columns)))
  }
}

/// A function that is told how far a kernel is; not 0 stops it.
public typealias ProgressFunction =
  @convention(c) @Sendable (UnsafeMutableRawPointer?, Int64, Double) -> Int32

/// `pf_graph_run` of the header.
@c(pf_graph_run)
public func graphRun(
  _ graph: UInt64, _ kernel: UnsafePointer<CChar>?, _ json: UnsafePointer<CChar>?,
  _ progress: ProgressFunction?, _ context: UnsafeMutableRawPointer?, _ cancel: UInt64,
  _ table: UnsafeMutablePointer<UInt64>?,
  _ summary: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let tableOut = try unsafe required(table, "table")
    let summaryOut = try unsafe required(summary, "summary")
    let graph = try Handles.graph(graph)
    let name = try required(try unsafe string(kernel), "kernel")
    guard let kernel = GraphKernel.all[name] else {
      let names = GraphKernel.all.keys.sorted()
      throw .option(.notAllowed(name: "kernel", value: name, allowed: names))
    }
    var running = KernelOptions(cancellation: try Handles.cancellation(cancel))
    if let progress = unsafe progress {
      let stop = CancellationToken(following: running.cancellation)
      let context = unsafe CallerContext(context)
      running.cancellation = stop
      running.progress = { now in
        let status = unsafe progress(context.pointer, Int64(now.iteration), now.residual ?? .nan)
        if status != 0 { stop.cancel() }
      }
    }
    let answer = try kernel.run(graph, json: try unsafe string(json), running)
    unsafe answer.give(tableOut, summaryOut)
  }
}

/// `pf_graph_astar` of the header.
@c(pf_graph_astar)
public func graphAStar(
  _ graph: UInt64, _ source: Int64, _ target: Int64, _ bounds: UnsafePointer<Double>?,
  _ bound: (@convention(c) (UnsafeMutableRawPointer?, Int64) -> Double)?,
  _ context: UnsafeMutableRawPointer?, _ cancel: UInt64, _ table: UnsafeMutablePointer<UInt64>?,
  _ summary: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let tableOut = try unsafe required(table, "table")
    let summaryOut = try unsafe required(summary, "summary")
    let graph = try Handles.graph(graph)
    let running = KernelOptions(threads: 1, cancellation: try Handles.cancellation(cancel))
    let path = try graphing { () throws(GraphError) in
      // SAFETY: the caller promises a bound for each node of the graph, and a function that may be
      // called with its context until the call returns. Nodes are the graph's.
      try graph.aStar(from: Int(source), to: Int(target), running) { node in
        if let bounds = unsafe bounds { return unsafe bounds[node] }
        if let bound = unsafe bound { return unsafe bound(context, Int64(node)) }
        return 0
      }
    }
    unsafe GraphKernel.Answer(path).give(tableOut, summaryOut)
  }
}

extension GraphKernel.Answer {
  /// Hands an answer to the caller.
  ///
  /// SAFETY: both places may be written.
  @unsafe fileprivate func give(
    _ table: UnsafeMutablePointer<UInt64>,
    _ text: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  ) {
    var writer = JSONWriter()
    writer.object { json in summary(&json) }
    unsafe table.pointee = Handles.add(.table(Table(columns)))
    unsafe text.pointee = CText.allocate(writer.text)
  }
}

extension Table {
  /// One batch of columns of one length without nulls.
  fileprivate init(_ columns: [(name: String, array: ArrowArray)]) {
    let schema = Schema(
      columns.map { Field($0.name, $0.array.type, isNullable: false) })
    self.init(
      schema: schema,
      batches: [
        RecordBatch(
          schema: schema, columns: columns.map(\.array), rowCount: columns.first?.array.length ?? 0)
      ])
  }
}
