public import PFArrow
internal import PFCore
internal import Synchronization

/// What the nodes of a graph are called: a label for each, no two the same.
public final class NodeLabels: Sendable {
  /// The labels by node: integers, dates and the like in their type, text and bytes with offsets.
  public let column: ArrowArray
  /// The places of a table, from the first time that somebody looks a label up.
  private let index = Mutex<Buffer?>(nil)

  /// Labels that are known to differ.
  init(_ column: ArrowArray) { self.column = column }

  /// The number of labels.
  public var count: Int { column.length }

  /// The labels of nodes.
  ///
  /// - Parameters:
  ///   - nodes: Ids, such as the predecessors of a search; −1 means none.
  ///   - options: Threads, cancellation.
  /// - Returns: A label for each, null for none.
  /// - Complexity: O(count of `nodes`, and the bytes of their labels).
  /// - Throws: `.unknownNode`, `.outOfMemory`, `.cancelled`.
  public func labels(
    of nodes: NodeColumn<Int32>, _ options: KernelOptions = KernelOptions()
  ) throws(GraphError) -> ArrowArray {
    try Kernel.run(options) { (kernel) throws(GraphError) in
      let ids = nodes.buffer.slots(of: Int32.self)
      let labelCount = count
      let wrong = try kernel.sum(count: ids.count, grain: 1 << 14) { range, _ in
        range.reduce(into: 0) { $0 += ids[$1] < -1 || ids[$1] >= labelCount ? 1 : 0 }
      }
      if wrong > 0,
        let first = (0..<ids.count).first(where: { ids[$0] < -1 || ids[$0] >= labelCount })
      {
        throw .unknownNode(argument: "node", node: Int64(ids[first]), nodeCount: labelCount)
      }
      return try withExtendedLifetime((self, nodes)) { () throws(GraphError) in
        let labels = try LabelColumn(column, column: "label", kernel)
        return try kernel.labels(column.type.labelType, count: ids.count) { index in
          ids[index] < 0 ? nil : (labels, Int(ids[index]))
        }
      }
    }
  }

  /// The nodes that have some labels.
  ///
  /// - Parameters:
  ///   - labels: Of the type of the column; other widths of integers and layouts of text will do.
  ///   - options: Threads, cancellation.
  /// - Returns: The id of each, −1 where no node is called so.
  /// - Complexity: O(count of `labels`), and O(nodes) the first time, from when on a table of 13
  ///   to 26 bytes for each node is kept.
  /// - Throws: `.wrongType`, `.nullValue`, `.outOfMemory`, `.cancelled`.
  public func nodes(
    labeled labels: ArrowArray, _ options: KernelOptions = KernelOptions()
  ) throws(GraphError) -> NodeColumn<Int32> {
    guard labels.length == 0 || column.type.labelType(with: labels.type) != nil else {
      throw .wrongType(
        column: "label", type: "\(labels.type)", expected: "labels of type \(column.type)")
    }
    return try Kernel.run(options) { (kernel) throws(GraphError) in
      guard labels.length > 0 else {
        return kernel.column(try kernel.slots(of: Int32.self, count: 0))
      }
      return try withExtendedLifetime((self, labels)) { () throws(GraphError) in
        let known = try LabelColumn(column, column: "label", kernel)
        let wanted = try LabelColumn(labels, column: "label", kernel)
        let places = try places(known, kernel)
        let table = LabelTable(places: places.slots(of: UInt64.self), seed: .ofProcess)
        let nodes = try kernel.slots(of: Int32.self, count: labels.length)
        try kernel.forEach(count: nodes.count, grain: 1 << 12) { range, _ in
          for index in range {
            let found = table.place(
              wanted.key(index, table.seed),
              isSame: { known.isSame(Int($0), as: index, of: wanted) }, make: { nil })
            nodes[index] = found.map { Int32(bitPattern: $0.number) } ?? -1
          }
        }
        return withExtendedLifetime(places) { kernel.column(nodes) }
      }
    }
  }

  /// The node that is called so, if one is.
  ///
  /// - Complexity: O(1), after O(nodes) the first time.
  /// - Throws: `.wrongType`, `.outOfMemory`.
  public func node(labeled label: String) throws(GraphError) -> Int? {
    try node { () throws(BuildError) in try ArrowArray(strings: [label]) }
  }

  /// The node that is called so, if one is.
  ///
  /// - Complexity: O(1), after O(nodes) the first time.
  /// - Throws: `.wrongType`, `.outOfMemory`.
  public func node(labeled label: Int64) throws(GraphError) -> Int? {
    try node { () throws(BuildError) in try ArrowArray(int64: [label]) }
  }

  private func node(_ label: () throws(BuildError) -> ArrowArray) throws(GraphError) -> Int? {
    guard let label = try? label() else { throw .outOfMemory(byteCount: 0) }
    let found = try nodes(labeled: label, KernelOptions(threads: 1))[0]
    return found < 0 ? nil : Int(found)
  }

  /// The places of the table; made on the first call.
  private func places(_ known: LabelColumn, _ kernel: Kernel) throws(GraphError) -> Buffer {
    try index.withLock { (made) throws(GraphError) in
      if let made { return made }
      let table = try kernel.table(of: known, count: count)
      let places = kernel.take(table.places)
      made = places
      return places
    }
  }
}

extension Kernel {
  /// A table that has the number of each label of a column.
  ///
  /// - Throws: `.duplicateLabel` with the first that was there before.
  func table(of labels: LabelColumn, count: Int) throws(GraphError) -> LabelTable {
    let places = try slots(repeating: UInt64(0), count: LabelTable.placeCount(for: count))
    let table = LabelTable(places: places, seed: .ofProcess)
    @Sendable func put(_ number: Int) -> Bool {
      let number = UInt32(truncatingIfNeeded: number)
      let found = table.place(
        labels.key(Int(number), table.seed),
        isSame: { labels.isSame(Int($0), as: Int(number), of: labels) }, make: { number })
      return found?.isFound == true
    }
    let repeated = try sum(count: count, grain: 1 << 12) { range, _ in
      range.reduce(into: 0) { $0 += put($1) ? 1 : 0 }
    }
    guard repeated > 0 else { return table }
    // In order, so that the first one is found.
    places.fill(0..<places.count, with: 0)
    throw .duplicateLabel(position: (0..<count).first(where: put) ?? 0)
  }
}
