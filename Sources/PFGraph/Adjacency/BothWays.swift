internal import PFCore

// Lists that have each edge at its source → lists that have it at both of its nodes.
//
// Method: the lists turned round have each edge at its target, rows sorted as well, and two sorted
// rows are merged. That is half of the sorting that edges in any order need.

extension Kernel {
  /// Edges without a direction, each at both of its nodes and a self-loop once, from those at their
  /// sources. What is parallel stands in the order of the edges, which are by ascending source.
  func bothWays(_ adjacency: Adjacency) throws(GraphError) -> Adjacency {
    let turned = try self.adjacency(
      of: TurnedLists(lists: adjacency.lists, keepsSelfLoops: false),
      nodeCount: adjacency.nodeCount, weights: adjacency.weights)
    let (lists, back) = (adjacency.lists, turned.lists)
    let offsets = try slots(of: Int.self, count: adjacency.nodeCount + 1)
    try forEach(count: offsets.count, grain: 1 << 14) { range, _ in
      for node in range { offsets[node] = lists.offsets[node] + back.offsets[node] }
    }
    let neighbors = try slots(of: UInt32.self, count: lists.entryCount + back.entryCount)
    let weights: EdgeWeights?
    switch (adjacency.weights, turned.weights) {
    case (.float32(let there), .float32(let other)):
      let (there, other) = (there.slots(of: UInt32.self), other.slots(of: UInt32.self))
      let merged = try slots(of: UInt32.self, count: neighbors.count)
      try merge(lists, there, back, other, into: offsets, neighbors, merged)
      weights = .float32(take(merged))
    case (.float64(let there), .float64(let other)):
      let (there, other) = (there.slots(of: UInt64.self), other.slots(of: UInt64.self))
      let merged = try slots(of: UInt64.self, count: neighbors.count)
      try merge(lists, there, back, other, into: offsets, neighbors, merged)
      weights = .float64(take(merged))
    default:
      let none = try slots(of: NoWeight.self, count: 0)
      try merge(lists, none, back, none, into: offsets, neighbors, none)
      weights = nil
    }
    return Adjacency(
      nodeCount: adjacency.nodeCount, offsets: take(offsets), neighbors: take(neighbors),
      weights: weights)
  }

  private func merge<Weight: BitwiseCopyable & Sendable>(
    _ lists: NeighborLists, _ weights: Slots<Weight>, _ back: NeighborLists,
    _ backWeights: Slots<Weight>, into offsets: Slots<Int>, _ neighbors: Slots<UInt32>,
    _ merged: Slots<Weight>
  ) throws(GraphError) {
    let isWeighted = merged.count > 0
    try forEach(count: lists.nodeCount, grain: 1 << 11) { range, _ in
      for node in range {
        let (end, backEnd) = (lists.offsets[node + 1], back.offsets[node + 1])
        var (entry, backEntry) = (lists.offsets[node], back.offsets[node])
        var place = offsets[node]
        while entry < end, backEntry < backEnd {
          let (neighbor, other) = (lists.neighbors[entry], back.neighbors[backEntry])
          // Of parallel edges those of the smaller source came first.
          let isBack = other < neighbor || other == neighbor && other < node
          neighbors[place] = isBack ? other : neighbor
          if isWeighted { merged[place] = isBack ? backWeights[backEntry] : weights[entry] }
          backEntry &+= isBack ? 1 : 0
          entry &+= isBack ? 0 : 1
          place &+= 1
        }
        while entry < end {
          neighbors[place] = lists.neighbors[entry]
          if isWeighted { merged[place] = weights[entry] }
          entry &+= 1
          place &+= 1
        }
        while backEntry < backEnd {
          neighbors[place] = back.neighbors[backEntry]
          if isWeighted { merged[place] = backWeights[backEntry] }
          backEntry &+= 1
          place &+= 1
        }
      }
    }
  }
}
