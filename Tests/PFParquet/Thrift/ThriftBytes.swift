import PFParquet

/// Writes Thrift compact protocol, for tests that need what no library writes.
struct ThriftBytes {
  var bytes: [UInt8] = []

  static let boolTrue: UInt8 = 1
  static let boolFalse: UInt8 = 2
  static let i8: UInt8 = 3
  static let i16: UInt8 = 4
  static let i32: UInt8 = 5
  static let i64: UInt8 = 6
  static let double: UInt8 = 7
  static let binary: UInt8 = 8
  static let list: UInt8 = 9
  static let set: UInt8 = 10
  static let map: UInt8 = 11
  static let structure: UInt8 = 12
  static let uuid: UInt8 = 13

  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func zigzag(_ value: Int64) {
    varint(UInt64(bitPattern: value << 1) ^ UInt64(bitPattern: value >> 63))
  }

  /// A field header in the long form, which needs no id before it.
  mutating func field(_ id: Int16, _ type: UInt8) {
    bytes.append(type)
    zigzag(Int64(id))
  }

  mutating func i32(_ id: Int16, _ value: Int64) {
    field(id, Self.i32)
    zigzag(value)
  }

  mutating func i64(_ id: Int16, _ value: Int64) {
    field(id, Self.i64)
    zigzag(value)
  }

  mutating func binary(_ id: Int16, _ value: [UInt8]) {
    field(id, Self.binary)
    varint(UInt64(value.count))
    bytes += value
  }

  mutating func string(_ id: Int16, _ value: String) { binary(id, Array(value.utf8)) }

  mutating func bool(_ id: Int16, _ value: Bool) {
    field(id, value ? Self.boolTrue : Self.boolFalse)
  }

  mutating func list(_ id: Int16, of element: UInt8, count: UInt64) {
    field(id, Self.list)
    if count < 15 {
      bytes.append(UInt8(count) << 4 | element)
    } else {
      bytes.append(0xF0 | element)
      varint(count)
    }
  }

  mutating func structure(_ id: Int16, _ body: (inout ThriftBytes) -> Void) {
    field(id, Self.structure)
    body(&self)
    stop()
  }

  mutating func structs(_ id: Int16, _ bodies: [(inout ThriftBytes) -> Void]) {
    list(id, of: Self.structure, count: UInt64(bodies.count))
    for body in bodies {
      body(&self)
      stop()
    }
  }

  mutating func stop() { bytes.append(0) }

  /// The bytes of one struct.
  static func structure(_ body: (inout ThriftBytes) -> Void) -> [UInt8] {
    var thrift = ThriftBytes()
    body(&thrift)
    thrift.stop()
    return thrift.bytes
  }
}
