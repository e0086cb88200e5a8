/// The nodes of a level, and the edges that leave them.
struct FrontierLevel {
  var nodeCount = 0
  var edgeCount = 0

  /// Below so many edges one thread is faster than two.
  static let fewEdges = 1 << 10
}

/// The level of a search that is the last so far, in slices that threads take as they come.
///
/// Two threads that reach a node at the same time write the same distance, and both follow its edges;
/// that is rare, and costs less than asking who was first. Each notes the smallest predecessor that it
/// came from in a column of its own, and the smallest of those is found at the end in one pass; many
/// threads, whose columns would take much memory, share one. In a graph without directions most steps
/// note distances alone: a node's own list holds all that it may have been reached from, so a third of
/// the memory that those steps would touch here and there is gone through once, at the end.
struct Frontier {
  /// Nodes of a level, and the edges that leave them.
  private struct Slice: BitwiseCopyable {
    var nodes: Slots<UInt32>
    var count = 0
    var edgeCount = 0
  }

  private let kernel: Kernel
  private let lists: NeighborLists
  /// Whether a node's list holds all that it may have been reached from.
  private let isSymmetric: Bool
  private let tree: ReachedTree
  /// The number of slices.
  private let count: Int
  /// The level, each slice as one thread found it.
  private var level: Slots<Slice>
  /// What is found behind it.
  private var found: Slots<Slice>
  /// The predecessors that slices other than the first have noted, a column for each; empty as long as
  /// they have none.
  private var columns: Slots<UInt32>
  private var distance: UInt32 = 0
  /// The number of nodes of the level before.
  private var lastNodeCount = 0
  /// Whether there are nodes whose predecessors have not been noted.
  private var owesPredecessors = false

  /// Room between what different threads write.
  private static let spacing = 4
  private static let mostSlices = 64
  private static let leastCapacity = 1 << 9
  /// Of more slices all note predecessors in the same column.
  private static let mostColumns = 4

  init(
    _ kernel: Kernel, _ lists: NeighborLists, isSymmetric: Bool, _ tree: ReachedTree
  ) throws(GraphError) {
    (self.kernel, self.lists, self.tree) = (kernel, lists, tree)
    self.isSymmetric = isSymmetric
    columns = try kernel.slots(of: UInt32.self, count: 0)
    count = min(kernel.threadCount, Self.mostSlices)
    level = try kernel.slots(of: Slice.self, count: count * Self.spacing)
    found = try kernel.slots(of: Slice.self, count: count * Self.spacing)
    for slice in 0..<count {
      for slices in [level, found] {
        slices[slice * Self.spacing] = Slice(
          nodes: try kernel.slots(of: UInt32.self, count: Self.leastCapacity))
      }
    }
  }

  // MARK: Levels

  /// Makes room for the nodes that a slice may find.
  private func reserve(_ capacity: Int, in slice: Int) throws(GraphError) {
    let nodes = found[slice * Self.spacing].nodes
    guard nodes.count < capacity else { return }
    kernel.free(nodes)
    found[slice * Self.spacing].nodes = try kernel.slots(
      of: UInt32.self, count: max(capacity, 2 * nodes.count))
  }

  /// Makes what was found the level.
  private mutating func turn() -> FrontierLevel {
    swap(&level, &found)
    var sum = FrontierLevel()
    for slice in 0..<count {
      found[slice * Self.spacing].count = 0
      found[slice * Self.spacing].edgeCount = 0
      sum.nodeCount += level[slice * Self.spacing].count
      sum.edgeCount += level[slice * Self.spacing].edgeCount
    }
    return sum
  }

  mutating func begin(with sources: [UInt32]) throws(GraphError) -> FrontierLevel {
    try reserve(sources.count, in: 0)
    var slice = found[0]
    for source in sources {
      slice.nodes[slice.count] = source
      slice.count += 1
      slice.edgeCount += lists.degree(of: source)
    }
    found[0] = slice
    return turn()
  }

