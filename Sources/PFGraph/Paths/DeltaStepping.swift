// Delta-stepping: nodes in buckets of a width, each bucket until nothing falls into it any more.
//
// Method: Meyer, Sanders, "Δ-stepping: a parallelizable shortest path algorithm" (Journal of
// Algorithms 49, 2003), without the split into light and heavy edges, as in the GAP Benchmark Suite
// (Beamer, Asanović, Patterson 2015), with the fusion of buckets of Zhang et al., "Optimizing
// ordered graph algorithms with GraphIt" (CGO 2020): what a thread puts into the bucket that is
// being emptied, it walks itself at once while that is little.
//
// Tricks: memory is what this waits for, so a hundred nodes are walked from together, in passes
// that have no branch to guess wrong: their lists are looked up, the lists are touched, each edge
// is compared with the distance of its target; only what may be shorter comes to a pass with
// branches. A node waits together with half of the bits of the distance that it had, so what was
// lowered since is passed over. In a large graph the comparison is with a bound of the distance, which
// takes less memory (`DistanceBounds`). Buckets are counted from a base, and what is beyond the last of
// them waits apart until the base moves there: any weights and any width need the same few buckets.
// One thread uses no atomics, and keeps the predecessors, where they are asked for, as it goes;
// several look for them at the end.

/// Which bucket a distance belongs to.
private struct BucketScale: Sendable {
  static let count = 1 << 10

  var base: Double
  let perLength: Double

  init(delta: Double) {
    base = 0
    perLength = min(1 / delta, Double.greatestFiniteMagnitude)
  }

  /// Never falls as the distance grows. Precondition: it is finite and not below the base.
  @inline(__always)
  func bucket(of distance: Double) -> Int {
    Int(min((distance - base) * perLength, Double(Self.count)))
  }
}

/// What a thread works with: its buckets, and room for the passes over the nodes of a chunk.
private struct Walker: Sendable {
  /// The last one is for all that is beyond.
  let buckets: WaitingNodes
  /// Whether no other thread writes.
  let isAlone: Bool
  /// Of all nodes, where they pay.
  let bounds: DistanceBounds?
  let nodes: Slots<UInt32>
  let starts: Slots<Int>
  let ends: Slots<Int>
  /// Edges that may lower their target.
  let sources: Slots<UInt32>
  let targets: Slots<UInt32>
  let offers: Slots<Double>
  /// Keeps what is only read from being left out.
  let touched: Slots<UInt64>

  static let edgeCapacity = 1 << 9

  init(_ kernel: Kernel, _ bounds: DistanceBounds?) throws(GraphError) {
    isAlone = kernel.threadCount == 1
    self.bounds = bounds
    buckets = try WaitingNodes(kernel, queueCount: BucketScale.count + 1)
    nodes = try kernel.slots(of: UInt32.self, count: WaitingNodes.chunkCapacity + 1)
    starts = try kernel.slots(of: Int.self, count: WaitingNodes.chunkCapacity + 1)
    ends = try kernel.slots(of: Int.self, count: WaitingNodes.chunkCapacity + 1)
    sources = try kernel.slots(of: UInt32.self, count: Self.edgeCapacity)
    targets = try kernel.slots(of: UInt32.self, count: Self.edgeCapacity)
    offers = try kernel.slots(of: Double.self, count: Self.edgeCapacity)
    touched = try kernel.slots(repeating: 0, count: 8)
  }
}

