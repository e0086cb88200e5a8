import ParquetFrame

/// A node of a file's schema, as `pframe schema` shows it.
struct SchemaField {
  let name: String
  /// The names from below the root, with dots between them.
  let path: String
  /// 0 for a column of the table.
  let depth: Int
  let repetition: String
  /// Nil for a group.
  let physicalType: String?
  let typeLength: Int32?
  let logicalType: String?
  let fieldID: Int32?
  /// Of a column of the table, where this version reads it.
  let arrowType: String?

  /// The physical type with its length, where it has one.
  var storage: String? { physicalType.map { type in typeLength.map { "\(type)(\($0))" } ?? type } }

  /// All nodes below the root, parents before children.
  static func all(of file: ParquetFile) throws(ReadError) -> [SchemaField] {
    let tree = try file.schemaTree()
    var arrowTypes = try arrowTypes(of: file, tree).makeIterator()
    var fields: [SchemaField] = []
    // By node; a parent comes before its children.
    var paths: [(path: String, depth: Int)] = [("", -1)]
    for node in tree.nodes.dropFirst() {
      let parent = paths[node.parent ?? 0]
      let name = node.element.name
      let depth = parent.depth + 1
      let path = depth == 0 ? name : "\(parent.path).\(name)"
      paths.append((path, depth))
      fields.append(
        SchemaField(
          name: name, path: path, depth: depth, repetition: node.repetition.description,
          physicalType: node.isLeaf ? node.element.type?.description : nil,
          typeLength: node.element.type == .fixedLenByteArray ? node.element.typeLength : nil,
          logicalType: node.element.meaningInWords, fieldID: node.element.fieldID,
          arrowType: depth == 0 ? arrowTypes.next() ?? nil : nil))
    }
    return fields
  }

  /// The Arrow types of the table's columns; nil for those that cannot be read.
  private static func arrowTypes(
    of file: ParquetFile, _ tree: SchemaTree
  ) throws(ReadError) -> [String?] {
    do throws(ReadError) {
      return try file.schema().fields.map(\.type.description)
    } catch {
      // One column stands in the way of the whole: ask for each by itself.
      var options = ParquetReadOptions()
      var seen: [String: Int] = [:]
      return tree.children(of: tree.root).map { index in
        let name = tree.nodes[index].element.name
        let occurrence = seen[name, default: 0]
        seen[name] = occurrence + 1
        options.columns = [name]
        do throws(ReadError) {
          return try ParquetScanner(file, options).schema.fields[occurrence].type.description
        } catch { return nil }
      }
    }
  }
}
