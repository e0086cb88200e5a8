internal import PFArrow
internal import PFCore

/// How a reader's type becomes an Arrow array: which slots hold its values.
///
/// The nodes of a schema form a tree, because Arrow has no types that contain themselves.
final class ColumnNode: Sendable {
  /// The reader's type: never a name, and of a nullable union what is not null.
  let type: AvroType
  /// The Arrow type of the array.
  let dataType: DataType
  /// Where validity is kept, for a union with null.
  let validity: Int?
  let shape: Shape
  /// Metadata of a field of this type.
  let metadata: [KeyValue]
  /// The symbols of an enum.
  let dictionary: ArrowArray?

  enum Shape: Sendable {
    case null
    /// Values of a fixed width, or bits, or bytes behind offsets.
    case leaf(slot: Int)
    case record([(field: AvroField, node: ColumnNode)])
    case array(slot: Int, level: Int, item: ColumnNode)
    case map(slot: Int, level: Int, keys: Int, value: ColumnNode)
    /// A dense union: the slot of type ids, before that of offsets, and each branch with its level.
    case union(slot: Int, branches: [(node: ColumnNode, level: Int)])
    /// A union as a struct: each branch but null, which is then null itself.
    case branches([ColumnNode])
  }

  init(
    type: AvroType, dataType: DataType, validity: Int?, shape: Shape, metadata: [KeyValue] = [],
    dictionary: ArrowArray? = nil
  ) {
    self.type = type
    self.dataType = dataType
    self.validity = validity
    self.shape = shape
    self.metadata = metadata
    self.dictionary = dictionary
  }

  /// A field of this type.
  func field(_ name: String) -> Field {
    Field(name, dataType, isNullable: isNullable, metadata: metadata)
  }

  var isNullable: Bool {
    switch shape {
    case .null: true
    // A union has no validity: nulls are values of the branch that has them.
    case .union(_, let branches): branches.contains { $0.node.isNullable }
    default: validity != nil
    }
  }

  /// What a null puts into the slots of this node and those below it.
  func fills(_ slots: [SlotShape]) -> [Fill] {
    switch shape {
    case .null: return []
    case .leaf(let slot):
      switch slots[slot].content {
      case .fixed(let width): return [Fill(kind: .zeros, slot: Int32(slot), a: Int32(width))]
      case .bit: return []
      case .offset, .bytes: return [Fill(kind: .offset, slot: Int32(slot))]
      }
    case .record(let fields): return fields.flatMap { $0.node.fills(slots) }
    case .branches(let nodes): return nodes.flatMap { $0.fills(slots) }
    case .array(let slot, _, _), .map(let slot, _, _, _):
      return [Fill(kind: .offset, slot: Int32(slot))]
    case .union(let slot, let branches):
      let branch = branches.firstIndex { $0.node.isNullable } ?? 0
      let inner = branches[branch].node.fills(slots)
      return [
        Fill(
          kind: .variant, slot: Int32(slot), a: Int32(branch), b: Int32(branches[branch].level),
          c: Int32(inner.count))
      ] + inner
    }
  }
}
