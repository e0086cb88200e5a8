import PFArrow
import PFCore
import PFGraph
import Testing

@Suite("graphs from lists of neighbours")
struct GraphListsTests {
  @Test(
    "are those that gave the lists", arguments: SampleGraph.all + SampleGraph.large, [true, false])
  func same(sample: SampleGraph, directed: Bool) throws {
    let first = try sample.graph(directed: directed, weighted: true)
    let weights = try #require(first.csr.weights)
    let values = try ArrowArray(float64: (0..<weights.count).map { weights[$0] })
    let offsets = NodeColumn<Int64>(first.csr.offsets).array
    let neighbors = NodeColumn<Int32>(first.csr.neighbors).array
    let again = try Graph(
      offsets: offsets, neighbors: neighbors, weights: values, isDirected: directed)
    #expect(again.csr.offsets == first.csr.offsets)
    #expect(again.csr.neighbors == first.csr.neighbors)
    #expect(again.edgeCount == first.edgeCount)
    #expect(try again.csc().neighbors == first.csc().neighbors)
    #expect(
      again.csr.weights.map { w in (0..<w.count).map { w[$0] } }
        == first.csr.weights.map { w in (0..<w.count).map { w[$0] } })

    // Of other widths, and rows the other way round.
    let places = [Int64](NodeColumn<Int64>(first.csr.offsets))
    let nodes = [Int32](NodeColumn<Int32>(first.csr.neighbors))
    var (starts, ids, numbers) = ([Int32](), [Int64](), [Float]())
    for node in 0..<first.nodeCount {
      starts.append(Int32(ids.count))
      for index in (places[node]..<places[node + 1]).reversed() {
        ids.append(Int64(nodes[Int(index)]))
        numbers.append(Float(weights[Int(index)]))
      }
    }
    starts.append(Int32(ids.count))
    let turned = try sameForAnyThreads { running in
      try Graph(
        offsets: ArrowArray(values: starts), neighbors: ArrowArray(values: ids),
        weights: ArrowArray(values: numbers), isDirected: directed, running: running
      ).csr.neighbors
    }
    #expect(turned == first.csr.neighbors)
  }

  @Test("share the memory of sorted lists")
  func shared() throws {
    let first = try SampleGraph.grid(20, 20).graph()
    let again = try Graph(
      offsets: NodeColumn<Int64>(first.csr.offsets).array,
      neighbors: NodeColumn<Int32>(first.csr.neighbors).array)
    #expect(unsafe again.csr.neighbors.address == first.csr.neighbors.address)
    #expect(unsafe again.csr.offsets.address == first.csr.offsets.address)
  }

  struct Wrong: Sendable {
    var offsets: [Int64?]
    var neighbors: [Int64?]
    var isDirected = true
    var error: GraphError
  }

  static let wrong = [
    Wrong(offsets: [1, 2], neighbors: [0, 0], error: .badOffsets(position: 0, value: 1)),
    Wrong(offsets: [0, 2, 1, 2], neighbors: [0, 0], error: .badOffsets(position: 2, value: 1)),
    Wrong(offsets: [0, -1, 2], neighbors: [0, 0], error: .badOffsets(position: 1, value: -1)),
    Wrong(offsets: [0, 1], neighbors: [0, 0], error: .badOffsets(position: 1, value: 1)),
    Wrong(offsets: [0, .max], neighbors: [0], error: .badOffsets(position: 1, value: .max)),
    Wrong(
      offsets: [0, .max, .min, 1], neighbors: [0], error: .badOffsets(position: 2, value: .min)),
    Wrong(
      offsets: [0, 1, 2], neighbors: [0, 2],
      error: .nodeOutOfRange(end: "target", position: 1, node: 2, nodeCount: 2)),
    Wrong(
      offsets: [0, 1, 2], neighbors: [-1, 1],
      error: .nodeOutOfRange(end: "target", position: 0, node: -1, nodeCount: 2)),
    Wrong(offsets: [0, nil], neighbors: [], error: .nullValue(column: "indptr", position: 1)),
    Wrong(offsets: [0, 1], neighbors: [nil], error: .nullValue(column: "indices", position: 0)),
    Wrong(offsets: [0, 1, 1], neighbors: [1], isDirected: false, error: .notSymmetric(node: 0)),
    Wrong(
      offsets: [0, 1, 2, 3], neighbors: [1, 2, 0], isDirected: false, error: .notSymmetric(node: 0)),
  ]

  @Test("are refused with the place of what is wrong", arguments: wrong)
  func refused(wrong: Wrong) throws {
    #expect(throws: wrong.error) {
      try Graph(
        offsets: ArrowArray(int64: wrong.offsets), neighbors: ArrowArray(int64: wrong.neighbors),
        isDirected: wrong.isDirected)
    }
  }

  @Test("without an offset are no graph, and with one alone an empty graph")
  func few() throws {
    let none = try ArrowArray(int64: [])
    #expect(throws: GraphError.self) { try Graph(offsets: none, neighbors: none) }
    #expect(try Graph(offsets: ArrowArray(int64: [0]), neighbors: none).nodeCount == 0)
    #expect(throws: GraphError.self) {
      try Graph(
        offsets: ArrowArray(int64: [0, 0]), neighbors: none, weights: ArrowArray(int64: [1]))
    }
  }

  @Test("without directions need the same weight at both ends")
  func weights() throws {
    let offsets = try ArrowArray(int64: [0, 1, 2])
    let neighbors = try ArrowArray(int64: [1, 0])
    func graph(_ weights: [Double]) throws -> Graph {
      try Graph(
        offsets: offsets, neighbors: neighbors, weights: ArrowArray(float64: weights),
        isDirected: false)
    }
    #expect(try graph([2, 2]).edgeCount == 1)
    #expect(throws: GraphError.notSymmetric(node: 0)) { try graph([2, 3]) }
  }
}
