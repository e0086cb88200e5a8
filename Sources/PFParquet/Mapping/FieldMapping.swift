internal import PFArrow
internal import PFCore

/// A field of the table, or one below it, and the leaf columns that it is made of.
struct FieldMapping: Sendable {
  enum Kind: Hashable, Sendable {
    case leaf
    /// `children` are the fields.
    case structure
    /// The one child is the element.
    case list
    /// The one child is the struct of key and value.
    case map
  }

  /// Its Arrow type repeats what the children say: change both.
  var field: Field
  let kind: Kind
  var children: [FieldMapping]
  /// The leaves below it, among those of the plan.
  let leaves: Range<Int>
  /// Where its validity is in `LevelPath.nullableGroups` of each leaf below; nil for what cannot
  /// be null, and for leaves, which have their own.
  let validityIndex: Int?
  /// The depth of its slots in those paths.
  let depth: Int
  /// As `validityIndex`, but for a list that cannot be null in a struct that can, that of the
  /// struct.
  var presenceIndex: Int?
}

/// Makes field mappings of a schema's nodes and collects their leaves.
struct FieldMapper {
  private let tree: SchemaTree
  private let options: ParquetReadOptions
  /// By leaf of the file: whether it is wanted. Nil for all.
  var wanted: [Bool]?
  /// The leaves of the fields that were mapped.
  private(set) var leaves: [ColumnMapping] = []

  init(_ tree: SchemaTree, _ options: ParquetReadOptions) {
    self.tree = tree
    self.options = options
  }

  mutating func reserve(_ leafCount: Int) { leaves.reserveCapacity(leafCount) }

  /// The leaves, which this no longer holds: they can then be changed without a copy.
  mutating func takeLeaves() -> [ColumnMapping] {
    defer { leaves = [] }
    return leaves
  }

  /// The mapping of a column of the table; nil where nothing is below it that is wanted, as in
  /// an empty group, of which a file keeps nothing.
  ///
  /// - Throws: `.limitExceeded` when it is nested too deep; what the leaves' types have against
  ///   them.
  mutating func map(column node: SchemaNode) throws(ReadError) -> FieldMapping? {
    if !node.isLeaf { try checkNesting(of: node) }
    return try map(node, LevelPath())
  }

  private func checkNesting(of top: SchemaNode) throws(ReadError) {
    // What is recursive below, and in every consumer, is bounded here.
    let limit = min(max(options.limits.nesting, 1), LevelPath.maximumDepth)
    var depths = [0]
    for node in tree.nodes[(top.index + 1)..<top.subtreeEnd] {
      depths.append(depths[(node.parent ?? top.index) - top.index] + 1)
    }
    let deepest = depths.max() ?? 0
    guard deepest <= limit else {
      throw ReadError(
        .limitExceeded(
          limit: "the nesting of a column (option nesting_limit)", declared: deepest,
          maximum: limit))
    }
  }

  private func isWanted(_ node: SchemaNode) -> Bool {
    guard let wanted else { return !node.leafRange.isEmpty }
    return wanted[node.leafRange].contains(true)
  }

  private func metadata(of node: SchemaNode) -> [PFArrow.KeyValue] {
    node.element.fieldID.map { [.init("PARQUET:field_id", "\($0)")] } ?? []
  }

  /// A node as a field of a group, by its repetition.
  private mutating func map(
    _ node: SchemaNode, _ path: LevelPath
  ) throws(ReadError) -> FieldMapping? {
    guard node.repetition == .repeated else {
      return try mapValue(of: node, isNullable: node.repetition == .optional, path)
    }
    // "A repeated field that is neither contained by a LIST- or MAP-annotated group nor annotated
    // by LIST or MAP should be interpreted as a required list of required elements."
    return try mapList(
      node, repeated: node, element: node, isNullable: false, validityIndex: nil, path)
  }

