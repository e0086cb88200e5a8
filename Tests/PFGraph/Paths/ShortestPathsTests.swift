import PFArrow
import PFCore
import PFGraph
import Testing

@Suite("shortest paths")
struct ShortestPathsTests {
  /// An edge as the graph stores it, with what the graph says that it weighs.
  struct Edge {
    var source: Int
    var target: Int
    var weight: Double
  }

  private func edges(of graph: Graph) -> [Edge] {
    let offsets = graph.csr.offsets.span(of: Int64.self)
    let neighbors = graph.csr.neighbors.span(of: Int32.self)
    return (0..<graph.nodeCount).flatMap { node in
      (Int(offsets[node])..<Int(offsets[node + 1])).map {
        Edge(source: node, target: Int(neighbors[$0]), weight: graph.csr.weights?[$0] ?? 1)
      }
    }
  }

  /// Distances by the book: rounds over all edges until none changes anything.
  private func plainDistances(_ edges: [Edge], _ nodeCount: Int, _ sources: [Int]) -> [Double] {
    var distances = [Double](repeating: .infinity, count: nodeCount)
    for source in sources { distances[source] = 0 }
    for _ in 0...nodeCount {
      var changed = false
      for edge in edges where distances[edge.source] + edge.weight < distances[edge.target] {
        distances[edge.target] = distances[edge.source] + edge.weight
        changed = true
      }
      if !changed { break }
    }
    return distances
  }

  /// What is wrong with an answer by its definition, whoever computed it; nil for nothing.
  private func fault(
    _ paths: ShortestPaths, _ edges: [Edge], _ sources: [Int], hasNegative: Bool = false
  ) -> String? {
    let distances = [Double](paths.distances)
    let predecessors = [Int32](paths.predecessors)
    var nearer = [Int32](repeating: -1, count: distances.count)
    var isTight = [Bool](repeating: false, count: distances.count)
    for edge in edges {
      let (from, to) = (distances[edge.source], distances[edge.target])
      if from + edge.weight < to { return "\(edge) still lowers" }
      guard from + edge.weight == to, to < .infinity else { continue }
      if Int32(edge.source) == predecessors[edge.target] { isTight[edge.target] = true }
      if from < to, nearer[edge.target] < 0 || edge.source < nearer[edge.target] {
        nearer[edge.target] = Int32(edge.source)
      }
    }
    let isSource = Set(sources)
    for node in distances.indices {
      let predecessor = predecessors[node]
      if isSource.contains(node) {
        if distances[node] != 0 || predecessor != -1 { return "source \(node)" }
      } else if distances[node] == .infinity {
        if predecessor != -1 { return "unreached \(node)" }
      } else {
        if predecessor < 0 || !isTight[node] { return "no tight edge to \(node)" }
        if !hasNegative, nearer[node] >= 0, predecessor != nearer[node] {
          return "predecessor of \(node) is not the smallest"
        }
      }
    }
    // Following predecessors ends in a source: each node's steps are known once.
    var ends = [Bool](repeating: false, count: distances.count)
    for start in distances.indices where distances[start] < .infinity {
      var (way, node) = ([start], start)
      while !ends[node], predecessors[node] >= 0 {
        node = Int(predecessors[node])
        way.append(node)
        if way.count > distances.count { return "predecessors of \(start) never end" }
      }
      for passed in way { ends[passed] = true }
    }
    return nil
  }

  private static let methods: [ShortestPathMethod] = [
    .auto, .dijkstra, .bellmanFord, .bellmanFord, .deltaStepping(delta: 1),
    .deltaStepping(delta: nil), .deltaStepping(delta: 0.1), .deltaStepping(delta: 1e9),
  ]

  /// The answer that all methods give, with one thread and with three in turn.
  private func sameForAllMethods(
    _ graph: Graph, _ sources: [Int], targets: [Int]? = nil, maxDistance: Double = .infinity
  ) throws -> ShortestPaths {
    var answers: [ShortestPaths] = []
    for method in Self.methods {
      let answer = try graph.shortestPaths(
        from: sources, targets: targets, maxDistance: maxDistance, method: method,
        KernelOptions(threads: answers.count % 2 == 0 ? 1 : 3))
      answers.append(answer)
      #expect(answer == answers[0], "\(method)")
      let distances = try graph.shortestDistances(
        from: sources, targets: targets, maxDistance: maxDistance, method: method,
        KernelOptions(threads: answers.count % 2 == 0 ? 1 : 3))
      #expect(distances == answers[0].distances, "\(method), distances alone")
    }
    return answers[0]
  }

