/// What a group of the schema stands for, by LogicalTypes.md, "Nested Types", with the rules for
/// older writers.
enum GroupShape {
  /// The children are the fields.
  case structure
  /// `repeated` holds an element in each of its occurrences: its one child, or itself.
  case list(repeated: Int, element: Int)
  /// The two children of `repeated` are key and value.
  case map(repeated: Int)

  /// The shape of a group. An annotation that does not fit what is below it means nothing: the
  /// group is then a struct, whose repeated children are lists.
  init(of node: SchemaNode, in tree: SchemaTree) {
    self = .structure
    let isMap: Bool
    switch node.element.effectiveLogicalType {
    case .list: isMap = false
    case .map: isMap = true
    default: return
    }
    let children = tree.children(of: node)
    guard children.count == 1 else { return }
    let repeated = tree.nodes[children[0]]
    guard repeated.repetition == .repeated else { return }
    let fields = tree.children(of: repeated)
    if isMap {
      guard !repeated.isLeaf else { return }
      switch fields.count {
      // A map without values is the set of its keys.
      case 1: self = .list(repeated: repeated.index, element: fields[0])
      case 2:
        guard fields.allSatisfy({ tree.nodes[$0].repetition != .repeated }) else { return }
        self = .map(repeated: repeated.index)
      default: return
      }
    } else {
      // The rules of "Backward-compatibility rules" for lists, in their order.
      let isElement =
        repeated.isLeaf || fields.count != 1
        || tree.nodes[fields[0]].repetition == .repeated
        || repeated.element.name == "array"
        || repeated.element.name == node.element.name + "_tuple"
        || repeated.isAnnotatedAsNested
      self = .list(
        repeated: repeated.index, element: isElement ? repeated.index : fields[0])
    }
  }
}

extension SchemaNode {
  /// Whether a group is a list or a map itself, and so no mere wrapper of an element.
  fileprivate var isAnnotatedAsNested: Bool {
    switch element.effectiveLogicalType {
    case .list, .map: !isLeaf
    default: false
    }
  }
}
