/// The schema as a tree, and the leaf columns with their levels.
///
/// Shapes: `nodes` has one entry for each `SchemaElement`, in the same depth-first order, so that
/// the subtree of node `i` is `nodes[i..<nodes[i].subtreeEnd]`; `leaves` has one entry for each
/// column chunk of a row group. Names need not be unique, nor non-empty.
///
/// A node and a leaf are made when they are asked for: those of thousands of columns take more
/// memory than all that is kept of them.
public struct SchemaTree: Sendable {
  /// The file's list of nodes.
  let elements: [SchemaElement]
  /// By node.
  private let places: [Place]
  /// The node of each leaf.
  private let leafNodes: [Int32]

  /// Where a node stands. 32 bits are enough: a footer is below 4 GiB, and an element takes three
  /// bytes of it or more.
  fileprivate struct Place {
    /// -1 for the root.
    var parent: Int32
    var subtreeEnd: Int32
    var firstLeaf: Int32
    var leafEnd: Int32
    var definitionLevel: Int16
    var repetitionLevel: Int16
    var repetition: FieldRepetitionType
  }

  /// How deep a schema may nest. Levels of nesting cost memory in every reader, and no writer
  /// comes near.
  public static var depthLimit: Int { 1000 }

  /// Checks the counts and types of a flat schema and builds the tree, without recursion.
  ///
  /// - Complexity: O(`elements.count`).
  public init(_ elements: [SchemaElement]) throws(SchemaError) {
    guard !elements.isEmpty else { throw .empty }
    precondition(elements.count <= Int(Int32.max), "more elements than a footer can hold")
    var places: [Place] = []
    places.reserveCapacity(elements.count)
    var leafNodes: [Int32] = []
    leafNodes.reserveCapacity(elements.count)
    // The groups that still wait for children, outermost first.
    var open: [(node: Int, childrenLeft: Int)] = []

    for index in elements.indices {
      guard index == 0 || !open.isEmpty else { throw .leftoverElements(element: index) }
      let parent = open.isEmpty ? nil : open[open.count - 1].node
      places.append(
        Place(
          elements[index], index: index, parent: parent, below: parent.map { places[$0] },
          firstLeaf: leafNodes.count))
      if !open.isEmpty { open[open.count - 1].childrenLeft -= 1 }
      if let type = elements[index].leafType {
        if type == .fixedLenByteArray {
          guard let length = elements[index].typeLength, length >= 0 else {
            throw .invalidTypeLength(element: index)
          }
        }
        leafNodes.append(Int32(truncatingIfNeeded: index))
      } else {
        let childCount = Int(elements[index].numChildren ?? 0)
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
      places[index].close(end: index + 1, leafEnd: leafNodes.count)
      while !open.isEmpty, open[open.count - 1].childrenLeft == 0 {
        places[open.removeLast().node].close(end: index + 1, leafEnd: leafNodes.count)
      }
    }

    if let group = open.last { throw .missingChildren(element: group.node) }
    self.elements = elements
    self.places = places
    self.leafNodes = leafNodes
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
      child = Int(places[child].subtreeEnd)
    }
    return children
  }

  /// The names from below the root down to a leaf. Not stored: in a deep schema the paths take
  /// far more memory than the schema.
  ///
  /// - Complexity: O(depth).
  public func path(of leaf: LeafColumn) -> [String] {
    var names: [String] = []
    var node = leaf.nodeIndex
    while places[node].parent >= 0 {
      names.append(elements[node].name)
      node = Int(places[node].parent)
    }
    return names.reversed()
  }

  /// The names of a leaf's path with dots between them, as other tools show it.
  public func dottedPath(of leaf: LeafColumn) -> String {
    isInGroup(leaf.nodeIndex)
      ? path(of: leaf).joined(separator: ".") : elements[leaf.nodeIndex].name
  }

  /// The dotted path of the leaf with this index.
  ///
  /// - Precondition: `0 <= index < leaves.count`.
  func dottedPath(ofLeaf index: Int) -> String {
    // Most columns are no part of a group, and then thousands.
    let node = Int(leafNodes[index])
    return isInGroup(node) ? dottedPath(of: leaves[index]) : elements[node].name
  }

  /// The leaf that a node is, without making the node; nil for groups, and for leaves that repeat.
  func plainLeaf(at node: Int) -> LeafColumn? {
    let place = places[node]
    guard place.repetition != .repeated, elements[node].leafType != nil else { return nil }
    return LeafColumn(
      elements[node], index: Int(place.firstLeaf), nodeIndex: node, levels: place)
  }

  private func isInGroup(_ node: Int) -> Bool { places[node].parent > 0 }
}

// MARK: - Nodes and leaves

extension SchemaTree {
  /// All nodes, the root first.
  public var nodes: Nodes { Nodes(tree: self) }

  /// The leaf columns, in file order.
  public var leaves: Leaves { Leaves(tree: self) }

  /// The nodes of a tree, each made when it is asked for.
  public struct Nodes: RandomAccessCollection, Sendable {
    fileprivate let tree: SchemaTree

    /// 0.
    public var startIndex: Int { 0 }
    /// The number of nodes.
    public var endIndex: Int { tree.places.count }

    /// The node of an element.
    ///
    /// - Complexity: O(1).
    public subscript(index: Int) -> SchemaNode {
      SchemaNode(tree.elements[index], index: index, tree.places[index])
    }
  }