  /// The sample's edges with other weights.
  private func graph(_ sample: SampleGraph, weights: [Double], directed: Bool = true) throws
    -> Graph
  {
    try Graph(
      EdgeList(sources: sample.sources, targets: sample.targets, weights: weights),
      GraphOptions(isDirected: directed, nodeCount: sample.nodeCount))
  }

  private func fractions(_ count: Int, _ range: ClosedRange<Double> = 0...1) -> [Double] {
    var random = Seeded(99)
    return (0..<count).map { _ in Double.random(in: range, using: &random) }
  }

  @Test("are the same by all methods", arguments: SampleGraph.all, [true, false])
  func answers(sample: SampleGraph, directed: Bool) throws {
    guard sample.nodeCount > 0 else { return }
    // Of large samples, one kind of weights each way.
    let isLarge = sample.weights.count > 10_000
    var kinds: [[Double]] = []
    if !isLarge || directed { kinds.append(sample.weights) }
    if !isLarge || !directed { kinds.append(fractions(sample.weights.count)) }
    for weights in kinds {
      let graph = try graph(sample, weights: weights, directed: directed)
      let edges = edges(of: graph)
      let source = sample.nodeCount / 2
      let paths = try sameForAllMethods(graph, [source])
      #expect([Double](paths.distances) == plainDistances(edges, sample.nodeCount, [source]))
      #expect(fault(paths, edges, [source]) == nil)
    }
  }

  @Test("have the same bits on any number of threads", arguments: SampleGraph.large)
  func threads(sample: SampleGraph) throws {
    let graph = try graph(sample, weights: fractions(sample.weights.count), directed: false)
    let dijkstra = try graph.shortestPaths(from: [1], method: .dijkstra)
    let parallel = try sameForAnyThreads {
      try graph.shortestPaths(from: [1], method: .deltaStepping(delta: nil), $0)
    }
    #expect(parallel == dijkstra)
    let distances = try sameForAnyThreads {
      try graph.shortestDistances(from: [1], method: .deltaStepping(delta: nil), $0)
    }
    #expect(distances == dijkstra.distances)
    #expect(fault(parallel, edges(of: graph), [1]) == nil)
  }

  @Test("start from several sources at once")
  func manySources() throws {
    for sample in [SampleGraph.grid(20, 30), .random(1000, edges: 3000, seed: 8)] {
      let sources = [5, 100, 599, 5, 17]
      let graph = try sample.graph(weighted: true)
      let edges = edges(of: graph)
      let paths = try sameForAllMethods(graph, sources)
      #expect([Double](paths.distances) == plainDistances(edges, sample.nodeCount, sources))
      #expect(fault(paths, edges, sources) == nil)
    }
    let none = try sameForAllMethods(SampleGraph.path(3).graph(weighted: true), [])
    #expect([Double](none.distances) == [.infinity, .infinity, .infinity])
    let empty = try sameForAllMethods(SampleGraph.all[0].graph(weighted: true), [])
    #expect(empty.distances.count == 0)
  }

  @Test("find their predecessors where no edge has a length")
  func zeroWeights() throws {
    for sample in [SampleGraph.grid(13, 17), .cycle(63), .random(200, edges: 2000, seed: 2)] {
      for directed in [true, false] {
        let graph = try graph(
          sample, weights: sample.weights.map { _ in -0.0 }, directed: directed)
        let paths = try sameForAllMethods(graph, [3, 60])
        #expect(fault(paths, edges(of: graph), [3, 60]) == nil)
        // All are equally far: the walk is a breadth-first one.
        let tree = try graph.breadthFirst(from: [3, 60])
        #expect([Int32](paths.predecessors) == [Int32](tree.predecessors))
      }
    }
    // Lengths that rounding swallows are none.
    let tiny = try graph(.path(5), weights: [1, 1e-17, 1e-17, 1])
    let paths = try sameForAllMethods(tiny, [0])
    #expect([Double](paths.distances) == [0, 1, 1, 1, 2])
    #expect([Int32](paths.predecessors) == [-1, 0, 1, 2, 3])
  }

