internal import PFCore
internal import PFGraph

/// Turns the errors of graphs into those of calls.
func graphing<Result>(_ body: () throws(GraphError) -> Result) throws(CallError) -> Result {
  do throws(GraphError) {
    return try body()
  } catch { throw .graph(error) }
}

extension GraphError {
  /// The status that a caller gets.
  var status: Status {
    switch self {
    case .nodeOutOfRange, .tooManyNodes, .sparseNodes, .lengthMismatch, .nullValue, .wrongType,
      .badOffsets, .noWeights, .wrongDirection, .invalidArgument:
      .invalidArgument
    case .unknownNode: .indexOutOfRange
    case .badWeight, .negativeCycle, .cycle, .notConverged: .noAnswer
    case .outOfMemory: .outOfMemory
    case .cancelled: .cancelled
    }
  }
}

extension JSONWriter {
  /// The details of an error: what it holds, by name.
  mutating func write(_ error: GraphError) {
    switch error {
    case .nodeOutOfRange(let end, let position, let node, let nodeCount):
      member("column", end)
      member("position", position)
      member("node", node)
      member("node_count", nodeCount)
    case .unknownNode(let argument, let node, let nodeCount):
      member("what", argument)
      member("index", node)
      member("count", nodeCount)
    case .nullValue(let column, let position):
      member("column", column)
      member("position", position)
    case .badOffsets(let position, _): member("position", position)
    case .wrongType(let column, _, _): member("column", column)
    case .badWeight(let source, let target, let weight):
      member("source", source)
      member("target", target)
      member("weight", weight)
    case .negativeCycle(let nodes), .cycle(let nodes):
      array("cycle") { json in for node in nodes { json.value(node) } }
    case .notConverged(let iterations, let residual):
      member("iterations", iterations)
      member("residual", residual)
    case .invalidArgument(let name, _): member("option", name)
    case .tooManyNodes, .sparseNodes, .lengthMismatch, .noWeights, .wrongDirection, .outOfMemory,
      .cancelled:
      break
    }
  }
}
