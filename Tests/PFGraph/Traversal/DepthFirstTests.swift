import PFGraph
import Testing

@Suite("depth-first search")
struct DepthFirstTests {
  /// The walk as it is defined, by recursion.
  private struct Walk {
    let neighbors: [[Int]]
    let maxDepth: Int
    var preorder: [Int32] = []
    var postorder: [Int32] = []
    var predecessors: [Int32]
    var isEntered: [Bool]

    init(_ neighbors: [[Int]], maxDepth: Int) {
      self.neighbors = neighbors
      self.maxDepth = maxDepth
      predecessors = .init(repeating: -1, count: neighbors.count)
      isEntered = .init(repeating: false, count: neighbors.count)
    }

    mutating func enter(_ node: Int, depth: Int = 0) {
      isEntered[node] = true
      preorder.append(Int32(node))
      if depth < maxDepth {
        for neighbor in neighbors[node] where !isEntered[neighbor] {
          predecessors[neighbor] = Int32(node)
          enter(neighbor, depth: depth + 1)
        }
      }
      postorder.append(Int32(node))
    }
  }

  @Test("enters and leaves nodes as recursion does", arguments: SampleGraph.all, [true, false])
  func answers(sample: SampleGraph, directed: Bool) throws {
    guard sample.nodeCount > 0 else { return }
    let neighbors = plainNeighbors(sample, directed: directed)
    let graph = try sample.graph(directed: directed)
    for maxDepth in [nil, 0, 1, 3, 20] {
      for source in Set([0, sample.nodeCount / 2]) {
        let tree = try sameForAnyThreads {
          try graph.depthFirst(from: source, maxDepth: maxDepth, $0)
        }
        // A recursion of thousands of steps may not fit the stack of a test.
        guard neighbors.count <= 1000 || (maxDepth ?? .max) <= 20 else { continue }
        var walk = Walk(neighbors, maxDepth: maxDepth ?? .max)
        walk.enter(source)
        #expect([Int32](tree.preorder) == walk.preorder)
        #expect([Int32](tree.postorder) == walk.postorder)
        #expect([Int32](tree.predecessors) == walk.predecessors)
      }
    }
  }

  /// What holds for each depth-first walk without a limit, whoever did it: intervals between entry
  /// and exit nest along predecessors, and no edge leads to a node that is entered after the exit.
  @Test("has nested intervals", arguments: SampleGraph.large, [true, false])
  func properties(sample: SampleGraph, directed: Bool) throws {
    let tree = try sample.graph(directed: directed).depthFirst(from: 0)
    let (preorder, postorder) = ([Int32](tree.preorder), [Int32](tree.postorder))
    let predecessors = [Int32](tree.predecessors)
    var enter = [Int](repeating: -1, count: sample.nodeCount)
    var leave = enter
    for (time, node) in preorder.enumerated() { enter[Int(node)] = time }
    for (time, node) in postorder.enumerated() { leave[Int(node)] = time }
    var faults = 0
    for (node, neighbors) in plainNeighbors(sample, directed: directed).enumerated() {
      guard enter[node] >= 0 else {
        faults += predecessors[node] == -1 && leave[node] == -1 ? 0 : 1
        continue
      }
      let before = Int(predecessors[node])
      if node == 0 {
        faults += before == -1 ? 0 : 1
      } else {
        let isNested = before >= 0 && enter[before] < enter[node] && leave[before] > leave[node]
        faults += isNested ? 0 : 1
      }
      for neighbor in neighbors {
        let isLater = enter[neighbor] > enter[node] && leave[neighbor] > leave[node]
        faults += enter[neighbor] < 0 || isLater ? 1 : 0
      }
    }
    #expect(faults == 0)
    #expect(Set(preorder).count == preorder.count && Set(postorder) == Set(preorder))
    #expect(preorder.first == 0 && postorder.last == 0)
  }

  @Test("refuses a source that is not there, and a negative depth")
  func refusals() throws {
    let graph = try SampleGraph.path(5).graph()
    for source in [-1, 5, .max, .min] {
      #expect(throws: GraphError.unknownNode(argument: "source", node: Int64(source), nodeCount: 5))
      {
        try graph.depthFirst(from: source)
      }
    }
    #expect(throws: GraphError.invalidArgument(name: "maxDepth", why: "a depth is not negative")) {
      try graph.depthFirst(from: 0, maxDepth: -1)
    }
  }
}
