import PFCore
import PFGraph
import Testing

@Suite("core numbers")
struct CoreNumbersTests {
  private func neighborsWithoutLoops(_ sample: SampleGraph) -> [[Int]] {
    let lists = plainNeighbors(sample, directed: false)
    return lists.indices.map { node in lists[node].filter { $0 != node } }
  }

  /// By the definition: for each k, nodes with fewer than k neighbours go until none does.
  private func plainNumbers(_ neighbors: [[Int]]) -> [Int32] {
    var numbers = [Int32](repeating: 0, count: neighbors.count)
    var left = neighbors.map(\.count)
    var isGone = [Bool](repeating: false, count: neighbors.count)
    var goneCount = 0
    var k = 0
    while goneCount < neighbors.count {
      k += 1
      var leaving = neighbors.indices.filter { !isGone[$0] && left[$0] < k }
      for node in leaving { isGone[node] = true }
      while let node = leaving.popLast() {
        numbers[node] = Int32(k - 1)
        goneCount += 1
        for neighbor in neighbors[node] where !isGone[neighbor] {
          left[neighbor] -= 1
          if left[neighbor] < k {
            isGone[neighbor] = true
            leaving.append(neighbor)
          }
        }
      }
    }
    return numbers
  }

  @Test("are as the definition has them", arguments: SampleGraph.all)
  func answers(sample: SampleGraph) throws {
    let graph = try sample.graph(directed: false)
    let cores = try sameForAnyThreads { try graph.coreNumbers($0) }
    let numbers = [Int32](cores.numbers)
    #expect(numbers == plainNumbers(neighborsWithoutLoops(sample)))
    #expect(cores.largest == Int(numbers.max() ?? 0))
  }

  @Test("have the same bits on any number of threads", arguments: SampleGraph.large)
  func threads(sample: SampleGraph) throws {
    let graph = try sample.graph(directed: false)
    let numbers = [Int32](try sameForAnyThreads { try graph.coreNumbers($0) }.numbers)
    let neighbors = neighborsWithoutLoops(sample)
    let isHeld = neighbors.indices.allSatisfy { node in
      neighbors[node].count { numbers[$0] >= numbers[node] } >= numbers[node]
    }
    #expect(isHeld)
  }

  @Test("are those of well-known graphs")
  func known() throws {
    func largest(_ sample: SampleGraph) throws -> Int {
      try sample.graph(directed: false, duplicates: .merge).coreNumbers().largest
    }
    #expect(try largest(.complete(20)) == 19)
    #expect(try largest(.cycle(63)) == 2)
    #expect(try largest(.star(129)) == 1)
    #expect(try largest(.grid(13, 17)) == 2)
  }

  @Test("need a graph without directions, and stop when told to")
  func refusals() throws {
    #expect(throws: GraphError.wrongDirection(needsDirected: false)) {
      try SampleGraph.path(5).graph().coreNumbers()
    }
    let token = CancellationToken()
    token.cancel()
    #expect(throws: GraphError.cancelled) {
      try SampleGraph.path(5).graph(directed: false).coreNumbers(KernelOptions(cancellation: token))
    }
  }
}
