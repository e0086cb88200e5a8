import PFArrow
import PFCore
import PFGraph
import Testing

/// Labels of nodes as a column, made of numbers.
struct LabelForm: Sendable, CustomTestStringConvertible {
  let name: String
  let make: @Sendable ([Int]) throws -> ArrowArray
  var testDescription: String { name }

  static let all: [LabelForm] = [
    LabelForm(name: "int8") { try ArrowArray(values: $0.map { Int8($0 % 100 - 50) }) },
    LabelForm(name: "uint16") { try ArrowArray(values: $0.map { UInt16($0 * 7) }) },
    LabelForm(name: "int32") {
      try ArrowArray(values: $0.map { Int32(truncatingIfNeeded: $0 * -1_000_003) })
    },
    LabelForm(name: "int64") { try ArrowArray(values: $0.map { Int64($0) * 0x1234_5678_9ABC }) },
    LabelForm(name: "uint64") { try ArrowArray(values: $0.map { UInt64.max - UInt64($0) }) },
    LabelForm(name: "utf8") { try ArrowArray(strings: $0.map(text)) },
    LabelForm(name: "large utf8") {
      let array = try ArrowArray(strings: $0.map(text))
      return try #require(try array.inLayout(of: .largeUTF8))
    },
    LabelForm(name: "views") {
      let array = try ArrowArray(strings: $0.map(text))
      return try #require(try array.inLayout(of: .utf8View))
    },
    LabelForm(name: "dictionary") {
      let array = try ArrowArray(strings: $0.map(text))
      let type = DataType.dictionary(index: .int32, value: .utf8, isOrdered: false)
      return try #require(try array.inLayout(of: type))
    },
  ]

  /// Texts of many lengths, short ones and none among them.
  private static func text(_ number: Int) -> String {
    let word = number == 3 ? "" : "n\(number)"
    return number % 5 == 0 ? String(repeating: "é", count: number % 23) + word : word
  }
}

@Suite("labels of nodes")
struct LabelsTests {
  /// Ids by the first occurrence, source before target.
  private func plainIDs(_ sources: [Int], _ targets: [Int]) -> (ids: [Int: Int], order: [Int]) {
    var ids: [Int: Int] = [:]
    var order: [Int] = []
    for label in zip(sources, targets).flatMap({ [$0, $1] }) where ids[label] == nil {
      ids[label] = order.count
      order.append(label)
    }
    return (ids, order)
  }

  private func edges(_ count: Int, labels: Int, seed: UInt64) -> ([Int], [Int]) {
    var random = Seeded(seed)
    func draw() -> [Int] { (0..<count).map { _ in Int.random(in: 0..<labels, using: &random) } }
    let sources = draw()
    return (sources, draw())
  }

  @Test("become ids by where they come first", arguments: LabelForm.all, [0, 1, 3, 60, 9000])
  func numbering(form: LabelForm, count: Int) throws {
    let (sources, targets) = edges(count, labels: form.name == "int8" ? 90 : 700, seed: 3)
    let (ids, order) = plainIDs(sources, targets)
    let graph = try Graph(
      LabeledEdges(sources: form.make(sources), targets: form.make(targets)))
    let expected = try Graph(
      EdgeList(
        sources: sources.map { Int32(ids[$0] ?? -1) }, targets: targets.map { Int32(ids[$0] ?? -1) }
      ),
      GraphOptions(nodeCount: order.count))
    #expect(graph.csr.neighbors == expected.csr.neighbors)
    #expect(graph.csr.offsets == expected.csr.offsets)
    let labels = try #require(graph.labels)
    let known = try form.make(order)
    #expect(labels.count == order.count)
    #expect((0..<order.count).allSatisfy { labels.column[$0] == known[$0] })

    // And back.
    let nodes = try labels.nodes(labeled: known)
    #expect([Int32](nodes) == (0..<order.count).map { Int32($0) })
    let reversed = try labels.labels(
      of: NodeColumn(
        nodes: ArrowArray(
          int32: (0..<order.count).reversed().map { Int32($0) } + [-1])))
    #expect((0..<order.count).allSatisfy { reversed[$0] == known[order.count - 1 - $0] })
    #expect(reversed[order.count] == .null)
  }

