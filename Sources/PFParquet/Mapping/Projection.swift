internal import PFArrow
internal import PFCore

/// The fields that a read gives, and the leaf columns that it decodes for them.
struct Projection: Sendable {
  private(set) var fields: [FieldMapping]
  private(set) var leaves: [ColumnMapping]

  /// The columns that `options.columns` names, all of them for nil, with the types that Arrow's
  /// own schema restores.
  ///
  /// - Throws: `.unknownColumn`; `.limitExceeded`; what the columns' types have against them.
  init(
    of tree: SchemaTree, _ stored: StoredArrowSchema?, _ options: ParquetReadOptions
  ) throws(ReadError) {
    var mapper = FieldMapper(tree, options)
    var fields: [FieldMapping] = []
    var origins: [Field?] = []
    let requests = try Self.requests(options.columns, in: tree)
    fields.reserveCapacity(requests.count)
    origins.reserveCapacity(requests.count)
    if options.columns == nil { mapper.reserve(tree.leaves.count) }
    for request in requests {
      let node = tree.nodes[request.column]
      mapper.wanted = request.leaves
      do throws(ReadError) {
        if let field = try mapper.map(column: node) {
          fields.append(field)
          origins.append(stored?.field(of: node))
        }
      } catch { throw error.at(.init(column: node.element.name)) }
    }
    self.fields = fields
    leaves = mapper.takeLeaves()
    for (index, origin) in origins.enumerated() {
      if let origin { self.fields[index].restore(from: origin, &leaves) }
    }
    chooseStringOutputs(of: tree, options)
  }

  /// The fields of all columns as a read without options gives them, but nothing else of the
  /// projection, which is far more.
  ///
  /// - Throws: as `init`.
  static func fields(
    of tree: SchemaTree, _ stored: StoredArrowSchema?
  ) throws(ReadError) -> [Field] {
    let options = ParquetReadOptions()
    var mapper = FieldMapper(tree, options)
    let columns = tree.children(of: tree.root)
    var fields: [Field] = []
    fields.reserveCapacity(columns.count)
    for (place, column) in columns.enumerated() {
      do throws(ReadError) {
        if tree.nodes[column].isLeaf, tree.nodes[column].repetition != .repeated {
          let field = try ColumnMapping.field(
            of: tree.leaves[tree.nodes[column].leafRange.lowerBound], options)
          let origin = stored?.field(at: place, named: field.name)
          fields.append(origin.map(field.restored(from:)) ?? field)
        } else if var mapping = try mapper.map(column: tree.nodes[column]) {
          var leaves = mapper.takeLeaves()
          if let origin = stored?.field(at: place, named: mapping.field.name) {
            mapping.restore(from: origin, &leaves)
          }
          fields.append(mapping.field)
        }
      } catch { throw error.at(.init(column: tree.nodes[column].element.name)) }
    }
    return fields
  }

  /// Chooses the layout of strings and bytes: by the path of their leaf, by the name of their
  /// column, or the one for all.
  private mutating func chooseStringOutputs(of tree: SchemaTree, _ options: ParquetReadOptions) {
    guard options.stringOutput != nil || !options.columnStringOutputs.isEmpty else { return }
    let outputs = options.columnStringOutputs
    for field in fields {
      for index in field.leaves {
        let leaf = leaves[index].leaf
        let output =
          outputs[tree.dottedPath(of: leaf)] ?? outputs[field.field.name] ?? options.stringOutput
        if let output { leaves[index].choose(output) }
      }
    }
    for index in fields.indices { fields[index].retype(leaves) }
  }

  /// A column of the table and, by leaf of the file, what is wanted of it; nil for all.
  private struct Request {
    let column: Int
    var leaves: [Bool]?
  }

