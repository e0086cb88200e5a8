// Minimum spanning forest: the lightest edges that keep together what is together.
//
// Method: Borůvka 1926, in rounds: each component takes its lightest edge to another one. Tricks:
// the edges of nodes are searched by all threads, for each node its own lightest; components then
// take theirs node by node. Equally light edges are compared by their ends, so there is one order
// of all edges, no cycle can arise, and the forest does not depend on threads.

/// The answer of a search for a minimum spanning forest; edges ascend by their ends.
public struct SpanningForest: Equatable, Sendable {
  /// The smaller end of each edge.
  public let sources: NodeColumn<Int32>
  /// The larger end of each edge.
  public let targets: NodeColumn<Int32>
  /// The weight of each edge.
  public let weights: NodeColumn<Double>
  /// The sum of the weights, added in the order of the edges.
  public let totalWeight: Double
}

extension Graph {
  /// Finds a forest of least weight that joins all nodes that the graph joins; an edge of a graph
  /// without weights has weight 1.
  ///
  /// Of equally light edges those with smaller ends are taken. Weights may be negative.
  ///
  /// - Parameter options: Threads, cancellation; progress is told after each round.
  /// - Returns: The edges: as many as nodes, less the components.
  /// - Complexity: O(edges · log nodes), most of it parallel; memory 20 bytes for each node and
  ///   a bit for each entry beside the answer.
  /// - Throws: `.wrongDirection`, `.badWeight` for a weight that is not a number or −∞,
  ///   `.outOfMemory`, `.cancelled`.
  public func minimumSpanningForest(_ options: KernelOptions = KernelOptions())
    throws(GraphError) -> SpanningForest
  {
    guard !isDirected else { throw .wrongDirection(needsDirected: false) }
    return try Kernel.run(options) { (kernel) throws(GraphError) in
      try withExtendedLifetime(self) { () throws(GraphError) in
        if isWeighted, let entry = try weightFacts(kernel).firstUnusable {
          throw badWeight(at: entry)
        }
        return try ForestSearch(kernel, csr.adjacency.lists, lengths).run()
      }
    }
  }
}

private struct ForestSearch {
  let kernel: Kernel
  let lists: NeighborLists
  let lengths: EdgeLengths
  /// The component of each node: one of its nodes.
  let components: Slots<UInt32>
  /// The lightest entry of each node that leads out of its component; −1 for none.
  let lightest: Slots<Int>
  /// The node that has the lightest such entry of a component; `none` for none.
  let choices: Slots<UInt32>
  private static let none = UInt32.max

  init(_ kernel: Kernel, _ lists: NeighborLists, _ lengths: EdgeLengths) throws(GraphError) {
    self.kernel = kernel
    self.lists = lists
    self.lengths = lengths
    components = try kernel.slots(of: UInt32.self, count: lists.nodeCount)
    lightest = try kernel.slots(repeating: 0, count: lists.nodeCount)
    choices = try kernel.slots(of: UInt32.self, count: lists.nodeCount)
    for node in 0..<lists.nodeCount { components[node] = UInt32(truncatingIfNeeded: node) }
  }

  func run() throws(GraphError) -> SpanningForest {
    let nodeCount = lists.nodeCount
    // A bit for each entry: whether its edge is taken, seen from the smaller end.
    let taken = try kernel.slots(
      repeating: UInt64(0), count: Slots<UInt64>.wordCount(ofBits: lists.entryCount))
    var count = 0
    var round = 0
    while true {
      try findLightest()
      choices.fill(0..<nodeCount, with: Self.none)
      for node in 0..<UInt32(nodeCount) where lightest[node] >= 0 {
        let component = components[node]
        if choices[component] == Self.none || isLighter(node, choices[component]) {
          choices[component] = node
        }
      }
      let before = count
      for component in 0..<UInt32(nodeCount) where choices[component] != Self.none {
        let node = choices[component]
        let other = lists.neighbors[lightest[node]]
        let (one, two) = (root(of: node), root(of: other))
        guard one != two else { continue }
        components[max(one, two)] = min(one, two)
        let entry = lightestEntry(from: min(node, other), to: max(node, other))
        taken[entry >> 6] |= 1 << UInt64(entry & 63)
        count += 1
      }
      guard count > before else { break }
      for node in 0..<UInt32(nodeCount) { components[node] = components[components[node]] }
      round += 1
      try kernel.report(iteration: round)
    }
    return try answer(taken, count: count)
  }

  /// The node that stands for a component, by ways that are halved as they are walked.
  private func root(of node: UInt32) -> UInt32 {
    var node = node
    while components[node] != node {
      components[node] = components[components[node]]
      node = components[node]
    }
    return node
  }

  private func findLightest() throws(GraphError) {
    try kernel.forEach(count: lists.nodeCount, grain: 1 << 10) { range, _ in
      for index in range where lightest[index] >= 0 {
        let node = UInt32(truncatingIfNeeded: index)
        let component = components[node]
        var (best, weight) = (-1, Double.infinity)
        // Of equally light ones, the first leads to the smallest node.
        for entry in lists.range(of: node) where components[lists.neighbors[entry]] != component {
          let length = lengths[entry]
          if best < 0 || length < weight { (best, weight) = (entry, length) }
        }
        lightest[index] = best
      }
    }
  }

  /// Whether the lightest edge of one node comes before that of another.
  private func isLighter(_ one: UInt32, _ other: UInt32) -> Bool {
    let (first, second) = (lightest[one], lightest[other])
    let (weight, otherWeight) = (lengths[first], lengths[second])
    if weight != otherWeight { return weight < otherWeight }
    let (end, otherEnd) = (lists.neighbors[first], lists.neighbors[second])
    return (min(one, end), max(one, end)) < (min(other, otherEnd), max(other, otherEnd))
  }

  /// The edges in order, with their weights.
  private func answer(_ taken: Slots<UInt64>, count: Int) throws(GraphError) -> SpanningForest {
    let sources = try kernel.slots(of: UInt32.self, count: count)
    let targets = try kernel.slots(of: UInt32.self, count: count)
    let weights = try kernel.slots(of: Double.self, count: count)
    var (place, total) = (0, 0.0)
    for node in 0..<UInt32(lists.nodeCount) {
      for entry in lists.range(of: node) where taken[entry >> 6] >> UInt64(entry & 63) & 1 != 0 {
        sources[place] = node
        targets[place] = lists.neighbors[entry]
        weights[place] = lengths[entry]
        total += weights[place]
        place += 1
      }
    }
    return SpanningForest(
      sources: NodeColumn(kernel.take(sources)), targets: NodeColumn(kernel.take(targets)),
      weights: kernel.column(weights), totalWeight: total)
  }

  /// The lightest of the entries that lead from one node to another. Precondition: there is one.
  private func lightestEntry(from source: UInt32, to target: UInt32) -> Int {
    let entries = lists.range(of: source)
    var (low, high) = (entries.lowerBound, entries.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if lists.neighbors[middle] < target { low = middle + 1 } else { high = middle }
    }
    var best = low
    while low < entries.upperBound, lists.neighbors[low] == target {
      if lengths[low] < lengths[best] { best = low }
      low += 1
    }
    return best
  }
}
