package import PFCore

/// A forward reader of the Thrift compact protocol over borrowed bytes.
///
/// Structs read themselves field by field (`readField(after:)`), so that a decoder looks like its
/// lines in `parquet.thrift`. The reader holds its own offset rather than a `ByteReader`: it reads
/// some forty one-byte numbers for each column chunk of a footer, and a call across the module
/// border for each costs more than the read.
///
/// Invariant: `0 <= offset <= bytes.count`.
package struct ThriftReader: ~Escapable {
  package let bytes: Span<UInt8>
  package private(set) var offset: Int

  /// A reader of `bytes` that starts at `offset`, or at the end when `offset` is outside them.
  @_lifetime(copy bytes)
  package init(_ bytes: Span<UInt8>, at offset: Int = 0) {
    self.bytes = bytes
    self.offset = offset < 0 || offset > bytes.count ? bytes.count : offset
  }

  /// The bytes that are left.
  package var remaining: Int { bytes.count &- offset }

  /// Moves on to `offset`, which a copy of this reader came to.
  package mutating func move(to offset: Int) {
    precondition(offset >= 0 && offset <= bytes.count, "an offset outside the reader's bytes")
    self.offset = offset
  }

  /// How deep values may be nested in what `skip` passes over. Parquet's own structs nest to 8.
  package static var nestingLimit: Int { 64 }
}

extension ThriftReader {
  /// The wire types of the compact protocol. In a list a bool is written as either of its two.
  ///
  /// A struct, since making an enum of a number costs a call.
  package struct WireType: Equatable, Sendable {
    let code: UInt8

    static let boolTrue = WireType(code: 1)
    static let boolFalse = WireType(code: 2)
    static let i8 = WireType(code: 3)
    static let i16 = WireType(code: 4)
    static let i32 = WireType(code: 5)
    static let i64 = WireType(code: 6)
    static let double = WireType(code: 7)
    static let binary = WireType(code: 8)
    static let list = WireType(code: 9)
    static let set = WireType(code: 10)
    static let map = WireType(code: 11)
    package static let structure = WireType(code: 12)
    static let uuid = WireType(code: 13)

    /// The type of a header's low four bits; nil for what the protocol does not define.
    @inline(__always)
    init?(header: UInt8) {
      code = header & 0x0F
      guard code &- 1 < 13 else { return nil }
    }

    private init(code: UInt8) { self.code = code }

    /// The fewest bytes that a value of this type takes in a list.
    var minimumByteCount: Int {
      switch self {
      case .double: 8
      case .uuid: 16
      default: 1
      }
    }

    /// The most values of this type that a list of `byteCount` bytes has room for.
    @inline(__always)
    func limit(in byteCount: Int) -> Int {
      // A division by a number known only here would cost as much as the rest of a list header.
      switch self {
      case .double: byteCount / 8
      case .uuid: byteCount / 16
      default: byteCount
      }
    }
  }

  /// A field header: the id that `parquet.thrift` gives, and the type on the wire.
  package struct Field: Equatable, Sendable {
    package let id: Int16
    package let type: WireType

    package init(id: Int16, type: WireType) {
      self.id = id
      self.type = type
    }
  }

  /// A list header. `count` elements were found possible in the bytes left, not proven present.
  package struct List: Equatable, Sendable {
    package let element: WireType
    package let count: Int
  }
}

// MARK: - Headers

extension ThriftReader {
  /// Reads the next field header of a struct, or nil at the struct's end.
  ///
  /// - Parameter last: the id of the struct's previous field, 0 before the first.
  /// - Returns: the header; a bool's value is in its type.
  /// - Throws: `.integerOverflow` for an id outside 16 bits, `.invalidValue` for an unknown type.
  @inline(__always)
  package mutating func readField(after last: inout Int16) throws(DecodingError) -> Field? {
    let start = offset
    let header = try readByte()
    if header == 0 { return nil }
    guard let type = WireType(header: header) else {
      throw .invalidValue(offset: start)
    }
    let delta = Int16(truncatingIfNeeded: header >> 4)
    if delta == 0 {
      guard let id = Int16(exactly: try readZigZag()) else {
        throw .integerOverflow(offset: start)
      }
      last = id
    } else {
      let (id, overflow) = last.addingReportingOverflow(delta)
      guard !overflow else { throw .integerOverflow(offset: start) }
      last = id
    }
    return Field(id: last, type: type)
  }

