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
    var namePlaces: [Range<Int>] = []
    try self.init(from: &thrift, &namePlaces)
  }

  /// As `init(from:)`; `namePlaces` gets where a name is stored, its length included.
  private init(
    from thrift: inout ThriftReader, _ namePlaces: inout [Range<Int>]
  ) throws(DecodingError) {
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
      case 4:
        name = try thrift.readString(field)
        namePlaces.append(valueStart..<thrift.offset)
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

  /// Reads a list of elements.
  ///
  /// Most of a wide file differ from the one before in their name alone. Where the bytes before and
  /// behind the name are the same, a parser would read them in the same steps.
  package static func readList(
    _ field: ThriftReader.Field, from thrift: inout ThriftReader
  ) throws(DecodingError) -> [SchemaElement] {
    let count = try thrift.readStructListCount(field)
    var elements: [SchemaElement] = []
    // None takes fewer bytes than eight.
    elements.reserveCapacity(min(count, thrift.remaining / 8))
    var frame: Frame?
    var namePlaces: [Range<Int>] = []
    for _ in 0..<count {
      if let frame, let found = frame.match(thrift) {
        var element = elements[elements.count - 1]
        element.name = thrift.bytes.extracting(found.name).repairedString
        elements.append(element)
        thrift.move(to: found.end)
        continue
      }
      let start = thrift.offset
      namePlaces.removeAll(keepingCapacity: true)
      elements.append(try SchemaElement(from: &thrift, &namePlaces))
      frame =
        namePlaces.count == 1
        ? Frame(
          head: start..<namePlaces[0].lowerBound, tail: namePlaces[0].upperBound..<thrift.offset)
        : nil
    }
    return elements
  }

  /// Where the bytes of an element before and behind its name are.
  private struct Frame {
    let head: Range<Int>
    let tail: Range<Int>

    /// The name of the element at the reader's place, and where that ends, if its other bytes are
    /// those of the frame.
    func match(_ thrift: ThriftReader) -> (name: Range<Int>, end: Int)? {
      guard Self.agree(thrift.bytes, head, thrift.offset) else { return nil }
      var reader = thrift
      reader.move(to: thrift.offset + head.count)
      guard let name = try? reader.readBinaryElement(),
        Self.agree(thrift.bytes, tail, name.upperBound)
      else { return nil }
      return (name, name.upperBound + tail.count)
    }

    private static func agree(_ bytes: Span<UInt8>, _ range: Range<Int>, _ other: Int) -> Bool {
      guard range.count <= bytes.count - other else { return false }
      let (known, new) = (
        bytes.extracting(range), bytes.extracting(other..<(other + range.count))
      )
      for index in known.indices where known[index] != new[index] { return false }
      return true
    }
  }
}
