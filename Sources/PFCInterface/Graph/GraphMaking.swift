internal import PFArrow
internal import PFCore
internal import PFGraph
internal import PFOperations

/// `pf_graph_from_edges` of the header.
@c(pf_graph_from_edges)
public func graphFromEdges(
  _ sources: UnsafeRawPointer?, _ sourceFormat: UnsafePointer<CChar>?,
  _ targets: UnsafeRawPointer?, _ targetFormat: UnsafePointer<CChar>?,
  _ weights: UnsafeRawPointer?, _ weightFormat: UnsafePointer<CChar>?, _ edgeCount: Int64,
  _ json: UnsafePointer<CChar>?, _ cancel: UInt64, _ graph: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let out = try unsafe required(graph, "graph")
    guard let count = Int(exactly: edgeCount), count >= 0 else {
      throw .argument("argument \"edge_count\" is negative")
    }
    let making = try making(try unsafe string(json), columns: false)
    // SAFETY: the caller promises `count` values of the formats until the call returns, and a graph
    // keeps nothing of them.
    let source = try unsafe column("sources", sources, sourceFormat, count: count)
    let target = try unsafe column("targets", targets, targetFormat, count: count)
    let weight =
      unsafe weights == nil
      ? nil : try unsafe column("weights", weights, weightFormat, count: count)
    let token = try Handles.cancellation(cancel)
    let made = try graphing { () throws(GraphError) in
      try making.graph(source, target, weight, token)
    }
    unsafe out.pointee = Handles.add(.graph(made))
  }
}

/// `pf_graph_from_table` of the header.
@c(pf_graph_from_table)
public func graphFromTable(
  _ table: UInt64, _ json: UnsafePointer<CChar>?, _ cancel: UInt64,
  _ graph: UnsafeMutablePointer<UInt64>?, _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let out = try unsafe required(graph, "graph")
    let table = try Handles.table(table)
    let making = try making(try unsafe string(json), columns: true)
    let token = try Handles.cancellation(cancel)
    let made = try operating { () throws(OperationError) in try making.graph(of: table, token) }
    unsafe out.pointee = Handles.add(.graph(made))
  }
}

/// `pf_graph_from_csr` of the header.
@c(pf_graph_from_csr)
public func graphFromCSR(
  _ offsets: UnsafeRawPointer?, _ offsetFormat: UnsafePointer<CChar>?, _ offsetCount: Int64,
  _ neighbors: UnsafeRawPointer?, _ neighborFormat: UnsafePointer<CChar>?,
  _ weights: UnsafeRawPointer?, _ weightFormat: UnsafePointer<CChar>?, _ edgeCount: Int64,
  _ json: UnsafePointer<CChar>?,
  _ release: ReleaseFunction?, _ context: UnsafeMutableRawPointer?, _ cancel: UInt64,
  _ graph: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  // Made first: it releases the context also when the call fails.
  let owner = unsafe CallerOwner(CallerContext(context), release)
  return unsafe call(error) { () throws(CallError) in
    let out = try unsafe required(graph, "graph")
    guard let count = Int(exactly: edgeCount), let starts = Int(exactly: offsetCount), count >= 0,
      starts >= 0
    else { throw .argument("argument \"edge_count\" or \"offset_count\" is negative") }
    let text = try unsafe string(json)
    var running = KernelOptions(cancellation: try Handles.cancellation(cancel))
    let isDirected = try options { () throws(OptionError) in
      var options = try JSONOptions(text)
      let isDirected = try options.bool("directed") ?? true
      running.threads = try options.integer("threads", in: 1 ... .max)
      try options.finish()
      return isDirected
    }
    // SAFETY: the caller promises the values of the formats until `owner` releases them.
    let indptr = try unsafe column("offsets", offsets, offsetFormat, count: starts, owner)
    let indices = try unsafe column("neighbors", neighbors, neighborFormat, count: count, owner)
    let values =
      unsafe weights == nil
      ? nil : try unsafe column("weights", weights, weightFormat, count: count, owner)
    let made = try graphing { () throws(GraphError) in
      try Graph(
        offsets: indptr, neighbors: indices, weights: values, isDirected: isDirected,
        running: running)
    }
    unsafe out.pointee = Handles.add(.graph(made))
  }
}

/// The options of edges.
private func making(_ json: String?, columns: Bool) throws(CallError) -> GraphMaking {
  try options { () throws(OptionError) in
    var options = try JSONOptions(json)
    let making = try GraphMaking(
      &options, columns: columns ? ("source", "target", "weight") : nil)
    try options.finish()
    return making
  }
}

/// Borrowed values as a column; copied if they are not aligned.
///
/// SAFETY: the caller promises `count` values of the format, for as long as the column is used.
private func column(
  _ name: String, _ values: UnsafeRawPointer?, _ format: UnsafePointer<CChar>?, count: Int,
  _ owner: CallerOwner? = nil
) throws(CallError) -> ArrowArray {
  let types: [String: DataType] = [
    "c": .int8, "C": .uint8, "s": .int16, "S": .uint16, "i": .int32, "I": .uint32, "l": .int64,
    "L": .uint64, "f": .float32, "g": .float64,
  ]
  let format = try required(try unsafe string(format), "\(name)_format")
  guard let type = types[format], let width = type.byteWidth else {
    throw .argument("\"\(format)\" is no format of numbers for \(name)")
  }
  let (byteCount, overflow) = count.multipliedReportingOverflow(by: width)
  guard !overflow, unsafe values != nil || count == 0 else {
    throw .argument("argument \"\(name)\" is NULL, or there are too many")
  }
  var buffer = unsafe Buffer(start: values, byteCount: byteCount, owner: owner)
  if UInt(bitPattern: values) % UInt(width) != 0 {
    let bytes = buffer
    buffer = try reading { () throws(ReadError) in
      do throws(AllocationError) { return try Buffer(copying: bytes.bytes) } catch {
        throw ReadError(.outOfMemory(byteCount: error.byteCount))
      }
    }
  }
  return ArrowArray(type: type, length: count, nullCount: 0, buffers: [nil, buffer])
}