  /// Reads a list's header.
  ///
  /// - Throws: `.limitExceeded` when the bytes left cannot hold the elements that it claims.
  @inline(__always)
  package mutating func readList(_ field: Field) throws(DecodingError) -> List {
    guard field.type == .list else { throw .invalidValue(offset: offset) }
    return try readListHeader()
  }

  @inline(__always)
  mutating func readListHeader() throws(DecodingError) -> List {
    let start = offset
    let header = try readByte()
    // Some writers give an empty list no element type.
    if header == 0 { return List(element: .i8, count: 0) }
    guard let element = WireType(header: header) else {
      throw .invalidValue(offset: start)
    }
    let declared = header >> 4 == 15 ? try readVarint() : UInt64(header >> 4)
    guard declared <= UInt64(element.limit(in: remaining)) else {
      throw .limitExceeded(
        offset: start, declared: Int(clamping: declared), limit: element.limit(in: remaining))
    }
    return List(element: element, count: Int(declared))
  }
}

// MARK: - Values

extension ThriftReader {
  @inline(__always)
  package mutating func readByte() throws(DecodingError) -> UInt8 {
    guard offset < bytes.count else { throw .truncated(offset: offset, needed: 1) }
    // SAFETY: the guard above, and `offset >= 0` by the invariant.
    // WHY: one comparison in place of two on every byte of a footer.
    let byte = unsafe bytes[unchecked: offset]
    offset &+= 1
    return byte
  }

  /// Reads an unsigned LEB128 integer of at most 64 bits.
  @inline(__always)
  package mutating func readVarint() throws(DecodingError) -> UInt64 {
    guard offset < bytes.count else { throw .truncated(offset: offset, needed: 1) }
    // SAFETY: as in `readByte`.
    let byte = unsafe bytes[unchecked: offset]
    if byte < 0x80 {
      offset &+= 1
      return UInt64(byte)
    }
    let (value, end) = try Self.longVarint(in: bytes, at: offset)
    offset = end
    return value
  }

  /// The varint at `start` and where it ends. Takes and gives its offset by value, as `skip`
  /// does, so that a struct's loop keeps the reader's in a register.
  @inline(never)
  private static func longVarint(
    in bytes: Span<UInt8>, at start: Int
  ) throws(DecodingError) -> (value: UInt64, end: Int) {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    var offset = start
    while offset < bytes.count {
      let byte = bytes[offset]
      offset &+= 1
      guard shift < 63 || byte <= 1 else { throw .integerOverflow(offset: start) }
      value |= UInt64(byte & 0x7F) &<< shift
      if byte < 0x80 { return (value, offset) }
      shift &+= 7
    }
    throw .truncated(offset: offset, needed: 1)
  }

  @inline(__always)
  private mutating func readZigZag() throws(DecodingError) -> Int64 {
    let raw = try readVarint()
    return Int64(bitPattern: raw >> 1) ^ (0 &- Int64(bitPattern: raw & 1))
  }

  @inline(__always)
  package mutating func readI64(_ field: Field) throws(DecodingError) -> Int64 {
    guard field.type == .i64 else { throw .invalidValue(offset: offset) }
    return try readZigZag()
  }

  @inline(__always)
  package mutating func readI32(_ field: Field) throws(DecodingError) -> Int32 {
    guard field.type == .i32 else { throw .invalidValue(offset: offset) }
    return try readI32Element()
  }

  /// Reads an element of a `list<i32>` or of a list of enumeration values.
  @inline(__always)
  package mutating func readI32Element() throws(DecodingError) -> Int32 {
    let start = offset
    guard let value = Int32(exactly: try readZigZag()) else {
      throw .integerOverflow(offset: start)
    }
    return value
  }

