package import PFArrow
package import PFCore
package import PFGraph

/// A kernel by name, with options in JSON.
package struct GraphKernel: Sendable {
  /// What a kernel found.
  package struct Answer {
    /// Columns with a value for each node.
    package var columns: [(name: String, array: ArrowArray)] = []
    /// Writes members that say something of the whole.
    package var summary: (inout JSONWriter) -> Void = { _ in }
  }

  /// What is left to do when the options are read.
  package typealias Body = (Graph, KernelOptions) throws(GraphError) -> Answer

  /// Reads its options first, all of them, and gives what is left to do.
  package let prepare: @Sendable (inout JSONOptions) throws(OptionError) -> Body

  init(_ prepare: @escaping @Sendable (inout JSONOptions) throws(OptionError) -> Body) {
    self.prepare = prepare
  }

  /// All kernels, by the names of the header.
  package static let all: [String: GraphKernel] = [
    traversal, paths, ranking, structure, centrality, communities,
  ].reduce(into: [:]) { (all, kernels) in all.merge(kernels) { first, _ in first } }
}
