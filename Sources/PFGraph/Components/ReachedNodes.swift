// What a node leads to, and nothing about the way there.
//
// Method: a breadth-first search on one thread that turns its direction as
// Traversal/BreadthFirst.swift does. As nobody asks for levels, a node that is looked at bottom up
// may be reached by any node that is reached already, also by one of the same sweep.
//
// Tricks: a bit is all that is known of a node, so what an edge asks for stands in the second-level
// cache even with a million nodes, and top down it is set and the node is put into the queue whether
// it was known or not (`GatheredNeighbors` says why). A search that is to stay within some nodes takes
// all others for reached.

internal import PFCore

/// A search for all nodes that one leads to, level by level.
struct ReachedNodes {
  private let kernel: Kernel
  private let cancellation: CancellationToken?
  private let outgoing: NeighborLists
  private let incoming: NeighborLists
  /// A bit for each node that is reached.
  let bits: Slots<UInt64>
  /// The nodes that were reached, and behind them room for one that was not.
  private let queue: Slots<UInt32>
  /// Those in the queue whose edges have not been followed.
  private var level = 0..<1
  /// The edges that leave them.
  private var edgeCount = 0
  /// Whether the nodes that are left look for themselves.
  private var isSweeping = false
  /// Whether some of them have not, so that the next sweep looks for what this one has left.
  private var isCut = false
  /// The edges and nodes that were looked at.
  private var effort = 0

  private let gathered: GatheredNeighbors

  init(_ kernel: Kernel, from start: UInt32, _ outgoing: NeighborLists, _ incoming: NeighborLists)
    throws(GraphError)
  {
    (self.kernel, self.outgoing, self.incoming) = (kernel, outgoing, incoming)
    cancellation = kernel.cancellation
    bits = try kernel.slots(
      repeating: 0, count: Slots<UInt64>.wordCount(ofBits: outgoing.nodeCount))
    queue = try kernel.slots(of: UInt32.self, count: outgoing.nodeCount + 1)
    gathered = try GatheredNeighbors(kernel)
    bits.setBit(start)
    queue[0] = start
    edgeCount = outgoing.degree(of: start)
  }

  /// Gives the memory back.
  func free() {
    kernel.free(bits)
    kernel.free(queue)
    gathered.free(kernel)
  }

  /// With edges for this part of all on the frontier, all nodes that are left look for themselves…
  private static let alpha = 16
  /// … until a sweep over them finds less than this part of the nodes.
  private static let beta = 32

  /// Nodes, in words of bits, between two looks at the caller's wish to stop.
  private static let breath = 1 << 6

  /// Whether all is found, or the caller wants to stop.
  var isDone: Bool { level.isEmpty && !isCut || cancellation?.isCancelled == true }

  /// What the effort will be after the next level, about: a sweep may look at all that there is.
  var nextEffort: Int {
    effort + (sweepsNext ? outgoing.nodeCount + outgoing.entryCount / 2 : edgeCount)
  }

  private var sweepsNext: Bool { isSweeping || edgeCount > outgoing.entryCount / Self.alpha }

  /// Goes on by a level, or by the part of a sweep that comes before `isEnough`.
  mutating func advance(until isEnough: () -> Bool = { false }) {
    if sweepsNext {
      isCut = false
      level = 0..<sweep(until: isEnough)
      isSweeping = isCut || level.count > outgoing.nodeCount / Self.beta
    } else {
      level = level.upperBound..<follow()
    }
    countEdges()
  }

  /// Reaches no further nodes but some, and follows no edges of others. Precondition: no edge leads
  /// from others to these.
  mutating func stay(within nodes: Slots<UInt64>) {
    for word in 0..<bits.count { bits[word] |= ~nodes[word] }
    var end = level.lowerBound
    for index in level where nodes.bit(queue[index]) {
      queue[end] = queue[index]
      end += 1
    }
    level = level.lowerBound..<end
    countEdges()
  }

  private mutating func countEdges() {
    edgeCount = level.reduce(into: 0) { $0 &+= outgoing.degree(of: queue[$1]) }
  }

  // MARK: Top down

  /// Follows the edges of the level; what they reach is behind it, up to the index that is returned.
  private mutating func follow() -> Int {
    let (queue, bits) = (queue, bits)
    var (next, end) = (level.lowerBound, level.upperBound)
    while next < level.upperBound, cancellation?.isCancelled != true {
      next =
        gathered.forEach(of: queue, next..<level.upperBound, in: outgoing) { neighbors in
          for index in 0..<neighbors.count {
            let node = neighbors[index]
            let (word, bit) = (Int(node >> 6), UInt64(node & 63))
            let known = bits[word]
            bits[word] = known | 1 &<< bit
            queue[end] = node
            end &+= Int(truncatingIfNeeded: ~known &>> bit & 1)
          }
          effort &+= neighbors.count
        }.upperBound
    }
    return end
  }

  // MARK: Bottom up

  /// Lets the nodes that are left look for one before them that is reached. Those that find one are
  /// the queue, and their number is returned.
  private mutating func sweep(until isEnough: () -> Bool) -> Int {
    var (found, looks) = (0, outgoing.nodeCount)
    for word in 0..<bits.count {
      if word & (Self.breath - 1) == 0 {
        if cancellation?.isCancelled == true { return 0 }
        if isEnough() {
          isCut = true
          break
        }
      }
      var left = ~bits[word]
      if word == bits.count - 1, outgoing.nodeCount & 63 != 0 {
        left &= 1 << UInt64(outgoing.nodeCount & 63) - 1
      }
      left.forEachBit { bit in
        let node = UInt32(truncatingIfNeeded: word << 6 | bit)
        let entries = incoming.range(of: node)
        var entry = entries.lowerBound
        while entry < entries.upperBound {
          if bits.bit(incoming.neighbors[entry]) {
            bits.setBit(node)
            queue[found] = node
            found += 1
            break
          }
          entry &+= 1
        }
        looks &+= entry &- entries.lowerBound
      }
    }
    effort += looks
    return found
  }
}
