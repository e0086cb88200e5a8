// Delta-stepping: nodes in buckets of a width, each bucket until nothing falls into it any more.
//
// Method: Meyer, Sanders, "Δ-stepping: a parallelizable shortest path algorithm" (Journal of
// Algorithms 49, 2003), without the split into light and heavy edges, as in the GAP Benchmark Suite
// (Beamer, Asanović, Patterson 2015), with the fusion of buckets of Zhang et al., "Optimizing
// ordered graph algorithms with GraphIt" (CGO 2020): what a thread puts into the bucket that is
// being emptied, it walks itself at once while that is little.
//
// Tricks: a node waits together with the distance that it had, so each lowering is walked from once
// and what was lowered since is passed over. Buckets are counted from a base, and what is beyond
// the last of them waits apart until the base moves there: any weights and any width need the same
// few buckets. One thread keeps the predecessors as it goes and uses no atomics.

/// A node and the distance that it had when it was put into a bucket.
private struct Waiting: BitwiseCopyable, Sendable {
  var distance: UInt64
  var node: UInt32
}

/// The buckets of one thread.
///
/// SAFETY: in a loop each thread uses the one of its own number; between loops the leader does.
private final class Buckets: @unchecked Sendable {
  /// The last one is for all that is beyond.
  var waiting = [[Waiting]](repeating: [], count: BucketScale.count + 1)
}

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

extension PathSearch {
  /// What a thread walks at once before it lets others take part.
  private static var fused: Int { 1 << 10 }

  /// Searches with buckets of the width `delta`, which is finite and more than 0.
  func runDeltaStepping(delta: Double) throws(GraphError) {
    let isAlone = kernel.threadCount == 1
    let buckets = (0..<kernel.threadCount).map { _ in Buckets() }
    var scale = BucketScale(delta: delta)
    var frontier = Set(query.sources).sorted().map { Waiting(distance: 0, node: $0) }
    var hasRest = false
    var (current, rounds) = (0, 0)
    while !frontier.isEmpty {
      if isAlone || frontier.count < 64 {
        hasRest = walkAlone(frontier[...], current, scale, buckets[0], isAlone) || hasRest
      } else {
        let (nodes, now, scale) = (frontier, current, scale)
        try kernel.forEach(count: nodes.count, grain: 64) { range, thread in
          _ = walkAlone(nodes[range], now, scale, buckets[thread], false)
        }
      }
      frontier.removeAll(keepingCapacity: true)
      rounds += 1
      if rounds & 15 == 0 { try kernel.check() }

      let last = current
      current = Self.nextBucket(buckets, from: current)
      if current != last {
        try kernel.report(iteration: rounds)
        if !query.targets.isEmpty, areFinal(before: current, scale) { break }
      }
      if current == BucketScale.count {
        guard let nearest = nearestBeyond(buckets) else { break }
        scale.base = nearest
        current = 0
        for own in buckets {
          let beyond = own.waiting[BucketScale.count]
          own.waiting[BucketScale.count] = []
          for node in beyond where distances[node.node] == node.distance {
            own.waiting[scale.bucket(of: Double(bitPattern: node.distance))].append(node)
          }
        }
      }
      for own in buckets where !own.waiting[current].isEmpty {
        if frontier.isEmpty {
          swap(&frontier, &own.waiting[current])
        } else {
          frontier.append(contentsOf: own.waiting[current])
          own.waiting[current].removeAll(keepingCapacity: true)
        }
      }
    }
    try cutBehindTargets()
    if isAlone {
      if hasRest { try explainRest() }
    } else {
      try explainByNearer()
      try explainRest()
    }
  }

  /// The first bucket of any thread, from `start` on, that is not empty; the one beyond if all are.
  private static func nextBucket(_ buckets: [Buckets], from start: Int) -> Int {
    var next = BucketScale.count
    for own in buckets {
      if let bucket = (start..<next).first(where: { !own.waiting[$0].isEmpty }) { next = bucket }
    }
    return next
  }

  /// The least distance of what waits beyond the buckets; nil if nothing does.
  private func nearestBeyond(_ buckets: [Buckets]) -> Double? {
    var nearest = Self.unreached
    for own in buckets {
      for node in own.waiting[BucketScale.count] where distances[node.node] == node.distance {
        nearest = min(nearest, node.distance)
      }
    }
    return nearest == Self.unreached ? nil : Double(bitPattern: nearest)
  }

  /// Whether all targets are in buckets that were emptied.
  private func areFinal(before bucket: Int, _ scale: BucketScale) -> Bool {
    query.targets.allSatisfy {
      let distance = distance($0)
      return distance < scale.base
        || distance < .infinity && scale.bucket(of: distance) < bucket
    }
  }

  /// Walks from the nodes of a bucket, and from what falls into it meanwhile, as long as that is
  /// little; whether nodes were lowered by others as far.
  private func walkAlone(
    _ nodes: ArraySlice<Waiting>, _ current: Int, _ scale: BucketScale, _ own: Buckets,
    _ isAlone: Bool
  ) -> Bool {
    // Taken out of the object, so that each access is one of a local.
    var waiting = own.waiting
    own.waiting = []
    defer { own.waiting = waiting }
    var hasRest = false
    @inline(__always) func walk(_ element: Waiting) {
      let node = element.node
      let distance = Double(bitPattern: element.distance)
      if isAlone {
        guard distances[node] == element.distance else { return }
        for entry in lists.range(of: node) {
          let target = lists.neighbors[entry]
          guard let key = relax(node, distance, to: target, lengths[entry], hasRest: &hasRest)
          else { continue }
          waiting[scale.bucket(of: Double(bitPattern: key))]
            .append(Waiting(distance: key, node: target))
        }
      } else {
        guard distances.load(Int(node)) == element.distance else { return }
        for entry in lists.range(of: node) {
          let target = lists.neighbors[entry]
          let offer = distance + lengths[entry]
          let key = offer.bitPattern
          guard key < distances.load(Int(target)), offer <= query.maxDistance,
            key < distances.lower(Int(target), to: key)
          else { continue }
          waiting[scale.bucket(of: offer)].append(Waiting(distance: key, node: target))
        }
      }
    }
    for element in nodes { walk(element) }
    var next: [Waiting] = []
    while !waiting[current].isEmpty, waiting[current].count < Self.fused {
      swap(&next, &waiting[current])
      for element in next { walk(element) }
      next.removeAll(keepingCapacity: true)
    }
    return hasRest
  }
}
