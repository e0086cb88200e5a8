internal import PFCore

/// Reads `Schema` of Schema.fbs.
enum IPCSchemaReader {
  /// What becomes of types that this version lacks.
  enum UnknownTypes {
    case refused
    /// List views are lists and run-end encoded values are plain; any other is null.
    case replaced
  }

  static func read(
    _ table: FlatTable
  ) throws(ReadError) -> (fields: [IPCField], metadata: [KeyValue]) {
    let tables = try tables(table)
    let metadata = try decoding { () throws(DecodingError) in try keyValues(table, 2) }
    var fields: [IPCField] = []
    for index in 0..<tables.count {
      let table = try decoding { () throws(DecodingError) in try tables[index] }
      fields.append(try readField(table, .refused, depth: 0))
    }
    return (fields, metadata)
  }

  /// The fields of the schema, none of them looked at.
  static func tables(_ table: FlatTable) throws(ReadError) -> FlatTables {
    let (isBigEndian, tables) = try decoding { () throws(DecodingError) in
      (try table.integer(0, default: Int16(0)) != 0, try table.lazyTables(1))
    }
    guard !isBigEndian else { throw ReadError(.unsupported(feature: "big-endian Arrow data")) }
    return tables
  }

  /// One field of a schema, its unknown types replaced.
  static func readField(at index: Int, of tables: FlatTables) throws(ReadError) -> Field {
    let table = try decoding { () throws(DecodingError) in try tables[index] }
    return try readField(table, .replaced, depth: 0).field
  }

  /// Whether a field has neither metadata nor children nor a dictionary nor a time zone, and
  /// numbers, times, or strings and bytes with 32-bit offsets for values.
  static func isPlain(_ field: FlatTable) throws(DecodingError) -> Bool {
    switch IPCTypeKind(rawValue: try field.integer(2, default: UInt8(0))) {
    case .null, .int, .floatingPoint, .bool, .date, .time, .binary, .utf8: break
    case .timestamp: if try field.table(3)?.has(1) == true { return false }
    default: return false
    }
    if try field.has(4) { return false }
    if try field.hasElements(5) { return false }
    return try !field.hasElements(6)
  }

  /// Turns the error of a decoder into one that knows its offset in the metadata.
  private static func decoding<T>(
    _ body: () throws(DecodingError) -> T
  ) throws(ReadError) -> T {
    do throws(DecodingError) { return try body() } catch { throw ReadError(error) }
  }

  private static func keyValues(
    _ table: FlatTable, _ field: Int
  ) throws(DecodingError) -> [KeyValue] {
    var pairs: [KeyValue] = []
    for pair in try table.tables(field) {
      pairs.append(KeyValue(try pair.string(0) ?? "", try pair.string(1) ?? ""))
    }
    return pairs
  }

  /// Reads `Field`.
  private static func readField(
    _ table: FlatTable, _ unknownTypes: UnknownTypes, depth: Int
  ) throws(ReadError) -> IPCField {
    guard depth <= DataType.maximumDepth else {
      throw ReadError(
        .limitExceeded(
          limit: "the nesting of the schema", declared: depth, maximum: DataType.maximumDepth))
    }
    var children: [IPCField] = []
    for child in try decoding({ () throws(DecodingError) in try table.tables(5) }) {
      children.append(try readField(child, unknownTypes, depth: depth + 1))
    }
    var type: DataType
    do throws(ReadError) {
      type = try readType(table, unknownTypes, children: children.map(\.field))
      try type.checkParameters()
    } catch {
      guard unknownTypes == .replaced else { throw error }
      type = .null
    }
    let dictionary = try decoding { () throws(DecodingError) in try table.table(4) }
    var dictionaryID: Int64?
    if let dictionary {
      let (id, index, isOrdered) = try decoding { () throws(DecodingError) in
        (
          try dictionary.integer(0, default: Int64(0)),
          try dictionary.table(1).map { (index) throws(DecodingError) in try intType(index) },
          try dictionary.bool(2)
        )
      }
      dictionaryID = id
      type = .dictionary(index: index ?? .int32, value: type, isOrdered: isOrdered)
    }
    let (name, isNullable, metadata) = try decoding { () throws(DecodingError) in
      (try table.string(0) ?? "", try table.bool(1), try keyValues(table, 6))
    }
    return IPCField(
      field: Field(name, type, isNullable: isNullable, metadata: metadata),
      dictionaryID: dictionaryID, children: children)
  }

  /// Reads `Int`.
  private static func intType(_ table: FlatTable) throws(DecodingError) -> DataType {
    switch (try table.integer(0, default: Int32(0)), try table.bool(1)) {
    case (8, true): .int8
    case (16, true): .int16
    case (32, true): .int32
    case (64, true): .int64
    case (8, false): .uint8
    case (16, false): .uint16
    case (32, false): .uint32
    case (64, false): .uint64
    default: throw .invalidValue(offset: table.start)
    }
  }

