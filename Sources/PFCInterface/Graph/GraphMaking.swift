internal import PFArrow
internal import PFCore
internal import PFGraph

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
    var options = GraphMaking()
    try options.read(try unsafe string(json), columns: false)
    // SAFETY: the caller promises `count` values of the formats until the call returns, and a graph
    // keeps nothing of them.
    let source = try unsafe column("sources", sources, sourceFormat, count: count)
    let target = try unsafe column("targets", targets, targetFormat, count: count)
    let weight =
      unsafe weights == nil
      ? nil : try unsafe column("weights", weights, weightFormat, count: count)
    let made = try options.graph(source, target, weight, try Handles.cancellation(cancel))
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
    var options = GraphMaking()
    try options.read(try unsafe string(json), columns: true)
    let source = try joined(options.source, of: table)
    let target = try joined(options.target, of: table)
    let weight = try options.weight.map { (name) throws(CallError) in try joined(name, of: table) }
    let made = try options.graph(source, target, weight, try Handles.cancellation(cancel))
    unsafe out.pointee = Handles.add(.graph(made))
  }
}

/// The options of both.
private struct GraphMaking {
  var graph = GraphOptions()
  var threads: Int?
  var source = "source"
  var target = "target"
  var weight: String?

  mutating func read(_ json: String?, columns: Bool) throws(CallError) {
    var own = self
    try options { () throws(OptionError) in
      var options = try JSONOptions(json)
      own.graph.isDirected = try options.bool("directed") ?? true
      own.graph.nodeCount = try options.integer("node_count", in: 0 ... .max)
      let rules = GraphOptions.Duplicates.allCases.map(\.rawValue)
      own.graph.duplicates =
        try options.choice("duplicates", of: rules)
        .flatMap { GraphOptions.Duplicates(rawValue: $0) } ?? .keep
      own.graph.keepsSelfLoops = try options.bool("self_loops") ?? true
      own.threads = try options.integer("threads", in: 1 ... .max)
      if columns {
        own.source = try options.string("source") ?? "source"
        own.target = try options.string("target") ?? "target"
        own.weight = try options.string("weight")
      }
      try options.finish()
    }
    self = own
  }

  func graph(
    _ source: ArrowArray, _ target: ArrowArray, _ weight: ArrowArray?,
    _ cancellation: CancellationToken?
  ) throws(CallError) -> Graph {
    try graphing { () throws(GraphError) in
      let edges = try EdgeList(sources: source, targets: target, weights: weight)
      return try Graph(
        edges, graph, running: KernelOptions(threads: threads, cancellation: cancellation))
    }
  }
}

/// Borrowed values as a column; copied if they are not aligned.
///
/// SAFETY: the caller promises `count` values of the format, for as long as the column is used.
private func column(
  _ name: String, _ values: UnsafeRawPointer?, _ format: UnsafePointer<CChar>?, count: Int
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
  var buffer = unsafe Buffer(start: values, byteCount: byteCount, owner: nil)
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

/// A column of a table as one array: that of its only batch, or a copy of all.
private func joined(_ name: String, of table: Table) throws(CallError) -> ArrowArray {
  let names = table.schema.fields.map(\.name)
  guard let index = names.firstIndex(of: name) else {
    throw .read(
      ReadError(.unknownColumn(name: name, nearest: nearestNames(to: name, among: names))))
  }
  let parts = table.batches.map { $0.columns[index] }
  if parts.count == 1 { return parts[0] }
  let type = table.schema.fields[index].type
  guard let width = type.byteWidth else {
    throw .graph(.wrongType(column: name, type: "\(type)", expected: "numbers"))
  }
  if let part = parts.firstIndex(where: { $0.nullCount > 0 }) {
    let before = parts[..<part].reduce(0) { $0 + $1.length }
    let null = (0..<parts[part].length).first { !parts[part].isValid($0) } ?? 0
    throw .graph(.nullValue(column: name, position: before + null))
  }
  let count = parts.reduce(0) { $0 + $1.length }
  let buffer = try reading { () throws(ReadError) in
    do throws(AllocationError) {
      var all = try MutableBuffer(byteCount: count * width)
      for part in parts where part.length > 0 {
        guard let data = part.buffers[1] else { continue }
        all.append(
          data.slice(offset: part.offset * width, byteCount: part.length * width).bytes)
      }
      return all.freeze()
    } catch { throw ReadError(.outOfMemory(byteCount: error.byteCount)) }
  }
  return ArrowArray(type: type, length: count, nullCount: 0, buffers: [nil, buffer])
}
