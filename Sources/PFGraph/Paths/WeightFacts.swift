internal import PFCore
internal import Synchronization

/// The weights of entries as kernels read them: lengths of edges.
///
/// WHY: not a generic parameter. A branch that always goes the same way costs less than the code of
/// each kernel a second time; loops that it slows down unwrap it outside.
enum EdgeLengths: Sendable {
  /// Each edge has length 1.
  case ones
  case float32(Slots<Float>)
  case float64(Slots<Double>)

  /// The length of an entry. Precondition: it is one.
  @inline(__always)
  subscript(entry: Int) -> Double {
    switch self {
    case .ones: 1
    case .float32(let weights): Double(weights[entry])
    case .float64(let weights): weights[entry]
    }
  }
}

extension Graph {
  /// The lengths of the entries of `csr`. Use them only while the graph is alive.
  var lengths: EdgeLengths {
    switch csr.weights {
    case nil: .ones
    case .float32(let buffer): .float32(buffer.slots(of: Float.self))
    case .float64(let buffer): .float64(buffer.slots(of: Double.self))
    }
  }
}

/// What kernels need to know about the weights of a graph; found once and kept with it.
struct WeightFacts: Sendable {
  /// The first entry whose weight is not a number, or −∞, which no path can have.
  var firstUnusable: Int?
  /// The first entry whose weight is negative, or as above.
  var firstNegative: Int?
  /// The mean of the weights that are finite and not negative; 0 where there is none.
  var mean: Double
}

extension Kernel {
  /// Looks at all weights.
  func facts(of lengths: EdgeLengths, count: Int) throws(GraphError) -> WeightFacts {
    let grain = 1 << 16
    let rangeCount = (count + grain - 1) / grain
    let none = UInt64.max
    let first = try slots(repeating: none, count: 2)
    let sums = try slots(repeating: 0.0, count: rangeCount)
    defer {
      free(first)
      free(sums)
    }
    try forEach(count: count, grain: grain) { range, _ in
      var (unusable, negative, sum) = (none, none, 0.0)
      for entry in range {
        let length = lengths[entry]
        if length >= 0 {
          if length < .infinity { sum += length }
          continue
        }
        negative = min(negative, UInt64(entry))
        if !(length > -.infinity) { unusable = min(unusable, UInt64(entry)) }
      }
      if unusable != none { _ = first.lower(0, to: unusable) }
      if negative != none { _ = first.lower(1, to: negative) }
      sums[range.lowerBound / grain] = sum
    }
    var sum = 0.0
    for index in 0..<rangeCount { sum += sums[index] }
    return WeightFacts(
      firstUnusable: Int(exactly: first[0]), firstNegative: Int(exactly: first[1]),
      mean: count == 0 ? 0 : sum / Double(count))
  }
}

extension Graph {
  /// What the weights are like; looked at once.
  func weightFacts(_ kernel: Kernel) throws(GraphError) -> WeightFacts {
    if let known = knownWeights.withLock({ $0 }) { return known }
    let facts = try kernel.facts(of: lengths, count: csr.entryCount)
    knownWeights.withLock { $0 = facts }
    return facts
  }

  /// The error that names the edge of an entry.
  func badWeight(at entry: Int) -> GraphError {
    let offsets = csr.offsets.span(of: Int64.self)
    // The last node whose neighbours begin at the entry or before.
    var (low, high) = (0, nodeCount)
    while high - low > 1 {
      let middle = (low + high) / 2
      if offsets[middle] <= Int64(entry) { low = middle } else { high = middle }
    }
    return .badWeight(
      source: low, target: Int(csr.neighbors.span(of: Int32.self)[entry]),
      weight: csr.weights?[entry] ?? 1)
  }
}
