import PFArrow
import PFCore
import PFGraph
import Testing

@Suite("graphs from edges")
struct GraphTests {
  private func lists(_ graph: CSRGraph) -> [[Int]] {
    (0..<graph.nodeCount).map { node in
      Array(graph.outNeighbors(of: node))
    }
  }

  private func lists(_ graph: CSCGraph) -> [[Int]] {
    (0..<graph.nodeCount).map { node in Array(graph.inNeighbors(of: node)) }
  }

  @Test("have the neighbours of each node, sorted", arguments: SampleGraph.all + SampleGraph.large)
  func neighbors(sample: SampleGraph) throws {
    let graph = try sample.graph()
    #expect(graph.nodeCount == sample.nodeCount)
    #expect(graph.edgeCount == sample.sources.count)
    #expect(lists(graph.csr) == plainNeighbors(sample))

    let undirected = try sample.graph(directed: false)
    #expect(undirected.edgeCount == sample.sources.count)
    #expect(lists(undirected.csr) == plainNeighbors(sample, directed: false))
  }

  @Test("turn round to the sources of each node", arguments: SampleGraph.all)
  func turned(sample: SampleGraph) throws {
    let graph = try sample.graph(weighted: true)
    let csc = try graph.csc()
    let mirrored = SampleGraph(
      "mirrored", nodeCount: sample.nodeCount,
      zip(sample.targets, sample.sources).map { (Int($0), Int($1)) })
    #expect(lists(csc) == plainNeighbors(mirrored))
    let undirected = try sample.graph(directed: false)
    #expect(try undirected.csc().neighbors == undirected.csr.neighbors)
  }

  @Test(
    "are the same from edges by ascending source", arguments: SampleGraph.all + SampleGraph.large)
  func ascending(sample: SampleGraph) throws {
    // Stable, so that parallel edges keep their order.
    let order = sample.sources.indices.sorted {
      (sample.sources[$0], $0) < (sample.sources[$1], $1)
    }
    let expected = try sample.graph(weighted: true)
    for threads in threadCounts {
      let graph = try Graph(
        EdgeList(
          sources: order.map { sample.sources[$0] }, targets: order.map { sample.targets[$0] },
          weights: order.map { sample.weights[$0] }),
        GraphOptions(nodeCount: sample.nodeCount), running: KernelOptions(threads: threads))
      #expect(graph.csr.offsets == expected.csr.offsets)
      #expect(graph.csr.neighbors == expected.csr.neighbors)
      #expect(graph.csr.weights?.values == expected.csr.weights?.values)
    }
  }

  @Test(
    "without directions have parallel edges in their order, by ascending source or not",
    arguments: SampleGraph.all + SampleGraph.large, [true, false])
  func parallelEdges(sample: SampleGraph, ascending: Bool) throws {
    var order = Array(sample.sources.indices)
    if ascending { order.sort { (sample.sources[$0], $0) < (sample.sources[$1], $1) } }
    var rows = [[(neighbor: Int32, place: Int)]](repeating: [], count: sample.nodeCount)
    for (place, edge) in order.enumerated() {
      let (source, target) = (sample.sources[edge], sample.targets[edge])
      rows[Int(source)].append((target, place))
      if source != target { rows[Int(target)].append((source, place)) }
    }
    let entries = rows.flatMap { $0.sorted { $0 < $1 } }
    for threads in threadCounts {
      for isWeighted in [true, false] {
        let edges = try EdgeList(
          sources: order.map { sample.sources[$0] }, targets: order.map { sample.targets[$0] },
          weights: isWeighted ? order.indices.map { Double($0) } : nil)
        for nodeCount in [sample.nodeCount, nil] where nodeCount != nil || !order.isEmpty {
          let graph = try Graph(
            edges, GraphOptions(isDirected: false, nodeCount: nodeCount),
            running: KernelOptions(threads: threads))
          #expect(lists(graph.csr).flatMap { $0 } == entries.map { Int($0.neighbor) })
          let weights = graph.csr.weights.map { weights in
            (0..<weights.count).map { weights[$0] }
          }
          #expect(weights == (isWeighted ? entries.map { Double($0.place) } : nil))
        }
      }
    }
  }

