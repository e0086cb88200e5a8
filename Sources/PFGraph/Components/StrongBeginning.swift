// Strongly connected components: the nodes whose component needs no depth-first search.
//
// Method: forward and backward. Nodes without an edge to them or from them are components of their own.
// In most graphs one component has most of the others, and then it has the node with the most edges:
// it is what that node leads to and what leads to it (Fleischer, Hendrickson, Pınar, "On Identifying
// Strongly Connected Components in Parallel", 2000; with this first node Hong, Rodia, Olukotun, "On
// Fast Parallel Detection of Strongly Connected Components (SCC) in Small-World Graphs", SC 2013).
//
// Trick: of the two searches the one that ends first has found all that the other may find, which
// stays within it from then on. In a web hardly a node lies behind the largest component and most lie
// before it, so what the other would find is mostly for nothing. What is left of a web leads into the
// largest component along most of its edges, so it is walked against them.

/// The beginning of a search for strong components.
struct StrongBeginning {
  let kernel: Kernel
  let outgoing: NeighborLists
  let incoming: NeighborLists
  /// A `StrongMark` for each node.
  let marks: Slots<UInt32>
  /// Bits of the nodes that are new when it has run.
  let new: Slots<UInt64>

  /// Nodes, in words of bits.
  private static let grain = 1 << 8

  init(_ kernel: Kernel, _ outgoing: NeighborLists, _ incoming: NeighborLists) throws(GraphError) {
    (self.kernel, self.outgoing, self.incoming) = (kernel, outgoing, incoming)
    marks = try kernel.slots(of: UInt32.self, count: outgoing.nodeCount)
    new = try kernel.slots(
      of: UInt64.self, count: Slots<UInt64>.wordCount(ofBits: outgoing.nodeCount))
  }

  /// With fewer edges a node than this one thread is faster that follows them all depth first: the two
  /// searches look at few edges of each node, but at each node several times.
  private static let fewEdges = 4

  /// Marks all nodes; the number of components that are known.
  ///
  /// With `isFree` one thread may leave the largest for a depth-first search; then also a node of it, and
  /// the lists in which that leads to fewer nodes.
  func run(isFree: Bool) throws(GraphError)
    -> (known: Int, first: (node: UInt32, lists: NeighborLists)?)
  {
    let (nodeCount, wordCount) = (marks.count, new.count)
    // Bits of the nodes that have edges from them, and to them.
    let leading = try kernel.slots(of: UInt64.self, count: wordCount)
    let led = try kernel.slots(of: UInt64.self, count: wordCount)
    let best = try kernel.slots(
      of: (ways: Int, node: UInt32).self, count: (wordCount + Self.grain - 1) / Self.grain)
    let aloneCount = try kernel.sum(count: wordCount, grain: Self.grain) { range, _ in
      var (most, pivot, aloneCount) = (0, UInt32(0), 0)
      for word in range {
        var (from, to): (UInt64, UInt64) = (0, 0)
        for node in word << 6..<min(word << 6 + 64, nodeCount) {
          let id = UInt32(truncatingIfNeeded: node)
          let (fromCount, toCount) = (outgoing.degree(of: id), incoming.degree(of: id))
          let (leads, isLed): (UInt64, UInt64) = (fromCount == 0 ? 0 : 1, toCount == 0 ? 0 : 1)
          from |= leads &<< UInt64(node & 63)
          to |= isLed &<< UInt64(node & 63)
          let ways = min(fromCount, toCount)
          if ways > most { (most, pivot) = (ways, id) }
          // New where there are both; no branch, as none is foreseen worse.
          marks[id] = (StrongMark.done | id) & (UInt32(truncatingIfNeeded: leads & isLed) &- 1)
          aloneCount &+= 1 &- Int(truncatingIfNeeded: leads & isLed)
        }
        (leading[word], led[word], new[word]) = (from, to, from & to)
      }
      best[range.lowerBound / Self.grain] = (most, pivot)
      return aloneCount
    }
    var pivot: (ways: Int, node: UInt32) = (0, 0)
    for index in 0..<best.count where best[index].ways > pivot.ways { pivot = best[index] }
    defer {
      kernel.free(best)
      kernel.free(leading)
      kernel.free(led)
    }
    guard pivot.ways > 0 else { return (aloneCount, nil) }
    if isFree, kernel.threadCount == 1, outgoing.entryCount < Self.fewEdges * nodeCount {
      var (leadingCount, ledCount) = (0, 0)
      for word in 0..<wordCount {
        leadingCount += leading[word].nonzeroBitCount
        ledCount += led[word].nonzeroBitCount
      }
      return (aloneCount, (pivot.node, ledCount < leadingCount ? outgoing : incoming))
    }
    try markComponent(of: pivot.node, leading, led)
    return (aloneCount + 1, nil)
  }

