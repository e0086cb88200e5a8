/// The name of a column, or the index of an element.
struct NameKey: CodingKey {
  var stringValue: String
  var intValue: Int?
  init(stringValue: String) { self.stringValue = stringValue }
  init(intValue: Int) {
    stringValue = "\(intValue)"
    self.intValue = intValue
  }
}

/// Decodes one value of a row, and what is in it.
struct ValueDecoder: Decoder, SingleValueDecodingContainer {
  let value: ArrowValue
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func singleValueContainer() -> any SingleValueDecodingContainer { self }

  /// The fields of a struct, or the entries of a map by the text of their keys.
  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    let members: [ArrowValue.NamedValue]
    switch value {
    case .structure(let values): members = values
    case .map(let entries):
      members = entries.map { ArrowValue.NamedValue(name: "\($0.key)", value: $0.value) }
    default: throw mismatch(Any.self, "the field has no members")
    }
    return KeyedDecodingContainer(MemberContainer(members: members, codingPath: codingPath))
  }

  /// The elements of a list, or bytes.
  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    switch value {
    case .list(let elements): return ElementContainer(elements: elements, codingPath: codingPath)
    case .binary(let bytes):
      return ElementContainer(elements: bytes.map { .uint(UInt64($0)) }, codingPath: codingPath)
    default: throw mismatch([Any].self, "the field has no elements")
    }
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

private struct MemberContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let members: [ArrowValue.NamedValue]
  let codingPath: [any CodingKey]

  var allKeys: [Key] { members.compactMap { Key(stringValue: $0.name) } }

  func contains(_ key: Key) -> Bool { members.contains { $0.name == key.stringValue } }

  private func value(_ key: Key) throws -> ValueDecoder {
    guard let member = members.first(where: { $0.name == key.stringValue }) else {
      throw Swift.DecodingError.keyNotFound(
        key, .init(codingPath: codingPath, debugDescription: "no \"\(key.stringValue)\""))
    }
    return ValueDecoder(value: member.value, codingPath: codingPath + [key])
  }

  func decodeNil(forKey key: Key) throws -> Bool { try value(key).decodeNil() }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try Value(from: value(key))
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try value(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try value(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder {
    ValueDecoder(value: .structure(members), codingPath: codingPath)
  }
  func superDecoder(forKey key: Key) throws -> any Decoder { try value(key) }
}

private struct ElementContainer: UnkeyedDecodingContainer {
  let elements: [ArrowValue]
  let codingPath: [any CodingKey]
  private(set) var currentIndex = 0

  init(elements: [ArrowValue], codingPath: [any CodingKey]) {
    self.elements = elements
    self.codingPath = codingPath
  }

  var count: Int? { elements.count }
  var isAtEnd: Bool { currentIndex == elements.count }

  private func current(_ type: Any.Type) throws -> ValueDecoder {
    let path = codingPath + [NameKey(intValue: currentIndex)]
    guard !isAtEnd else {
      throw Swift.DecodingError.valueNotFound(
        type, .init(codingPath: path, debugDescription: "the list ends"))
    }
    return ValueDecoder(value: elements[currentIndex], codingPath: path)
  }

  mutating func decodeNil() throws -> Bool {
    guard try current(Any.self).decodeNil() else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let value = try Value(from: current(type))
    currentIndex += 1
    return value
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    let container = try current(Any.self).container(keyedBy: type)
    currentIndex += 1
    return container
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    let container = try current([Any].self).unkeyedContainer()
    currentIndex += 1
    return container
  }

  mutating func superDecoder() throws -> any Decoder {
    let decoder = try current(Any.self)
    currentIndex += 1
    return decoder
  }
}
