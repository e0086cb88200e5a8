/// A graph of nodes, or of the communities of another level, as methods that raise the modularity
/// work on it.
struct CommunityLevel {
  let kernel: Kernel
  let edges: WeightedLists
  /// Twice what is within each node, where it stands for several; nil where self-loops are edges.
  let loops: Slots<Double>?
  /// What ends at each node: the weights of its edges, and twice those of its self-loops.
  let strengths: Slots<Double>
  /// The sum of the strengths: twice the weight of all edges.
  let total: Double
  let resolution: Double

  var nodeCount: Int { strengths.count }

  init(_ kernel: Kernel, _ edges: WeightedLists, loops: Slots<Double>?, resolution: Double)
    throws(GraphError)
  {
    self.kernel = kernel
    self.edges = edges
    self.loops = loops
    self.resolution = resolution
    let strengths = try kernel.slots(of: Double.self, count: edges.lists.nodeCount)
    total = try kernel.sum(count: strengths.count, grain: 1 << 12) { range, _ in
      var total = 0.0
      for node in range {
        let id = UInt32(truncatingIfNeeded: node)
        var sum = loops?[node] ?? 0
        for entry in edges.lists.range(of: id) {
          let weight = edges.weight(entry)
          sum += edges.lists.neighbors[entry] == id ? 2 * weight : weight
        }
        strengths[node] = sum
        total += sum
      }
      return total
    }
    self.strengths = strengths
  }

  /// Gives the memory of a level between the first and the last back.
  func free() {
    kernel.free(strengths)
    guard let loops, let weights = edges.weights else { return }
    kernel.free(loops)
    kernel.free(weights)
    kernel.free(edges.lists.neighbors)
    kernel.free(edges.lists.offsets)
  }

  /// The modularity of communities, whose numbers are below that of the nodes.
  func modularity(of communities: Slots<UInt32>) throws(GraphError) -> Double {
    guard total > 0 else { return 0 }
    let within = try kernel.sum(count: nodeCount, grain: 1 << 12) { range, _ in
      var within = 0.0
      for node in range {
        let id = UInt32(truncatingIfNeeded: node)
        within += loops?[node] ?? 0
        for entry in edges.lists.range(of: id) {
          let neighbor = edges.lists.neighbors[entry]
          guard communities[neighbor] == communities[node] else { continue }
          within += neighbor == id ? 2 * edges.weight(entry) : edges.weight(entry)
        }
      }
      return within
    }
    let sums = try kernel.slots(repeating: 0.0, count: nodeCount)
    defer { kernel.free(sums) }
    for node in 0..<nodeCount { sums[communities[node]] += strengths[node] }
    let expected = try kernel.sum(count: nodeCount, grain: 1 << 12) { range, _ in
      var expected = 0.0
      for node in range { expected += (sums[node] / total) * (sums[node] / total) }
      return expected
    }
    return within / total - resolution * expected
  }

  /// Memory for what a node is joined with each community by.
  struct Ties {
    /// 0 for all communities but `found`.
    let weights: Slots<Double>
    let found: Slots<UInt32>
    let isFound: Slots<UInt8>
    var count = 0

    init(_ kernel: Kernel, _ nodeCount: Int) throws(GraphError) {
      weights = try kernel.slots(repeating: 0.0, count: nodeCount)
      found = try kernel.slots(of: UInt32.self, count: nodeCount)
      isFound = try kernel.slots(repeating: UInt8(0), count: nodeCount)
    }

    func free(_ kernel: Kernel) {
      kernel.free(weights)
      kernel.free(found)
      kernel.free(isFound)
    }

    @inline(__always)
    mutating func add(_ community: UInt32, _ weight: Double) {
      if isFound[community] == 0 {
        isFound[community] = 1
        found[count] = community
        count += 1
      }
      weights[community] += weight
    }

    mutating func clear() {
      for index in 0..<count {
        isFound[found[index]] = 0
        weights[found[index]] = 0
      }
      count = 0
    }
  }

  /// Collects what joins `node` to the communities of its neighbours; of those only that share its
  /// `part`, where there are parts.
  func collect(
    _ node: UInt32, _ communities: Slots<UInt32>, within parts: Slots<UInt32>?,
    into ties: inout Ties
  ) {
    for entry in edges.lists.range(of: node) {
      let neighbor = edges.lists.neighbors[entry]
      guard neighbor != node else { continue }
      if let parts, parts[neighbor] != parts[node] { continue }
      ties.add(communities[neighbor], edges.weight(entry))
    }
  }

  /// What a node that is joined to a community by `weight` brings it, in weight of edges.
  @inline(__always)
  func gain(_ node: UInt32, _ weight: Double, to sum: Double) -> Double {
    weight - resolution * strengths[node] * (sum / total)
  }

