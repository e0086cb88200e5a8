internal import PFArrow
internal import PFCore

/// Gives each part of a reader's schema its Arrow type and its slots.
struct ColumnLayout {
  private let schema: AvroSchema
  private let unionLayout: AvroReadOptions.UnionLayout
  private(set) var slots: [SlotShape] = []
  private(set) var levelCount = 1
  /// Named types that are open around the one at hand.
  private var open: [AvroName] = []
  private var nodeCount = 0

  /// The most values, one in the other or not, that a schema may stand for: names let a short one
  /// stand for endlessly many.
  static let greatestNodeCount = 100_000
  /// The deepest nesting.
  static let greatestDepth = 100

  init(_ schema: AvroSchema, _ unionLayout: AvroReadOptions.UnionLayout) {
    self.schema = schema
    self.unionLayout = unionLayout
  }

  /// The columns of the records: those of the type, where it is a record, or one named `value`.
  ///
  /// `wanted` are the columns to lay out, in order; nil for all.
  mutating func columns(
    wanted: [ColumnRequest]?
  ) throws(ReadError) -> (root: ColumnNode, fields: [Field]) {
    let type = try schema.dereferenced(schema.type)
    if case .record(let record) = type.kind {
      let root = try self.record(type, record, wanted: wanted, validity: nil, path: nil, level: 0)
      guard case .record(let members) = root.shape else { return (root, []) }
      return (root, members.map { $0.node.field($0.field.name).described(by: $0.field) })
    }
    if let wanted, let other = wanted.first(where: { $0.name != "value" }) {
      throw ReadError(.unknownColumn(name: other.name, nearest: ["value"]))
    }
    let root = try node(
      schema.type, wanted: nil, path: SchemaPath("value", in: nil), level: 0, depth: 0)
    return (root, wanted?.isEmpty == true ? [] : [root.field("value")])
  }

  private mutating func slot(_ content: SlotShape.Content, _ level: Int) -> Int {
    slots.append(SlotShape(content: content, level: level))
    return slots.count - 1
  }

  private mutating func newLevel() -> Int {
    levelCount += 1
    return levelCount - 1
  }

  private mutating func node(
    _ written: AvroType, wanted: [ColumnRequest]?, path: SchemaPath?, level: Int, depth: Int
  ) throws(ReadError) -> ColumnNode {
    let type = try schema.dereferenced(written)
    nodeCount += 1
    guard nodeCount <= Self.greatestNodeCount else {
      throw ReadError(
        .limitExceeded(
          limit: "the number of values in a record", declared: nodeCount,
          maximum: Self.greatestNodeCount))
    }
    guard depth <= Self.greatestDepth else {
      throw ReadError(
        .limitExceeded(
          limit: "the nesting of the schema", declared: depth, maximum: Self.greatestDepth),
        at: .init(column: path?.text))
    }
    guard case .union(let branches) = type.kind else {
      return try value(
        type, wanted: wanted, validity: nil, path: path, level: level, depth: depth)
    }
    if branches.count == 1 {
      return try node(branches[0], wanted: wanted, path: path, level: level, depth: depth + 1)
    }
    if branches.count == 2, let null = branches.firstIndex(where: { $0.kind == .null }) {
      let other = try schema.dereferenced(branches[1 - null])
      if other.kind != .null {
        let validity = slot(.bit, level)
        return try value(
          other, wanted: wanted, validity: validity, path: path, level: level, depth: depth + 1)
      }
    }
    try refuseParts(wanted, of: path)
    switch unionLayout {
    case .dense: return try union(type, branches, path: path, level: level, depth: depth)
    case .structure:
      return try structure(type, branches, path: path, level: level, depth: depth)
    }
  }

  /// Refuses requests for parts of what has none.
  private func refuseParts(
    _ wanted: [ColumnRequest]?, of path: SchemaPath?
  ) throws(ReadError) {
    guard let other = wanted?.first else { return }
    throw ReadError(
      .unknownColumn(
        name: SchemaPath(other.name, in: path).text, nearest: path.map { [$0.text] } ?? []))
  }

  private mutating func structure(
    _ type: AvroType, _ branches: [AvroType], path: SchemaPath?, level: Int, depth: Int
  ) throws(ReadError) -> ColumnNode {
    let hasNull = branches.contains { $0.kind == .null }
    let validity = hasNull ? slot(.bit, level) : nil
    var nodes: [ColumnNode] = []
    var fields: [Field] = []
    for branch in branches where branch.kind != .null {
      let branch = try schema.dereferenced(branch)
      let path = SchemaPath(branch.branchName, in: path)
      let node = try value(
        branch, wanted: nil, validity: slot(.bit, level), path: path, level: level,
        depth: depth + 1)
      nodes.append(node)
      fields.append(node.field(branch.branchName))
    }
    return ColumnNode(
      type: type, dataType: .structure(fields), validity: validity, shape: .branches(nodes))
  }