extension PathSearch {
  /// Searches with buckets of the width `delta`, which is finite and more than 0.
  func runDeltaStepping(delta: Double) throws(GraphError) {
    let isAlone = kernel.threadCount == 1
    let explains = isAlone && query.asksForPredecessors
    var walkers: [Walker] = []
    var bounds: DistanceBounds?
    if DistanceBounds.pay(for: lists) {
      bounds = try DistanceBounds(kernel, nodeCount: lists.nodeCount, delta: delta)
    }
    for _ in 0..<kernel.threadCount { walkers.append(try Walker(kernel, bounds)) }
    var scale = BucketScale(delta: delta)
    for source in query.sources {
      bounds?.lower(source, to: 0)
      walkers[0].buckets.push(UInt64(source), to: 0)
    }
    var chunks = try GrowingSlots<UInt>(kernel)
    var hasRest = false
    var (current, rounds) = (0, 0)
    while true {
      let last = current
      current = Self.nextBucket(walkers, from: current)
      if current != last {
        try kernel.report(iteration: rounds)
        if !query.targets.isEmpty, areFinal(before: current, scale) { break }
      }
      if current == BucketScale.count {
        guard moveBase(&scale, walkers) else { break }
        current = 0
      }
      chunks.removeAll()
      for own in walkers {
        var top = own.buckets.take(current)
        while top != 0 {
          try chunks.append(top)
          top = WaitingNodes.below(top)
        }
      }
      let (tops, bucket, now) = (chunks.elements, current, scale)
      if isAlone || tops.count == 1 {
        for index in 0..<tops.count {
          if index & 63 == 63 { try kernel.check() }
          walk(tops[index], now, walkers[0], explains, hasRest: &hasRest)
          walkers[0].buckets.giveBack(tops[index])
        }
        if !isAlone { walkFused(bucket, now, walkers[0]) }
      } else {
        let walkers = walkers
        try kernel.forEach(count: tops.count, grain: 1) { range, thread in
          var hasRest = false
          for index in range {
            walk(tops[index], now, walkers[thread], false, hasRest: &hasRest)
            walkers[thread].buckets.giveBack(tops[index])
          }
          walkFused(bucket, now, walkers[thread])
        }
      }
      rounds += 1
      if rounds & 15 == 0 { try kernel.check() }
      for own in walkers where own.buckets.missingByteCount > 0 {
        throw .outOfMemory(byteCount: own.buckets.missingByteCount)
      }
    }
    try cutBehindTargets()
    if explains {
      if hasRest { try explainRest() }
    } else if query.asksForPredecessors {
      try explainByNearer()
      try explainRest()
    }
  }

  /// The first bucket of any thread, from `start` on, that is not empty; the one beyond if all are.
  private static func nextBucket(_ walkers: [Walker], from start: Int) -> Int {
    var next = BucketScale.count
    for own in walkers {
      var bucket = start
      while bucket < next, own.buckets.isEmpty(bucket) { bucket += 1 }
      next = bucket
    }
    return next
  }

  /// Counts buckets from the nearest node on that waits beyond them, and sorts what waits there;
  /// whether there is any.
  private func moveBase(_ scale: inout BucketScale, _ walkers: [Walker]) -> Bool {
    var nearest = Self.unreached
    var tops: [UInt] = []
    for own in walkers {
      tops.append(own.buckets.take(BucketScale.count))
      var top = tops[tops.count - 1]
      while top != 0 {
        WaitingNodes.forEach(ofChunk: top) { element in
          if let key = key(of: element) { nearest = min(nearest, key) }
        }
        top = WaitingNodes.below(top)
      }
    }
    guard nearest != Self.unreached else { return false }
    scale.base = Double(bitPattern: nearest)
    for (own, taken) in zip(walkers, tops) {
      var top = taken
      while top != 0 {
        WaitingNodes.forEach(ofChunk: top) { element in
          guard let key = key(of: element) else { return }
          own.buckets.push(element, to: scale.bucket(of: Double(bitPattern: key)))
        }
        let below = WaitingNodes.below(top)
        own.buckets.giveBack(top)
        top = below
      }
    }
    return true
  }

  /// The bits of the distance of a node that waits; nil if it was lowered since.
  private func key(of element: WaitingNodes.Element) -> UInt64? {
    let key = distances[UInt32(truncatingIfNeeded: element)]
    return key >> 32 == element >> 32 ? key : nil
  }

  /// Whether all targets are in buckets that were emptied.
  private func areFinal(before bucket: Int, _ scale: BucketScale) -> Bool {
    query.targets.allSatisfy {
      let distance = distance($0)
      return distance < scale.base
        || distance < .infinity && scale.bucket(of: distance) < bucket
    }
  }

  /// Walks from what fell into a thread's own bucket meanwhile, as long as that is little.
  private func walkFused(_ bucket: Int, _ scale: BucketScale, _ own: Walker) {
    var hasRest = false
    while !own.buckets.isEmpty(bucket), own.buckets.isShort(bucket) {
      var top = own.buckets.take(bucket)
      while top != 0 {
        walk(top, scale, own, false, hasRest: &hasRest)
        let below = WaitingNodes.below(top)
        own.buckets.giveBack(top)
        top = below
      }
    }
  }