  @Test("count edges where there are no weights")
  func unweighted() throws {
    for sample in SampleGraph.all where sample.nodeCount > 0 {
      let graph = try sample.graph()
      let ones = try self.graph(sample, weights: sample.weights.map { _ in 1 })
      #expect(try sameForAllMethods(graph, [0]) == ones.shortestPaths(from: [0]))
      let (target, most) = ([sample.nodeCount - 1], 2.5)
      #expect(
        try sameForAllMethods(graph, [0], targets: target)
          == ones.shortestPaths(from: [0], targets: target))
      #expect(
        try sameForAllMethods(graph, [0], maxDistance: most)
          == ones.shortestPaths(from: [0], maxDistance: most))
    }
  }

  private func numbers<Number: BitwiseCopyable>(_ type: DataType, _ numbers: [Number]) throws
    -> ArrowArray
  {
    ArrowArray(
      type: type, length: numbers.count, nullCount: 0,
      buffers: [nil, try Buffer(copying: numbers)])
  }

  @Test("read float32 weights as they are")
  func float32() throws {
    let sample = SampleGraph.random(1000, edges: 9000, seed: 3)
    let narrow = fractions(9000).map { Float($0) }
    let list = try EdgeList(
      sources: numbers(.int32, sample.sources), targets: numbers(.int32, sample.targets),
      weights: numbers(.float32, narrow))
    let graph = try Graph(list, GraphOptions(nodeCount: 1000))
    let wide = try self.graph(sample, weights: narrow.map { Double($0) })
    #expect(try sameForAllMethods(graph, [7]) == wide.shortestPaths(from: [7]))
  }

  @Test("end when all targets are reached, or at a distance")
  func limits() throws {
    for sample in [SampleGraph.grid(13, 17), .random(200, edges: 2000, seed: 2), .path(64)] {
      let graph = try sample.graph(weighted: true)
      let all = try graph.shortestPaths(from: [0])
      let distances = [Double](all.distances)
      func expect(_ paths: ShortestPaths, cutAt limit: Double) {
        let cut = distances.map { $0 <= limit ? $0 : .infinity }
        #expect([Double](paths.distances) == cut)
        let kept = zip(distances, [Int32](all.predecessors)).map { $0 <= limit ? $1 : -1 }
        #expect([Int32](paths.predecessors) == kept)
      }
      for targets in [[0], [5], [9, 40, 9], [sample.nodeCount - 1], []] {
        let limit = targets.map { distances[$0] }.max() ?? .infinity
        expect(try sameForAllMethods(graph, [0], targets: targets), cutAt: limit)
      }
      for limit in [0, 1, 17.5, 40, 1e9] {
        expect(try sameForAllMethods(graph, [0], maxDistance: limit), cutAt: limit)
      }
    }
    // A target that cannot be reached does not end the search.
    let parts = try SampleGraph.all[4].graph(weighted: true)
    #expect(
      try sameForAllMethods(parts, [0], targets: [1, 5]) == parts.shortestPaths(from: [0]))
  }

  @Test("may be of any size")
  func sizes() throws {
    let sample = SampleGraph.path(6)
    let graph = try graph(
      sample, weights: [1e-300, 1e300, Double.leastNonzeroMagnitude, 1e308, 1.7e308])
    let paths = try sameForAllMethods(graph, [0])
    #expect([Double](paths.distances) == [0, 1e-300, 1e300, 1e300, 1e308 + 1e300, .infinity])
    #expect([Int32](paths.predecessors) == [-1, 0, 1, 2, 3, -1])
    let blocked = try self.graph(.path(4), weights: [2, .infinity, 1])
    #expect(
      [Double](try sameForAllMethods(blocked, [0]).distances) == [0, 2, .infinity, .infinity])
    let mixed = try self.graph(
      .random(200, edges: 2000, seed: 2),
      weights: fractions(2000, -300...300).map {
        Double(sign: .plus, exponent: Int($0), significand: 1)
      })
    #expect(fault(try sameForAllMethods(mixed, [0]), edges(of: mixed), [0]) == nil)
  }

  @Test("are told as paths")
  func paths() throws {
    let sample = SampleGraph("diamond", nodeCount: 5, [(0, 2), (0, 1), (2, 3), (1, 3)])
    let paths = try graph(sample, weights: [1, 2, 3, 2]).shortestPaths(from: [0])
    #expect(paths.path(to: 3) == [0, 1, 3])
    #expect(paths.path(to: 0) == [0])
    #expect(paths.path(to: 4) == nil)
  }

  @Test("refuse weights that are negative or no numbers, and name the edge")
  func badWeights() throws {
    for weight in [-1, -Double.infinity, .nan] {
      let graph = try graph(.path(5), weights: [1, 2, weight, weight])
      for method in Self.methods {
        let takesNegative = method == .auto || method == .bellmanFord
        if weight == -1, takesNegative { continue }
        let error = #expect(throws: GraphError.self) {
          try graph.shortestPaths(from: [4], method: method)
        }
        guard case .badWeight(source: 2, target: 3, let named) = error else {
          Issue.record("\(String(describing: error))")
          continue
        }
        #expect(named.bitPattern == weight.bitPattern)
      }
    }
  }

  @Test("may have negative weights with Bellman–Ford")
  func negative() throws {
    for sample in [
      SampleGraph.grid(13, 17), .random(200, edges: 2000, seed: 2),
      .skewed(scale: 9, degree: 8, seed: 5),
      .random(1000, edges: 1500, seed: 3),
    ] {
      // A potential on the nodes makes weights negative and no cycle so.
      var random = Seeded(5)
      let height = (0..<sample.nodeCount).map { _ in Double(Int.random(in: 0...50, using: &random))
      }
      let weights = sample.weights.indices.map {
        sample.weights[$0] + height[Int(sample.targets[$0])] - height[Int(sample.sources[$0])]
      }
      let graph = try graph(sample, weights: weights)
      let edges = edges(of: graph)
      let paths = try sameForAnyThreads {
        try graph.shortestPaths(from: [0], method: .bellmanFord, $0)
      }
      #expect([Double](paths.distances) == plainDistances(edges, sample.nodeCount, [0]))
      #expect(fault(paths, edges, [0], hasNegative: true) == nil)
      #expect(try graph.shortestPaths(from: [0]) == paths)
      #expect(throws: GraphError.self) { try graph.shortestPaths(from: [0], targets: [1]) }
      #expect(throws: GraphError.self) { try graph.shortestPaths(from: [0], maxDistance: 1) }
    }
  }

  @Test("do not exist around a negative cycle, which is told")
  func negativeCycles() throws {
    let loop = SampleGraph("loop", nodeCount: 6, [(0, 5), (5, 3), (3, 4), (4, 5), (4, 1)])
    let graph = try graph(loop, weights: [1, 2, -4, 1, 1])
    #expect(throws: GraphError.negativeCycle([3, 4, 5])) { try graph.shortestPaths(from: [0]) }
    // Not reached, not there.
    #expect(try [Double](graph.shortestPaths(from: [1]).distances).count { $0 == 0 } == 1)
    let itself = try self.graph(
      SampleGraph("self", nodeCount: 2, [(0, 1), (1, 1)]), weights: [1, -1])
    #expect(throws: GraphError.negativeCycle([1])) { try itself.shortestPaths(from: [0]) }
    let pair = try self.graph(.path(3), weights: [1, -1e308], directed: false)
    #expect(throws: GraphError.negativeCycle([1, 2])) { try pair.shortestPaths(from: [0]) }

    let sample = SampleGraph.random(200, edges: 2000, seed: 2)
    let random = try self.graph(sample, weights: fractions(2000, -0.2...1))
    let edges = edges(of: random)
    for threads in threadCounts {
      let error = #expect(throws: GraphError.self) {
        try random.shortestPaths(from: [0], KernelOptions(threads: threads))
      }
      guard case .negativeCycle(let cycle) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      var length = 0.0
      for (node, next) in zip(cycle, cycle.dropFirst() + cycle.prefix(1)) {
        length +=
          edges.filter { $0.source == node && $0.target == next }.map(\.weight).min() ?? .nan
      }
      #expect(length < 0 && cycle.first == cycle.min() && Set(cycle).count == cycle.count)
    }
  }

  @Test("refuse nodes that are not there, and widths and distances that are none")
  func refusals() throws {
    let graph = try SampleGraph.path(5).graph(weighted: true)
    for node in [-1, 5, .max, .min] {
      #expect(throws: GraphError.unknownNode(argument: "source", node: Int64(node), nodeCount: 5)) {
        try graph.shortestPaths(from: [0, node])
      }
      #expect(throws: GraphError.unknownNode(argument: "target", node: Int64(node), nodeCount: 5)) {
        try graph.shortestPaths(from: [0], targets: [node])
      }
    }
    for delta in [0, -1, .infinity, .nan] {
      #expect(
        throws: GraphError.invalidArgument(name: "delta", why: "a width is finite and more than 0")
      ) {
        try graph.shortestPaths(from: [0], method: .deltaStepping(delta: delta))
      }
    }
    for distance in [-1, Double.nan] {
      #expect(throws: GraphError.self) { try graph.shortestPaths(from: [0], maxDistance: distance) }
    }
  }

  @Test("stop when the caller wants it")
  func cancellation() throws {
    let graph = try SampleGraph.path(1000).graph(weighted: true)
    for method in [ShortestPathMethod.bellmanFord, .deltaStepping(delta: 0.5)] {
      let token = CancellationToken()
      let options = KernelOptions(
        cancellation: token,
        progress: { if $0.iteration >= 10 { token.cancel() } })
      #expect(throws: GraphError.cancelled) {
        try graph.shortestPaths(from: [0], method: method, options)
      }
    }
  }
}
