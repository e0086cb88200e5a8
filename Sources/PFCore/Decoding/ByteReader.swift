/// A forward reader over borrowed bytes. Invariant: `0 <= offset <= bytes.count`.
package struct ByteReader: ~Escapable {
  package let bytes: Span<UInt8>
  @usableFromInline package private(set) var offset = 0

  @_lifetime(copy bytes)
  package init(_ bytes: Span<UInt8>) { self.bytes = bytes }

  /// The bytes that are left.
  package var remaining: Int { bytes.count - offset }

  package mutating func readByte() throws(DecodingError) -> UInt8 {
    guard offset < bytes.count else { throw .truncated(offset: offset, needed: 1) }
    defer { offset += 1 }
    return bytes[offset]
  }

  /// Reads an unsigned LEB128 integer of at most 64 bits (Thrift compact protocol, "varint").
  ///
  /// - Throws: `.truncated` inside it; `.integerOverflow` above 64 bits.
  package mutating func readULEB128() throws(DecodingError) -> UInt64 {
    let start = offset
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = try readByte()
      guard shift < 63 || byte <= 1 else { throw .integerOverflow(offset: start) }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
  }

  /// Reads a zigzag-encoded signed LEB128 integer (Thrift compact protocol; Avro `long`).
  ///
  /// - Throws: as `readULEB128`.
  package mutating func readZigZag() throws(DecodingError) -> Int64 {
    let raw = try readULEB128()
    return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
  }

  /// Reads a little-endian integer of `T`'s width.
  ///
  /// - Throws: `.truncated`.
  /// WHY `@specialized`: other modules call the generic function, which looks up every operation of
  /// `T`: 4 % of the time of a Zstandard frame with few sequences.
  @specialized(where T == UInt16)
  @specialized(where T == UInt32)
  @specialized(where T == UInt64)
  package mutating func readLittleEndian<T: FixedWidthInteger>(
    _: T.Type = T.self
  ) throws(DecodingError) -> T {
    let width = T.bitWidth / 8
    guard width <= remaining else {
      throw .truncated(offset: offset, needed: width - remaining)
    }
    var value: T = 0
    for index in 0..<width {
      value |= T(truncatingIfNeeded: bytes[offset + index]) << T(truncatingIfNeeded: index * 8)
    }
    offset += width
    return value
  }

  /// Lends the next `count` bytes and moves past them; nothing is copied.
  ///
  /// - Throws: `.truncated` when fewer are left.
  @_lifetime(copy self)
  package mutating func readSpan(count: Int) throws(DecodingError) -> Span<UInt8> {
    guard count >= 0, count <= remaining else {
      throw .truncated(offset: offset, needed: count < 0 ? 0 : count - remaining)
    }
    defer { offset += count }
    return bytes.extracting(offset..<(offset + count))
  }

  /// Moves past `count` bytes.
  ///
  /// - Throws: `.truncated` when fewer are left.
  package mutating func skip(_ count: Int) throws(DecodingError) {
    guard count >= 0, count <= remaining else {
      throw .truncated(offset: offset, needed: count < 0 ? 0 : count - remaining)
    }
    offset += count
  }
}