  private static func unit(
    _ table: FlatTable, default value: Int16
  ) throws(DecodingError) -> TimeUnit {
    let index = Int(try table.integer(0, default: value))
    guard TimeUnit.allCases.indices.contains(index) else {
      throw .invalidValue(offset: table.start)
    }
    return TimeUnit.allCases[index]
  }

  private static func readType(
    _ field: FlatTable, _ unknownTypes: UnknownTypes, children: [Field]
  ) throws(ReadError) -> DataType {
    let (number, table) = try decoding { () throws(DecodingError) in
      (try field.integer(2, default: UInt8(0)), try field.table(3))
    }
    guard let kind = IPCTypeKind(rawValue: number) else {
      throw ReadError(.unsupported(feature: "Arrow IPC type number \(number)"))
    }
    guard let table else {
      throw ReadError(.malformed(.missingField(id: 3, offset: field.start)))
    }
    if kind == .decimal {
      let (precision, scale, bitWidth) = try decoding { () throws(DecodingError) in
        (
          Int(try table.integer(0, default: Int32(0))),
          Int(try table.integer(1, default: Int32(0))),
          Int(try table.integer(2, default: Int32(128)))
        )
      }
      return try .decimal(bitWidth: bitWidth, precision: precision, scale: scale)
    }
    if unknownTypes == .replaced, let stored = children.last {
      switch (kind, children.count) {
      case (.listView, 1): return .list(stored)
      case (.largeListView, 1): return .largeList(stored)
      case (.runEndEncoded, 2): return stored.type
      default: break
      }
    }
    switch kind {
    case .runEndEncoded: throw ReadError(.unsupported(feature: "Arrow type run-end encoded"))
    case .listView, .largeListView: throw ReadError(.unsupported(feature: "Arrow type list view"))
    case .list, .largeList, .fixedSizeList, .map:
      guard children.count == 1 else {
        throw ReadError(.inconsistent("a list or map has \(children.count) children"))
      }
    case .structure, .union: break
    default:
      guard children.isEmpty else {
        throw ReadError(.inconsistent("a type without children has \(children.count)"))
      }
    }
    return try decoding { () throws(DecodingError) in
      try decode(kind, table, children: children)
    }
  }

  /// The type of a kind that `readType` let pass; lists and maps have one child.
  private static func decode(
    _ kind: IPCTypeKind, _ table: FlatTable, children: [Field]
  ) throws(DecodingError) -> DataType {
    let error = DecodingError.invalidValue(offset: table.start)
    switch kind {
    case .null: return .null
    case .int: return try intType(table)
    case .floatingPoint:
      switch try table.integer(0, default: Int16(0)) {
      case 0: return .float16
      case 1: return .float32
      case 2: return .float64
      default: throw error
      }
    case .binary: return .binary
    case .utf8: return .utf8
    case .bool: return .boolean
    case .date: return try unit(table, default: 1) == .second ? .date32 : .date64
    case .time:
      let unit = try unit(table, default: 1)
      switch try table.integer(1, default: Int32(32)) {
      case 32: return .time32(unit)
      case 64: return .time64(unit)
      default: throw error
      }
    case .timestamp:
      let timeZone = try table.string(1)
      return .timestamp(
        try unit(table, default: 0), timeZone: timeZone == "" ? nil : timeZone)
    case .interval:
      switch try table.integer(0, default: Int16(0)) {
      case 0: return .interval(.yearMonth)
      case 1: return .interval(.dayTime)
      case 2: return .interval(.monthDayNano)
      default: throw error
      }
    case .list: return .list(children[0])
    case .largeList: return .largeList(children[0])
    case .structure: return .structure(children)
    case .union:
      let mode: UnionMode = try table.integer(0, default: Int16(0)) == 0 ? .sparse : .dense
      var typeIDs: [Int8] = []
      let given = try table.integers(1, of: Int32.self)
      for code in given ?? children.indices.map({ Int32(truncatingIfNeeded: $0) }) {
        guard let code = Int8(exactly: code) else { throw error }
        typeIDs.append(code)
      }
      return .union(mode, children, typeIDs: typeIDs)
    case .fixedSizeBinary:
      return .fixedSizeBinary(byteWidth: Int(try table.integer(0, default: Int32(0))))
    case .fixedSizeList:
      return .fixedSizeList(children[0], count: Int(try table.integer(0, default: Int32(0))))
    case .map: return .map(entries: children[0], keysSorted: try table.bool(0))
    case .duration: return .duration(try unit(table, default: 1))
    case .largeBinary: return .largeBinary
    case .largeUTF8: return .largeUTF8
    case .binaryView: return .binaryView
    case .utf8View: return .utf8View
    case .decimal, .runEndEncoded, .listView, .largeListView: throw error
    }
  }
}
