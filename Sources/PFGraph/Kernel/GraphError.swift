/// Why a graph could not be made, or a kernel has no answer.
public enum GraphError: Error, Equatable, Sendable {
  /// An edge names a node that is not there: `end` is "source" or "target", `position` the index
  /// of the edge in the input.
  case nodeOutOfRange(end: String, position: Int, node: Int64, nodeCount: Int)
  /// An argument of a kernel names a node that is not there.
  case unknownNode(argument: String, node: Int64, nodeCount: Int)
  /// Ids are 32 bit: there may be at most 2³¹ − 1 nodes.
  case tooManyNodes(count: Int)
  /// Ids reach far beyond what so few edges can need; memory is not given for them unless the
  /// number of nodes is stated.
  case sparseNodes(largest: Int64, edgeCount: Int)
  /// Two columns that belong together differ in length.
  case lengthMismatch(first: String, count: Int, second: String, otherCount: Int)
  /// A column has a null where a value is needed.
  case nullValue(column: String, position: Int)
  /// Two nodes have the same label; the later of them.
  case duplicateLabel(position: Int)
  /// A column has a type that cannot serve.
  case wrongType(column: String, type: String, expected: String)
  /// `indptr` must begin with 0, never decrease and end with the number of edges.
  case badOffsets(position: Int, value: Int64)
  /// Lists of a graph without directions must have each edge at both of its nodes; the first node
  /// whose list has others than those that have it.
  case notSymmetric(node: Int)
  /// A kernel needs weights that are numbers and not negative; the edge that has another one.
  case badWeight(source: Int, target: Int, weight: Double)
  /// A kernel needs weights that the graph does not have.
  case noWeights
  /// A kernel is defined for graphs of the other kind only.
  case wrongDirection(needsDirected: Bool)
  /// A cycle of negative length, by its nodes: there is no shortest path.
  case negativeCycle([Int])
  /// A cycle, by its nodes, where there must be none.
  case cycle([Int])
  /// An iteration ended with its last allowed step and was not done.
  case notConverged(iterations: Int, residual: Double)
  /// An argument is outside of what is allowed.
  case invalidArgument(name: String, why: String)
  /// There was no memory.
  case outOfMemory(byteCount: Int)
  /// The caller asked to stop.
  case cancelled
}
