/// The frontier of a search along edges with directions: parts that threads work on side by side.
///
/// Each node belongs to one part for good: blocks of ids are dealt out in turn. One thread at a time
/// works for a part, so it writes what is known of the part's nodes without atomics, and finds it in
/// its cache where it does so again on the next level. A node of another part that it comes by goes
/// into a box for that part, which looks there when all have followed their edges.
struct FrontierParts: Frontier {
  /// Where one part is: its nodes are in the queue from `start(of:)` on, level by level.
  private struct Part {
    /// Where the node is whose edges are followed next, …
    var next: Int
    /// … and how many of them have been.
    var followed = 0
    /// The end of the frontier.
    var frontierEnd: Int
    /// The end of the nodes that were found behind it.
    var end: Int
    /// The edges that leave those.
    var edgeCount = 0
  }

  /// An edge on its way to another part.
  private struct Sent: BitwiseCopyable {
    let edge: (node: UInt32, predecessor: UInt32)
  }

  private let kernel: Kernel
  private let outgoing: NeighborLists
  private let tree: ReachedTree
  /// The number of parts, a power of two.
  private let count: Int
  /// The nodes of all parts.
  private let queue: Slots<UInt32>
  /// What of an id tells the part it belongs to.
  private let ownerMask: UInt32
  private let blockBits: Int
  /// Room in the queue for each part.
  private let capacity: Int
  private let states: Slots<Part>
  /// The edges in each box.
  private let boxCounts: Slots<Int>
  private let boxes: Slots<Sent>
  private let boxCapacity: Int

  /// Room between what different threads write.
  private static let spacing = 4
  private static let mostParts = 64

  init(_ kernel: Kernel, _ lists: NeighborLists, _ tree: ReachedTree) throws(GraphError) {
    (self.kernel, outgoing, self.tree) = (kernel, lists, tree)
    var count = 1
    while count < min(kernel.threadCount, Self.mostParts) { count *= 2 }
    // Threads that the parts cannot be dealt to evenly get smaller ones.
    if count > kernel.threadCount { count = min(2 * count, Self.mostParts) }
    // Large blocks, as neighbours have ids near by in many a graph; words of bitmaps at least.
    var bits = 6
    while bits < 16, lists.nodeCount >> bits > 8 * count { bits += 1 }
    self.count = count
    blockBits = bits
    ownerMask = UInt32((count - 1) << bits)
    let blockCount = (lists.nodeCount + (1 << bits) - 1) >> bits
    capacity = ((blockCount + count - 1) / count) << bits
    queue = try kernel.slots(of: UInt32.self, count: capacity * count)
    states = try kernel.slots(of: Part.self, count: count * Self.spacing)
    boxCapacity = max(1 << 8, min(lists.entryCount, (1 << 15) / count))
    boxes = try kernel.slots(of: Sent.self, count: count == 1 ? 0 : boxCapacity * count * count)
    boxCounts = try kernel.slots(repeating: 0, count: count * max(count, 16))
    for part in 0..<count {
      let start = part * capacity
      self[part] = Part(next: start, frontierEnd: start, end: start)
    }
  }

  private subscript(part: Int) -> Part {
    get { states[part * Self.spacing] }
    nonmutating set { states[part * Self.spacing] = newValue }
  }

  @inline(__always)
  private func owner(of node: UInt32) -> Int { Int(node & ownerMask) >> blockBits }

  // MARK: Levels

  func begin(with sources: [UInt32]) -> FrontierLevel {
    for source in sources { append(source) }
    return turn()
  }

  /// Puts a node behind the frontier, for one thread that is alone.
  private func append(_ node: UInt32) {
    let owner = owner(of: node)
    var part = self[owner]
    queue[part.end] = node
    part.end += 1
    part.edgeCount += outgoing.degree(of: node)
    self[owner] = part
  }

  /// Whether all edges of the frontier have been followed.
  private var areFollowed: Bool {
    for part in 0..<count where self[part].next < self[part].frontierEnd { return false }
    return true
  }

  /// Makes what was found the frontier.
  private func turn() -> FrontierLevel {
    var level = FrontierLevel()
    for number in 0..<count {
      var part = self[number]
      level.nodeCount += part.end - part.frontierEnd
      level.edgeCount += part.edgeCount
      part.next = part.frontierEnd
      part.frontierEnd = part.end
      part.edgeCount = 0
      self[number] = part
    }
    return level
  }

  // MARK: Steps

  func descend(
    from level: FrontierLevel, to depth: UInt32
  ) throws(GraphError) -> FrontierLevel {
    if count == 1 {
      descendAlone(to: depth)
      return turn()
    }
    var isDone = false
    while !isDone {
      if level.edgeCount < FrontierLevel.fewEdges {
        for part in 0..<count { follow(part, to: depth) }
      } else {
        try kernel.forEach(count: count, grain: 1) { range, _ in
          follow(range.lowerBound, to: depth)
        }
      }
      isDone = areFollowed
      if sentCount < FrontierLevel.fewEdges {
        for part in 0..<count { receive(part, to: depth) }
      } else {
        try kernel.forEach(count: count, grain: 1) { range, _ in
          receive(range.lowerBound, to: depth)
        }
      }
    }
    return turn()
  }