  private static func requests(
    _ names: [String]?, in tree: SchemaTree
  ) throws(ReadError) -> [Request] {
    let top = tree.children(of: tree.root)
    guard let names else { return top.map { Request(column: $0) } }
    // Only names that are asked for are looked up later: there may be thousands of others.
    let wanted = Set(names)
    let byName = Dictionary(grouping: top.filter { wanted.contains(tree.elements[$0].name) }) {
      tree.elements[$0].name
    }
    var requests: [Request] = []
    // Paths into one column share it, at the place of the first.
    var partial: [Int: Int] = [:]
    for name in names {
      if let found = byName[name] {
        for column in found {
          if let place = partial.removeValue(forKey: column) {
            requests[place].leaves = nil
          } else {
            requests.append(Request(column: column))
          }
        }
        continue
      }
      let found = NestedPath(name).nodes(in: tree)
      guard !found.isEmpty else { throw unknown(name, in: tree) }
      for node in found {
        let column = tree.column(of: node)
        let place = partial[column] ?? requests.firstIndex { $0.column == column }
        guard let place else {
          partial[column] = requests.count
          var wanted = [Bool](repeating: false, count: tree.leaves.count)
          for leaf in node.leafRange { wanted[leaf] = true }
          requests.append(Request(column: column, leaves: wanted))
          continue
        }
        for leaf in node.leafRange { requests[place].leaves?[leaf] = true }
      }
    }
    return requests
  }

  private static func unknown(_ name: String, in tree: SchemaTree) -> ReadError {
    var known = tree.children(of: tree.root).map { tree.nodes[$0].element.name }
    if name.contains(".") {
      known += tree.leaves.filter { tree.nodes[$0.nodeIndex].parent != 0 }.map(tree.dottedPath)
    }
    return ReadError(.unknownColumn(name: name, nearest: nearestNames(to: name, among: known)))
  }
}

extension SchemaTree {
  /// The column of the table that a node belongs to.
  fileprivate func column(of node: SchemaNode) -> Int {
    var index = node.index
    while let parent = nodes[index].parent, parent != 0 { index = parent }
    return index
  }
}

/// Names with dots between them, from a column of the table down. Names may hold dots themselves.
private struct NestedPath {
  private let path: [UInt8]

  init(_ path: String) { self.path = Array(path.utf8) }

  /// A node that is reached, and what of the path is used up for it.
  private struct State: Hashable {
    let node: Int
    /// One past the path's length when nothing is left, not even an empty name.
    let offset: Int
  }

  /// The nodes that the path means: by all names of the file (`c.list.element.x`), or else without
  /// those that stand between a list and its elements (`c.x`) or a map, its keys and values.
  func nodes(in tree: SchemaTree) -> [SchemaNode] {
    let found = nodes(in: tree, skipping: false)
    return found.isEmpty ? nodes(in: tree, skipping: true) : found
  }

  private func nodes(in tree: SchemaTree, skipping: Bool) -> [SchemaNode] {
    var open = [State(node: 0, offset: 0)]
    var seen = Set(open)
    var found: Set<Int> = []
    while let state = open.popLast() {
      guard state.offset <= path.count else {
        found.insert(state.node)
        continue
      }
      let node = tree.nodes[state.node]
      guard !node.isLeaf else { continue }
      var next: [State] = []
      for child in tree.children(of: node) {
        if let end = end(of: tree.nodes[child].element.name, from: state.offset) {
          next.append(State(node: child, offset: end))
        }
      }
      if skipping {
        next += Self.unnamed(below: node, in: tree).map { State(node: $0, offset: state.offset) }
      }
      for state in next where seen.insert(state).inserted { open.append(state) }
    }
    return found.sorted().map { tree.nodes[$0] }
  }

  /// Where the path goes on behind `name`, when it has it at `offset`.
  private func end(of name: String, from offset: Int) -> Int? {
    let rest = path[offset...]
    guard rest.starts(with: name.utf8) else { return nil }
    let end = offset + name.utf8.count
    return end == path.count || path[end] == UInt8(ascii: ".") ? end + 1 : nil
  }

  /// The nodes below a group whose names may be left out.
  private static func unnamed(below node: SchemaNode, in tree: SchemaTree) -> [Int] {
    guard node.index != 0 else { return [] }
    switch GroupShape(of: node, in: tree) {
    case .structure: return []
    case .list(let repeated, let element):
      return element == repeated ? [repeated] : [repeated, element]
    case .map(let repeated): return [repeated]
    }
  }
}
