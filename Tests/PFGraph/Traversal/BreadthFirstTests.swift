import PFCore
import PFGraph
import Synchronization
import Testing

@Suite("breadth-first search")
struct BreadthFirstTests {
  /// Distances by the book: one queue, one node after the other.
  private func plainDistances(_ neighbors: [[Int]], _ sources: [Int], maxDepth: Int = .max)
    -> [Int32]
  {
    var distances = [Int32](repeating: -1, count: neighbors.count)
    var queue: [Int] = []
    for source in sources where distances[source] < 0 {
      distances[source] = 0
      queue.append(source)
    }
    var next = 0
    while next < queue.count {
      let node = queue[next]
      next += 1
      guard distances[node] < maxDepth else { continue }
      for neighbor in neighbors[node] where distances[neighbor] < 0 {
        distances[neighbor] = distances[node] + 1
        queue.append(neighbor)
      }
    }
    return distances
  }

  /// Holds the answer against its definition: distances as the plain search finds them, and each
  /// predecessor the smallest node one step nearer that has an edge here.
  private func verify(
    _ tree: BreadthFirstTree, _ neighbors: [[Int]], _ sources: [Int], maxDepth: Int = .max
  ) {
    let distances = plainDistances(neighbors, sources, maxDepth: maxDepth)
    #expect(tree.distances.count == distances.count)
    #expect(tree.predecessors.count == distances.count)
    // The first node with another answer, and not all answers of a large graph.
    #expect(distances.indices.first { tree.distances[$0] != distances[$0] } == nil)
    var predecessors = [Int32](repeating: -1, count: neighbors.count)
    for node in neighbors.indices.reversed() {
      for neighbor in neighbors[node]
      where distances[node] >= 0 && distances[neighbor] == distances[node] + 1 {
        predecessors[neighbor] = Int32(node)
      }
    }
    #expect(predecessors.indices.first { tree.predecessors[$0] != predecessors[$0] } == nil)
    #expect(tree.reachedCount == distances.count { $0 >= 0 })
    #expect(tree.depth == Int(distances.max() ?? -1))
  }

  @Test("finds distances and the smallest predecessors", arguments: SampleGraph.all, [true, false])
  func answers(sample: SampleGraph, directed: Bool) throws {
    let neighbors = plainNeighbors(sample, directed: directed)
    let graph = try sample.graph(directed: directed)
    let starts = Set([0, sample.nodeCount / 2, sample.nodeCount - 1]).filter {
      $0 >= 0 && $0 < sample.nodeCount
    }
    for makesCSC in [false, true] {
      if makesCSC { _ = try graph.csc() }
      for source in starts {
        let tree = try sameForAnyThreads { try graph.breadthFirst(from: [source], $0) }
        verify(tree, neighbors, [source])
      }
    }
  }

  @Test("has the same bits on any number of threads", arguments: SampleGraph.large, [true, false])
  func threads(sample: SampleGraph, directed: Bool) throws {
    let graph = try sample.graph(directed: directed)
    let topDown = try sameForAnyThreads { try graph.breadthFirst(from: [1], $0) }
    verify(topDown, plainNeighbors(sample, directed: directed), [1])
    _ = try graph.csc()
    #expect(try sameForAnyThreads { try graph.breadthFirst(from: [1], $0) } == topDown)
  }

  /// Threads tell each other of more nodes than there is room for at a time, in the middle of the
  /// edges of one node and of many.
  @Test("walks levels of many edges top down")
  func wideLevels() throws {
    var random = Seeded(21)
    let nodeCount = 120_000
    var edges = (1..<nodeCount).map { (0, $0) }
    verify(
      try sameForAnyThreads {
        try SampleGraph("hub", nodeCount: nodeCount, edges).graph().breadthFirst(from: [0], $0)
      }, plainNeighbors(SampleGraph("hub", nodeCount: nodeCount, edges)), [0])
    // Each node of the last level from several of the one before.
    let middle = (0..<400).map { _ in Int.random(in: 1..<nodeCount, using: &random) }
    edges = middle.map { (0, $0) }
    for node in middle {
      edges += (0..<400).map { _ in (node, Int.random(in: 1..<nodeCount, using: &random)) }
    }
    let sample = SampleGraph("wide", nodeCount: nodeCount, edges)
    let graph = try sample.graph()
    let tree = try sameForAnyThreads { try graph.breadthFirst(from: [0], $0) }
    verify(tree, plainNeighbors(sample), [0])
  }

