internal import PFArrow
internal import PFCore

/// The schema that an Arrow writer had before it was made a Parquet schema: an IPC message in
/// Base64 under the key `ARROW:schema`.
///
/// Parquet knows fewer types than Arrow; what it lost is taken from here, as far as the stored
/// columns bear it out. The file's own types stand wherever the two do not fit.
struct StoredArrowSchema {
  static let key = "ARROW:schema"

  private let schema: StoredSchema
  /// The nodes of the table's columns.
  private let columns: [Int]

  /// Nil where the file has no such schema, or none that can be read.
  init?(_ contents: ParquetFile.Contents) {
    let metadata = contents.metaData.keyValueMetadata ?? []
    guard let text = metadata.first(where: { $0.key == Self.key })?.value else { return nil }
    self.init(text.utf8.span, in: contents.schema)
  }

  /// The same from the value of the key.
  init?(_ text: Span<UInt8>, in tree: SchemaTree) {
    guard let bytes = Base64.decode(text), let buffer = try? Buffer(copying: bytes.span),
      let schema = try? StoredSchema(message: buffer)
    else { return nil }
    self.schema = schema
    columns = tree.children(of: tree.root)
  }

  /// What is said of a column of the table beyond its plain type, by the field in its place, if it
  /// has its name.
  func field(of node: SchemaNode) -> Field? {
    columns.sortedIndex(of: node.index).flatMap { field(at: $0, named: node.element.name) }
  }

  /// The same by the column's place among the columns.
  func field(at place: Int, named name: String) -> Field? {
    guard place < schema.count, let field = try? schema.remarkableField(at: place),
      field.name == name
    else { return nil }
    return field
  }
}

extension [Int] {
  /// Where `value` is in numbers that go up.
  fileprivate func sortedIndex(of value: Int) -> Int? {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low < count && self[low] == value ? low : nil
  }
}

extension DataType {
  /// The type that values of this type, read from Parquet, had before; nil where `origin` says
  /// nothing that they can be.
  func restored(from origin: DataType) -> DataType? {
    switch (self, origin) {
    case (.utf8, .largeUTF8), (.utf8, .utf8View), (.binary, .largeBinary), (.binary, .binaryView),
      (.int64, .duration):
      return origin
    case (.utf8, .dictionary(let index, let values, let isOrdered)) where values.isText,
      (.binary, .dictionary(let index, let values, let isOrdered)) where values.isBinary:
      return .dictionary(index: index, value: self, isOrdered: isOrdered)
    case (.timestamp(let unit, _?), .timestamp(_, let zone?)):
      return .timestamp(unit, timeZone: zone)
    default:
      guard let (precision, scale) = decimalParameters, let other = origin.decimalParameters,
        other == (precision, scale)
      else { return nil }
      return origin
    }
  }

  private var isText: Bool {
    switch self {
    case .utf8, .largeUTF8, .utf8View: true
    default: false
    }
  }

  private var isBinary: Bool {
    switch self {
    case .binary, .largeBinary, .binaryView: true
    default: false
    }
  }

  private var decimalParameters: (precision: Int, scale: Int)? {
    switch self {
    case .decimal32(let precision, let scale), .decimal64(let precision, let scale),
      .decimal128(let precision, let scale), .decimal256(let precision, let scale):
      (precision, scale)
    default: nil
    }
  }
}

extension Field {
  /// The field of a leaf with what `origin` says about it, as far as its values can be that.
  func restored(from origin: Field) -> Field {
    restored(type.restored(from: origin.type) ?? type, from: origin)
  }

  /// The field with `type` for its values and what `origin` says about them. An extension type is
  /// kept only if its storage is as it was.
  func restored(_ type: DataType, from origin: Field) -> Field {
    var field = self
    field.type = type
    let isExtension = origin.extensionName != nil
    let keepsExtension = isExtension && type == origin.type
    if keepsExtension { field.metadata.removeAll { $0.isOfExtension } }
    field.metadata += origin.metadata.filter { pair in
      (keepsExtension || !pair.isOfExtension)
        && !field.metadata.contains { $0.key == pair.key }
    }
    return field
  }
}

extension PFArrow.KeyValue {
  /// Whether it names an extension type or has its parameters.
  var isOfExtension: Bool {
    key == "ARROW:extension:name" || key == "ARROW:extension:metadata"
  }
}
