import PFCore
import Testing

@Suite struct `unsigned LEB128` {
  static let examples: [(bytes: [UInt8], value: UInt64)] = [
    ([0x00], 0), ([0x7F], 127), ([0xE5, 0x8E, 0x26], 624_485),
    ([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], .max),
  ]

  @Test("decodes the worked examples", arguments: examples)
  func decodes(bytes: [UInt8], value: UInt64) throws {
    var reader = ByteReader(bytes.span)
    let decoded = try reader.readULEB128()
    #expect(decoded == value)
    #expect(reader.offset == bytes.count)
  }

  @Test("every strict prefix is truncated", arguments: examples)
  func prefixes(bytes: [UInt8], value: UInt64) {
    for count in 0..<bytes.count {
      let prefix = Array(bytes[..<count])
      #expect(throws: DecodingError.truncated(offset: count, needed: 1)) {
        var reader = ByteReader(prefix.span)
        _ = try reader.readULEB128()
      }
    }
  }

  @Test func `an eleventh byte is an overflow, never a wrap`() {
    let bytes = [UInt8](repeating: 0xFF, count: 11)
    #expect(throws: DecodingError.integerOverflow(offset: 0)) {
      var reader = ByteReader(bytes.span)
      _ = try reader.readULEB128()
    }
  }
}

@Suite struct `zigzag integers` {
  static let examples: [(bytes: [UInt8], value: Int64)] = [
    ([0x00], 0), ([0x01], -1), ([0x02], 1), ([0x7F], -64), ([0x80, 0x01], 64),
    ([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], .min),
    ([0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], .max),
  ]

  @Test("decode the examples of the Avro specification", arguments: examples)
  func decodes(bytes: [UInt8], value: Int64) throws {
    var reader = ByteReader(bytes.span)
    let decoded = try reader.readZigZag()
    #expect(decoded == value)
  }
}

@Suite struct `spans of a byte reader` {
  @Test func `a negative or too large count is truncated and moves nothing`() {
    let bytes: [UInt8] = [1, 2, 3]
    var reader = ByteReader(bytes.span)
    for count in [-1, 4, Int.max, Int.min] {
      do throws(DecodingError) {
        _ = try reader.readSpan(count: count)
        Issue.record("read \(count) bytes of 3")
      } catch {
        #expect(error.offset == 0)
      }
    }
    #expect(reader.offset == 0)
  }

  @Test func `integers are little-endian`() throws {
    let bytes: [UInt8] = [0x01, 0x02, 0x03, 0x84]
    var reader = ByteReader(bytes.span)
    let value = try reader.readLittleEndian(Int32.self)
    #expect(value == Int32(bitPattern: 0x8403_0201))
  }
}