  /// Reads an element of a `list<i64>`.
  @inline(__always)
  package mutating func readI64Element() throws(DecodingError) -> Int64 { try readZigZag() }

  @inline(__always)
  package mutating func readI16(_ field: Field) throws(DecodingError) -> Int16 {
    let start = offset
    guard field.type == .i16 else { throw .invalidValue(offset: start) }
    guard let value = Int16(exactly: try readZigZag()) else {
      throw .integerOverflow(offset: start)
    }
    return value
  }

  @inline(__always)
  package mutating func readI8(_ field: Field) throws(DecodingError) -> Int8 {
    guard field.type == .i8 else { throw .invalidValue(offset: offset) }
    return Int8(bitPattern: try readByte())
  }

  /// The bool that a field's type holds; the field has no bytes of its own.
  @inline(__always)
  package func readBool(_ field: Field) throws(DecodingError) -> Bool {
    switch field.type {
    case .boolTrue: true
    case .boolFalse: false
    default: throw .invalidValue(offset: offset)
    }
  }

  /// Reads an element of a `list<bool>`: 1 is true; 2, and 0 from older writers, are false.
  package mutating func readBoolElement() throws(DecodingError) -> Bool {
    let byte = try readByte()
    guard byte <= 2 else { throw .invalidValue(offset: offset &- 1) }
    return byte == 1
  }

  /// Reads a count or a size, which the specification gives a signed type.
  ///
  /// - Throws: `.invalidValue` below zero.
  @inline(__always)
  package mutating func readCount64(_ field: Field) throws(DecodingError) -> Int64 {
    let start = offset
    let value = try readI64(field)
    guard value >= 0 else { throw .invalidValue(offset: start) }
    return value
  }

  /// As `readCount64`, for 32 bits.
  @inline(__always)
  package mutating func readCount32(_ field: Field) throws(DecodingError) -> Int32 {
    let start = offset
    let value = try readI32(field)
    guard value >= 0 else { throw .invalidValue(offset: start) }
    return value
  }

  /// Moves past a `binary` or `string` and gives where its bytes are in `bytes`.
  @inline(__always)
  package mutating func readBinary(_ field: Field) throws(DecodingError) -> Range<Int> {
    guard field.type == .binary else { throw .invalidValue(offset: offset) }
    return try readBinaryElement()
  }

  /// As `readBinary`, for an element of a `list<binary>` or `list<string>`.
  @inline(__always)
  package mutating func readBinaryElement() throws(DecodingError) -> Range<Int> {
    let declared = try readVarint()
    guard declared <= UInt64(remaining) else {
      throw .truncated(offset: offset, needed: Int(clamping: declared) &- remaining)
    }
    let start = offset
    offset &+= Int(declared)
    return start..<offset
  }

  /// Reads text; bytes that are not UTF-8 become replacement characters.
  package mutating func readString(_ field: Field) throws(DecodingError) -> String {
    bytes.extracting(try readBinary(field)).repairedString
  }

  /// As `readString`, for an element of a `list<string>`.
  package mutating func readStringElement() throws(DecodingError) -> String {
    bytes.extracting(try readBinaryElement()).repairedString
  }
}

extension Span<UInt8> {
  /// The bytes as text, with replacement characters for what is not UTF-8.
  package var repairedString: String {
    // SAFETY: the buffer is only read, and only inside the closure.
    unsafe withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
  }

  /// The bytes as text; nil where they are not UTF-8.
  var validString: String? {
    // SAFETY: the buffer is only read, and only inside the closure.
    unsafe withUnsafeBufferPointer { unsafe String(validating: $0, as: UTF8.self) }
  }
}

// MARK: - Skipping

