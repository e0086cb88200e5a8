// Pairs of a key and a value → the values of each key, keys ascending, values in the order in which
// they came: a stable counting sort, and the one way in which adjacencies are made.
//
// Method: a counting sort that throws each of ten million values to one of a million places misses
// the cache every time. Here pairs are first dealt to at most 1024 buckets of neighbouring keys, of
// which each is written front to back; then each bucket, small enough for a cache, is sorted by
// itself and lands where it belongs in the answer. Both halves run on all threads; where a pair goes
// depends on what came before it and never on who carries it.
//
// Rows come out sorted if the pairs come in by ascending value: grouping by target first and the
// result by source then gives sorted rows without sorting one ("distribution sort by two digits",
// Knuth, The Art of Computer Programming 3, 5.2.5).

/// Something that gives pairs in a fixed order, in parts that can be walked separately.
protocol PairSource: Sendable {
  /// The parts, in order.
  var partCount: Int { get }
  /// Calls `body` with key, value and the index of the weight of each pair of a part.
  func forEachPair(in part: Int, _ body: (_ key: UInt32, _ value: UInt32, _ weight: Int) -> Void)
}

/// What a grouping makes: lists as in `Adjacency`.
struct GroupedPairs<Weight: BitwiseCopyable> {
  let offsets: Slots<Int>
  let values: Slots<UInt32>
  /// Empty where there are none.
  let weights: Slots<Weight>
}

/// The weight of an edge that has none.
struct NoWeight: BitwiseCopyable, Sendable {}

extension Kernel {
  /// Groups the pairs of `source` by key. Precondition: keys are below `keyCount`.
  ///
  /// - Parameters:
  ///   - source: The pairs.
  ///   - keyCount: The number of keys.
  ///   - weights: Those that the indices of the source point into; nil where there are none.
  /// - Returns: Where the values of each key begin, the values, and their weights.
  /// - Throws: `.outOfMemory`, `.cancelled`.
  /// - Complexity: O(keys + pairs); beside the answer, 8 bytes and a weight for each pair.
  func group<Source: PairSource, Weight: BitwiseCopyable & Sendable>(
    _ source: Source, keyCount: Int, weights: Slots<Weight>?
  ) throws(GraphError) -> GroupedPairs<Weight> {
    let shift = Self.bucketShift(keyCount: keyCount)
    let bucketCount = max(1, (keyCount + (1 << shift) - 1) >> shift)

    // How many pairs each part has for each bucket → where its first one goes.
    let starts = try slots(repeating: 0, count: source.partCount * bucketCount + 1)
    try forEach(count: source.partCount, grain: 1) { range, _ in
      for part in range {
        let counts = starts[part * bucketCount..<(part + 1) * bucketCount]
        source.forEachPair(in: part) { key, _, _ in counts[Int(key >> UInt32(shift))] += 1 }
      }
    }
    let bucketStarts = try slots(of: Int.self, count: bucketCount + 1)
    var total = 0
    for bucket in 0..<bucketCount {
      bucketStarts[bucket] = total
      for part in 0..<source.partCount {
        let count = starts[part * bucketCount + bucket]
        starts[part * bucketCount + bucket] = total
        total += count
      }
    }
    bucketStarts[bucketCount] = total

    // Deal.
    let dealt = try slots(of: UInt64.self, count: total)
    let dealtWeights = try slots(of: Weight.self, count: weights == nil ? 0 : total)
    try forEach(count: source.partCount, grain: 1) { range, _ in
      for part in range {
        let next = starts[part * bucketCount..<(part + 1) * bucketCount]
        source.forEachPair(in: part) { key, value, weight in
          let bucket = Int(key >> UInt32(shift))
          let place = next[bucket]
          next[bucket] = place + 1
          dealt[place] = UInt64(key) << 32 | UInt64(value)
          if let weights { dealtWeights[place] = weights[weight] }
        }
      }
    }
    free(starts)

    // Sort each bucket.
    let offsets = try slots(of: Int.self, count: keyCount + 1)
    let values = try slots(of: UInt32.self, count: total)
    let sortedWeights = try slots(of: Weight.self, count: weights == nil ? 0 : total)
    offsets[keyCount] = total
    let nextOfKey = try slots(of: Int.self, count: threadCount << shift)
    try forEach(count: bucketCount, grain: 1) { range, thread in
      let next = nextOfKey[thread << shift..<(thread + 1) << shift]
      for bucket in range {
        let firstKey = bucket << shift
        let keys = min(1 << shift, keyCount - firstKey)
        let pairs = bucketStarts[bucket]..<bucketStarts[bucket + 1]
        next.fill(0..<keys, with: 0)
        for index in pairs { next[Int(dealt[index] >> 32) - firstKey] += 1 }
        var place = pairs.lowerBound
        for key in 0..<keys {
          offsets[firstKey + key] = place
          let count = next[key]
          next[key] = place
          place += count
        }
        for index in pairs {
          let pair = dealt[index]
          let key = Int(pair >> 32) - firstKey
          let place = next[key]
          next[key] = place + 1
          values[place] = UInt32(truncatingIfNeeded: pair)
          if weights != nil { sortedWeights[place] = dealtWeights[index] }
        }
      }
    }
    free(nextOfKey)
    free(bucketStarts)
    free(dealt)
    free(dealtWeights)
    return GroupedPairs(offsets: offsets, values: values, weights: sortedWeights)
  }

  /// The bits of a key that tell it apart within its bucket. A bucket has at most 2¹⁴ keys, whose
  /// counters fill a quarter of a small second-level cache, unless that made more than 1024 buckets,
  /// which would cost more than it saves; and there are enough of them for some threads.
  private static func bucketShift(keyCount: Int) -> Int {
    let bits = Int.bitWidth - max(1, keyCount - 1).leadingZeroBitCount
    return max(bits - 10, min(14, bits - 6), 0)
  }
}

/// The entries of lists, turned round: the pair (neighbour, node), nodes ascending.
struct TurnedLists: PairSource {
  let lists: NeighborLists
  let partCount = 16

  /// Parts of about the same number of entries.
  private func firstNode(of part: Int) -> Int {
    guard part < partCount else { return lists.nodeCount }
    let wanted = lists.entryCount / partCount * part
    var (low, high) = (0, lists.nodeCount)
    while low < high {
      let middle = (low + high) / 2
      if lists.offsets[middle] < wanted { low = middle + 1 } else { high = middle }
    }
    return low
  }

  @inline(__always)
  func forEachPair(in part: Int, _ body: (UInt32, UInt32, Int) -> Void) {
    let nodes = firstNode(of: part)..<firstNode(of: part + 1)
    guard !nodes.isEmpty else { return }
    var index = lists.offsets[nodes.lowerBound]
    for node in nodes {
      let end = lists.offsets[node + 1]
      while index < end {
        body(lists.neighbors[index], UInt32(truncatingIfNeeded: node), index)
        index += 1
      }
    }
  }
}