  private mutating func union(
    _ type: AvroType, _ branches: [AvroType], path: SchemaPath?, level: Int, depth: Int
  ) throws(ReadError) -> ColumnNode {
    guard branches.count <= 127 else {
      throw ReadError(
        .unsupported(feature: "a union of \(branches.count) types (Arrow has 127)"),
        at: .init(column: path?.text))
    }
    let ids = slot(.fixed(width: 1), level)
    _ = slot(.fixed(width: 4), level)
    var parts: [(node: ColumnNode, level: Int)] = []
    var fields: [Field] = []
    for branch in branches {
      let name = try schema.dereferenced(branch).branchName
      let child = newLevel()
      let node = try node(
        branch, wanted: nil, path: SchemaPath(name, in: path), level: child, depth: depth + 1)
      parts.append((node, child))
      fields.append(node.field(name))
    }
    return ColumnNode(
      type: type,
      dataType: .union(.dense, fields, typeIDs: branches.indices.map { Int8($0) }),
      validity: nil, shape: .union(slot: ids, branches: parts))
  }

  private mutating func record(
    _ type: AvroType, _ record: AvroRecord, wanted: [ColumnRequest]?, validity: Int?,
    path: SchemaPath?, level: Int, depth: Int = 0
  ) throws(ReadError) -> ColumnNode {
    try enter(record.name, path)
    defer { open.removeLast() }
    var members: [(field: AvroField, node: ColumnNode)] = []
    func add(_ field: AvroField, _ inner: [ColumnRequest]?, _ layout: inout Self) throws(ReadError)
    {
      let node = try layout.node(
        field.type, wanted: inner, path: SchemaPath(field.name, in: path),
        level: level, depth: depth + 1)
      members.append((field, node))
    }
    if let wanted {
      for request in wanted {
        guard let field = record.fields.first(where: { $0.name == request.name }) else {
          let name = SchemaPath(request.name, in: path).text
          throw ReadError(
            .unknownColumn(
              name: name, nearest: nearestNames(to: request.name, among: record.fields.map(\.name)))
          )
        }
        try add(field, request.inner, &self)
      }
    } else {
      for field in record.fields { try add(field, nil, &self) }
    }
    let fields = members.map { $0.node.field($0.field.name).described(by: $0.field) }
    return ColumnNode(
      type: type, dataType: .structure(fields), validity: validity, shape: .record(members),
      metadata: type.metadata)
  }

  private mutating func enter(_ name: AvroName, _ path: SchemaPath?) throws(ReadError) {
    guard !open.contains(name) else {
      throw ReadError(
        .unsupported(feature: "the type \(name.fullName), which contains itself,"),
        at: .init(column: path?.text))
    }
    open.append(name)
  }

  private mutating func value(
    _ type: AvroType, wanted: [ColumnRequest]?, validity: Int?, path: SchemaPath?, level: Int,
    depth: Int
  ) throws(ReadError) -> ColumnNode {
    func made(
      _ dataType: DataType, _ shape: ColumnNode.Shape
    ) -> ColumnNode {
      ColumnNode(
        type: type, dataType: dataType, validity: validity, shape: shape, metadata: type.metadata)
    }
    switch type.kind {
    case .record(let record):
      return try self.record(
        type, record, wanted: wanted, validity: validity, path: path, level: level, depth: depth)
    case .array(let item):
      let offsets = slot(.offset, level)
      let child = newLevel()
      let node = try node(item, wanted: wanted, path: path, level: child, depth: depth + 1)
      return made(.list(node.field("item")), .array(slot: offsets, level: child, item: node))
    case .map(let value):
      let offsets = slot(.offset, level)
      let child = newLevel()
      let keys = slot(.bytes, child)
      let node = try node(value, wanted: wanted, path: path, level: child, depth: depth + 1)
      let entries = Field(
        "entries",
        .structure([Field("key", .utf8, isNullable: false), node.field("value")]),
        isNullable: false)
      return made(
        .map(entries: entries, keysSorted: false),
        .map(slot: offsets, level: child, keys: keys, value: node))
    default: break
    }
    try refuseParts(wanted, of: path)
    guard let dataType = type.leafType else { return made(.null, .null) }
    let content: SlotShape.Content =
      switch dataType {
      case .boolean: .bit
      case .utf8, .binary: .bytes
      default: .fixed(width: dataType.byteWidth ?? 0)
      }
    return ColumnNode(
      type: type, dataType: dataType, validity: validity, shape: .leaf(slot: slot(content, level)),
      metadata: type.metadata, dictionary: try type.symbolArray())
  }
}

extension Field {
  /// The field with what the schema says about it.
  fileprivate func described(by field: AvroField) -> Field {
    var described = self
    var pairs = field.attributes.metadata
    if let doc = field.doc { pairs.insert(KeyValue("doc", doc), at: 0) }
    described.metadata = pairs + described.metadata
    return described
  }
}

extension JSONObject {
  /// The members as metadata: strings as they are, all else as JSON.
  fileprivate var metadata: [KeyValue] {
    members.map { KeyValue($0.name, $0.value.string ?? $0.value.text()) }
  }
}

