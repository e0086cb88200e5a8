internal import PFArrow
internal import PFCore

/// The schema that an Arrow writer had before it was made a Parquet schema: an IPC message in
/// Base64 under the key `ARROW:schema`.
///
/// Parquet knows fewer types than Arrow; what it lost is taken from here, as far as the stored
/// columns bear it out. The file's own types stand wherever the two do not fit.
struct StoredArrowSchema: Sendable {
  static let key = "ARROW:schema"

  /// By the index of their node.
  private let fields: [Int: Field]

  /// Nil where the file has no such schema, or none that can be read.
  init?(_ metadata: [FileMetaData.KeyValue]?, of tree: SchemaTree) {
    guard let text = metadata?.first(where: { $0.key == Self.key })?.value,
      let bytes = Base64.decode(text), let buffer = try? Buffer(copying: bytes.span),
      let schema = try? Schema(storedMessage: buffer)
    else { return nil }
    fields = Dictionary(
      uniqueKeysWithValues: zip(tree.children(of: tree.root), schema.fields))
  }

  /// What is said of a column of the table, if it is the one of that name.
  func field(of node: SchemaNode) -> Field? {
    fields[node.index].flatMap { $0.name == node.element.name ? $0 : nil }
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
