package import PFCore

/// Neighbours of each node, back to back: the compressed rows of a sparse matrix.
///
/// Shapes: `offsets` has `nodeCount + 1` elements, `neighbors` and, where there are any, `weights`
/// have `entryCount`. The neighbours of `node` are those at `offsets[node]..<offsets[node + 1]`.
/// Invariant, which whoever makes one proves first and all kernels rely on: `offsets` begins with
/// 0, never decreases and ends with `entryCount`; each neighbour is below `nodeCount`; the
/// neighbours of a node ascend, those that are there more than once in the order of the input.
package struct Adjacency: Sendable {
  /// The number of nodes; below 2³¹.
  package let nodeCount: Int
  /// The number of neighbours of all nodes.
  package let entryCount: Int
  /// `Int64`: there may be more than 2³² entries.
  package let offsetBuffer: Buffer
  /// `Int32`, never negative.
  package let neighborBuffer: Buffer
  /// The weight of each entry.
  package let weights: EdgeWeights?

  /// Lists that satisfy the invariant.
  init(nodeCount: Int, offsets: Buffer, neighbors: Buffer, weights: EdgeWeights?) {
    self.nodeCount = nodeCount
    entryCount = neighbors.byteCount / MemoryLayout<UInt32>.stride
    offsetBuffer = offsets
    neighborBuffer = neighbors
    self.weights = weights
  }

  /// What kernels read. Use it only while the adjacency is alive.
  package var lists: NeighborLists {
    // SAFETY: the buffers have these counts (invariant), and a kernel holds its graph.
    unsafe NeighborLists(
      offsets: Slots(
        start: UnsafeMutableRawPointer(mutating: offsetBuffer.address), count: nodeCount + 1),
      neighbors: Slots(
        start: UnsafeMutableRawPointer(mutating: neighborBuffer.address), count: entryCount))
  }

  /// The number of neighbours of a node. Precondition: `0 <= node < nodeCount`.
  package func degree(of node: Int) -> Int {
    let offsets = offsetBuffer.span(of: Int64.self)
    return Int(offsets[node + 1] - offsets[node])
  }

  /// Where the neighbours of a node are. Precondition: `0 <= node < nodeCount`.
  package func range(of node: Int) -> Range<Int> {
    let offsets = offsetBuffer.span(of: Int64.self)
    return Int(offsets[node])..<Int(offsets[node + 1])
  }
}

/// The lists of an adjacency as kernels walk them.
package struct NeighborLists: Sendable {
  /// Where the neighbours of each node begin, and behind the last of all.
  package let offsets: Slots<Int>
  /// The neighbours, never written.
  package let neighbors: Slots<UInt32>

  /// Where the neighbours of a node are.
  @inline(__always)
  package func range(of node: UInt32) -> Range<Int> {
    let (start, end) = (offsets[Int(node)], offsets[Int(node) + 1])
    return unsafe Range(uncheckedBounds: (start, end))
  }

  /// The number of neighbours of a node.
  @inline(__always)
  package func degree(of node: UInt32) -> Int { offsets[Int(node) + 1] - offsets[Int(node)] }

  /// The smallest neighbour of a node; nil where it has none.
  @inline(__always)
  package func first(of node: UInt32) -> UInt32? {
    let entries = range(of: node)
    return entries.isEmpty ? nil : neighbors[entries.lowerBound]
  }

  /// The number of nodes.
  @inline(__always)
  package var nodeCount: Int { offsets.count - 1 }

  /// The number of neighbours of all nodes.
  package var entryCount: Int { neighbors.count }
}
