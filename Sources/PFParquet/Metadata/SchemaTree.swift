/// The schema as a tree, and the leaf columns with their levels.
///
/// Shapes: `nodes` has one entry for each `SchemaElement`, in the same depth-first order, so that
/// the subtree of node `i` is `nodes[i..<nodes[i].subtreeEnd]`; `leaves` has one entry for each
/// column chunk of a row group. Names need not be unique, nor non-empty.
public struct SchemaTree: Sendable {
  /// All nodes, the root first.
  public let nodes: [SchemaNode]
  /// The leaf columns, in file order.
  public let leaves: [LeafColumn]

  /// How deep a schema may nest. Levels of nesting cost memory in every reader, and no writer
  /// comes near.
  public static var depthLimit: Int { 1000 }

  /// Checks the counts and types of a flat schema and builds the tree, without recursion.
  ///
  /// - Complexity: O(`elements.count`).
  public init(_ elements: [SchemaElement]) throws(SchemaError) {
    guard !elements.isEmpty else { throw .empty }
    var nodes: [SchemaNode] = []
    nodes.reserveCapacity(elements.count)
    var leaves: [LeafColumn] = []
    leaves.reserveCapacity(elements.count)
    // The groups that still wait for children, outermost first.
    var open: [(node: Int, childrenLeft: Int)] = []

    for index in elements.indices {
      let parent = open.last?.node
      guard index == 0 || parent != nil else { throw .leftoverElements(element: index) }
      let node = SchemaNode(
        elements[index], index: index, parent: parent,
        definitionLevel: parent.map { nodes[$0].maxDefinitionLevel } ?? 0,
        repetitionLevel: parent.map { nodes[$0].maxRepetitionLevel } ?? 0,
        firstLeaf: leaves.count)
      nodes.append(node)
      if index > 0 { open[open.count - 1].childrenLeft -= 1 }
      if let type = node.leafType {
        leaves.append(try LeafColumn(node, type: type, index: leaves.count))
      } else {
        let childCount = Int(node.element.numChildren ?? 0)
        guard childCount >= 0 else { throw .negativeChildCount(element: index) }
        guard childCount < elements.count - index else {
          throw .missingChildren(element: index)
        }
        guard open.count < Self.depthLimit else { throw .tooDeep(element: index) }
        if childCount > 0 {
          open.append((index, childCount))
          continue
        }
      }
      // The node is complete, and with it each group whose last child it was.
      nodes[index].close(end: index + 1, leafEnd: leaves.count)
      while let group = open.last, group.childrenLeft == 0 {
        open.removeLast()
        nodes[group.node].close(end: index + 1, leafEnd: leaves.count)
      }
    }

    if let group = open.last { throw .missingChildren(element: group.node) }
    self.nodes = nodes
    self.leaves = leaves
  }

  /// The root, which stands for the row.
  public var root: SchemaNode { nodes[0] }

  /// The indices of a node's children in `nodes`, in order.
  ///
  /// - Complexity: O(children).
  public func children(of node: SchemaNode) -> [Int] {
    var children: [Int] = []
    var child = node.index + 1
    while child < node.subtreeEnd {
      children.append(child)
      child = nodes[child].subtreeEnd
    }
    return children
  }

  /// The names from below the root down to a leaf. Not stored: in a deep schema the paths take
  /// far more memory than the schema.
  ///
  /// - Complexity: O(depth).
  public func path(of leaf: LeafColumn) -> [String] {
    var names: [String] = []
    var node = nodes[leaf.nodeIndex]
    while let parent = node.parent {
      names.append(node.element.name)
      node = nodes[parent]
    }
    return names.reversed()
  }

  /// The names of a leaf's path with dots between them, as other tools show it.
  public func dottedPath(of leaf: LeafColumn) -> String {
    // Most columns are no part of a group, and then thousands.
    if nodes[leaf.nodeIndex].parent == 0 { return leaf.element.name }
    return path(of: leaf).joined(separator: ".")
  }
}