  /// The leaves of a tree, each made when it is asked for.
  public struct Leaves: RandomAccessCollection, Sendable {
    fileprivate let tree: SchemaTree

    /// 0.
    public var startIndex: Int { 0 }
    /// The number of leaves.
    public var endIndex: Int { tree.leafNodes.count }

    /// The leaf column of a column chunk.
    ///
    /// - Complexity: O(1).
    public subscript(index: Int) -> LeafColumn {
      let node = Int(tree.leafNodes[index])
      return LeafColumn(
        tree.elements[node], index: index, nodeIndex: node, levels: tree.places[node])
    }
  }
}

extension SchemaTree.Place {
  fileprivate init(
    _ element: SchemaElement, index: Int, parent: Int?, below outer: Self?, firstLeaf: Int
  ) {
    // Other readers take an absent repetition for required, and some old files rely on it.
    repetition = parent == nil ? .required : element.repetitionType ?? .required
    self.parent = Int32(truncatingIfNeeded: parent ?? -1)
    subtreeEnd = Int32(truncatingIfNeeded: index + 1)
    self.firstLeaf = Int32(truncatingIfNeeded: firstLeaf)
    leafEnd = self.firstLeaf
    // No more than the limit of the depth, which fits.
    definitionLevel = (outer?.definitionLevel ?? 0) + (repetition == .required ? 0 : 1)
    repetitionLevel = (outer?.repetitionLevel ?? 0) + (repetition == .repeated ? 1 : 0)
  }

  fileprivate mutating func close(end: Int, leafEnd: Int) {
    subtreeEnd = Int32(truncatingIfNeeded: end)
    self.leafEnd = Int32(truncatingIfNeeded: leafEnd)
  }
}

extension SchemaTree {
  /// The leaves whose dotted path is `path` or begins with it and a dot; of several that fit, all.
  ///
  /// - Complexity: O(nodes) comparisons of names, none of which builds a path.
  func leaves(below path: String) -> [LeafColumn] {
    var found: [LeafColumn] = []
    let wanted = Array(path.utf8)
    // Parents come before children: for each group, how much of the path it and its parents take;
    // -1 for those that have no part in it.
    var taken = [Int32](repeating: -1, count: places.count)
    taken[0] = 0
    for node in places.indices.dropFirst() {
      let parent = Int(places[node].parent)
      guard taken[parent] >= 0 else { continue }
      var start = Int(taken[parent])
      if parent > 0 {
        guard start < wanted.count, wanted[start] == UInt8(ascii: ".") else { continue }
        start += 1
      }
      let count = elements[node].name.utf8.count
      let end = start + count
      guard end <= wanted.count, end == wanted.count || wanted[end] == UInt8(ascii: "."),
        elements[node].name.hasBytes(of: wanted.span.extracting(start..<end))
      else { continue }
      if end == wanted.count {
        found += leaves[Int(places[node].firstLeaf)..<Int(places[node].leafEnd)]
      } else {
        taken[node] = Int32(truncatingIfNeeded: end)
      }
    }
    return found
  }
}

extension String {
  /// Whether it is made of just these bytes. The last are looked at first: names of a file tend to
  /// begin alike.
  fileprivate func hasBytes(of bytes: Span<UInt8>) -> Bool {
    let own = utf8.span
    guard own.count == bytes.count else { return false }
    for index in own.indices.reversed() where own[index] != bytes[index] { return false }
    return true
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
  public let subtreeEnd: Int
  /// The leaf columns at or below it, as indices in `SchemaTree.leaves`.
  public let leafRange: Range<Int>

  /// Whether it has values rather than children.
  public var isLeaf: Bool { element.leafType != nil }

  fileprivate init(_ element: SchemaElement, index: Int, _ place: SchemaTree.Place) {
    self.element = element
    self.index = index
    parent = place.parent < 0 ? nil : Int(place.parent)
    repetition = place.repetition
    maxDefinitionLevel = Int(place.definitionLevel)
    maxRepetitionLevel = Int(place.repetitionLevel)
    subtreeEnd = Int(place.subtreeEnd)
    leafRange = Int(place.firstLeaf)..<Int(place.leafEnd)
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
  /// The definition level of a value that is present; 0 means that no levels are stored.
  public let maxDefinitionLevel: Int
  /// The repeated nodes on the path; 0 means that no levels are stored.
  public let maxRepetitionLevel: Int
  /// How its values are stored.
  public let physicalType: PhysicalType
  /// Bytes of a FIXED_LEN_BYTE_ARRAY value; 0 for all other types.
  public let typeLength: Int

  /// - Precondition: `element` is a leaf that `SchemaTree.init` found valid.
  fileprivate init(
    _ element: SchemaElement, index: Int, nodeIndex: Int, levels place: SchemaTree.Place
  ) {
    self.index = index
    self.nodeIndex = nodeIndex
    self.element = element
    physicalType = element.leafType ?? .byteArray
    typeLength = physicalType == .fixedLenByteArray ? Int(element.typeLength ?? 0) : 0
    maxDefinitionLevel = Int(place.definitionLevel)
    maxRepetitionLevel = Int(place.repetitionLevel)
  }
}

extension SchemaElement {
  /// The storage of a leaf. Some writers give a group a type, others a leaf no children: what
  /// has children is a group.
  fileprivate var leafType: PhysicalType? { (numChildren ?? 0) == 0 ? type : nil }
}
