/// A name, a type, and whether nulls may occur (Schema.fbs, `Field`).
public struct Field: Hashable, Sendable {
  /// The name; may be empty, need not be unique.
  public var name: String
  /// The type of the values. For an extension type this is its storage.
  public var type: DataType
  /// Whether values may be null.
  public var isNullable: Bool
  /// Key-value pairs in their order; extension types are named by `ARROW:extension:name`.
  public var metadata: [KeyValue]

  /// A field.
  public init(
    _ name: String, _ type: DataType, isNullable: Bool = true, metadata: [KeyValue] = []
  ) {
    self.name = name
    self.type = type
    self.isNullable = isNullable
    self.metadata = metadata
  }

  /// The name of the extension type that the metadata declares.
  public var extensionName: String? {
    metadata.first { $0.key == "ARROW:extension:name" }?.value
  }
}

/// One pair of a field's or schema's metadata. Keys may repeat.
public struct KeyValue: Hashable, Sendable {
  /// The key.
  public var key: String
  /// The value; bytes that are no UTF-8 have been repaired.
  public var value: String

  /// A pair.
  public init(_ key: String, _ value: String) {
    self.key = key
    self.value = value
  }
}

/// The fields of a table, in order (Schema.fbs, `Schema`).
public struct Schema: Hashable, Sendable {
  /// The fields; names may repeat.
  public var fields: [Field]
  /// Key-value pairs in their order.
  public var metadata: [KeyValue]

  /// A schema.
  public init(_ fields: [Field], metadata: [KeyValue] = []) {
    self.fields = fields
    self.metadata = metadata
  }
}
