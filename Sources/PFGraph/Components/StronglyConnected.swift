// Strongly connected components: nodes that lead to each other.
//
// Method: Tarjan ("Depth-First Search and Linear Graph Algorithms", 1972) in the form of Pearce ("A
// Space-Efficient Algorithm for Finding Strongly Connected Components", 2016): one depth-first
// search, in which each node learns the earliest node that it leads back to; one that finds none
// before itself ends a component. It is iterative: the way to the node is a stack of its own. In a
// graph of some size most nodes have been found before, by searches that threads share
// (`StrongBeginning`).
//
// Tricks: one word a node says all that an edge asks for: that the node is new (0), when it was met
// (a small number), or that it is done (the high bit, which makes it larger than any number, so that
// a done node needs no test of its own) and in which component. The word of the node that is being
// walked stays in a register.

/// How strongly connected components are found; all ways have the same answer.
public enum StronglyConnectedMethod: String, CaseIterable, Sendable {
  /// What is fastest for the graph and the threads: one of the others, or parts of both.
  case automatic = "auto"
  /// One depth-first search, on one thread; `csc` is not needed.
  case tarjan
  /// First the component of the node with the most edges, on two threads, then the rest as `tarjan`.
  case forwardBackward = "forward_backward"
}

extension Graph {
  /// Finds the strongly connected components; in a graph without directions, the connected ones.
  ///
  /// The component of the node with the most edges is found by two threads, the others by one. A
  /// graph with directions makes `csc`, unless it is small or the method needs none.
  ///
  /// - Parameters:
  ///   - method: How they are found.
  ///   - options: Threads, cancellation.
  /// - Returns: The label of each node, and the number of components.
  /// - Complexity: O(nodes + edges); memory up to 20 bytes for each node beside the answer.
  /// - Throws: `.outOfMemory`, `.cancelled`.
  public func stronglyConnectedComponents(
    method: StronglyConnectedMethod = .automatic, _ options: KernelOptions = KernelOptions()
  ) throws(GraphError) -> Components {
    guard isDirected else { return try connectedComponents(options) }
    let isAlone = method == .automatic ? edgeCount < Self.fewEdges : method == .tarjan
    let incoming = isAlone ? nil : try csc(options)
    return try Kernel.run(options) { (kernel) throws(GraphError) in
      try withExtendedLifetime((self, incoming)) { () throws(GraphError) in
        let lists = csr.adjacency.lists
        guard let incoming else { return try StrongSearch(kernel, lists).run() }
        let beginning = try StrongBeginning(kernel, lists, incoming.adjacency.lists)
        let (known, first) = try beginning.run(isFree: method == .automatic)
        var search = try StrongSearch(kernel, lists, beginning.marks, new: beginning.new)
        var count = known
        if let first {
          search.lists = first.lists
          count += try search.search(from: first.node)
        }
        search.lists = beginning.shorterLists()
        return try search.run(known: count)
      }
    }
  }

  /// With fewer edges than this one search is faster than three.
  private static var fewEdges: Int { 1 << 12 }
}

/// What is known of a node in the search for strong components: 0 for a new one; the smallest number
/// that it is known to lead to, counted from 1, for one that was met; `done` and its label for one
/// whose component is known.
enum StrongMark {
  static let done: UInt32 = 1 << 31
}

/// The state of the search.
private struct StrongSearch {
  let kernel: Kernel
  var lists: NeighborLists

  /// A `StrongMark` for each node.
  let marks: Slots<UInt32>
  /// Bits of the nodes that were new at the start.
  let new: Slots<UInt64>
  /// Nodes that were met, whose components are not known, and that are not on the way.
  let waiting: Slots<UInt32>
  /// The way: its nodes, where each goes on among its neighbours, and the number each was met as.
  let way: Slots<UInt32>
  let entries: Slots<Int>
  let numbers: Slots<UInt32>