  @Test("are the same for any number of threads", arguments: SampleGraph.large)
  func threads(sample: SampleGraph) throws {
    let edges = try EdgeList(
      sources: sample.sources, targets: sample.targets, weights: sample.weights.map { $0 / 3 })
    for rule in GraphOptions.Duplicates.allCases {
      _ = try sameForAnyThreads { running in
        let graph = try Graph(
          edges, GraphOptions(isDirected: false, duplicates: rule), running: running)
        let weights = graph.csr.weights.map { weights in (0..<weights.count).map { weights[$0] } }
        return [AnyHashable(Array(graph.csr.neighbors)), AnyHashable(weights)]
      }
    }
  }

  @Test("merge parallel edges or keep the first", arguments: SampleGraph.all, [true, false])
  func duplicates(sample: SampleGraph, directed: Bool) throws {
    var sums: [[Int]: Double] = [:]
    var firsts: [[Int]: Double] = [:]
    for index in sample.sources.indices {
      let (source, target) = (Int(sample.sources[index]), Int(sample.targets[index]))
      let mirrored = directed || source == target ? [] : [[target, source]]
      for pair in [[source, target]] + mirrored {
        sums[pair, default: 0] += sample.weights[index]
        if firsts[pair] == nil { firsts[pair] = sample.weights[index] }
      }
    }
    for (rule, expected) in [(GraphOptions.Duplicates.merge, sums), (.first, firsts)] {
      let graph = try sample.graph(directed: directed, weighted: true, duplicates: rule)
      var found: [[Int]: Double] = [:]
      let csr = graph.csr
      let weights = try #require(csr.weights)
      var index = 0
      for node in 0..<graph.nodeCount {
        for neighbor in Array(csr.outNeighbors(of: node)) {
          if found.updateValue(weights[index], forKey: [node, neighbor]) != nil {
            Issue.record("\(node) → \(neighbor) twice")
          }
          index += 1
        }
      }
      #expect(found == expected)
      let edgeCount = directed ? expected.count : Set(expected.keys.map { $0.sorted() }).count
      #expect(graph.edgeCount == edgeCount)
    }
  }

  @Test("drop self-loops on request")
  func selfLoops() throws {
    let sample = SampleGraph("loops", nodeCount: 3, [(0, 0), (0, 1), (2, 2), (1, 0), (0, 0)])
    for directed in [true, false] {
      #expect(try sample.graph(directed: directed).edgeCount == 5)
      let graph = try sample.graph(directed: directed, keepsSelfLoops: false)
      #expect(graph.edgeCount == 2)
      #expect(lists(graph.csr) == (directed ? [[1], [0], []] : [[1, 1], [0, 0], []]))
    }
  }

  @Test("take integers of any width, with the weights that belong to them")
  func widths() throws {
    func column<Value: BitwiseCopyable>(_ type: DataType, _ values: [Value]) throws -> ArrowArray {
      ArrowArray(
        type: type, length: values.count, nullCount: 0, buffers: [nil, try Buffer(copying: values)])
    }
    let ids: [ArrowArray] = [
      try column(.int8, [Int8(0), 2, 1]), try column(.int16, [Int16(0), 2, 1]),
      try column(.int32, [Int32(0), 2, 1]), try column(.int64, [Int64(0), 2, 1]),
      try column(.uint8, [UInt8(0), 2, 1]), try column(.uint16, [UInt16(0), 2, 1]),
      try column(.uint32, [UInt32(0), 2, 1]), try column(.uint64, [UInt64(0), 2, 1]),
    ]
    let weights: [ArrowArray] = [
      try column(.int8, [Int8(1), -2, 3]), try column(.int64, [Int64(1), -2, 3]),
      try column(.float32, [Float(1), -2, 3]), try column(.float64, [1.0, -2, 3]),
    ]
    for source in ids {
      for target in ids {
        for weight in weights {
          let graph = try Graph(EdgeList(sources: source, targets: target, weights: weight))
          #expect(lists(graph.csr) == [[0], [1], [2]])
          let stored = try #require(graph.csr.weights)
          #expect((0..<3).map { stored[$0] } == [1, 3, -2])
        }
      }
    }
    // A slice of a column begins later.
    let all = try column(.int64, [Int64(9), 9, 0, 1])
    let part = all.slice(start: 2, count: 2)
    #expect(lists(try Graph(EdgeList(sources: part, targets: part)).csr) == [[0], [1]])
  }