  // MARK: Steps

  /// What is noted of a node that a step reaches, beside its distance.
  private enum Note {
    case nothing
    /// The predecessor, in the slice's own column.
    case predecessor
    /// The predecessor, in a column of all slices.
    case sharedPredecessor
  }

  mutating func descend(from level: FrontierLevel, to distance: UInt32) throws(GraphError)
    -> FrontierLevel
  {
    let isThin = level.edgeCount < FrontierLevel.fewEdges
    // Where a level is many times the one before, hardly any neighbour of a node is a predecessor,
    // and to find one at the end takes long.
    let grows = level.nodeCount > 2 * lastNodeCount
    let sliceCount = isThin ? 1 : count
    let note: Note =
      isSymmetric && !isThin && !grows
      ? .nothing : sliceCount > Self.mostColumns ? .sharedPredecessor : .predecessor
    if note == .nothing { owesPredecessors = true }
    if note == .predecessor, sliceCount > 1, columns.count == 0 {
      columns = try kernel.slots(
        repeating: ReachedTree.none, count: (count - 1) * lists.nodeCount)
    }
    (self.distance, lastNodeCount) = (distance, level.nodeCount)

    let state = self
    let most = min(level.edgeCount, lists.nodeCount)
    if most <= lists.nodeCount / sliceCount {
      for slice in 0..<sliceCount { try reserve(most, in: slice) }
    } else {
      // Too much for each, so each counts its edges: together they have room for those of the level.
      try kernel.forEach(count: sliceCount, grain: 1) { range, _ in
        let slice = range.lowerBound
        state.forEach(in: slice, of: sliceCount, level) { nodes in
          for index in 0..<nodes.count {
            state.found[slice * Self.spacing].edgeCount += state.lists.degree(of: nodes[index])
          }
        }
      }
      for slice in 0..<sliceCount {
        try reserve(min(found[slice * Self.spacing].edgeCount, lists.nodeCount), in: slice)
        found[slice * Self.spacing].edgeCount = 0
      }
    }
    try kernel.forEach(count: sliceCount, grain: 1) { range, _ in
      let slice = range.lowerBound
      state.forEach(in: slice, of: sliceCount, level) {
        state.follow($0, into: slice, noting: note)
      }
    }
    return turn()
  }

  /// Calls `body` with the nodes of the level that are one slice's to follow, in pieces.
  @inline(__always)
  private func forEach(
    in slice: Int, of sliceCount: Int, _ sum: FrontierLevel, _ body: (Slots<UInt32>) -> Void
  ) {
    let range = sum.nodeCount * slice / sliceCount..<sum.nodeCount * (slice + 1) / sliceCount
    var first = 0
    for part in 0..<count {
      let part = level[part * Self.spacing]
      let here = range.clamped(to: first..<first + part.count)
      body(part.nodes[here.lowerBound - first..<here.upperBound - first])
      first += part.count
    }
  }

  /// Follows the edges of nodes of the level.
  private func follow(_ nodes: Slots<UInt32>, into slice: Int, noting note: Note) {
    let predecessors = slice == 0 ? tree.predecessors : column(slice)
    switch note {
    case .nothing:
      follow(nodes, into: slice) { _, _, _ in }
    case .predecessor:
      follow(nodes, into: slice) { neighbor, node, isNew in
        if isNew || node < predecessors[neighbor] { predecessors[neighbor] = node }
      }
    case .sharedPredecessor:
      let shared = tree.predecessors
      follow(nodes, into: slice) { neighbor, node, _ in
        if node < shared.load(Int(neighbor)) { _ = shared.lower(Int(neighbor), to: node) }
      }
    }
  }

