import PFArrow
import PFParquet

/// A nested column of random values, and its pages.
///
/// The values are cut into levels here by the definition (Dremel), a value at a time: what the
/// reader must undo.
struct NestedSample {
  indirect enum Shape {
    case number
    case structure([(String, NestedSample.Node)])
    case list(Node)
    case map(Node)
    /// A repeated group without annotation.
    case repeated(Node)
  }

  struct Node {
    var shape: Shape
    var isNullable: Bool
  }

  /// The levels and values of one leaf.
  struct Leaf {
    var repetitions: [UInt32] = []
    var definitions: [UInt32] = []
    var values: [Int64] = []
    var maxRepetition = 0
    var maxDefinition = 0
  }

  let node: Node
  let rows: [ArrowValue]
  private(set) var leaves: [Leaf] = []

  init(_ node: Node, rows: [ArrowValue]) {
    self.node = node
    self.rows = rows
    leaves = Self.leaves(of: node, Leaf())
    for row in rows { write(row, node, 0..<leaves.count, repetition: 0, definition: 0, depth: 0) }
  }

  // MARK: Random samples

  static func random(
    depth: Int, rowCount: Int, nulls: Double, using random: inout SeededGenerator
  ) -> NestedSample {
    let node = randomNode(depth, &random)
    return NestedSample(node, rows: (0..<rowCount).map { _ in value(of: node, nulls, &random) })
  }

  private static func randomNode(_ depth: Int, _ random: inout SeededGenerator) -> Node {
    let kind = depth == 0 ? 0 : Int.random(in: 1...5, using: &random)
    let isNullable = Int.random(in: 0..<4, using: &random) > 0
    switch kind {
    case 0: return Node(shape: .number, isNullable: isNullable)
    case 1, 2:
      return Node(shape: .list(randomElement(depth - 1, &random)), isNullable: isNullable)
    case 3: return Node(shape: .map(randomElement(depth - 1, &random)), isNullable: isNullable)
    case 4:
      let element = Node(shape: randomElement(depth - 1, &random).shape, isNullable: false)
      return Node(shape: .repeated(element), isNullable: false)
    default:
      let fields = (0..<Int.random(in: 1...3, using: &random)).map {
        ("f\($0)", randomNode(Int.random(in: 0..<depth, using: &random), &random))
      }
      return Node(shape: .structure(fields), isNullable: isNullable)
    }
  }

  /// What may stand in a list: a repeated node there would make another shape of it.
  private static func randomElement(_ depth: Int, _ random: inout SeededGenerator) -> Node {
    let node = randomNode(depth, &random)
    if case .repeated(let element) = node.shape { return element }
    return node
  }

  private static func value(
    of node: Node, _ nulls: Double, _ random: inout SeededGenerator
  ) -> ArrowValue {
    if node.isNullable, Double.random(in: 0..<1, using: &random) < nulls { return .null }
    let count = [0, 1, 1, 2, 3, 9].randomElement(using: &random) ?? 0
    switch node.shape {
    case .number: return .int(Int64.random(in: 0...99, using: &random))
    case .structure(let fields):
      return .structure(
        fields.map { .init(name: $0.0, value: value(of: $0.1, nulls, &random)) })
    case .list(let element), .repeated(let element):
      return .list((0..<count).map { _ in value(of: element, nulls, &random) })
    case .map(let item):
      return .map(
        (0..<count).map { .init(key: .int(Int64($0)), value: value(of: item, nulls, &random)) })
    }
  }

  // MARK: Schema

  func sketch(_ name: String) -> SchemaSketch { Self.sketch(name, node) }

  private static func sketch(_ name: String, _ node: Node) -> SchemaSketch {
    let repetition: SchemaSketch.Repetition = node.isNullable ? .optional : .required
    switch node.shape {
    case .number: return .leaf(name, repetition)
    case .structure(let fields): return .group(name, repetition, fields.map { sketch($0.0, $0.1) })
    case .list(let element):
      return .group(
        name, repetition, .list, [.group("list", .repeated, [sketch("element", element)])])
    case .map(let item):
      return .group(
        name, repetition, .map,
        [.group("key_value", .repeated, [.leaf("key", .required), sketch("value", item)])])
    case .repeated(let element):
      var sketch = sketch(name, element)
      sketch.repetition = .repeated
      return sketch
    }
  }

