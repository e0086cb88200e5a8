internal import PFArrow
internal import PFCore

/// A condition on the rows of a file, with the leaf columns that it looks at.
struct RowCondition: Sendable {
  let predicate: BoundPredicate
  /// Parts of the predicate that have to be true one after the other, with their columns.
  let steps: [Step]
  /// The columns that the predicate counts in.
  let columns: [ColumnMapping]

  struct Step: Sendable {
    let predicate: BoundPredicate
    let columns: [Int]
  }

  /// - Throws: `.unknownColumn`; `.invalidOption` for a column that is ambiguous or of a type that
  ///   cannot be compared with a literal; what the columns' types have against them.
  init(
    _ filter: RowPredicate, in tree: SchemaTree, _ options: ParquetReadOptions
  ) throws(ReadError) {
    var columns: [ColumnMapping] = []
    var places: [String: Int] = [:]
    predicate = try BoundPredicate(
      filter, fail: { ReadError(.invalidOption(name: "filters", why: $0.description)) }
    ) { (name) throws(ReadError) -> (column: Int, type: DataType) in
      if let place = places[name] { return (place, columns[place].field.type) }
      let mapping: ColumnMapping
      do throws(ReadError) {
        var made = try ColumnMapping(try Self.leaf(called: name, in: tree), options)
        // A null anywhere above is a null of the value: which group has it is of no interest.
        if made.leaf.maxDefinitionLevel > 1 {
          made.path.nullableGroups = [LevelPath.NullableGroup(depth: 0, level: 1)]
        }
        mapping = made
      } catch { throw error.at(.init(column: name)) }
      places[name] = columns.count
      columns.append(mapping)
      return (columns.count - 1, mapping.field.type)
    }
    self.columns = columns
    steps = predicate.conjuncts.map { Step(predicate: $0, columns: $0.columns) }
  }

  /// The leaf that a name or dotted path means.
  private static func leaf(
    called name: String, in tree: SchemaTree
  ) throws(ReadError) -> LeafColumn {
    func refusal(_ why: String) -> ReadError {
      ReadError(.invalidOption(name: "filters", why: "column \"\(name)\" \(why)"))
    }
    // A name with dots in it comes before a path.
    let top = tree.children(of: tree.root).filter { tree.nodes[$0].element.name == name }
    guard top.count < 2 else { throw refusal("is there \(top.count) times") }
    if let index = top.first {
      let node = tree.nodes[index]
      guard node.maxRepetitionLevel == 0 else { throw refusal("is a list") }
      guard
        node.isLeaf || tree.leaves[node.leafRange].contains(where: { $0.maxRepetitionLevel == 0 })
      else { throw refusal("is a list or a map") }
      guard node.isLeaf else {
        throw refusal("is a group; name one of its fields, as in \"\(name).field\"")
      }
      return tree.leaves[node.leafRange.lowerBound]
    }
    let found = tree.leaves.filter { tree.dottedPath(of: $0) == name }
    guard let leaf = found.first else {
      let known =
        tree.children(of: tree.root).map { tree.nodes[$0].element.name }
        + tree.leaves.lazy.filter { $0.maxRepetitionLevel == 0 }.map { tree.dottedPath(of: $0) }
      throw ReadError(.unknownColumn(name: name, nearest: nearestNames(to: name, among: known)))
    }
    guard found.count == 1 else { throw refusal("is there \(found.count) times") }
    guard leaf.maxRepetitionLevel == 0 else { throw refusal("is inside of a list") }
    return leaf
  }
}