  /// Walks from the nodes of a chunk; `explains` keeps predecessors, by one thread only, and
  /// `hasRest` tells whether one was lowered by another as far.
  private func walk(
    _ top: UInt, _ scale: BucketScale, _ own: Walker, _ explains: Bool, hasRest: inout Bool
  ) {
    var count = 0
    WaitingNodes.forEach(ofChunk: top) { element in
      let node = UInt32(truncatingIfNeeded: element)
      own.nodes[count] = node
      own.starts[count] = lists.offsets[Int(node)]
      own.ends[count] = lists.offsets[Int(node) + 1]
      count &+= distances.load(Int(node)) >> 32 == element >> 32 ? 1 : 0
    }
    if let bounds = own.bounds {
      walk(count, scale, own, explains, hasRest: &hasRest) { bounds.admit($0, to: $1) }
    } else {
      walk(count, scale, own, explains, hasRest: &hasRest) { offer, node in
        offer <= Double(bitPattern: distances.load(Int(node)))
      }
    }
  }

  /// Walks from the nodes that are looked up; `mayLower` is false for an offer that lowers nothing.
  @inline(__always)
  private func walk(
    _ nodeCount: Int, _ scale: BucketScale, _ own: Walker, _ explains: Bool, hasRest: inout Bool,
    _ mayLower: (_ offer: Double, _ node: UInt32) -> Bool
  ) {
    switch lengths {
    case .ones:
      walk(nodeCount, { _ in 1 }, mayLower, scale, own, explains, hasRest: &hasRest)
    case .float32(let weights):
      walk(nodeCount, { Double(weights[$0]) }, mayLower, scale, own, explains, hasRest: &hasRest)
    case .float64(let weights):
      walk(nodeCount, { weights[$0] }, mayLower, scale, own, explains, hasRest: &hasRest)
    }
  }

  @inline(__always)
  private func walk(
    _ nodeCount: Int, _ length: (Int) -> Double, _ mayLower: (Double, UInt32) -> Bool,
    _ scale: BucketScale, _ own: Walker, _ explains: Bool, hasRest: inout Bool
  ) {
    var touched: UInt64 = 0
    for index in 0..<nodeCount {
      let (start, end) = (own.starts[index], own.ends[index])
      guard start < end else { continue }
      touched &+= UInt64(lists.neighbors[start]) ^ UInt64(lists.neighbors[end - 1])
      touched ^= length(start).bitPattern &+ length(end - 1).bitPattern
    }
    own.touched[0] = touched

    var count = 0
    for index in 0..<nodeCount {
      let node = own.nodes[index]
      let distance = Double(bitPattern: distances.load(Int(node)))
      var entry = own.starts[index]
      let end = own.ends[index]
      while entry < end {
        let stop = min(end, entry + Walker.edgeCapacity - count)
        while entry < stop {
          let target = lists.neighbors[entry]
          let offer = distance + length(entry)
          own.sources[count] = node
          own.targets[count] = target
          own.offers[count] = offer
          count &+= mayLower(offer, target) ? 1 : 0
          entry &+= 1
        }
        if count == Walker.edgeCapacity {
          lower(count, scale, own, explains, hasRest: &hasRest)
          count = 0
        }
      }
    }
    lower(count, scale, own, explains, hasRest: &hasRest)
  }

  /// Lowers what can be lowered, and puts it into its bucket.
  private func lower(
    _ count: Int, _ scale: BucketScale, _ own: Walker, _ explains: Bool, hasRest: inout Bool
  ) {
    let isAlone = own.isAlone
    for index in 0..<count {
      let (target, offer) = (own.targets[index], own.offers[index])
      let key = offer.bitPattern
      if explains {
        let source = own.sources[index]
        let distance = self.distance(source)
        guard relax(source, distance, to: target, offer, hasRest: &hasRest) else { continue }
      } else if isAlone {
        guard offer <= query.maxDistance, key < distances[target] else { continue }
        distances[target] = key
      } else {
        guard offer <= query.maxDistance, key < distances.lower(Int(target), to: key) else {
          continue
        }
      }
      own.bounds?.lower(target, to: offer)
      own.buckets.push(
        (key & ~UInt64(UInt32.max)) | UInt64(target), to: scale.bucket(of: offer))
    }
  }
}
