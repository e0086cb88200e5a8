import PFCore
import PFParquet
import Testing

@Suite struct `fields of the Thrift compact protocol` {
  @Test func `short and long headers give the same ids`() throws {
    let bytes: [UInt8] = [0x15, 0x02, 0x05, 0x04, 0x03, 0x35, 0x06, 0x00]
    var thrift = ThriftReader(bytes.span)
    var last: Int16 = 0
    var read: [Int16: Int32] = [:]
    while let field = try thrift.readField(after: &last) {
      read[field.id] = try thrift.readI32(field)
    }
    #expect(read == [1: 1, 2: -2, 5: 3])
    #expect(thrift.remaining == 0)
  }

  @Test func `an id that leaves sixteen bits is an overflow`() {
    // 32 767 in the long form, then a step of one in the short form.
    let bytes: [UInt8] = [0x05, 0xFE, 0xFF, 0x03, 0x00, 0x15, 0x00, 0x00]
    #expect(throws: DecodingError.integerOverflow(offset: 5)) { try skipStruct(bytes) }
    let long: [UInt8] = [0x05, 0x80, 0x80, 0x04, 0x00, 0x00]
    #expect(throws: DecodingError.integerOverflow(offset: 0)) { try skipStruct(long) }
  }

  @Test(arguments: [UInt8(0x1E), 0x1F, 0x10])
  func `a type that the protocol lacks is an error`(header: UInt8) {
    let bytes = [header, 0x00, 0x00]
    #expect(throws: DecodingError.invalidValue(offset: 0)) { try skipStruct(bytes) }
  }

  @Test func `a value of another type than asked for is an error`() throws {
    let bytes: [UInt8] = [0x15, 0x02]
    #expect(throws: DecodingError.invalidValue(offset: 1)) {
      var thrift = ThriftReader(bytes.span)
      var last: Int16 = 0
      if let field = try thrift.readField(after: &last) { _ = try thrift.readI64(field) }
    }
  }

  @Test func `an int32 above its type is an overflow`() throws {
    let bytes = ThriftBytes.structure { $0.i32(1, Int64(Int32.max) + 1) }
    #expect(throws: DecodingError.integerOverflow(offset: 2)) {
      var thrift = ThriftReader(bytes.span)
      var last: Int16 = 0
      if let field = try thrift.readField(after: &last) { _ = try thrift.readI32(field) }
    }
  }

  @Test func `a varint of eleven bytes is an overflow, read or skipped`() {
    let varint = [UInt8](repeating: 0xFF, count: 10) + [0x01]
    #expect(throws: DecodingError.integerOverflow(offset: 1)) {
      try skipStruct([0x16] + varint + [0x00])
    }
    #expect(throws: DecodingError.integerOverflow(offset: 1)) {
      let bytes = [0x16] + varint + [0x00]
      var thrift = ThriftReader(bytes.span)
      var last: Int16 = 0
      if let field = try thrift.readField(after: &last) { _ = try thrift.readI64(field) }
    }
  }

  @Test func `bools are in headers, and in lists as one byte of either form`() throws {
    let fields: [UInt8] = [0x11, 0x12, 0x00]
    var thrift = ThriftReader(fields.span)
    var last: Int16 = 0
    var read: [Bool] = []
    while let field = try thrift.readField(after: &last) { read.append(try thrift.readBool(field)) }
    #expect(read == [true, false])

    let list: [UInt8] = [0x19, 0x31, 0x01, 0x02, 0x00]
    thrift = ThriftReader(list.span)
    last = 0
    read = []
    if let field = try thrift.readField(after: &last) {
      for _ in 0..<(try thrift.readList(field).count) { read.append(try thrift.readBoolElement()) }
    }
    #expect(read == [true, false, false])
    #expect(throws: DecodingError.invalidValue(offset: 0)) {
      let three: [UInt8] = [0x03]
      var thrift = ThriftReader(three.span)
      _ = try thrift.readBoolElement()
    }
  }

  @Test func `text that is not UTF-8 is repaired`() throws {
    let bytes = ThriftBytes.structure { $0.binary(1, [0x61, 0xFF, 0x62]) }
    var thrift = ThriftReader(bytes.span)
    var last: Int16 = 0
    if let field = try thrift.readField(after: &last) {
      let text = try thrift.readString(field)
      #expect(text == "a\u{FFFD}b")
    }
  }

  @Test func `a binary longer than what is left is truncated`() {
    var thrift = ThriftBytes()
    thrift.field(1, ThriftBytes.binary)
    thrift.varint(.max)
    let bytes = thrift.bytes
    #expect(throws: DecodingError.self) { try skipStruct(bytes) }
  }
}

@Suite struct `lists of the Thrift compact protocol` {
  static let elements: [(type: UInt8, size: Int)] = [
    (ThriftBytes.boolTrue, 1), (ThriftBytes.i8, 1), (ThriftBytes.i64, 1), (ThriftBytes.double, 8),
    (ThriftBytes.binary, 1), (ThriftBytes.structure, 1), (ThriftBytes.uuid, 16),
  ]