extension ThriftReader {
  /// Moves past the value of a field that the caller does not need or does not know.
  ///
  /// - Complexity: O(bytes passed), at most `nestingLimit` calls deep.
  /// - Throws: `.limitExceeded` where values are nested deeper than that.
  @inline(__always)
  package mutating func skip(_ field: Field) throws(DecodingError) {
    switch field.type {
    case .boolTrue, .boolFalse: break  // the value is in the header
    case .i16, .i32, .i64: _ = try readVarint()
    case .binary: _ = try readBinaryElement()
    case .structure: offset = try Self.skipStruct(in: bytes, from: offset, nesting: 1)
    case .list: offset = try Self.skipList(in: bytes, from: offset, nesting: 1)
    default: offset = try Self.skip(field.type, in: bytes, from: offset, nesting: 1)
    }
  }

  /// Moves past a value that is no field of a struct: an element of a list.
  mutating func skipElement(_ type: WireType) throws(DecodingError) {
    offset = try Self.skip(type, in: bytes, from: offset, nesting: 1)
  }

  /// Where the struct that starts at `start` ends.
  static func endOfStruct(in bytes: Span<UInt8>, from start: Int) throws(DecodingError) -> Int {
    try skipStruct(in: bytes, from: start, nesting: 1)
  }

  /// Where the value that starts at `offset` ends.
  private static func skip(
    _ type: WireType, in bytes: Span<UInt8>, from offset: Int, nesting: Int
  ) throws(DecodingError) -> Int {
    var thrift = ThriftReader(bytes, at: offset)
    switch type {
    case .boolTrue, .boolFalse, .i8: try thrift.skip(byteCount: 1)
    case .i16, .i32, .i64: _ = try thrift.readVarint()
    case .double: try thrift.skip(byteCount: 8)
    case .uuid: try thrift.skip(byteCount: 16)
    case .binary: _ = try thrift.readBinaryElement()
    case .structure: return try skipStruct(in: bytes, from: offset, nesting: nesting)
    case .list, .set: return try skipList(in: bytes, from: offset, nesting: nesting)
    default: return try skipMap(in: bytes, from: offset, nesting: nesting)
    }
    return thrift.offset
  }

  private static func skipStruct(
    in bytes: Span<UInt8>, from start: Int, nesting: Int
  ) throws(DecodingError) -> Int {
    try checkNesting(nesting, at: start)
    var thrift = ThriftReader(bytes, at: start)
    while true {
      let header = try thrift.readByte()
      if header == 0 { return thrift.offset }
      if header & 0xF0 == 0 { _ = try thrift.readVarint() }
      switch WireType(header: header) {
      case .boolTrue, .boolFalse: break
      case .i16, .i32, .i64: _ = try thrift.readVarint()
      case .binary: _ = try thrift.readBinaryElement()
      case .some(let type):
        thrift.offset = try skip(type, in: bytes, from: thrift.offset, nesting: nesting &+ 1)
      case nil: throw .invalidValue(offset: thrift.offset &- 1)
      }
    }
  }

  private static func skipList(
    in bytes: Span<UInt8>, from start: Int, nesting: Int
  ) throws(DecodingError) -> Int {
    try checkNesting(nesting, at: start)
    var thrift = ThriftReader(bytes, at: start)
    let list = try thrift.readListHeader()
    switch list.element {
    case .boolTrue, .boolFalse, .i8, .double, .uuid:
      // In bounds: the header's check counted exactly these bytes.
      thrift.offset &+= list.count &* list.element.minimumByteCount
    case .i16, .i32, .i64: for _ in 0..<list.count { _ = try thrift.readVarint() }
    case .binary: for _ in 0..<list.count { _ = try thrift.readBinaryElement() }
    case .structure:
      for _ in 0..<list.count {
        thrift.offset = try skipStruct(in: bytes, from: thrift.offset, nesting: nesting &+ 1)
      }
    default:
      for _ in 0..<list.count {
        thrift.offset = try skip(
          list.element, in: bytes, from: thrift.offset, nesting: nesting &+ 1)
      }
    }
    return thrift.offset
  }

