public import PFCore

/// An Avro schema: a type and the named types that it defines.
public struct AvroSchema: Sendable {
  /// The type of a value.
  public let type: AvroType
  /// The named types in the schema, as they are defined.
  private let definitions: [AvroName: AvroType]
  /// The schema as it was written.
  public let json: JSONValue

  init(type: AvroType, definitions: [AvroName: AvroType], json: JSONValue) {
    self.type = type
    self.definitions = definitions
    self.json = json
  }

  /// The record, enum or fixed of a name; nil where the schema has none.
  public func definition(of name: AvroName) -> AvroType? { definitions[name] }
}