  @Test("claims of 2^31 and more elements are refused before anything is made", arguments: elements)
  func claims(type: UInt8, size: Int) {
    for claim: UInt64 in [1 << 31, 1 << 62, .max] {
      var thrift = ThriftBytes()
      thrift.list(1, of: type, count: claim)
      thrift.bytes += [UInt8](repeating: 0, count: 64)
      let bytes = thrift.bytes
      do throws(DecodingError) {
        try skipStruct(bytes)
        Issue.record("\(claim) elements of type \(type) were skipped")
      } catch {
        guard case .limitExceeded(2, let declared, let limit) = error else {
          Issue.record("\(error)")
          return
        }
        #expect(declared == Int(clamping: claim))
        #expect(limit <= 64 / size)
      }
    }
  }

  @Test(
    "one element more than the bytes hold is refused, as many as they hold are not",
    arguments: elements)
  func exactly(type: UInt8, size: Int) throws {
    for count in [0, 1, 2, 14, 15, 16] {
      var thrift = ThriftBytes()
      thrift.list(1, of: type, count: UInt64(count))
      let header = thrift.bytes
      let body = [UInt8](repeating: 0, count: count * size)
      try skipStruct(header + body + [0])
      if count > 0 {
        let short = Array((header + body).dropLast())
        #expect(throws: DecodingError.self) { try skipStruct(short) }
      }
    }
  }

  @Test func `an empty list may have no element type`() throws {
    try skipStruct([0x19, 0x00, 0x00])
  }
}

@Suite struct `skipping of Thrift values` {
  @Test func `every type is passed over to its end`() throws {
    let bytes = ThriftBytes.structure {
      $0.bool(1, true)
      $0.field(2, ThriftBytes.i8)
      $0.bytes.append(0xFF)
      $0.field(3, ThriftBytes.i16)
      $0.zigzag(-300)
      $0.i32(4, 70_000)
      $0.i64(5, .min)
      $0.field(6, ThriftBytes.double)
      $0.bytes += [UInt8](repeating: 0xFF, count: 8)
      $0.string(7, "text")
      $0.list(8, of: ThriftBytes.i32, count: 2)
      $0.zigzag(1)
      $0.zigzag(1000)
      $0.field(9, ThriftBytes.set)
      $0.bytes += [0x18, 0x01, 0x61]
      $0.field(10, ThriftBytes.map)
      $0.bytes += [0x02, 0x85, 0x01, 0x61, 0x02, 0x01, 0x62, 0x04]
      $0.field(11, ThriftBytes.map)
      $0.bytes += [0x00]
      $0.structure(12) { $0.structure(1) { $0.i32(1, 1) } }
      $0.field(13, ThriftBytes.uuid)
      $0.bytes += [UInt8](repeating: 0xFF, count: 16)
    }
    var thrift = ThriftReader(bytes.span)
    var last: Int16 = 0
    var ids: [Int16] = []
    while let field = try thrift.readField(after: &last) {
      ids.append(field.id)
      try thrift.skip(field)
    }
    #expect(ids == Array(1...13))
    #expect(thrift.remaining == 0)
    for count in 0..<bytes.count {
      let prefix = Array(bytes[..<count])
      #expect(throws: DecodingError.self) { try skipStruct(prefix) }
    }
  }

  @Test func `structs nested to the limit are passed, one more is refused`() throws {
    let limit = ThriftReader.nestingLimit
    func nested(_ depth: Int) -> [UInt8] {
      [UInt8](repeating: 0x1C, count: depth) + [UInt8](repeating: 0, count: depth + 1)
    }
    try skipStruct(nested(limit))
    #expect(throws: DecodingError.self) { try skipStruct(nested(limit + 1)) }
  }

  @Test func `nesting of ten thousand levels is an error, not a crash`() {
    let structs = [UInt8](repeating: 0x1C, count: 10_000) + [UInt8](repeating: 0, count: 10_001)
    let lists = [0x19] + [UInt8](repeating: 0x19, count: 10_000) + [0x00, 0x00]
    let maps = [0x1B] + Array(repeatElement([0x01, 0x3B, 0x00] as [UInt8], count: 10_000).joined())
    for bytes in [structs, lists, maps] {
      do throws(DecodingError) {
        try skipStruct(bytes)
        Issue.record("skipped")
      } catch {
        guard case .limitExceeded(_, 65, 64) = error else {
          Issue.record("\(error)")
          continue
        }
      }
    }
  }

  @Test func `a map's claim is held against the bytes that are left`() {
    var thrift = ThriftBytes()
    thrift.field(1, ThriftBytes.map)
    thrift.varint(1 << 40)
    thrift.bytes += [0x55, 0x00, 0x00, 0x00]
    let bytes = thrift.bytes
    #expect(throws: DecodingError.limitExceeded(offset: 2, declared: 1 << 40, limit: 1)) {
      try skipStruct(bytes)
    }
  }
}

/// Passes over all fields of the struct that is all of `bytes`.
private func skipStruct(_ bytes: [UInt8]) throws(DecodingError) {
  var thrift = ThriftReader(bytes.span)
  var last: Int16 = 0
  while let field = try thrift.readField(after: &last) { try thrift.skip(field) }
}