  /// Threads share the levels of a graph without directions, and leave predecessors for the end
  /// where a level is thick and hardly larger than the one before.
  @Test("walks thick levels that do not grow")
  func thickLevels() throws {
    let mesh = SampleGraph.grid(360, 360)
    let graph = try mesh.graph(directed: false)
    let neighbors = plainNeighbors(mesh, directed: false)
    for depth in [300, .max] {
      let tree = try sameForAnyThreads { try graph.breadthFirst(from: [7], maxDepth: depth, $0) }
      verify(tree, neighbors, [7], maxDepth: depth)
    }
    // Half way through, an edge leads to a node that has one to every second other.
    var edges = zip(mesh.sources, mesh.targets).map { (Int($0), Int($1)) }
    edges += stride(from: 0, to: mesh.nodeCount, by: 2).map { (mesh.nodeCount, $0) }
    edges += [(mesh.nodeCount + 1, mesh.nodeCount), (mesh.nodeCount + 1, 360 * 150 + 151)]
    let hub = SampleGraph(
      "mesh and hub", nodeCount: mesh.nodeCount + 2,
      edges.filter { $0.0 != mesh.nodeCount || $0.1 > 360 * 300 })
    let tree = try sameForAnyThreads {
      try hub.graph(directed: false).breadthFirst(from: [7], $0)
    }
    verify(tree, plainNeighbors(hub, directed: false), [7])
  }

  @Test("starts from several sources at once")
  func manySources() throws {
    for sample in [SampleGraph.grid(20, 30), .random(3000, edges: 9000, seed: 8)] {
      let sources = [5, 100, 599, 5, 17]
      let tree = try sameForAnyThreads { try sample.graph().breadthFirst(from: sources, $0) }
      verify(tree, plainNeighbors(sample), sources)
    }
    let none = try SampleGraph.path(5).graph().breadthFirst(from: [])
    #expect(none.reachedCount == 0 && none.depth == -1)
  }

  @Test("ends at a depth", arguments: [0, 1, 2, 3, 7, 100])
  func depths(depth: Int) throws {
    for sample in [SampleGraph.path(64), .random(3000, edges: 30_000, seed: 4), .complete(20)] {
      let graph = try sample.graph()
      _ = try graph.csc()
      let tree = try sameForAnyThreads { try graph.breadthFirst(from: [0], maxDepth: depth, $0) }
      verify(tree, plainNeighbors(sample), [0], maxDepth: depth)
    }
  }

  @Test("refuses sources that are not there")
  func refusals() throws {
    let graph = try SampleGraph.path(5).graph()
    for source in [-1, 5, .max, .min] {
      #expect(throws: GraphError.unknownNode(argument: "source", node: Int64(source), nodeCount: 5))
      {
        try graph.breadthFirst(from: [0, source])
      }
    }
    #expect(throws: GraphError.invalidArgument(name: "maxDepth", why: "a depth is not negative")) {
      try graph.breadthFirst(from: [0], maxDepth: -1)
    }
  }

  @Test("tells each level and stops between two")
  func progress() throws {
    let graph = try SampleGraph.path(30).graph()
    let token = CancellationToken()
    let levels = Mutex<[Int]>([])
    let options = KernelOptions(
      cancellation: token,
      progress: { progress in
        levels.withLock { $0.append(progress.iteration) }
        if progress.iteration == 10 { token.cancel() }
      })
    #expect(throws: GraphError.cancelled) { try graph.breadthFirst(from: [0], options) }
    #expect(levels.withLock { $0 } == Array(1...10))
  }
}
