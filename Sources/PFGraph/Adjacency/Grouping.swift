// Pairs of a key and a value → the values of each key, keys ascending, values in the order in which
// they came: a stable counting sort, and the one way in which adjacencies are made.
//
// Method: a counting sort that throws each of ten million values to one of a million places misses
// the cache every time. Here pairs are first dealt to at most 1024 buckets of neighbouring keys, of
// which each is written front to back; then each bucket, small enough for a cache, is sorted by
// itself where it lies, by way of a copy: beside the answer that takes two bytes for each pair. Both
// halves run on all threads; where a pair goes depends on what came before it and never on who
// carries it.
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
  /// - Complexity: O(keys + pairs); beside the answer, 2 bytes for each pair, and room for some
  ///   buckets.
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
    let keys = try slots(of: UInt16.self, count: total)
    let values = try slots(of: UInt32.self, count: total)
    let dealtWeights = try slots(of: Weight.self, count: weights == nil ? 0 : total)
    let mask = UInt32(1) << UInt32(shift) - 1
    try forEach(count: source.partCount, grain: 1) { range, _ in
      for part in range {
        let next = starts[part * bucketCount..<(part + 1) * bucketCount]
        source.forEachPair(in: part) { key, value, weight in
          let bucket = Int(key >> UInt32(shift))
          let place = next[bucket]
          next[bucket] = place + 1
          keys[place] = UInt16(truncatingIfNeeded: key & mask)
          values[place] = value
          if let weights { dealtWeights[place] = weights[weight] }
        }
      }
    }
    free(starts)

    // Sort each bucket. One that is much larger than the others, or than what a thread has to do,
    // would need as much room for each thread: the leader sorts it when the others are done.
    let offsets = try slots(of: Int.self, count: keyCount + 1)
    offsets[keyCount] = total
    let buckets = Buckets(
      shift: shift, keyCount: keyCount, starts: bucketStarts, offsets: offsets, keys: keys,
      values: values, weights: dealtWeights)
    let largest = (0..<bucketCount).reduce(0) { max($0, buckets.pairs(of: $1).count) }
    let usual = min(largest, 4 * (total / bucketCount) + 1, 2 * (total / threadCount) + 1)
    let room = try self.room(for: buckets, pairCount: usual, threadCount: threadCount)
    try forEach(count: bucketCount, grain: 1) { range, thread in
      for bucket in range where buckets.pairs(of: bucket).count <= usual {
        buckets.sort(bucket, in: room, of: thread)
      }
    }
    free(room)
    if largest > usual {
      let room = try self.room(for: buckets, pairCount: largest, threadCount: 1)
      for bucket in 0..<bucketCount where buckets.pairs(of: bucket).count > usual {
        try check()
        buckets.sort(bucket, in: room, of: 0)
      }
      free(room)
    }
    free(bucketStarts)
    free(keys)
    return GroupedPairs(offsets: offsets, values: values, weights: dealtWeights)
  }

  private func room<Weight>(for buckets: Buckets<Weight>, pairCount: Int, threadCount: Int)
    throws(GraphError) -> Buckets<Weight>.Room
  {
    Buckets<Weight>.Room(
      next: try slots(of: Int.self, count: threadCount << buckets.shift),
      values: try slots(of: UInt32.self, count: threadCount * pairCount),
      weights: try slots(
        of: Weight.self, count: buckets.weights.count == 0 ? 0 : threadCount * pairCount),
      pairCount: pairCount)
  }

  private func free<Weight>(_ room: Buckets<Weight>.Room) {
    free(room.next)
    free(room.values)
    free(room.weights)
  }

  /// The bits of a key that tell it apart within its bucket. A bucket has at most 2¹⁴ keys, whose
  /// counters fill a quarter of a small second-level cache, unless that made more than 1024 buckets,
  /// which would cost more than it saves; and there are enough of them for some threads. 16 bits are
  /// what a dealt pair keeps of its key.
  private static func bucketShift(keyCount: Int) -> Int {
    let bits = Int.bitWidth - max(1, keyCount - 1).leadingZeroBitCount
    return min(max(bits - 10, min(14, bits - 6), 0), 16)
  }
}

/// Pairs that were dealt to buckets; each is sorted where it lies.
private struct Buckets<Weight: BitwiseCopyable & Sendable>: Sendable {
  /// A bucket has 2 to the power of this many keys.
  let shift: Int
  let keyCount: Int
  /// Where the pairs of each bucket begin.
  let starts: Slots<Int>
  /// Where the values of each key begin, written here.
  let offsets: Slots<Int>
  /// Of the key of each pair what tells it apart within its bucket.
  let keys: Slots<UInt16>
  let values: Slots<UInt32>
  /// Empty where there are none.
  let weights: Slots<Weight>

  /// Where threads put the next value of each key, and what a bucket holds before it is sorted.
  struct Room: Sendable {
    let next: Slots<Int>
    let values: Slots<UInt32>
    let weights: Slots<Weight>
    /// The pairs that each thread has room for.
    let pairCount: Int
  }

  /// Where the pairs of a bucket are.
  func pairs(of bucket: Int) -> Range<Int> { starts[bucket]..<starts[bucket + 1] }

  /// Sorts the pairs of a bucket by key, those of a key in their order.
  func sort(_ bucket: Int, in room: Room, of thread: Int) {
    let pairs = pairs(of: bucket)
    let firstKey = bucket << shift
    let keyCount = min(1 << shift, keyCount - firstKey)
    let next = room.next[thread << shift..<thread << shift + keyCount]
    next.fill(0..<keyCount, with: 0)
    for index in pairs { next[Int(keys[index])] += 1 }
    var place = pairs.lowerBound
    for key in 0..<keyCount {
      offsets[firstKey + key] = place
      let count = next[key]
      next[key] = place
      place += count
    }
    let first = thread * room.pairCount
    let unsorted = room.values[first..<first + pairs.count]
    unsorted.copy(0..<pairs.count, from: values, at: pairs.lowerBound)
    if weights.count == 0 {
      for index in pairs {
        let place = next[Int(keys[index])]
        next[Int(keys[index])] = place + 1
        values[place] = unsorted[index - pairs.lowerBound]
      }
      return
    }
    let unsortedWeights = room.weights[first..<first + pairs.count]
    unsortedWeights.copy(0..<pairs.count, from: weights, at: pairs.lowerBound)
    for index in pairs {
      let place = next[Int(keys[index])]
      next[Int(keys[index])] = place + 1
      values[place] = unsorted[index - pairs.lowerBound]
      weights[place] = unsortedWeights[index - pairs.lowerBound]
    }
  }
}

/// The entries of lists, turned round: the pair (neighbour, node), nodes ascending.
struct TurnedLists: PairSource {
  let lists: NeighborLists
  var keepsSelfLoops = true
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
      let id = UInt32(truncatingIfNeeded: node)
      while index < end {
        let neighbor = lists.neighbors[index]
        if keepsSelfLoops || neighbor != id { body(neighbor, id, index) }
        index += 1
      }
    }
  }
}
