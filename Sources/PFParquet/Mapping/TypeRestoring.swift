internal import PFArrow

/// Types that are not the Parquet schema's own: those of Arrow's schema in the file, and the
/// layouts of strings that the caller chose.
extension FieldMapping {
  /// Takes over what Arrow's own schema says of the field and of those below it, as far as their
  /// values can be that.
  mutating func restore(from origin: Field, _ columns: inout [ColumnMapping]) {
    switch (kind, origin.type) {
    case (.leaf, _):
      columns[leaves.lowerBound].restore(from: origin)
      field.type = columns[leaves.lowerBound].field.type
      field.metadata = columns[leaves.lowerBound].field.metadata
      return
    case (.structure, .structure(let origins)):
      for index in children.indices {
        // A projection may have left out some of them.
        let name = children[index].field.name
        guard let match = origins.first(where: { $0.name == name }) else { continue }
        children[index].restore(from: match, &columns)
      }
    case (.list, .list(let element)), (.list, .largeList(let element)),
      (.list, .fixedSizeList(let element, _)):
      children[0].restore(from: element, &columns)
    case (.map, .map(let entries, _)):
      guard case .structure(let pair) = entries.type, pair.count == 2 else { return }
      for index in 0..<2 { children[0].children[index].restore(from: pair[index], &columns) }
      children[0].field.type = .structure(children[0].children.map(\.field))
    default: return
    }
    field = field.restored(ownType(like: origin.type), from: origin)
  }

  /// The type that what is below makes, as wide and as sorted as `origin`.
  private func ownType(like origin: DataType) -> DataType {
    switch (kind, origin) {
    case (.leaf, _): field.type
    case (.structure, _): .structure(children.map(\.field))
    case (.list, .largeList): .largeList(children[0].field)
    // pyarrow gives an element to each list of the size 0, which then is not what it says.
    case (.list, .fixedSizeList(_, let count)) where count > 0:
      .fixedSizeList(children[0].field, count: count)
    case (.list, _): .list(children[0].field)
    case (.map, .map(_, let keysSorted)): .map(entries: children[0].field, keysSorted: keysSorted)
    case (.map, _): .map(entries: children[0].field, keysSorted: false)
    }
  }

  /// Takes over the types of the leaves below.
  mutating func retype(_ columns: [ColumnMapping]) {
    for index in children.indices { children[index].retype(columns) }
    if kind == .leaf {
      field.type = columns[leaves.lowerBound].field.type
      field.metadata = columns[leaves.lowerBound].field.metadata
    } else {
      field.type = ownType(like: field.type)
    }
  }
}