  @inline(__always)
  private func follow(
    _ nodes: Slots<UInt32>, into slice: Int,
    _ note: (_ neighbor: UInt32, _ node: UInt32, _ isNew: Bool) -> Void
  ) {
    let (distances, distance) = (tree.distances, distance)
    let (neighbors, offsets) = (lists.neighbors, lists.offsets)
    let slice = slice * Self.spacing
    let new = found[slice].nodes
    var (end, edgeCount) = (found[slice].count, found[slice].edgeCount)
    for index in 0..<nodes.count {
      let node = nodes[index]
      var entry = offsets[Int(node)]
      let last = offsets[Int(node) &+ 1]
      while entry < last {
        let neighbor = neighbors[entry]
        let known = distances.load(Int(neighbor))
        if known == ReachedTree.none {
          distances.store(Int(neighbor), distance)
          note(neighbor, node, true)
          new[end] = neighbor
          end &+= 1
          edgeCount &+= offsets[Int(neighbor) &+ 1] &- offsets[Int(neighbor)]
        } else if known == distance {
          note(neighbor, node, false)
        }
        entry &+= 1
      }
    }
    found[slice].count = end
    found[slice].edgeCount = edgeCount
  }

  // MARK: Bitmaps

  func mark(reached: Slots<UInt64>, frontier: Slots<UInt64>) throws(GraphError) {
    let (distances, distance) = (tree.distances, distance)
    try kernel.forEach(count: reached.count, grain: 1 << 8) { range, _ in
      for word in range {
        let nodes = distances[word << 6..<min((word + 1) << 6, distances.count)]
        reached[word] |= ~nodes.bits(of: ReachedTree.none)
        frontier[word] = nodes.bits(of: distance)
      }
    }
  }

  mutating func set(to bits: Slots<UInt64>) throws(GraphError) -> FrontierLevel {
    for slice in 0..<count {
      try reserve(words(bits, of: slice).reduce(0) { $0 + bits[$1].nonzeroBitCount }, in: slice)
    }
    let state = self
    try kernel.forEach(count: count, grain: 1) { range, _ in
      let number = range.lowerBound
      var slice = state.found[number * Self.spacing]
      for word in state.words(bits, of: number) {
        bits[word].forEachBit { bit in
          let node = UInt32(truncatingIfNeeded: word << 6 | bit)
          slice.nodes[slice.count] = node
          slice.count += 1
          slice.edgeCount += state.lists.degree(of: node)
        }
      }
      state.found[number * Self.spacing] = slice
    }
    return turn()
  }

  private func words(_ bits: Slots<UInt64>, of slice: Int) -> Range<Int> {
    bits.count * slice / count..<bits.count * (slice + 1) / count
  }

  // MARK: Predecessors

  /// The column of a slice other than the first; empty if it has none.
  private func column(_ slice: Int) -> Slots<UInt32> {
    let count = lists.nodeCount
    return columns.count == 0 ? columns : columns[(slice - 1) * count..<slice * count]
  }

  /// Notes the predecessors that steps have not, or not yet where they belong.
  func completePredecessors() throws(GraphError) {
    guard owesPredecessors || columns.count > 0 else { return }
    let state = self
    try kernel.forEach(count: lists.nodeCount, grain: 1 << 14) { range, _ in
      state.gatherPredecessors(of: range)
      if state.owesPredecessors { state.findPredecessors(of: range) }
    }
  }

  private func gatherPredecessors(of range: Range<Int>) {
    let predecessors = tree.predecessors
    for slice in 1..<count where columns.count > 0 {
      let column = column(slice)
      for index in range { predecessors[index] = min(predecessors[index], column[index]) }
    }
  }

  private func findPredecessors(of range: Range<Int>) {
    let (distances, predecessors) = (tree.distances, tree.predecessors)
    for index in range {
      let distance = distances[index]
      // Reached, and no source.
      guard distance &+ 1 > 1, predecessors[index] == ReachedTree.none else { continue }
      for entry in lists.range(of: UInt32(truncatingIfNeeded: index)) {
        let neighbor = lists.neighbors[entry]
        guard distances[neighbor] == distance &- 1 else { continue }
        predecessors[index] = neighbor
        break
      }
    }
  }
}
