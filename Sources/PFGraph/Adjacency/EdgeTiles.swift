internal import PFCore

// Edge tiles: a sparse matrix times a vector that touches little memory twice.
//
// Method: nodes are cut into blocks, edges into tiles by the blocks of both their ends (Nishtala,
// Vuduc, Demmel, Yelick, "When Cache Blocking of Sparse Matrix Vector Multiply Works and Why",
// 2007; Zhang et al., "Making Caches Work for Graph Analytics", 2017). The sums of one block of
// targets stay in the second-level cache while its tiles go by, each of them from sources that
// stand close together.
//
// Trick: an edge is 32 bits, its two ends within their blocks, so a tile is one list that is read
// from front to end: no loop over the few edges of a row, whose length no processor foresees.
// Within a tile edges stand by source, so the values of sources come in order and two additions to
// one target are far apart. Each sum is made by ascending source, whoever makes it: the same bits
// for any number of threads.

/// The edges of a graph, cut into tiles for sums over in-neighbours.
struct EdgeTiles: Sendable {
  /// Blocks have `1 << bits` nodes; at most 16.
  let bits: UInt32
  /// The number of blocks.
  let blockCount: Int
  /// `Int`, where each tile begins, and behind the last where it ends; those of one block of targets
  /// are together, by ascending source.
  private let starts: Buffer
  /// `UInt32`, the ends of each edge within their blocks, the target in the lower half.
  private let ends: Buffer
  /// `Double`, the weight of each edge.
  private let weights: Buffer?

  fileprivate init(
    bits: UInt32, blockCount: Int, starts: Buffer, ends: Buffer, weights: Buffer?
  ) {
    self.bits = bits
    self.blockCount = blockCount
    self.starts = starts
    self.ends = ends
    self.weights = weights
  }

  /// The size of blocks for so many nodes: some blocks for each of many threads, and not more nodes
  /// than the cache has room for.
  static func bits(nodeCount: Int) -> UInt32 {
    let width = UInt32(Int.bitWidth - max(1, nodeCount - 1).leadingZeroBitCount)
    return min(max(width, 14) - 4, 15)
  }

  /// The nodes of a block.
  func nodes(ofBlock block: Int, nodeCount: Int) -> Range<Int> {
    block << Int(bits)..<min(nodeCount, (block + 1) << Int(bits))
  }

  /// All blocks, those with the most edges to them first: threads that take them in this order are
  /// done at about the same time.
  func blocksBySize() -> [Int] {
    let starts = starts.slots(of: Int.self)
    let counts = (0..<blockCount).map { starts[($0 + 1) * blockCount] - starts[$0 * blockCount] }
    return (0..<blockCount).sorted {
      counts[$0] == counts[$1] ? $0 < $1 : counts[$0] > counts[$1]
    }
  }

  /// Adds to `sums`, which belong to the nodes of `block`, what the sources of their edges give:
  /// for each edge the value of its source, times its weight. The values of a block of sources are
  /// asked for by its number. Hold the tiles meanwhile.
  @inline(__always)
  func add(toBlock block: Int, _ sums: Slots<Double>, _ values: (Int) -> Slots<Double>) {
    let (starts, ends) = (starts.slots(of: Int.self), ends.slots(of: UInt32.self))
    for source in 0..<blockCount {
      let tile = block * blockCount + source
      let values = values(source)
      var edge = starts[tile]
      let end = starts[tile + 1]
      if let weights = weights?.slots(of: Double.self) {
        while edge < end {
          let both = ends[edge]
          sums[both & 0xFFFF] += values[both >> 16] * weights[edge]
          edge &+= 1
        }
      } else {
        while edge < end {
          let both = ends[edge]
          sums[both & 0xFFFF] += values[both >> 16]
          edge &+= 1
        }
      }
    }
  }
}

extension Kernel {
  /// Cuts the edges of `lists`, which are by source, into tiles.
  ///
  /// - Throws: `.outOfMemory`, `.cancelled`.
  func tiles(of lists: NeighborLists, weights: EdgeWeights?) throws(GraphError) -> EdgeTiles {
    let bits = EdgeTiles.bits(nodeCount: lists.nodeCount)
    let blockCount = (lists.nodeCount + (1 << Int(bits)) - 1) >> Int(bits)
    let tileCount = blockCount * blockCount
    // By block of sources, each of them one thread's; first how many edges it has in each tile, then
    // where its next edge goes.
    let next = try slots(repeating: 0, count: tileCount)
    try forEach(count: blockCount, grain: 1) { range, _ in
      for block in range {
        let end = min(lists.nodeCount, (block + 1) << Int(bits))
        for entry in lists.offsets[block << Int(bits)]..<lists.offsets[end] {
          next[block * blockCount + Int(lists.neighbors[entry] >> bits)] += 1
        }
      }
    }
    let starts = try slots(of: Int.self, count: tileCount + 1)
    var start = 0
    for target in 0..<blockCount {
      for source in 0..<blockCount {
        starts[target * blockCount + source] = start
        start += next[source * blockCount + target]
        next[source * blockCount + target] = starts[target * blockCount + source]
      }
    }
    starts[tileCount] = start

    let ends = try slots(of: UInt32.self, count: lists.entryCount)
    let weighted = try weights.map { (_) throws(GraphError) in
      try slots(of: Double.self, count: lists.entryCount)
    }
    let mask = UInt32(1) << bits - 1
    try forEach(count: blockCount, grain: 1) { range, _ in
      for block in range {
        let nodes = block << Int(bits)..<min(lists.nodeCount, (block + 1) << Int(bits))
        for node in nodes {
          let source = UInt32(truncatingIfNeeded: node) & mask
          for entry in lists.range(of: UInt32(truncatingIfNeeded: node)) {
            let target = lists.neighbors[entry]
            let tile = block * blockCount + Int(target >> bits)
            let place = next[tile]
            next[tile] = place + 1
            ends[place] = source << 16 | target & mask
            switch weights {
            case nil: break
            case .float32(let buffer):
              weighted?[place] = Double(buffer.slots(of: Float.self)[entry])
            case .float64(let buffer): weighted?[place] = buffer.slots(of: Double.self)[entry]
            }
          }
        }
      }
    }
    free(next)
    return EdgeTiles(
      bits: bits, blockCount: blockCount, starts: take(starts), ends: take(ends),
      weights: weighted.map { take($0) })
  }
}