  @Test("are numbered alike by any number of threads, in batches or not")
  func threads() throws {
    let (sources, targets) = edges(60_000, labels: 25_000, seed: 9)
    for form in LabelForm.all where form.name != "int8" && form.name != "uint16" {
      let (source, target) = (try form.make(sources), try form.make(targets))
      let whole = try LabeledEdges(sources: source, targets: target)
      let cuts = [0, 0, 1, 5000, 5000, 40_000, 60_000]
      let parts = try LabeledEdges(
        batches: zip(cuts, cuts.dropFirst()).map { start, end in
          (
            source.slice(start: start, count: end - start),
            target.slice(start: start, count: end - start)
          )
        }, weights: nil)
      let answer = try sameForAnyThreads { running in
        let graph = try Graph(whole, running: running)
        return [graph.csr.neighbors, graph.csr.offsets]
          + (graph.labels?.column.buffers ?? []).map { $0 ?? .empty }
      }
      let again = try Graph(parts, running: KernelOptions(threads: 3))
      #expect(answer[0] == again.csr.neighbors)
      #expect(
        answer.dropFirst(2) == ((again.labels?.column.buffers ?? []).map { $0 ?? .empty })[...])
    }
  }

  @Test("may differ in width and layout between sources and targets")
  func mixed() throws {
    let wide = try Graph(
      LabeledEdges(
        sources: ArrowArray(values: [Int8(-1), 5, 5]),
        targets: ArrowArray(values: [UInt32(5), 7, 5])))
    #expect(wide.labels?.column.type == .int64)
    #expect(try wide.labels?.node(labeled: -1) == 0)
    #expect(try wide.labels?.node(labeled: 7) == 2)
    #expect(try wide.labels?.node(labeled: 1 << 40) == nil)
    #expect(throws: GraphError.self) { try wide.labels?.node(labeled: "5") }

    let unsigned = try Graph(
      LabeledEdges(
        sources: ArrowArray(values: [UInt8(255)]), targets: ArrowArray(values: [UInt64.max])))
    #expect(unsigned.labels?.column.type == .uint64)
    #expect(unsigned.labels?.column[1] == .uint(.max))

    let views = try #require(
      try ArrowArray(strings: ["a", "a longer text than fits"]).inLayout(of: .utf8View))
    let texts = try Graph(
      LabeledEdges(sources: views, targets: ArrowArray(strings: ["a longer text than fits", "b"])))
    #expect(texts.labels?.column.type == .utf8)
    #expect(
      (0..<3).map { texts.labels?.column.string(at: $0) } == ["a", "a longer text than fits", "b"])
    #expect(try texts.labels?.node(labeled: "b") == 2)
    #expect(try texts.labels?.node(labeled: "c") == nil)
  }

  @Test("that cannot serve are refused")
  func refused() throws {
    let texts = try ArrowArray(strings: ["a", "b", "c"])
    let numbers = try ArrowArray(int64: [1, 2, 3])
    #expect(throws: GraphError.nullValue(column: "target", position: 2)) {
      try Graph(LabeledEdges(sources: texts, targets: ArrowArray(strings: ["a", "b", nil])))
    }
    #expect(throws: GraphError.nullValue(column: "source", position: 4)) {
      try Graph(
        LabeledEdges(
          batches: [
            (numbers, numbers), (ArrowArray(int64: [1, nil]), ArrowArray(int64: [1, 2])),
          ],
          weights: nil))
    }
    #expect(
      throws: GraphError.lengthMismatch(first: "source", count: 3, second: "target", otherCount: 1)
    ) {
      try LabeledEdges(sources: texts, targets: ArrowArray(strings: ["a"]))
    }
    #expect(throws: GraphError.self) { try LabeledEdges(sources: texts, targets: numbers) }
    #expect(throws: GraphError.self) {
      try LabeledEdges(
        sources: ArrowArray(values: [UInt64(1)]), targets: ArrowArray(values: [Int64(1)]))
    }
    for odd in [
      try ArrowArray(float64: [1, 2, 3]), try ArrowArray(booleans: [true, false, true]),
    ] {
      #expect(throws: GraphError.self) { try LabeledEdges(sources: odd, targets: odd) }
    }
    #expect(throws: GraphError.self) {
      try Graph(LabeledEdges(sources: texts, targets: texts), GraphOptions(nodeCount: 9))
    }
    let token = CancellationToken()
    token.cancel()
    #expect(throws: GraphError.cancelled) {
      try Graph(
        LabeledEdges(sources: texts, targets: texts), running: KernelOptions(cancellation: token))
    }
  }

  @Test("of edges that do not stay are nodes as well")
  func dropped() throws {
    let graph = try Graph(
      LabeledEdges(
        sources: ArrowArray(strings: ["x", "y", "y"]),
        targets: ArrowArray(strings: ["x", "z", "z"])),
      GraphOptions(isDirected: false, duplicates: .first, keepsSelfLoops: false))
    #expect(graph.nodeCount == 3)
    #expect(graph.edgeCount == 1)
    #expect(try graph.labels?.node(labeled: "x") == 0)
  }

  @Test("can be given to a graph that has none")
  func given() throws {
    let plain = try SampleGraph.path(3).graph()
    #expect(plain.labels == nil)
    let named = try plain.labeled(ArrowArray(strings: ["a", "b", "c"]))
    #expect(named.csr.neighbors == plain.csr.neighbors)
    #expect(try named.labels?.node(labeled: "c") == 2)
    #expect(throws: GraphError.duplicateLabel(position: 2)) {
      try plain.labeled(ArrowArray(strings: ["a", "b", "b"]))
    }
    #expect(throws: GraphError.nullValue(column: "label", position: 1)) {
      try plain.labeled(ArrowArray(int64: [1, nil, 2]))
    }
    #expect(throws: GraphError.self) { try plain.labeled(ArrowArray(int64: [1, 2])) }
    let large = try SampleGraph.random(9000, edges: 10, seed: 1).graph()
    let repeated = try ArrowArray(int64: (0..<9000).map { $0 == 8999 || $0 == 5000 ? 77 : $0 })
    for threads in threadCounts {
      #expect(throws: GraphError.duplicateLabel(position: 5000)) {
        try large.labeled(repeated, running: KernelOptions(threads: threads))
      }
    }
  }

  @Test("that are all the same, or all different, take no longer than others")
  func extremes() throws {
    let same = try ArrowArray(strings: Array(repeating: "the same", count: 50_000))
    let one = try Graph(
      LabeledEdges(sources: same, targets: same), running: KernelOptions(threads: 3))
    #expect(one.nodeCount == 1)
    #expect(one.edgeCount == 50_000)
    let all = try Graph(
      LabeledEdges(
        sources: ArrowArray(int64: (0..<150_000).map { Int64($0) << 40 }),
        targets: ArrowArray(int64: (0..<150_000).map { Int64($0) << 40 | 1 })))
    #expect(all.nodeCount == 300_000)
    #expect(all.labels?.column[299_999] == .int(149_999 << 40 | 1))
    let last = try ArrowArray(int64: [149_999 << 40, 5])
    #expect(try [Int32](#require(all.labels).nodes(labeled: last)) == [299_998, -1])
  }
}