  @Test("refuse what is no edge, with the place")
  func refusals() throws {
    let edges = try EdgeList(sources: [0, 5, 1], targets: [1, 2, 3])
    #expect(throws: GraphError.nodeOutOfRange(end: "source", position: 1, node: 5, nodeCount: 4)) {
      try Graph(edges, GraphOptions(nodeCount: 4))
    }
    let negative = try EdgeList(sources: [0, 1], targets: [1, -7])
    #expect(
      throws: GraphError.nodeOutOfRange(
        end: "target", position: 1, node: -7, nodeCount: Int(Int32.max))
    ) { try Graph(negative) }
    #expect(
      throws: GraphError.lengthMismatch(first: "source", count: 1, second: "target", otherCount: 0)
    ) {
      try EdgeList(sources: [1], targets: [])
    }
    #expect(throws: GraphError.tooManyNodes(count: 1 << 31)) {
      try Graph(edges, GraphOptions(nodeCount: 1 << 31))
    }
    let far = try EdgeList(sources: [0], targets: [Int32.max - 1])
    #expect(throws: GraphError.sparseNodes(largest: Int64(Int32.max) - 1, edgeCount: 1)) {
      try Graph(far)
    }
    let wide = ArrowArray(
      type: .int64, length: 1, nullCount: 0, buffers: [nil, try Buffer(copying: [Int64(1) << 40])])
    #expect(throws: GraphError.tooManyNodes(count: 1 << 40)) {
      try Graph(EdgeList(sources: wide, targets: wide))
    }
    let text = ArrowArray(
      type: .utf8, length: 0, nullCount: 0, buffers: [nil, .empty, .empty])
    #expect(throws: GraphError.wrongType(column: "source", type: "string", expected: "integers")) {
      try EdgeList(sources: text, targets: text)
    }
    let holes = ArrowArray(
      type: .int32, length: 2, nullCount: 1,
      buffers: [try Buffer(copying: [UInt8(1)]), try Buffer(copying: [Int32(0), 0])])
    #expect(throws: GraphError.nullValue(column: "source", position: 1)) {
      try EdgeList(sources: holes, targets: holes)
    }
    #expect(throws: GraphError.invalidArgument(name: "threads", why: "there must be one at least"))
    {
      try Graph(edges, running: KernelOptions(threads: 0))
    }
  }

  @Test("stop when told")
  func cancellation() throws {
    let token = CancellationToken()
    token.cancel()
    #expect(throws: GraphError.cancelled) {
      try SampleGraph.path(10).graph().csc(KernelOptions(cancellation: token))
    }
  }
}

extension Array<Int> {
  fileprivate init(_ nodes: Span<Int32>) {
    self = []
    for index in nodes.indices { append(Int(nodes[index])) }
  }
}

extension Array where Element == UInt8 {
  fileprivate init(_ buffer: Buffer) {
    let bytes = buffer.bytes
    self = bytes.indices.map { bytes[$0] }
  }
}

extension EdgeWeights {
  fileprivate var values: [Double] { (0..<count).map { self[$0] } }
}