/// Why a flat schema is no tree. `element` is the index in the file's list.
public enum SchemaError: Error, Hashable, Sendable {
  /// There is no root.
  case empty
  /// A group claims fewer than no children.
  case negativeChildCount(element: Int)
  /// A group claims more children than follow.
  case missingChildren(element: Int)
  /// The tree ends before this element.
  case leftoverElements(element: Int)
  /// Groups nest deeper than `SchemaTree.depthLimit`.
  case tooDeep(element: Int)
  /// A FIXED_LEN_BYTE_ARRAY has no length, or one below zero.
  case invalidTypeLength(element: Int)
}

extension SchemaError: CustomStringConvertible {
  /// One clause for people.
  public var description: String {
    switch self {
    case .empty: "the schema has no elements"
    case .negativeChildCount(let element):
      "schema element \(element) claims a negative number of children"
    case .missingChildren(let element):
      "schema element \(element) claims more children than there are"
    case .leftoverElements(let element):
      "the schema's tree ends before element \(element), which belongs to no group"
    case .tooDeep(let element):
      "schema element \(element) is nested deeper than \(SchemaTree.depthLimit) levels"
    case .invalidTypeLength(let element):
      "schema element \(element) is a FIXED_LEN_BYTE_ARRAY without a length"
    }
  }
}

/// A group or a leaf in a `SchemaTree`.
public struct SchemaNode: Hashable, Sendable {
  /// What the file says about it.
  public let element: SchemaElement
  /// Its place in `SchemaTree.nodes`.
  public let index: Int
  /// The group it belongs to; nil for the root.
  public let parent: Int?
  /// How often it occurs in its parent; required for the root.
  public let repetition: FieldRepetitionType
  /// The definition level of a value of this node that is present.
  public let maxDefinitionLevel: Int
  /// The repeated nodes from the root down to this one.
  public let maxRepetitionLevel: Int
  /// One past the last node below it; `index + 1` for a leaf.
  public private(set) var subtreeEnd: Int
  /// The leaf columns at or below it, as indices in `SchemaTree.leaves`.
  public private(set) var leafRange: Range<Int>

  /// Whether it has values rather than children.
  public var isLeaf: Bool { leafType != nil }

  /// The storage of a leaf. Some writers give a group a type, others a leaf no children: what
  /// has children is a group.
  var leafType: PhysicalType? { (element.numChildren ?? 0) == 0 ? element.type : nil }

  fileprivate init(
    _ element: SchemaElement, index: Int, parent: Int?, definitionLevel: Int, repetitionLevel: Int,
    firstLeaf: Int
  ) {
    self.element = element
    self.index = index
    self.parent = parent
    // Other readers take an absent repetition for required, and some old files rely on it.
    repetition = parent == nil ? .required : element.repetitionType ?? .required
    maxDefinitionLevel = definitionLevel + (repetition == .required ? 0 : 1)
    maxRepetitionLevel = repetitionLevel + (repetition == .repeated ? 1 : 0)
    subtreeEnd = index + 1
    leafRange = firstLeaf..<firstLeaf
  }

  fileprivate mutating func close(end: Int, leafEnd: Int) {
    subtreeEnd = end
    leafRange = leafRange.lowerBound..<leafEnd
  }
}

/// A column of values: a leaf of the schema.
public struct LeafColumn: Hashable, Sendable {
  /// Its place among the leaves, and so among the column chunks of each row group.
  public let index: Int
  /// Its place in `SchemaTree.nodes`.
  public let nodeIndex: Int
  /// What the file says about it.
  public let element: SchemaElement
  /// How its values are stored.
  public let physicalType: PhysicalType
  /// Bytes of a FIXED_LEN_BYTE_ARRAY value; 0 for all other types.
  public let typeLength: Int
  /// The definition level of a value that is present; 0 means that no levels are stored.
  public let maxDefinitionLevel: Int
  /// The repeated nodes on the path; 0 means that no levels are stored.
  public let maxRepetitionLevel: Int

  fileprivate init(
    _ node: SchemaNode, type: PhysicalType, index: Int
  ) throws(SchemaError) {
    self.index = index
    nodeIndex = node.index
    element = node.element
    physicalType = type
    if type == .fixedLenByteArray {
      guard let length = element.typeLength, length >= 0 else {
        throw .invalidTypeLength(element: node.index)
      }
      typeLength = Int(length)
    } else {
      typeLength = 0
    }
    maxDefinitionLevel = node.maxDefinitionLevel
    maxRepetitionLevel = node.maxRepetitionLevel
  }
}