  private static func skipMap(
    in bytes: Span<UInt8>, from start: Int, nesting: Int
  ) throws(DecodingError) -> Int {
    try checkNesting(nesting, at: start)
    var thrift = ThriftReader(bytes, at: start)
    let count = try thrift.readVarint()
    if count == 0 { return thrift.offset }
    let types = try thrift.readByte()
    guard let key = WireType(header: types >> 4), let value = WireType(header: types)
    else { throw .invalidValue(offset: thrift.offset &- 1) }
    let limit = thrift.remaining / (key.minimumByteCount &+ value.minimumByteCount)
    guard count <= UInt64(limit) else {
      throw .limitExceeded(offset: start, declared: Int(clamping: count), limit: limit)
    }
    for _ in 0..<count {
      thrift.offset = try skip(key, in: bytes, from: thrift.offset, nesting: nesting &+ 1)
      thrift.offset = try skip(value, in: bytes, from: thrift.offset, nesting: nesting &+ 1)
    }
    return thrift.offset
  }

  @inline(__always)
  private static func checkNesting(_ nesting: Int, at offset: Int) throws(DecodingError) {
    guard nesting <= nestingLimit else {
      throw .limitExceeded(offset: offset, declared: nesting, limit: nestingLimit)
    }
  }

  @inline(__always)
  private mutating func skip(byteCount: Int) throws(DecodingError) {
    guard byteCount <= remaining else {
      throw .truncated(offset: offset, needed: byteCount &- remaining)
    }
    offset &+= byteCount
  }
}

// MARK: - Lists of structs

/// A struct of `parquet.thrift` that reads itself.
package protocol ThriftDecodable {
  /// Reads the struct up to and with its end.
  init(from thrift: inout ThriftReader) throws(DecodingError)
}

extension ThriftReader {
  /// Reads a list of structs.
  ///
  /// What is reserved is bounded by the bytes left, at `minimumByteCount` for each element.
  package mutating func readStructs<Element: ThriftDecodable>(
    _ field: Field, minimumByteCount: Int, of _: Element.Type = Element.self
  ) throws(DecodingError) -> [Element] {
    let count = try readStructListCount(field)
    var elements: [Element] = []
    elements.reserveCapacity(min(count, remaining / minimumByteCount))
    for _ in 0..<count { elements.append(try Element(from: &self)) }
    return elements
  }

  /// Reads the header of a list of structs and gives its count.
  @inline(__always)
  package mutating func readStructListCount(_ field: Field) throws(DecodingError) -> Int {
    try readCount(field, of: .structure)
  }

  /// Reads the header of a list of `element`s and gives its count.
  @inline(__always)
  package mutating func readCount(
    _ field: Field, of element: WireType
  ) throws(DecodingError) -> Int {
    let start = offset
    let list = try readList(field)
    // The element type of an empty list means nothing.
    guard list.element == element || list.count == 0 else { throw .invalidValue(offset: start) }
    return list.count
  }
}

// MARK: - Lazily decoded values

extension ThriftReader {
  /// Moves past a value of the `expected` type and gives where it is, for decoding later.
  @inline(__always)
  package mutating func skipRange(
    _ field: Field, expecting expected: WireType
  ) throws(DecodingError) -> FooterRange {
    let start = offset
    guard field.type == expected else { throw .invalidValue(offset: start) }
    try skip(field)
    return FooterRange(start..<offset)
  }

  /// Moves past a list of structs and gives where each begins.
  ///
  /// - Precondition: `bytes` are fewer than 2³².
  package mutating func skipStructs(
    _ field: Field, shapes: inout StructShapes
  ) throws(DecodingError) -> [UInt32] {
    let count = try readStructListCount(field)
    var offsets: [UInt32] = []
    // No struct of use takes fewer bytes.
    offsets.reserveCapacity(min(count, remaining / 8))
    for _ in 0..<count {
      offsets.append(UInt32(truncatingIfNeeded: offset))
      offset = try shapes.end(of: bytes, from: offset)
    }
    return offsets
  }
}
