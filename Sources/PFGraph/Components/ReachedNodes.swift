// What a node leads to, and nothing about the way there.
//
// Method: a breadth-first search on one thread that turns its direction as
// Traversal/BreadthFirst.swift does. As nobody asks for levels, a node that is looked at bottom up
// may be reached by any node that is reached already, also by one of the same sweep.
//
// Trick: a bit is all that is known of a node, so what an edge asks for stands in the second-level
// cache even with a million nodes.

internal import PFCore

/// A search for all nodes that one leads to.
struct ReachedNodes {
  private let kernel: Kernel
  private let cancellation: CancellationToken?
  private let outgoing: NeighborLists
  private let incoming: NeighborLists
  /// The nodes whose edges are to be followed.
  private let queue: Slots<UInt32>
  /// A bit for each node that is reached.
  let bits: Slots<UInt64>

  init(_ kernel: Kernel, _ outgoing: NeighborLists, _ incoming: NeighborLists) throws(GraphError) {
    (self.kernel, self.outgoing, self.incoming) = (kernel, outgoing, incoming)
    cancellation = kernel.cancellation
    queue = try kernel.slots(of: UInt32.self, count: outgoing.nodeCount)
    bits = try kernel.slots(
      repeating: 0, count: Slots<UInt64>.wordCount(ofBits: outgoing.nodeCount))
  }

  /// Gives the memory back.
  func free() {
    kernel.free(queue)
    kernel.free(bits)
  }

  /// With edges for this part of all on the frontier, all nodes that are left look for themselves…
  private static let alpha = 16
  /// … until a sweep over them finds less than this part of the nodes.
  private static let beta = 32

  /// Nodes, in words of bits, between two looks at the caller's wish to stop.
  private static let breath = 1 << 6

  /// Finds what `start` leads to, or ends soon after the caller wants to stop. Precondition: no bit is
  /// set.
  func search(from start: UInt32) {
    bits.setBit(start)
    queue[0] = start
    var level = 0..<1
    var edgeCount = outgoing.degree(of: start)
    while !level.isEmpty, cancellation?.isCancelled != true {
      if edgeCount > outgoing.entryCount / Self.alpha { level = 0..<sweep() }
      (level, edgeCount) = follow(level)
    }
  }

  /// Follows the edges of the nodes of the queue at `level`; what they reach is behind them.
  private func follow(_ level: Range<Int>) -> (level: Range<Int>, edgeCount: Int) {
    var (end, edgeCount) = (level.upperBound, 0)
    for index in level {
      if index & (64 * Self.breath - 1) == 0, cancellation?.isCancelled == true { break }
      for entry in outgoing.range(of: queue[index]) {
        let neighbor = outgoing.neighbors[entry]
        guard !bits.bit(neighbor) else { continue }
        bits.setBit(neighbor)
        queue[end] = neighbor
        end &+= 1
        edgeCount &+= outgoing.degree(of: neighbor)
      }
    }
    return (level.upperBound..<end, edgeCount)
  }

  /// Lets the nodes that are left look for one before them that is reached, as long as many find one.
  /// What the last sweep found is the queue, and their number is returned: all that are left have
  /// looked at all others.
  private func sweep() -> Int {
    while true {
      var found = 0
      for word in 0..<bits.count {
        if word & (Self.breath - 1) == 0, cancellation?.isCancelled == true { return 0 }
        var left = ~bits[word]
        if word == bits.count - 1, outgoing.nodeCount & 63 != 0 {
          left &= 1 << UInt64(outgoing.nodeCount & 63) - 1
        }
        while left != 0 {
          let node = UInt32(truncatingIfNeeded: word << 6 | left.trailingZeroBitCount)
          left &= left - 1
          for entry in incoming.range(of: node) where bits.bit(incoming.neighbors[entry]) {
            bits.setBit(node)
            queue[found] = node
            found += 1
            break
          }
        }
      }
      if found <= outgoing.nodeCount / Self.beta { return found }
    }
  }
}