  /// The lists in which the nodes that are left have fewer edges, as far as a look at some tells:
  /// turned round, a graph has the same components. In a web most of what is left leads into the
  /// largest component, along edges that it need not follow.
  func shorterLists() -> NeighborLists {
    var (from, to) = (0, 0)
    for word in stride(from: 0, to: new.count, by: 16) {
      new[word].forEachBit {
        let node = UInt32(truncatingIfNeeded: word << 6 | $0)
        guard marks[node] == 0 else { return }
        from += outgoing.degree(of: node)
        to += incoming.degree(of: node)
      }
    }
    return to < from ? incoming : outgoing
  }

  /// Marks the component of a node, in which all have edges from them and to them.
  private func markComponent(
    of pivot: UInt32, _ leading: Slots<UInt64>, _ led: Slots<UInt64>
  ) throws(GraphError) {
    var after = try ReachedNodes(kernel, from: pivot, outgoing, incoming)
    var before = try ReachedNodes(kernel, from: pivot, incoming, outgoing)
    after.stay(within: leading)
    before.stay(within: led)
    if kernel.threadCount > 1 {
      try search(after, before)
    } else {
      while !after.isDone, !before.isDone {
        if after.nextEffort <= before.nextEffort { after.advance() } else { before.advance() }
      }
      if after.isDone { before.stay(within: after.bits) } else { after.stay(within: before.bits) }
      while !after.isDone { after.advance() }
      while !before.isDone { before.advance() }
    }
    try kernel.check()
    let (behind, ahead) = (after.bits, before.bits)
    let inside: @Sendable (_ word: Int) -> UInt64 = { word in
      behind[word] & ahead[word] & new[word]
    }
    var word = 0
    while inside(word) == 0 { word += 1 }
    let mark = StrongMark.done | UInt32(word << 6 | inside(word).trailingZeroBitCount)
    try kernel.forEach(count: behind.count, grain: 1 << 9) { range, _ in
      for word in range {
        let found = inside(word)
        found.forEachBit { marks[word << 6 | $0] = mark }
        new[word] &= ~found
      }
    }
    after.free()
    before.free()
  }

  /// Two searches side by side, of which the second to end stays within what the first found.
  private func search(_ one: ReachedNodes, _ other: ReachedNodes) throws(GraphError) {
    let ended = try kernel.slots(repeating: 0 as UInt64, count: 2)
    defer { kernel.free(ended) }
    try kernel.forEach(count: 2, grain: 1) { range, _ in
      let number = range.lowerBound
      var mine = number == 0 ? one : other
      let rest = number == 0 ? other.bits : one.bits
      var isFree = true
      while !mine.isDone {
        if isFree, ended.acquire(1 - number) != 0 {
          mine.stay(within: rest)
          isFree = false
        } else {
          mine.advance { isFree && ended.acquire(1 - number) != 0 }
        }
      }
      _ = ended.publish(number, 1)
    }
  }
}
