import PFParquet
import Testing

@Suite struct `schema trees` {
  static func group(
    _ name: String, _ children: Int32, _ repetition: FieldRepetitionType? = .optional
  ) -> SchemaElement {
    SchemaElement(name: name, repetitionType: repetition, numChildren: children)
  }

  static func leaf(
    _ name: String, _ repetition: FieldRepetitionType = .optional
  ) -> SchemaElement {
    SchemaElement(name: name, type: .int32, repetitionType: repetition)
  }

  @Test func `levels and paths of nested columns`() throws {
    let tree = try SchemaTree(try FileMetaData(decoding: FooterFixture.fixture("nested")).schema)
    #expect(
      tree.leaves.map(tree.dottedPath) == [
        "items.list.element.a", "items.list.element.b", "labels.key_value.key",
        "labels.key_value.value", "plain",
      ])
    #expect(tree.leaves.map(\.maxDefinitionLevel) == [4, 4, 2, 3, 1])
    #expect(tree.leaves.map(\.maxRepetitionLevel) == [1, 1, 1, 1, 0])
    #expect(tree.leaves.map(\.index) == [0, 1, 2, 3, 4])
    let top = tree.children(of: tree.root)
    #expect(top.map { tree.nodes[$0].element.name } == ["items", "labels", "plain"])
    #expect(top.map { tree.nodes[$0].leafRange } == [0..<2, 2..<4, 4..<5])
    #expect(tree.root.subtreeEnd == tree.nodes.count)
    #expect(tree.root.leafRange == 0..<5)
    #expect(tree.nodes[top[1]].parent == 0)
  }

  @Test func `names may repeat, be empty and hold dots`() throws {
    let tree = try SchemaTree([
      Self.group("", 3, nil), Self.leaf("a"), Self.leaf("a"), Self.leaf(""),
    ])
    #expect(tree.leaves.map(tree.path) == [["a"], ["a"], [""]])
  }

  @Test func `a root without columns, and a group without children, are legal`() throws {
    let empty = try SchemaTree([SchemaElement(name: "root", numChildren: 0)])
    #expect(empty.leaves.isEmpty)
    #expect(!empty.root.isLeaf)
    let group = try SchemaTree([Self.group("root", 2), Self.group("g", 0), Self.leaf("c")])
    #expect(group.leaves.map(tree(group)) == ["c"])
    #expect(group.nodes[1].leafRange == 0..<0)
  }

  private func tree(_ tree: SchemaTree) -> (LeafColumn) -> String {
    { tree.dottedPath(of: $0) }
  }

  static let broken: [(elements: [SchemaElement], error: SchemaError)] = [
    ([], .empty),
    ([group("r", 2), leaf("a")], .missingChildren(element: 0)),
    ([group("r", .max), leaf("a")], .missingChildren(element: 0)),
    ([group("r", 1), group("g", 1)], .missingChildren(element: 1)),
    ([group("r", 2), group("g", 1), leaf("a")], .missingChildren(element: 0)),
    ([group("r", 1), group("g", -1)], .negativeChildCount(element: 1)),
    ([group("r", .min)], .negativeChildCount(element: 0)),
    ([group("r", 1), leaf("a"), leaf("b")], .leftoverElements(element: 2)),
    ([group("r", 0), leaf("a")], .leftoverElements(element: 1)),
    (
      [group("r", 1), SchemaElement(name: "f", type: .fixedLenByteArray)],
      .invalidTypeLength(element: 1)
    ),
    (
      [group("r", 1), SchemaElement(name: "f", type: .fixedLenByteArray, typeLength: -1)],
      .invalidTypeLength(element: 1)
    ),
  ]

  @Test("counts that are no tree are named", arguments: broken)
  func names(elements: [SchemaElement], error: SchemaError) {
    #expect(throws: error) { try SchemaTree(elements) }
  }

  @Test func `hundreds of levels work, above the limit they are refused`() throws {
    func nested(_ depth: Int) -> [SchemaElement] {
      [Self.group("r", 1)] + (1..<depth).map { _ in Self.group("g", 1, .repeated) }
        + [Self.leaf("c")]
    }
    let tree = try SchemaTree(nested(SchemaTree.depthLimit))
    #expect(tree.leaves[0].maxRepetitionLevel == 999)
    #expect(tree.leaves[0].maxDefinitionLevel == 1000)
    #expect(tree.path(of: tree.leaves[0]).count == 1000)
    #expect(throws: SchemaError.tooDeep(element: 1000)) {
      try SchemaTree(nested(SchemaTree.depthLimit + 1))
    }
    #expect(throws: SchemaError.self) { try SchemaTree(nested(100_000)) }
  }
}
