package import PFCore

/// A node of the schema, in the depth-first order of the file: `SchemaElement` of parquet.thrift.
public struct SchemaElement: Hashable, Sendable {
  /// The storage of a leaf; nil in a group. Field 1, `type`.
  public var type: PhysicalType?
  /// The byte length of FIXED_LEN_BYTE_ARRAY values. Field 2, `type_length`.
  public var typeLength: Int32?
  /// How often the field occurs; the root has none. Field 3, `repetition_type`.
  public var repetitionType: FieldRepetitionType?
  /// The field's name, repaired where it is not UTF-8. Field 4, `name`.
  public var name: String
  /// The number of children of a group. Field 5, `num_children`.
  public var numChildren: Int32?
  /// The deprecated annotation; nil also for one that we do not know. Field 6, `converted_type`.
  public var convertedType: ConvertedType?
  /// The scale of a decimal. Field 7, `scale`.
  public var scale: Int32?
  /// The precision of a decimal. Field 8, `precision`.
  public var precision: Int32?
  /// The field's id in another model. Field 9, `field_id`.
  public var fieldID: Int32?
  /// What the values mean. Field 10, `logicalType`.
  public var logicalType: LogicalType?

  /// An element with a name and, where given, the rest.
  public init(
    name: String, type: PhysicalType? = nil, typeLength: Int32? = nil,
    repetitionType: FieldRepetitionType? = nil, numChildren: Int32? = nil,
    convertedType: ConvertedType? = nil, scale: Int32? = nil, precision: Int32? = nil,
    fieldID: Int32? = nil, logicalType: LogicalType? = nil
  ) {
    self.type = type
    self.typeLength = typeLength
    self.repetitionType = repetitionType
    self.name = name
    self.numChildren = numChildren
    self.convertedType = convertedType
    self.scale = scale
    self.precision = precision
    self.fieldID = fieldID
    self.logicalType = logicalType
  }
}

extension SchemaElement: ThriftDecodable {
  package init(from thrift: inout ThriftReader) throws(DecodingError) {
    let start = thrift.offset
    var name: String?
    self.init(name: "")

    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      let valueStart = thrift.offset
      switch field.id {
      case 1:
        type = PhysicalType(rawValue: try thrift.readI32(field))
        guard type != nil else { throw .invalidValue(offset: valueStart) }
      case 2: typeLength = try thrift.readI32(field)
      case 3:
        repetitionType = FieldRepetitionType(rawValue: try thrift.readI32(field))
        guard repetitionType != nil else { throw .invalidValue(offset: valueStart) }
      case 4: name = try thrift.readString(field)
      case 5: numChildren = try thrift.readI32(field)
      case 6: convertedType = ConvertedType(rawValue: try thrift.readI32(field))
      case 7: scale = try thrift.readI32(field)
      case 8: precision = try thrift.readI32(field)
      case 9: fieldID = try thrift.readI32(field)
      case 10 where field.type == .structure: logicalType = try LogicalType.read(from: &thrift)
      default: try thrift.skip(field)
      }
    }

    guard let name else { throw .missingField(id: 4, offset: start) }
    self.name = name
  }
}
