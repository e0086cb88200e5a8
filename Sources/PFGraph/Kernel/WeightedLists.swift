/// The lists of an adjacency with float64 weights, for kernels that are written once for all.
struct WeightedLists: Sendable {
  let lists: NeighborLists
  /// nil where each edge counts 1.
  let weights: Slots<Double>?

  /// The weight of an entry.
  @inline(__always)
  func weight(_ entry: Int) -> Double { weights.map { $0[entry] } ?? 1 }

  /// The sum of what the neighbours of a node have, each times its weight. Two running sums, in an
  /// order of their own: the same bits each time.
  @inline(never)
  func pull(_ node: Int, from values: Slots<Double>) -> Double {
    var (even, odd) = (0.0, 0.0)
    var entry = lists.offsets[node]
    let end = lists.offsets[node + 1]
    if let weights {
      while entry &+ 1 < end {
        even += values[lists.neighbors[entry]] * weights[entry]
        odd += values[lists.neighbors[entry &+ 1]] * weights[entry &+ 1]
        entry &+= 2
      }
      if entry < end { even += values[lists.neighbors[entry]] * weights[entry] }
    } else {
      while entry &+ 1 < end {
        even += values[lists.neighbors[entry]]
        odd += values[lists.neighbors[entry &+ 1]]
        entry &+= 2
      }
      if entry < end { even += values[lists.neighbors[entry]] }
    }
    return even + odd
  }
}

extension Kernel {
  /// The lists with their weights, float32 ones as float64 in memory of the run.
  func weighted(_ adjacency: Adjacency, usesWeights: Bool) throws(GraphError) -> WeightedLists {
    var weights: Slots<Double>?
    switch usesWeights ? adjacency.weights : nil {
    case nil: break
    case .float64(let buffer): weights = buffer.slots(of: Double.self)
    case .float32(let buffer):
      let narrow = buffer.slots(of: Float.self)
      let wide = try slots(of: Double.self, count: narrow.count)
      try forEach(count: narrow.count, grain: 1 << 16) { range, _ in
        for entry in range { wide[entry] = Double(narrow[entry]) }
      }
      weights = wide
    }
    return WeightedLists(lists: adjacency.lists, weights: weights)
  }

  /// Checks that no weight is negative, infinite or not a number.
  ///
  /// - Throws: `.badWeight` with the first edge that has such a one, by source.
  func checkWeights(_ edges: WeightedLists) throws(GraphError) {
    guard let weights = edges.weights else { return }
    let wrong = try slots(repeating: UInt64.max, count: 1)
    try forEach(count: weights.count, grain: 1 << 16) { range, _ in
      for entry in range where !(weights[entry] >= 0 && weights[entry] < .infinity) {
        _ = wrong.lower(0, to: UInt64(entry))
        break
      }
    }
    guard wrong[0] != .max else { return }
    let entry = Int(wrong[0])
    var source = 0
    while edges.lists.offsets[source + 1] <= entry { source += 1 }
    throw .badWeight(
      source: source, target: Int(edges.lists.neighbors[entry]), weight: weights[entry])
  }
}