  /// What a node holds where it is there, its repetition set aside.
  private mutating func mapValue(
    of node: SchemaNode, isNullable: Bool, _ outer: LevelPath
  ) throws(ReadError) -> FieldMapping? {
    guard isWanted(node) else { return nil }
    if node.isLeaf { return try mapLeaf(node, isNullable: isNullable, outer) }
    var path = outer
    var validityIndex: Int?
    if isNullable {
      validityIndex = path.nullableGroups.count
      path.nullableGroups.append(
        .init(depth: path.depth, level: UInt8(clamping: node.maxDefinitionLevel)))
    }
    switch GroupShape(of: node, in: tree) {
    case .structure:
      return try mapStructure(
        node, isNullable: isNullable, validityIndex: validityIndex, path)
    case .list(let repeated, let element):
      return try mapList(
        node, repeated: tree.nodes[repeated], element: tree.nodes[element],
        isNullable: isNullable, validityIndex: validityIndex, path)
    case .map(let repeated):
      return try mapMap(
        node, repeated: tree.nodes[repeated], isNullable: isNullable,
        validityIndex: validityIndex, path)
    }
  }

  private mutating func mapLeaf(
    _ node: SchemaNode, isNullable: Bool, _ path: LevelPath
  ) throws(ReadError) -> FieldMapping {
    let column = tree.leaves[node.leafRange.lowerBound]
    do throws(ReadError) {
      var mapping = try ColumnMapping(column, options)
      mapping.path = path
      leaves.append(mapping)
      var field = mapping.field
      field.isNullable = isNullable
      return FieldMapping(
        field: field, kind: .leaf, children: [], leaves: (leaves.count - 1)..<leaves.count,
        validityIndex: nil, depth: path.depth)
    } catch { throw error.at(.init(column: tree.dottedPath(of: column))) }
  }

  private mutating func mapStructure(
    _ node: SchemaNode, name: String? = nil, isNullable: Bool, validityIndex: Int?,
    _ path: LevelPath
  ) throws(ReadError) -> FieldMapping {
    let first = leaves.count
    var children: [FieldMapping] = []
    for child in tree.children(of: node) {
      if let mapped = try map(tree.nodes[child], path) { children.append(mapped) }
    }
    let type = DataType.structure(children.map(\.field))
    let field = Field(
      name ?? node.element.name, type, isNullable: isNullable,
      metadata: metadata(of: node) + ExtensionTypes.metadata(of: node.element, as: type))
    return FieldMapping(
      field: field, kind: .structure, children: children, leaves: first..<leaves.count,
      validityIndex: validityIndex, depth: path.depth)
  }

  private mutating func mapList(
    _ node: SchemaNode, repeated: SchemaNode, element: SchemaNode, isNullable: Bool,
    validityIndex: Int?, _ path: LevelPath
  ) throws(ReadError) -> FieldMapping? {
    let first = leaves.count
    var inner = path
    inner.elementLevels.append(UInt8(clamping: repeated.maxDefinitionLevel))
    let child =
      try element.index == repeated.index
      ? mapValue(of: element, isNullable: false, inner) : map(element, inner)
    guard let child else { return nil }
    return FieldMapping(
      field: Field(
        node.element.name, .list(child.field), isNullable: isNullable,
        metadata: metadata(of: node)),
      kind: .list, children: [child], leaves: first..<leaves.count,
      validityIndex: validityIndex, depth: path.depth, presenceIndex: path.innermostNullableIndex)
  }

  private mutating func mapMap(
    _ node: SchemaNode, repeated: SchemaNode, isNullable: Bool, validityIndex: Int?,
    _ path: LevelPath
  ) throws(ReadError) -> FieldMapping? {
    let first = leaves.count
    var inner = path
    inner.elementLevels.append(UInt8(clamping: repeated.maxDefinitionLevel))
    // What Arrow calls them, whatever the file does.
    var entries = try mapStructure(
      repeated, name: "entries", isNullable: false, validityIndex: nil, inner)
    // With one of the two wanted, what is left is a list.
    let isMap = entries.children.count == 2
    if isMap {
      entries.children[0].field.isNullable = false
      entries.field.type = .structure(entries.children.map(\.field))
    } else if entries.children.isEmpty {
      return nil
    }
    return FieldMapping(
      field: Field(
        node.element.name,
        isMap ? .map(entries: entries.field, keysSorted: false) : .list(entries.field),
        isNullable: isNullable, metadata: metadata(of: node)),
      kind: isMap ? .map : .list, children: [entries], leaves: first..<leaves.count,
      validityIndex: validityIndex, depth: path.depth)
  }
}
