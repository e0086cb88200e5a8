public import PFArrow

/// The rows of a table as values of a `Decodable` type: a member for each column that it names.
public struct TableRows<Row: Decodable>: Sequence {
  private let table: Table

  init(_ table: Table, _ type: Row.Type) {
    self.table = table
  }

  /// One row, or why it could not be made.
  public typealias Element = Result<Row, any Error>

  /// Decodes as it goes.
  public struct Iterator: IteratorProtocol {
    private let table: Table
    private let names: [String: Int]
    private var batch = 0
    private var row = 0

    fileprivate init(_ table: Table) {
      self.table = table
      // Of equal names the first counts.
      names = Dictionary(
        table.schema.fields.enumerated().map { ($1.name, $0) },
        uniquingKeysWith: { first, _ in first })
    }

    /// The next row; nil behind the last.
    public mutating func next() -> Result<Row, any Error>? {
      while batch < table.batches.count, row >= table.batches[batch].rowCount {
        batch += 1
        row = 0
      }
      guard batch < table.batches.count else { return nil }
      defer { row += 1 }
      let decoder = RowDecoder(batch: table.batches[batch], row: row, names: names)
      return Result { try Row(from: decoder) }
    }
  }

  /// From the first row on.
  public func makeIterator() -> Iterator { Iterator(table) }
}

extension Table {
  /// The rows, decoded as they are asked for.
  public func rows<Row: Decodable>(as type: Row.Type) -> TableRows<Row> { TableRows(self, type) }
}

extension CSVFile {
  /// All records as values of a `Decodable` type:
  ///
  /// ```swift
  /// struct City: Codable { var name: String; var latitude: Double? }
  /// let cities = try file.rows(as: City.self)
  /// ```
  ///
  /// - Throws: `ReadError`, or the `DecodingError` of the standard library where a row lacks what
  ///   the type wants.
  public func rows<Row: Decodable>(
    as type: Row.Type, _ options: CSVReadOptions = CSVReadOptions()
  ) throws -> [Row] {
    try read(options).table.rows(as: type).map { try $0.get() }
  }
}

/// Decodes one row.
private struct RowDecoder: Decoder {
  let batch: RecordBatch
  let row: Int
  let names: [String: Int]

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(RowContainer(row: self))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    throw Swift.DecodingError.typeMismatch(
      [Any].self, .init(codingPath: [], debugDescription: "a row has names, no positions"))
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer {
    guard let first = batch.schema.fields.first else {
      throw Swift.DecodingError.valueNotFound(
        Any.self, .init(codingPath: [], debugDescription: "the row has no column"))
    }
    return CellDecoder(
      value: batch.columns[0][row], codingPath: [ColumnKey(stringValue: first.name)])
  }
}

private struct ColumnKey: CodingKey {
  var stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

private struct RowContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let row: RowDecoder

  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { row.batch.schema.fields.compactMap { Key(stringValue: $0.name) } }

  func contains(_ key: Key) -> Bool { row.names[key.stringValue] != nil }

  private func cell(_ key: Key) throws -> CellDecoder {
    guard let column = row.names[key.stringValue] else {
      throw Swift.DecodingError.keyNotFound(
        key, .init(codingPath: [], debugDescription: "no column \"\(key.stringValue)\""))
    }
    return CellDecoder(value: row.batch.columns[column][row.row], codingPath: [key])
  }

  func decodeNil(forKey key: Key) throws -> Bool { try cell(key).decodeNil() }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try Value(from: cell(key))
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try cell(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try cell(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { row }
  func superDecoder(forKey key: Key) throws -> any Decoder { try cell(key) }
}

/// Decodes one field of a row.
private struct CellDecoder: Decoder, SingleValueDecodingContainer {
  let value: ArrowValue
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func singleValueContainer() -> any SingleValueDecodingContainer { self }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    throw mismatch(Any.self, "a field has no members")
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    throw mismatch([Any].self, "a field has no elements")
  }

  private func mismatch(_ type: Any.Type, _ why: String) -> any Error {
    Swift.DecodingError.typeMismatch(
      type, .init(codingPath: codingPath, debugDescription: why))
  }

  private func wrong(_ type: Any.Type) -> any Error {
    if decodeNil() {
      return Swift.DecodingError.valueNotFound(
        type, .init(codingPath: codingPath, debugDescription: "the field is null"))
    }
    return mismatch(type, "the field is \(value)")
  }

  func decodeNil() -> Bool {
    if case .null = value { true } else { false }
  }

  func decode(_ type: Bool.Type) throws -> Bool {
    guard case .boolean(let value) = value else { throw wrong(type) }
    return value
  }

  /// Text as it is; values of other types as they are printed.
  func decode(_ type: String.Type) throws -> String {
    switch value {
    case .null: throw wrong(type)
    case .string(let text): return text
    default: return "\(value)"
    }
  }

  func decode(_ type: Double.Type) throws -> Double {
    switch value {
    case .float64(let value): return value
    case .float32(let value): return Double(value)
    case .int(let value):
      guard let exact = Double(exactly: value) else { throw wrong(type) }
      return exact
    default: throw wrong(type)
    }
  }

  func decode(_ type: Float.Type) throws -> Float {
    if case .float32(let value) = value { return value }
    return Float(try decode(Double.self))
  }

  private func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws -> Value {
    var exact: Value?
    switch value {
    case .int(let value): exact = Value(exactly: value)
    case .uint(let value): exact = Value(exactly: value)
    default: break
    }
    guard let exact else { throw wrong(type) }
    return exact
  }

  func decode(_ type: Int.Type) throws -> Int { try integer(type) }
  func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
  func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
  func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
  func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
  func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try Value(from: self) }
}
