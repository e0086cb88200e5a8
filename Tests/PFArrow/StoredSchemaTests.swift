import PFArrow
import PFCore
import Testing

/// Schema messages that files of other formats keep.
@Suite struct `stored Arrow schema` {
  /// The message of pyarrow for the columns `ends` (run-end encoded large strings), `views` and
  /// `large` (list views of int8) and `span` (a duration in milliseconds).
  static let message =
    Base64.decode(
      "/////9gBAAAQAAAAAAAKAAwABgAFAAgACgAAAAABBAAMAAAACAAIAAAABAAIAAAABAAAAAQAAADwAAAA"
        + "kAAAADAAAAAEAAAA8P7//wAAARIQAAAAGAAAAAQAAAAAAAAABAAAAHNwYW4AAAAA4P7//xj///8AAAEa"
        + "FAAAABwAAAAEAAAAAQAAABQAAAAFAAAAbGFyZ2UAAAAM////RP///wAAAQIQAAAAGAAAAAQAAAAAAAAA"
        + "BAAAAGl0ZW0AAAAA9P7//wAAAAEIAAAAdP///wAAARkUAAAAHAAAAAQAAAABAAAAFAAAAAUAAAB2aWV3"
        + "cwAAAGj///+g////AAABAhAAAAAYAAAABAAAAAAAAAAEAAAAaXRlbQAAAABQ////AAAAAQgAAADQ////"
        + "AAABFhgAAAAgAAAABAAAAAIAAABkAAAAJAAAAAQAAABlbmRzAAAAAMj///8QABQACAAGAAcADAAAABAA"
        + "EAAAAAAAARQQAAAAHAAAAAQAAAAAAAAABgAAAHZhbHVlcwAABAAEAAQAAAAQABQACAAAAAcADAAAABAA"
        + "EAAAAAAAAAIQAAAAJAAAAAQAAAAAAAAACAAAAHJ1bl9lbmRzAAAAAAgADAAIAAcACAAAAAAAAAEgAAAA") ?? []

  static func schema(_ bytes: [UInt8]) throws -> Schema {
    try Schema(storedMessage: Buffer(copying: bytes.span))
  }

  @Test func `has the nearest type in place of those that are not known`() throws {
    let item = Field("item", .int8)
    let schema = try Self.schema(Self.message)
    #expect(
      schema.fields == [
        Field("ends", .largeUTF8), Field("views", .list(item)), Field("large", .largeList(item)),
        Field("span", .duration(.millisecond)),
      ])
    // A stream of batches cannot be read so.
    #expect(throws: ReadError.self) {
      try Table(ipcStream: Buffer(copying: Self.message.span))
    }
  }

  @Test func `is whole or an error`() throws {
    for count in Self.message.indices {
      #expect(throws: ReadError.self) { try Self.schema(Array(Self.message[..<count])) }
    }
    #expect(throws: ReadError.self) { try Self.schema([]) }
  }

  @Test func `may have any byte wrong`() {
    for index in Self.message.indices {
      for bit in 0..<8 {
        var bytes = Self.message
        bytes[index] ^= 1 << UInt8(bit)
        // A schema or an error, and nothing else.
        for field in (try? Self.schema(bytes))?.fields ?? [] {
          #expect(!field.type.description.isEmpty)
        }
      }
    }
  }
}

@Suite struct `appended nulls` {
  @Test func `come behind the slots of every type`() throws {
    for array in try Sample.batch().columns {
      if case .union = array.type { continue }
      for (start, count) in [(0, 5), (0, 0), (1, 3), (4, 1), (5, 0)] {
        let slice = array.slice(start: start, count: count)
        for added in [0, 1, 9] {
          let longer = try slice.appendingNulls(added)
          _ = try ArrowArray(
            checking: longer.type, length: longer.length, offset: longer.offset,
            buffers: longer.buffers, children: longer.children, dictionary: longer.dictionary)
          #expect(longer.nullCount == slice.nullCount + added)
          #expect(
            (0..<longer.length).map { longer[$0] }
              == (0..<count).map { slice[$0] } + [ArrowValue](repeating: .null, count: added),
            "\(array.type)")
        }
      }
    }
  }
}
