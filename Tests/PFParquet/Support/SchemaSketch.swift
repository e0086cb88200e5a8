import PFParquet

/// A node of a schema, for tests that need shapes that no writer makes today.
struct SchemaSketch: Sendable {
  enum Repetition: Int64 { case required, optional, repeated }

  /// Converted types by their number in parquet.thrift.
  enum Annotation: Int64 {
    case utf8 = 0
    case map = 1
    case mapKeyValue = 2
    case list = 3
    case timestampMicros = 10
  }

  var name: String
  var repetition: Repetition
  var type: PhysicalType?
  var annotation: Annotation?
  var children: [SchemaSketch] = []
  var fieldID: Int64?
  /// The member of the union `LogicalType`, an empty struct.
  var logicalType: Int16?

  static func leaf(
    _ name: String, _ repetition: Repetition, _ type: PhysicalType = .int64
  ) -> SchemaSketch {
    SchemaSketch(name: name, repetition: repetition, type: type)
  }

  static func group(
    _ name: String, _ repetition: Repetition, _ children: [SchemaSketch]
  ) -> SchemaSketch {
    SchemaSketch(name: name, repetition: repetition, children: children)
  }

  static func group(
    _ name: String, _ repetition: Repetition, _ annotation: Annotation,
    _ children: [SchemaSketch]
  ) -> SchemaSketch {
    SchemaSketch(
      name: name, repetition: repetition, annotation: annotation, children: children)
  }

  /// The node and those below it, depth first.
  var elements: [(inout ThriftBytes) -> Void] {
    var elements: [(inout ThriftBytes) -> Void] = []
    // No recursion: some tests nest deep.
    var open = [self]
    while let node = open.popLast() {
      elements.append { thrift in
        if let type = node.type { thrift.i32(1, Int64(type.rawValue)) }
        thrift.i32(3, node.repetition.rawValue)
        thrift.string(4, node.name)
        if node.type == nil { thrift.i32(5, Int64(node.children.count)) }
        if let annotation = node.annotation { thrift.i32(6, annotation.rawValue) }
        if let fieldID = node.fieldID { thrift.i32(9, fieldID) }
        if let logicalType = node.logicalType {
          thrift.structure(10) { union in union.structure(logicalType) { _ in } }
        }
      }
      open += node.children.reversed()
    }
    return elements
  }

  /// A file of these columns without row groups.
  static func file(_ nodes: [SchemaSketch]) throws -> ParquetFile {
    var builder = FileBuilder([], rowCounts: [])
    builder.nodes = nodes
    return try builder.open()
  }
}