extension AvroType {
  /// Metadata of a field of this type.
  fileprivate var metadata: [KeyValue] {
    var pairs = attributes.metadata
    switch (logicalType, kind) {
    case (.uuid, .fixed):
      pairs.append(KeyValue("ARROW:extension:name", "arrow.uuid"))
      pairs.append(KeyValue("ARROW:extension:metadata", ""))
    case (.uuid, _): pairs.append(KeyValue("logicalType", "uuid"))
    case (.bigDecimal, _): pairs.append(KeyValue("logicalType", "big-decimal"))
    default: break
    }
    return pairs
  }

  /// The Arrow type of a value that has no parts; nil for `null` (Specs/avro.md, "Types").
  var leafType: DataType? {
    switch (kind, logicalType) {
    case (.null, _), (.record, _), (.array, _), (.map, _), (.union, _), (.named, _): nil
    case (.boolean, _): .boolean
    case (.int, .date): .date32
    case (.int, .timeMillis): .time32(.millisecond)
    case (.int, _): .int32
    case (.long, .timeMicros): .time64(.microsecond)
    case (.long, .timestampMillis): .timestamp(.millisecond, timeZone: "UTC")
    case (.long, .timestampMicros): .timestamp(.microsecond, timeZone: "UTC")
    case (.long, .timestampNanos): .timestamp(.nanosecond, timeZone: "UTC")
    case (.long, .localTimestampMillis): .timestamp(.millisecond, timeZone: nil)
    case (.long, .localTimestampMicros): .timestamp(.microsecond, timeZone: nil)
    case (.long, .localTimestampNanos): .timestamp(.nanosecond, timeZone: nil)
    case (.long, _): .int64
    case (.float, _): .float32
    case (.double, _): .float64
    case (.bytes, .decimal(let precision, let scale)),
      (.fixed, .decimal(let precision, let scale)):
      if precision <= 38 {
        .decimal128(precision: precision, scale: scale)
      } else if precision <= 76 {
        .decimal256(precision: precision, scale: scale)
      } else if case .fixed(let fixed) = kind {
        .fixedSizeBinary(byteWidth: fixed.byteCount)
      } else {
        .binary
      }
    case (.bytes, _): .binary
    case (.string, _): .utf8
    case (.enumeration, _): .dictionary(index: .int32, value: .utf8, isOrdered: false)
    case (.fixed, .duration): .interval(.monthDayNano)
    case (.fixed(let fixed), _): .fixedSizeBinary(byteWidth: fixed.byteCount)
    }
  }

  /// The symbols of an enum; nil for anything else.
  fileprivate func symbolArray() throws(ReadError) -> ArrowArray? {
    guard case .enumeration(let enumeration) = kind else { return nil }
    do throws(AllocationError) {
      var offsets: [Int32] = [0]
      var bytes: [UInt8] = []
      for symbol in enumeration.symbols {
        bytes += Array(symbol.utf8)
        offsets.append(Int32(clamping: bytes.count))
      }
      return ArrowArray(
        type: .utf8, length: enumeration.symbols.count, nullCount: 0,
        buffers: [nil, try Buffer(copying: offsets), try Buffer(copying: bytes.span)])
    } catch { throw ReadError(error) }
  }

  /// What the branch of a union is called: the name of a named type, else the kind.
  var branchName: String {
    switch kind {
    case .null: "null"
    case .boolean: "boolean"
    case .int: "int"
    case .long: "long"
    case .float: "float"
    case .double: "double"
    case .bytes: "bytes"
    case .string: "string"
    case .record(let record): record.name.fullName
    case .enumeration(let enumeration): enumeration.name.fullName
    case .fixed(let fixed): fixed.name.fullName
    case .array: "array"
    case .map: "map"
    case .union: "union"
    case .named(let name): name.fullName
    }
  }
}

/// A column that is wanted, or a part of it.
struct ColumnRequest: Equatable, Sendable {
  var name: String
  /// The fields of it that are wanted; nil for all.
  var inner: [ColumnRequest]?

  /// The requests that dotted paths stand for, in the order of their first names.
  ///
  /// A path that is the name of a field of the record is that field, dots and all.
  static func requests(_ paths: [String], fieldNames: [String]) -> [ColumnRequest] {
    let names = Set(fieldNames)
    var requests: [ColumnRequest] = []
    for path in paths {
      let parts =
        names.contains(path)
        ? [path]
        : path.split(
          separator: ".", omittingEmptySubsequences: false
        ).map(String.init)
      add(parts[...], to: &requests)
    }
    return requests
  }

  private static func add(_ parts: ArraySlice<String>, to requests: inout [ColumnRequest]) {
    guard let name = parts.first else { return }
    let rest = parts.dropFirst()
    guard let place = requests.firstIndex(where: { $0.name == name }) else {
      var request = ColumnRequest(name: name, inner: nil)
      if !rest.isEmpty {
        var inner: [ColumnRequest] = []
        add(rest, to: &inner)
        request.inner = inner
      }
      requests.append(request)
      return
    }
    // All of it wins over a part.
    if rest.isEmpty {
      requests[place].inner = nil
    } else if var inner = requests[place].inner {
      add(rest, to: &inner)
      requests[place].inner = inner
    }
  }
}