  /// Follows the edges of the nodes of a part until that is done or a box is full.
  private func follow(_ number: Int, to depth: UInt32) {
    var part = self[number]
    emptyBoxes(from: number)
    // What the loop needs, in registers as far as there are any.
    let (queue, ownerMask) = (queue, ownerMask)
    let (distances, predecessors) = (tree.distances, tree.predecessors)
    let (neighbors, offsets) = (outgoing.neighbors, outgoing.offsets)
    while part.next < part.frontierEnd {
      let node = queue[part.next]
      var entry = offsets[Int(node)] &+ part.followed
      let last = offsets[Int(node) &+ 1]
      while entry < last {
        let neighbor = neighbors[entry]
        // Its owner may write these at the moment: the predecessor on this level only falls.
        let distance = distances.load(Int(neighbor))
        if distance == ReachedTree.none
          || distance == depth && node < predecessors.load(Int(neighbor))
        {
          if (neighbor ^ node) & ownerMask == 0 {
            predecessors.store(Int(neighbor), node)
            if distance == ReachedTree.none {
              distances.store(Int(neighbor), depth)
              queue[part.end] = neighbor
              part.end &+= 1
              part.edgeCount &+= offsets[Int(neighbor) &+ 1] &- offsets[Int(neighbor)]
            }
          } else if !send(neighbor, from: node) {
            part.followed = entry - offsets[Int(node)]
            self[number] = part
            return
          }
        }
        entry &+= 1
      }
      part.followed = 0
      part.next &+= 1
    }
    self[number] = part
  }

  /// Visits what other parts found.
  private func receive(_ number: Int, to depth: UInt32) {
    let (distances, predecessors) = (tree.distances, tree.predecessors)
    var part = self[number]
    for sender in 0..<count {
      let box = box(from: sender, to: number)
      for index in 0..<box.count {
        let (node, predecessor) = box[index].edge
        if distances[node] == ReachedTree.none {
          distances[node] = depth
          predecessors[node] = predecessor
          queue[part.end] = node
          part.end += 1
          part.edgeCount += outgoing.degree(of: node)
        } else if predecessor < predecessors[node] {
          predecessors[node] = predecessor
        }
      }
    }
    self[number] = part
  }

  /// The same for a frontier of one part: without owners and boxes it takes a sixth less time.
  private func descendAlone(to depth: UInt32) {
    let (distances, predecessors) = (tree.distances, tree.predecessors)
    let part = self[0]
    var (end, edgeCount) = (part.end, 0)
    for index in part.next..<part.frontierEnd {
      let node = queue[index]
      for entry in outgoing.range(of: node) {
        let neighbor = outgoing.neighbors[entry]
        let distance = distances[neighbor]
        if distance == ReachedTree.none {
          distances[neighbor] = depth
          predecessors[neighbor] = node
          queue[end] = neighbor
          end += 1
          edgeCount += outgoing.degree(of: neighbor)
        } else if distance == depth, node < predecessors[neighbor] {
          predecessors[neighbor] = node
        }
      }
    }
    self[0] = Part(
      next: part.frontierEnd, frontierEnd: part.frontierEnd, end: end, edgeCount: edgeCount)
  }

  // MARK: Boxes

  @inline(__always)
  private func countIndex(from sender: Int, to owner: Int) -> Int {
    sender * max(count, 16) + owner
  }

  /// Forgets what a part has sent.
  private func emptyBoxes(from sender: Int) {
    for owner in 0..<count { boxCounts[countIndex(from: sender, to: owner)] = 0 }
  }

  /// Tells the owner of a node that there is an edge to it; false where the box is full.
  @inline(never)
  private func send(_ node: UInt32, from predecessor: UInt32) -> Bool {
    let (sender, owner) = (owner(of: predecessor), owner(of: node))
    let index = countIndex(from: sender, to: owner)
    let place = boxCounts[index]
    guard place < boxCapacity else { return false }
    boxes[(sender * count + owner) * boxCapacity + place] = Sent(edge: (node, predecessor))
    boxCounts[index] = place + 1
    return true
  }

  /// What a part has sent to another.
  private func box(from sender: Int, to owner: Int) -> Slots<Sent> {
    let start = (sender * count + owner) * boxCapacity
    return boxes[start..<start + boxCounts[countIndex(from: sender, to: owner)]]
  }

  /// The edges in all boxes.
  private var sentCount: Int {
    var sum = 0
    for sender in 0..<count {
      for owner in 0..<count { sum += boxCounts[countIndex(from: sender, to: owner)] }
    }
    return sum
  }

  // MARK: Bitmaps

  func mark(reached: Slots<UInt64>, frontier: Slots<UInt64>) throws(GraphError) {
    try kernel.forEach(count: count, grain: 1) { range, _ in
      let part = self[range.lowerBound]
      // Parts have no word in common.
      for index in range.lowerBound * capacity..<part.frontierEnd {
        reached.setBit(queue[index])
        if index >= part.next { frontier.setBit(queue[index]) }
      }
    }
  }

  func set(to bits: Slots<UInt64>) throws(GraphError) -> FrontierLevel {
    try kernel.forEach(count: count, grain: 1) { range, _ in
      var part = self[range.lowerBound]
      let blockWords = 1 << (blockBits - 6)
      let first = range.lowerBound * blockWords
      for block in stride(from: first, to: bits.count, by: count * blockWords) {
        for word in block..<min(block + blockWords, bits.count) {
          bits[word].forEachBit { bit in
            let node = UInt32(truncatingIfNeeded: word << 6 | bit)
            queue[part.end] = node
            part.end += 1
            part.edgeCount += outgoing.degree(of: node)
          }
        }
      }
      self[range.lowerBound] = part
    }
    return turn()
  }

  /// Steps have noted them all.
  func completePredecessors() {}
}
