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
    return ValueDecoder(
      value: batch.columns[0][row], codingPath: [NameKey(stringValue: first.name)])
  }
}

private struct RowContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let row: RowDecoder

  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { row.batch.schema.fields.compactMap { Key(stringValue: $0.name) } }

  func contains(_ key: Key) -> Bool { row.names[key.stringValue] != nil }

  private func cell(_ key: Key) throws -> ValueDecoder {
    guard let column = row.names[key.stringValue] else {
      throw Swift.DecodingError.keyNotFound(
        key, .init(codingPath: [], debugDescription: "no column \"\(key.stringValue)\""))
    }
    return ValueDecoder(value: row.batch.columns[column][row.row], codingPath: [key])
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
