import PFArrow
import PFCore
import PFGraph
import Testing

/// The numbers of threads for which all answers must have the same bits.
let threadCounts = [1, 2, 3, 8]

/// Random numbers that are the same each time (SplitMix64).
struct Seeded: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}

/// Edges of a test and what they are.
struct SampleGraph: Sendable, CustomTestStringConvertible {
  let name: String
  let nodeCount: Int
  let sources: [Int32]
  let targets: [Int32]
  let weights: [Double]

  var testDescription: String { name }

  init(_ name: String, nodeCount: Int, _ edges: [(Int, Int)], seed: UInt64 = 7) {
    self.name = name
    self.nodeCount = nodeCount
    sources = edges.map { Int32($0.0) }
    targets = edges.map { Int32($0.1) }
    var random = Seeded(seed)
    // Small integers, so that sums are exact in any order, and zero is among them.
    weights = edges.map { _ in Double(Int.random(in: 0...20, using: &random)) }
  }

  /// The graph, with weights or without.
  func graph(
    directed: Bool = true, weighted: Bool = false, duplicates: GraphOptions.Duplicates = .keep,
    keepsSelfLoops: Bool = true
  ) throws -> Graph {
    try Graph(
      EdgeList(sources: sources, targets: targets, weights: weighted ? weights : nil),
      GraphOptions(
        isDirected: directed, nodeCount: nodeCount, duplicates: duplicates,
        keepsSelfLoops: keepsSelfLoops))
  }

  /// A graph whose edges are drawn by chance; parallel ones and self-loops are among them.
  static func random(_ nodeCount: Int, edges: Int, seed: UInt64) -> SampleGraph {
    var random = Seeded(seed)
    return SampleGraph(
      "random(\(nodeCount), \(edges))", nodeCount: nodeCount,
      (0..<edges).map { _ in
        (
          Int.random(in: 0..<nodeCount, using: &random),
          Int.random(in: 0..<nodeCount, using: &random)
        )
      }, seed: seed)
  }

  /// A recursive-matrix graph: few nodes have most of the edges, some have none.
  static func skewed(scale: Int, degree: Int, seed: UInt64) -> SampleGraph {
    var random = Seeded(seed)
    return SampleGraph(
      "skewed(2^\(scale), \(degree))", nodeCount: 1 << scale,
      (0..<degree << scale).map { _ in
        var (source, target) = (0, 0)
        for _ in 0..<scale {
          let chance = Double.random(in: 0..<1, using: &random)
          source = source * 2 + (chance >= 0.76 ? 1 : 0)
          target = target * 2 + (chance >= 0.57 && chance < 0.76 || chance >= 0.95 ? 1 : 0)
        }
        return (source, target)
      }, seed: seed)
  }

  static func path(_ count: Int) -> SampleGraph {
    SampleGraph("path(\(count))", nodeCount: count, (1..<count).map { ($0 - 1, $0) })
  }

  static func cycle(_ count: Int) -> SampleGraph {
    SampleGraph("cycle(\(count))", nodeCount: count, (0..<count).map { ($0, ($0 + 1) % count) })
  }

  static func star(_ count: Int) -> SampleGraph {
    SampleGraph("star(\(count))", nodeCount: count, (1..<count).map { (0, $0) })
  }

  static func complete(_ count: Int) -> SampleGraph {
    SampleGraph(
      "complete(\(count))", nodeCount: count,
      (0..<count).flatMap { a in (0..<count).compactMap { a == $0 ? nil : (a, $0) } })
  }

  static func grid(_ width: Int, _ height: Int) -> SampleGraph {
    var edges: [(Int, Int)] = []
    for row in 0..<height {
      for column in 0..<width {
        let node = row * width + column
        if column + 1 < width { edges += [(node, node + 1), (node + 1, node)] }
        if row + 1 < height { edges += [(node, node + width), (node + width, node)] }
      }
    }
    return SampleGraph("grid(\(width), \(height))", nodeCount: width * height, edges)
  }

  /// The odd ones and some of each kind, small enough for plain reference answers.
  static let all: [SampleGraph] = [
    SampleGraph("empty", nodeCount: 0, []),
    SampleGraph("one node", nodeCount: 1, []),
    SampleGraph("one self-loop", nodeCount: 1, [(0, 0), (0, 0)]),
    SampleGraph("no edges", nodeCount: 100, []),
    SampleGraph("two parts", nodeCount: 7, [(0, 1), (1, 2), (2, 0), (4, 5), (5, 4)]),
    SampleGraph("parallel edges", nodeCount: 3, [(0, 1), (0, 1), (1, 2), (0, 1), (2, 2), (1, 0)]),
    .path(2), .path(64), .path(65), .path(1000), .cycle(63), .star(129), .complete(20),
    .grid(13, 17), .random(50, edges: 60, seed: 1), .random(200, edges: 2000, seed: 2),
    .random(1000, edges: 1500, seed: 3), .random(3000, edges: 30_000, seed: 4),
    .skewed(scale: 9, degree: 8, seed: 5), .skewed(scale: 12, degree: 4, seed: 6),
  ]

  /// Large enough for several threads to work on it.
  static let large: [SampleGraph] = [
    .random(20_000, edges: 100_000, seed: 11), .skewed(scale: 12, degree: 16, seed: 12),
    .grid(100, 100), .path(10_000),
  ]
}

/// The neighbours of each node in a plain form, sorted.
func plainNeighbors(_ sample: SampleGraph, directed: Bool = true) -> [[Int]] {
  var lists = [[Int]](repeating: [], count: sample.nodeCount)
  for (source, target) in zip(sample.sources, sample.targets) {
    lists[Int(source)].append(Int(target))
    if !directed, source != target { lists[Int(target)].append(Int(source)) }
  }
  return lists.map { $0.sorted() }
}

/// The answer of `body` with each number of threads, which must be one.
func sameForAnyThreads<Answer: Equatable>(_ body: (KernelOptions) throws -> Answer) throws -> Answer
{
  let first = try body(KernelOptions(threads: threadCounts[0]))
  for threads in threadCounts.dropFirst() {
    #expect(try body(KernelOptions(threads: threads)) == first, "\(threads) threads")
  }
  return first
}
