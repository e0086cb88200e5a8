extension GraphError: CustomStringConvertible {
  /// One sentence for people.
  public var description: String {
    switch self {
    case .nodeOutOfRange(let end, let position, let node, let nodeCount):
      "the \(end) of edge \(position) is \(node), outside 0 ..< \(nodeCount)"
    case .unknownNode(let argument, let node, let nodeCount):
      "\(argument) \(node) is no node: there are 0 ..< \(nodeCount)"
    case .tooManyNodes(let count):
      "\(count) as the number or id of nodes: ids are 32-bit integers, below \(Int32.max)"
    case .sparseNodes(let largest, let edgeCount):
      "ids reach \(largest) in \(edgeCount) edges: give the number of nodes if that is meant"
    case .lengthMismatch(let first, let count, let second, let otherCount):
      "\(count) values of \(first) and \(otherCount) of \(second)"
    case .nullValue(let column, let position): "the \(column) of edge \(position) is null"
    case .wrongType(let column, let type, let expected):
      "the type of \(column) is \(type), where \(expected) are needed"
    case .badOffsets(let position, let value):
      "offset \(position) is \(value): offsets begin with 0, never decrease and end with the edges"
    case .badWeight(let source, let target, let weight):
      "the edge from \(source) to \(target) has the weight \(weight)"
    case .noWeights: "the graph has no weights"
    case .wrongDirection(let needsDirected):
      needsDirected
        ? "this is for graphs with directions" : "this is for graphs without directions"
    case .negativeCycle(let nodes):
      "a cycle of negative length: \(Self.text(of: nodes))"
    case .cycle(let nodes): "a cycle: \(Self.text(of: nodes))"
    case .notConverged(let iterations, let residual):
      "no convergence in \(iterations) iterations, the residual is \(residual)"
    case .invalidArgument(let name, let why): "\(name): \(why)"
    case .outOfMemory(let byteCount): "no memory for \(byteCount) bytes"
    case .cancelled: "cancelled"
    }
  }

  /// The nodes of a cycle; of a long one some.
  private static func text(of nodes: [Int]) -> String {
    let shown = nodes.prefix(8).map { "\($0)" }
    let rest = nodes.count > 8 ? ["… (\(nodes.count) nodes)"] : nodes.prefix(1).map { "\($0)" }
    return (shown + rest).joined(separator: " → ")
  }
}