  /// Moves nodes to the neighbouring community where they raise the modularity most, until none
  /// does; whether any moved.
  ///
  /// Nodes wait in a ring, at first all of them in an order that the seed decides; a node that
  /// moves sends those of its neighbours back that are not in its new community and do not wait.
  func move(_ communities: Slots<UInt32>, seed: UInt64) throws(GraphError) -> Bool {
    guard total > 0 else { return false }
    let ring = try kernel.slots(of: UInt32.self, count: nodeCount)
    let waits = try kernel.slots(repeating: UInt8(1), count: nodeCount)
    let sums = try kernel.slots(repeating: 0.0, count: nodeCount)
    var ties = try Ties(kernel, nodeCount)
    defer {
      kernel.free(ring)
      kernel.free(waits)
      kernel.free(sums)
      ties.free(kernel)
    }
    kernel.shuffle(ring, seed: seed)
    for node in 0..<nodeCount { sums[communities[node]] += strengths[node] }

    var (first, waiting, turn) = (0, nodeCount, 0)
    var hasMoved = false
    while waiting > 0 {
      turn &+= 1
      if turn & 0xFFF == 0 { try kernel.check() }
      let node = ring[first]
      first = first + 1 == nodeCount ? 0 : first + 1
      waiting -= 1
      waits[node] = 0
      let home = communities[node]
      collect(node, communities, within: nil, into: &ties)
      sums[home] -= strengths[node]
      // What rounding could feign is no gain: each move then raises the modularity, and there is
      // an end.
      var best = home
      var most = gain(node, ties.weights[home], to: sums[home]) + 1e-10 * strengths[node]
      for index in 0..<ties.count {
        let community = ties.found[index]
        let its = gain(node, ties.weights[community], to: sums[community])
        if its > most || its == most && best != home && community < best {
          (best, most) = (community, its)
        }
      }
      ties.clear()
      sums[best] += strengths[node]
      guard best != home else { continue }
      hasMoved = true
      communities[node] = best
      for entry in edges.lists.range(of: node) {
        let neighbor = edges.lists.neighbors[entry]
        guard waits[neighbor] == 0, communities[neighbor] != best else { continue }
        waits[neighbor] = 1
        let place = first + waiting
        ring[place >= nodeCount ? place - nodeCount : place] = neighbor
        waiting += 1
      }
    }
    return hasMoved
  }

  /// Numbers communities from 0 in the order of their smallest nodes; how many there are.
  func renumber(_ communities: Slots<UInt32>) throws(GraphError) -> Int {
    let numbers = try kernel.slots(repeating: UInt32.max, count: nodeCount)
    defer { kernel.free(numbers) }
    var count: UInt32 = 0
    for node in 0..<nodeCount {
      let community = communities[node]
      if numbers[community] == .max {
        numbers[community] = count
        count += 1
      }
      communities[node] = numbers[community]
    }
    return Int(count)
  }

  /// The graph whose nodes are `count` communities, numbered from 0.
  func joined(by communities: Slots<UInt32>, count: Int) throws(GraphError) -> CommunityLevel {
    // The members of each community, by counting.
    let starts = try kernel.slots(repeating: 0, count: count + 1)
    let members = try kernel.slots(of: UInt32.self, count: nodeCount)
    for node in 0..<nodeCount { starts[communities[node]] += 1 }
    var place = 0
    for community in 0..<count {
      place += starts[community]
      starts[community] = place
    }
    starts[count] = place
    for node in stride(from: nodeCount - 1, through: 0, by: -1) {
      let community = communities[node]
      starts[community] -= 1
      members[starts[community]] = UInt32(truncatingIfNeeded: node)
    }

    let offsets = try kernel.slots(of: Int.self, count: count + 1)
    let loops = try kernel.slots(of: Double.self, count: count)
    let most = edges.lists.entryCount
    let neighbors = try kernel.slots(of: UInt32.self, count: most)
    let weights = try kernel.slots(of: Double.self, count: most)
    var ties = try Ties(kernel, count)
    var end = 0
    for community in 0..<count {
      if community & 0xFFF == 0 { try kernel.check() }
      offsets[community] = end
      var within = 0.0
      for index in starts[community]..<starts[community + 1] {
        let node = members[index]
        within += self.loops?[node] ?? 0
        collect(node, communities, within: nil, into: &ties)
        for entry in edges.lists.range(of: node) where edges.lists.neighbors[entry] == node {
          within += 2 * edges.weight(entry)
        }
      }
      let own = UInt32(truncatingIfNeeded: community)
      loops[community] = within + ties.weights[own]
      for index in 0..<ties.count where ties.found[index] != own {
        neighbors[end] = ties.found[index]
        weights[end] = ties.weights[ties.found[index]]
        end += 1
      }
      ties.clear()
    }
    offsets[count] = end
    kernel.free(starts)
    kernel.free(members)
    ties.free(kernel)
    return try CommunityLevel(
      kernel,
      WeightedLists(
        lists: NeighborLists(offsets: offsets, neighbors: neighbors[0..<end]), weights: weights),
      loops: loops, resolution: resolution)
  }
}
