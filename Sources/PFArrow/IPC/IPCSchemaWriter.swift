internal import PFCore

/// Writes `Schema` of Schema.fbs and numbers the dictionaries, each field's before those inside it.
struct IPCSchemaWriter {
  private var writer = FlatBufferWriter()
  private var dictionaryCount: Int64 = 0

  /// The bytes of a schema message.
  ///
  /// - Throws: `.unsupported` for a dictionary whose values are a dictionary, which the format
  ///   cannot tell.
  static func message(of schema: Schema) throws(ReadError) -> [UInt8] {
    var writer = IPCSchemaWriter()
    var fields: [Int] = []
    for field in schema.fields { fields.append(try writer.write(field)) }
    let (list, metadata) = (
      writer.writer.vector(of: fields), writer.write(metadata: schema.metadata)
    )
    let header = writer.writer.table([.int16(0), .offset(list), .offset(metadata)])
    return writer.writer.message(.schema, header: header, bodyByteCount: 0)
  }

  private mutating func write(metadata: [KeyValue]) -> Int? {
    guard !metadata.isEmpty else { return nil }
    var pairs: [Int] = []
    for pair in metadata {
      let (key, value) = (writer.string(pair.key), writer.string(pair.value))
      pairs.append(writer.table([.offset(key), .offset(value)]))
    }
    return writer.vector(of: pairs)
  }

  private mutating func write(_ field: Field) throws(ReadError) -> Int {
    var type = field.type
    var encoding: Int?
    if case .dictionary(let index, let value, let isOrdered) = field.type {
      if case .dictionary = value {
        throw ReadError(.unsupported(feature: "a dictionary of dictionaries in Arrow IPC"))
      }
      let (_, indexType) = write(typeOf: index)
      encoding = writer.table([
        .int64(dictionaryCount), .offset(indexType), .bool(isOrdered), .int16(0),
      ])
      dictionaryCount += 1
      type = value
    }
    var children: [Int] = []
    for child in type.children { children.append(try write(child)) }
    let list = writer.vector(of: children)
    let name = writer.string(field.name)
    let metadata = write(metadata: field.metadata)
    let (kind, table) = write(typeOf: type)
    return writer.table([
      .offset(name), .bool(field.isNullable), .uint8(kind.rawValue), .offset(table),
      .offset(encoding), .offset(list), .offset(metadata),
    ])
  }

  private mutating func write(typeOf type: DataType) -> (IPCTypeKind, Int) {
    func int(_ bitWidth: Int32, _ isSigned: Bool) -> (IPCTypeKind, [FlatBufferWriter.Value]) {
      (.int, [.int32(bitWidth), .bool(isSigned)])
    }
    func decimal(
      _ precision: Int, _ scale: Int, _ bitWidth: Int32
    ) -> (IPCTypeKind, [FlatBufferWriter.Value]) {
      (
        .decimal,
        [
          .int32(Int32(truncatingIfNeeded: precision)), .int32(Int32(truncatingIfNeeded: scale)),
          .int32(bitWidth),
        ]
      )
    }
    let (kind, fields): (IPCTypeKind, [FlatBufferWriter.Value]) =
      switch type {
      case .null: (.null, [])
      case .boolean: (.bool, [])
      case .int8: int(8, true)
      case .int16: int(16, true)
      case .int32: int(32, true)
      case .int64: int(64, true)
      case .uint8: int(8, false)
      case .uint16: int(16, false)
      case .uint32: int(32, false)
      case .uint64: int(64, false)
      case .float16: (.floatingPoint, [.int16(0)])
      case .float32: (.floatingPoint, [.int16(1)])
      case .float64: (.floatingPoint, [.int16(2)])
      case .decimal32(let precision, let scale): decimal(precision, scale, 32)
      case .decimal64(let precision, let scale): decimal(precision, scale, 64)
      case .decimal128(let precision, let scale): decimal(precision, scale, 128)
      case .decimal256(let precision, let scale): decimal(precision, scale, 256)
      case .date32: (.date, [.int16(0)])
      case .date64: (.date, [.int16(1)])
      case .time32(let unit): (.time, [.int16(unit.number), .int32(32)])
      case .time64(let unit): (.time, [.int16(unit.number), .int32(64)])
      case .timestamp(let unit, let timeZone):
        (.timestamp, [.int16(unit.number), .offset(timeZone.map { writer.string($0) })])
      case .duration(let unit): (.duration, [.int16(unit.number)])
      case .interval(.yearMonth): (.interval, [.int16(0)])
      case .interval(.dayTime): (.interval, [.int16(1)])
      case .interval(.monthDayNano): (.interval, [.int16(2)])
      case .binary: (.binary, [])
      case .largeBinary: (.largeBinary, [])
      case .binaryView: (.binaryView, [])
      case .fixedSizeBinary(let byteWidth):
        (.fixedSizeBinary, [.int32(Int32(truncatingIfNeeded: byteWidth))])
      case .utf8: (.utf8, [])
      case .largeUTF8: (.largeUTF8, [])
      case .utf8View: (.utf8View, [])
      case .list: (.list, [])
      case .largeList: (.largeList, [])
      case .fixedSizeList(_, let count):
        (.fixedSizeList, [.int32(Int32(truncatingIfNeeded: count))])
      case .structure: (.structure, [])
      case .map(_, let keysSorted): (.map, [.bool(keysSorted)])
      case .union(let mode, _, let typeIDs):
        (
          .union,
          [.int16(mode == .sparse ? 0 : 1), .offset(writer.vector(typeIDs.map { Int32($0) }))]
        )
      // The encoding is told beside the type of the values; it never stands here.
      case .dictionary: preconditionFailure("a dictionary is told by its field")
      }
    return (kind, writer.table(fields))
  }
}

extension TimeUnit {
  /// The number of `TimeUnit` of Schema.fbs.
  fileprivate var number: Int16 {
    switch self {
    case .second: 0
    case .millisecond: 1
    case .microsecond: 2
    case .nanosecond: 3
    }
  }
}

extension FlatBufferWriter {
  /// The bytes of a `Message` of Message.fbs around a header that was written.
  mutating func message(
    _ kind: IPCMessageKind, header: Int, bodyByteCount: Int
  ) -> [UInt8] {
    let root = table([
      .int16(IPCFormat.version), .uint8(kind.rawValue), .offset(header),
      .int64(Int64(bodyByteCount)),
    ])
    return finish(root: root)
  }
}
