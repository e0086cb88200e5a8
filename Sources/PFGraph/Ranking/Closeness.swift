// Closeness: how near the nodes are that lead to a node.
//
// Method: a breadth-first search against the direction of the edges from each node; the scores are
// scaled for graphs of several components as in Wasserman, Faust, "Social Network Analysis", 1994.
//
// Trick: sixty-four searches run as one, a bit of a word for each (Then, Kaufmann, Chirigati et al.,
// "The More the Merrier: Efficient Multi-Source Graph Traversal", VLDB 2014), so an edge is walked
// once for all searches that come by at the same depth. How many nodes a search reaches at a depth
// is counted for all at once as well: in binary, each digit of the sixty-four counters a word.

internal import PFCore

extension Graph {
  /// How near each of `nodes` is to those that lead to it: their number, divided by the sum of the
  /// shortest distances from them, in edges.
  ///
  /// As NetworkX has it: 0 where nothing leads to a node. Weights do not matter, nor parallel edges
  /// and self-loops.
  ///
  /// - Parameters:
  ///   - nodes: Whose score is wanted; nil for all.
  ///   - scaled: Whether the score is multiplied by the part of the other nodes that lead to it.
  ///   - options: Threads, cancellation, which is looked for at each depth.
  /// - Returns: A score for each of `nodes`, in their order.
  /// - Complexity: O(nodes · (nodes + edges)), and 64 times less where searches meet, and `csc`;
  ///   memory 32 bytes for each node and thread.
  /// - Throws: `.unknownNode`, `.outOfMemory`, `.cancelled`.
  public func closenessCentrality(
    of nodes: [Int]? = nil, scaled: Bool = true, _ options: KernelOptions = KernelOptions()
  ) throws(GraphError) -> NodeColumn<Double> {
    var ids: [UInt32]?
    if let nodes {
      var checked: [UInt32] = []
      for node in nodes { checked.append(try check(node, is: "node")) }
      ids = checked
    }
    let incoming = try csc(options).adjacency
    let count = ids?.count ?? nodeCount
    let batchCount = (count + 63) / 64
    return try Kernel.run(options, threads: batchCount) { (kernel) throws(GraphError) in
      try withExtendedLifetime(incoming) { () throws(GraphError) in
        let scores = try kernel.slots(of: Double.self, count: count)
        let search = try SixtyFourSearches(
          kernel, incoming.lists, cancellation: options.cancellation)
        let all = ids
        try kernel.forEach(count: batchCount, grain: 1) { range, thread in
          for batch in range {
            let first = batch * 64
            search.run(thread, count: min(64, count - first)) { index in
              all?[first + index] ?? UInt32(truncatingIfNeeded: first + index)
            } found: { index, reached, distance in
              let score = distance > 0 ? Double(reached) / Double(distance) : 0
              scores[first + index] =
                scaled && distance > 0
                ? score * (Double(reached) / Double(incoming.nodeCount - 1)) : score
            }
          }
        }
        return kernel.column(scores)
      }
    }
  }
}

/// The memory of searches that run sixty-four at a time, for each thread.
private struct SixtyFourSearches: Sendable {
  let lists: NeighborLists
  let cancellation: CancellationToken?
  /// For each thread and node, the searches that have come by, that come by at this depth, and that
  /// do at the next. All but the first are 0 between two runs.
  let seen: Slots<UInt64>
  let here: Slots<UInt64>
  let next: Slots<UInt64>
  /// The nodes with a bit in `here` and in `next`.
  let queues: Slots<UInt32>

  init(_ kernel: Kernel, _ lists: NeighborLists, cancellation: CancellationToken?)
    throws(GraphError)
  {
    self.lists = lists
    self.cancellation = cancellation
    let count = lists.nodeCount * kernel.threadCount
    seen = try kernel.slots(of: UInt64.self, count: count)
    here = try kernel.slots(repeating: 0, count: count)
    next = try kernel.slots(repeating: 0, count: count)
    queues = try kernel.slots(of: UInt32.self, count: 2 * count)
  }

  /// Searches from `count` nodes, and calls `found` with how many others each reached and the sum of
  /// the distances.
  @inline(__always)
  func run(
    _ thread: Int, count: Int, from node: (Int) -> UInt32, found: (Int, Int, Int) -> Void
  ) {
    let nodeCount = lists.nodeCount
    let own = thread * nodeCount..<(thread + 1) * nodeCount
    let (seen, here, next) = (seen[own], here[own], next[own])
    var queue = queues[2 * thread * nodeCount..<(2 * thread + 1) * nodeCount]
    var nextQueue = queues[(2 * thread + 1) * nodeCount..<(2 * thread + 2) * nodeCount]
    var reached = InlineArray<64, Int>(repeating: 0)
    var distances = InlineArray<64, Int>(repeating: 0)

    seen.fill(0..<nodeCount, with: 0)
    var end = 0
    for index in 0..<count {
      let node = node(index)
      if seen[node] == 0 {
        queue[end] = node
        end += 1
      }
      seen[node] |= 1 << UInt64(index)
      here[node] = seen[node]
    }
    var depth = 0
    while end > 0 {
      let isOver = cancellation?.isCancelled == true
      depth += 1
      var nextEnd = 0
      for place in 0..<end {
        let node = queue[place]
        let searches = here[node]
        here[node] = 0
        if isOver { continue }
        for entry in lists.range(of: node) {
          let neighbor = lists.neighbors[entry]
          let new = searches & ~seen[neighbor]
          guard new != 0 else { continue }
          if next[neighbor] == 0 {
            nextQueue[nextEnd] = neighbor
            nextEnd += 1
          }
          next[neighbor] |= new
        }
      }
      // Digit d of the counters; there are fewer than 2³¹ nodes.
      var digits = InlineArray<32, UInt64>(repeating: 0)
      for place in 0..<nextEnd {
        let node = nextQueue[place]
        var carry = next[node]
        next[node] = 0
        seen[node] |= carry
        here[node] = carry
        var digit = 0
        while carry != 0 {
          let both = digits[digit] & carry
          digits[digit] ^= carry
          carry = both
          digit += 1
        }
      }
      for digit in 0..<32 {
        var searches = digits[digit]
        while searches != 0 {
          let search = searches.trailingZeroBitCount
          reached[search] += 1 << digit
          distances[search] += depth << digit
          searches &= searches - 1
        }
      }
      swap(&queue, &nextQueue)
      end = nextEnd
    }
    for index in 0..<count { found(index, reached[index], distances[index]) }
  }
}