  /// For all nodes.
  init(_ kernel: Kernel, _ lists: NeighborLists) throws(GraphError) {
    let nodeCount = lists.nodeCount
    let new = try kernel.slots(
      repeating: UInt64.max, count: Slots<UInt64>.wordCount(ofBits: nodeCount))
    if nodeCount & 63 != 0 { new[new.count - 1] = 1 << UInt64(nodeCount & 63) - 1 }
    try self.init(kernel, lists, try kernel.slots(repeating: 0, count: nodeCount), new: new)
  }

  /// For those that are new.
  init(
    _ kernel: Kernel, _ lists: NeighborLists, _ marks: Slots<UInt32>, new: Slots<UInt64>
  ) throws(GraphError) {
    (self.kernel, self.lists, self.marks, self.new) = (kernel, lists, marks, new)
    waiting = try kernel.slots(of: UInt32.self, count: lists.nodeCount)
    way = try kernel.slots(of: UInt32.self, count: lists.nodeCount)
    entries = try kernel.slots(of: Int.self, count: lists.nodeCount)
    numbers = try kernel.slots(of: UInt32.self, count: lists.nodeCount)
  }

  /// Nodes between two looks at the caller's wish to stop.
  private static let breath: UInt32 = 1 << 14

  /// Finds the components of all new nodes; `known` is the number of those found before.
  func run(known: Int = 0) throws(GraphError) -> Components {
    var count = known
    for word in 0..<new.count {
      if word & 0xFF == 0 { try kernel.check() }
      var left = new[word]
      while left != 0 {
        let start = UInt32(truncatingIfNeeded: word << 6 | left.trailingZeroBitCount)
        left &= left &- 1
        if marks[start] == 0 { count += try search(from: start) }
      }
    }
    try kernel.forEach(count: marks.count, grain: 1 << 15) { range, _ in
      for node in range { marks[node] &= ~StrongMark.done }
    }
    return Components(labels: NodeColumn(kernel.take(marks)), count: count)
  }

  /// Finds the components of the new nodes that one leads to, itself included; how many they are.
  ///
  /// Nothing waits before and after it, so numbers begin again with each.
  func search(from start: UInt32) throws(GraphError) -> Int {
    var (count, waitingCount) = (0, 0)
    var met: UInt32 = 1
    var node = start
    var (entry, end) = (lists.offsets[Int(start)], lists.offsets[Int(start) + 1])
    var (number, mark) = (met, met)
    marks[node] = met
    var depth = 0
    while true {
      var child: UInt32?
      while entry < end {
        let neighbor = lists.neighbors[entry]
        entry &+= 1
        let seen = marks[neighbor]
        if seen == 0 {
          child = neighbor
          break
        }
        mark = min(mark, seen)
      }
      if let child {
        (way[depth], entries[depth], numbers[depth]) = (node, entry, number)
        marks[node] = mark
        depth += 1
        node = child
        (entry, end) = (lists.offsets[Int(node)], lists.offsets[Int(node) + 1])
        met += 1
        (number, mark) = (met, met)
        marks[node] = met
        if met & (Self.breath - 1) == 0 { try kernel.check() }
        continue
      }
      if mark == number {
        count += 1
        waitingCount = finish(node, number: number, waitingCount)
        mark = marks[node]
      } else {
        marks[node] = mark
        waiting[waitingCount] = node
        waitingCount += 1
      }
      guard depth > 0 else { return count }
      depth -= 1
      node = way[depth]
      mark = min(marks[node], mark)
      (entry, number) = (entries[depth], numbers[depth])
      end = lists.offsets[Int(node) + 1]
    }
  }

  /// Ends the component of `node`: it and those that wait and were met later; how many still wait.
  @inline(__always)
  private func finish(_ node: UInt32, number: UInt32, _ waitingCount: Int) -> Int {
    var (label, first) = (node, waitingCount)
    // Those of the component lead back to a number from here on; all that wait below do not.
    while first > 0, marks[waiting[first - 1]] >= number {
      first -= 1
      label = min(label, waiting[first])
    }
    for index in first..<waitingCount { marks[waiting[index]] = StrongMark.done | label }
    marks[node] = StrongMark.done | label
    return first
  }
}