  private static func leaves(of node: Node, _ outer: Leaf) -> [Leaf] {
    var leaf = outer
    if node.isNullable { leaf.maxDefinition += 1 }
    switch node.shape {
    case .number: return [leaf]
    case .structure(let fields): return fields.flatMap { leaves(of: $0.1, leaf) }
    case .list, .map, .repeated:
      leaf.maxDefinition += 1
      leaf.maxRepetition += 1
    }
    switch node.shape {
    case .map(let item): return [leaf] + leaves(of: item, leaf)
    case .list(let element), .repeated(let element): return leaves(of: element, leaf)
    default: return []
    }
  }

  // MARK: Levels

  private mutating func mark(_ range: Range<Int>, _ repetition: Int, _ definition: Int) {
    for index in range {
      leaves[index].repetitions.append(UInt32(repetition))
      leaves[index].definitions.append(UInt32(definition))
    }
  }

  private mutating func write(
    _ value: ArrowValue, _ node: Node, _ range: Range<Int>, repetition: Int, definition: Int,
    depth: Int
  ) {
    guard value != .null else { return mark(range, repetition, definition) }
    let present = definition + (node.isNullable ? 1 : 0)
    switch (node.shape, value) {
    case (.number, .int(let number)):
      mark(range, repetition, present)
      leaves[range.lowerBound].values.append(number)
    case (.structure(let fields), .structure(let values)):
      var first = range.lowerBound
      for (field, value) in zip(fields, values) {
        let count = Self.leaves(of: field.1, Leaf()).count
        write(
          value.value, field.1, first..<(first + count), repetition: repetition,
          definition: present, depth: depth)
        first += count
      }
    case (.list(let element), .list(let values)), (.repeated(let element), .list(let values)):
      if values.isEmpty { mark(range, repetition, present) }
      for (index, value) in values.enumerated() {
        write(
          value, element, range, repetition: index == 0 ? repetition : depth + 1,
          definition: present + 1, depth: depth + 1)
      }
    case (.map(let item), .map(let entries)):
      if entries.isEmpty { mark(range, repetition, present) }
      for (index, entry) in entries.enumerated() {
        let again = index == 0 ? repetition : depth + 1
        write(
          entry.key, Node(shape: .number, isNullable: false), range.prefix(1),
          repetition: again, definition: present + 1, depth: depth + 1)
        write(
          entry.value, item, range.dropFirst(), repetition: again, definition: present + 1,
          depth: depth + 1)
      }
    default: preconditionFailure("a value of another shape")
    }
  }

  // MARK: Pages

  /// The column chunks, cut into pages of `pageSize` levels at most: those of version 1 anywhere,
  /// those of version 2 where a row begins.
  func columns(
    pageSize: Int, isV2: Bool, asRuns: Bool, using random: inout SeededGenerator
  ) -> [FileBuilder.Column] {
    leaves.map { leaf in
      var pages: [FileBuilder.Page] = []
      var start = 0
      var valueStart = 0
      while start < leaf.definitions.count {
        var end = min(
          leaf.definitions.count, start + Int.random(in: 1...pageSize, using: &random))
        while isV2, end < leaf.definitions.count, leaf.repetitions[end] != 0 { end += 1 }
        let definitions = Array(leaf.definitions[start..<end])
        let repetitions = Array(leaf.repetitions[start..<end])
        let valueCount = definitions.count { $0 == leaf.maxDefinition }
        var page = FileBuilder.Page(
          kind: isV2 ? .dataV2 : .data, count: Int64(end - start),
          values: Encode.plain(Array(leaf.values[valueStart..<(valueStart + valueCount)])))
        if leaf.maxDefinition > 0 {
          page.levels = Encode.levels(definitions, maximum: leaf.maxDefinition, asRuns: asRuns)
        }
        if leaf.maxRepetition > 0 {
          page.repetitions = Encode.levels(
            repetitions, maximum: leaf.maxRepetition, asRuns: asRuns)
        }
        page.numNulls = Int64(end - start - valueCount)
        page.numRows = Int64(repetitions.count { $0 == 0 })
        pages.append(page)
        start = end
        valueStart += valueCount
      }
      var column = FileBuilder.Column(pages: pages)
      column.numValues = Int64(leaf.definitions.count)
      return column
    }
  }
}

extension Encode {
  /// Levels in the hybrid encoding, as one bit-packed run or as runs of equal ones.
  static func levels(_ levels: [UInt32], maximum: Int, asRuns: Bool = false) -> [UInt8] {
    let bitWidth = Int.bitWidth - maximum.leadingZeroBitCount
    guard asRuns else { return packed(levels, bitWidth: bitWidth) }
    var bytes: [UInt8] = []
    var start = 0
    for index in levels.indices
    where index + 1 == levels.count || levels[index + 1] != levels[index] {
      bytes += run(levels[index], count: index + 1 - start, bitWidth: bitWidth)
      start = index + 1
    }
    return bytes
  }
}
