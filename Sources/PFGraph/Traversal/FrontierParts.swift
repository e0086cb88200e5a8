/// The frontier of a breadth-first search in parts that threads work on side by side.
///
/// Each node belongs to one part for good: blocks of ids are dealt out in turn. One thread at a time
/// works for a part, so it writes what is known of the part's nodes without atomics, and finds it in
/// its cache where it does so again on the next level. A node of another part that it comes by goes
/// into a box for that part, which looks there when all have followed their edges.
struct FrontierParts {
  /// Where one part is: its nodes are in the queue from `start(of:)` on, level by level.
  struct Part {
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

  /// The nodes of a level in all parts, and the edges that leave them.
  struct Level {
    var nodeCount = 0
    var edgeCount = 0
  }

  /// An edge on its way to another part.
  struct Sent: BitwiseCopyable {
    let edge: (node: UInt32, predecessor: UInt32)
  }

  /// The number of parts, a power of two.
  let count: Int
  /// The nodes of all parts.
  let queue: Slots<UInt32>
  /// What of an id tells the part it belongs to.
  let ownerMask: UInt32
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

  init(_ kernel: Kernel, _ lists: NeighborLists) throws(GraphError) {
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

  subscript(part: Int) -> Part {
    get { states[part * Self.spacing] }
    nonmutating set { states[part * Self.spacing] = newValue }
  }

  @inline(__always)
  private func owner(of node: UInt32) -> Int { Int(node & ownerMask) >> blockBits }

  // MARK: Levels

  /// Finds a node, for one thread that is alone.
  func append(_ node: UInt32, degree: Int) {
    let owner = owner(of: node)
    var part = self[owner]
    queue[part.end] = node
    part.end += 1
    part.edgeCount += degree
    self[owner] = part
  }

  /// Whether all edges of the frontier have been followed.
  var areFollowed: Bool {
    for part in 0..<count where self[part].next < self[part].frontierEnd { return false }
    return true
  }

  /// Makes what was found the frontier.
  func turn() -> Level {
    var level = Level()
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

  // MARK: Boxes

  @inline(__always)
  private func countIndex(from sender: Int, to owner: Int) -> Int {
    sender * max(count, 16) + owner
  }

  /// Forgets what a part has sent.
  func emptyBoxes(from sender: Int) {
    for owner in 0..<count { boxCounts[countIndex(from: sender, to: owner)] = 0 }
  }

  /// Tells the owner of a node that there is an edge to it; false where the box is full.
  @inline(never)
  func send(_ node: UInt32, from predecessor: UInt32) -> Bool {
    let (sender, owner) = (owner(of: predecessor), owner(of: node))
    let index = countIndex(from: sender, to: owner)
    let place = boxCounts[index]
    guard place < boxCapacity else { return false }
    boxes[(sender * count + owner) * boxCapacity + place] = Sent(edge: (node, predecessor))
    boxCounts[index] = place + 1
    return true
  }

  /// What a part has sent to another.
  func box(from sender: Int, to owner: Int) -> Slots<Sent> {
    let start = (sender * count + owner) * boxCapacity
    return boxes[start..<start + boxCounts[countIndex(from: sender, to: owner)]]
  }

  /// The edges in all boxes.
  var sentCount: Int {
    var sum = 0
    for sender in 0..<count {
      for owner in 0..<count { sum += boxCounts[countIndex(from: sender, to: owner)] }
    }
    return sum
  }

  // MARK: Bitmaps

  /// Sets the bits of the nodes of a part, in `frontier` those of the last level only. Parts have no
  /// word in common.
  func mark(_ number: Int, reached: Slots<UInt64>, frontier: Slots<UInt64>) {
    let part = self[number]
    for index in number * capacity..<part.frontierEnd {
      reached.setBit(queue[index])
      if index >= part.next { frontier.setBit(queue[index]) }
    }
  }

  /// Makes the nodes of a bitmap that belong to a part its frontier, ascending.
  func set(_ number: Int, to bits: Slots<UInt64>) {
    var part = self[number]
    part.next = part.frontierEnd
    let blockWords = 1 << (blockBits - 6)
    for first in stride(from: number * blockWords, to: bits.count, by: count * blockWords) {
      for word in first..<min(first + blockWords, bits.count) {
        bits[word].forEachBit { bit in
          queue[part.end] = UInt32(truncatingIfNeeded: word << 6 | bit)
          part.end += 1
        }
      }
    }
    part.frontierEnd = part.end
    self[number] = part
  }
}
