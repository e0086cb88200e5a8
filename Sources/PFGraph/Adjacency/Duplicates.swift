// Parallel edges → one edge. Rows are sorted, so they stand side by side, those of one pair in the
// order of the input.

extension Kernel {
  /// The adjacency with each neighbour once a row, if that is wanted.
  func withoutDuplicates(_ adjacency: Adjacency, _ rule: GraphOptions.Duplicates)
    throws(GraphError) -> Adjacency
  {
    guard rule != .keep else { return adjacency }
    let lists = adjacency.lists
    let nodeCount = lists.nodeCount
    let counts = try slots(of: Int.self, count: nodeCount + 1)
    try forEach(count: nodeCount, grain: 1 << 13) { range, _ in
      for node in range {
        var count = 0
        var last = UInt32.max
        for index in lists.range(of: UInt32(truncatingIfNeeded: node)) {
          let neighbor = lists.neighbors[index]
          if neighbor != last { count += 1 }
          last = neighbor
        }
        counts[node] = count
      }
    }
    // Counts → offsets, in place.
    var total = 0
    for node in 0..<nodeCount {
      let count = counts[node]
      counts[node] = total
      total += count
    }
    counts[nodeCount] = total
    if total == lists.entryCount {
      free(counts)
      return adjacency
    }

    let neighbors = try slots(of: UInt32.self, count: total)
    try forEach(count: nodeCount, grain: 1 << 13) { range, _ in
      for node in range {
        var place = counts[node]
        var last = UInt32.max
        for index in lists.range(of: UInt32(truncatingIfNeeded: node)) {
          let neighbor = lists.neighbors[index]
          if neighbor != last {
            neighbors[place] = neighbor
            place += 1
          }
          last = neighbor
        }
      }
    }
    let weights: EdgeWeights?
    switch adjacency.weights {
    case nil: weights = nil
    case .float32(let buffer):
      weights = .float32(
        take(try merged(buffer.slots(of: Float.self), lists, counts, isSum: rule == .merge)))
    case .float64(let buffer):
      weights = .float64(
        take(try merged(buffer.slots(of: Double.self), lists, counts, isSum: rule == .merge)))
    }
    return Adjacency(
      nodeCount: nodeCount, offsets: take(counts), neighbors: take(neighbors), weights: weights)
  }

  /// The weight of each neighbour that stays: the first, or the sum in the order of the input.
  private func merged<Weight: WeightElement>(
    _ weights: Slots<Weight>, _ lists: NeighborLists, _ offsets: Slots<Int>, isSum: Bool
  ) throws(GraphError) -> Slots<Weight> {
    let merged = try slots(of: Weight.self, count: offsets[offsets.count - 1])
    try forEach(count: lists.nodeCount, grain: 1 << 13) { range, _ in
      for node in range {
        var place = offsets[node] - 1
        var last = UInt32.max
        for index in lists.range(of: UInt32(truncatingIfNeeded: node)) {
          let neighbor = lists.neighbors[index]
          if neighbor != last {
            place += 1
            merged[place] = weights[index]
          } else if isSum {
            merged[place] += weights[index]
          }
          last = neighbor
        }
      }
    }
    return merged
  }
}
