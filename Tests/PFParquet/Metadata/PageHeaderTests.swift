import PFCore
import PFParquet
import Testing

@Suite struct `page headers` {
  static func dataPage(_ change: (inout ThriftBytes) -> Void = { _ in }) -> [UInt8] {
    ThriftBytes.structure {
      $0.i32(1, 0)
      $0.i32(2, 100)
      $0.i32(3, 60)
      $0.i32(4, -1)
      $0.structure(5) {
        $0.i32(1, 25)
        $0.i32(2, 8)
        $0.i32(3, 3)
        $0.i32(4, 3)
        $0.structure(5) { $0.binary(5, [1, 2, 3]) }
      }
      change(&$0)
    }
  }

  static func dataPageV2(levels: (Int64, Int64) = (7, 3), nulls: Int64 = 2) -> [UInt8] {
    ThriftBytes.structure {
      $0.i32(1, 3)
      $0.i32(2, 20)
      $0.i32(3, 10)
      $0.structure(8) {
        $0.i32(1, 9)
        $0.i32(2, nulls)
        $0.i32(3, 4)
        $0.i32(4, 5)
        $0.i32(5, levels.0)
        $0.i32(6, levels.1)
        $0.bool(7, false)
      }
    }
  }

  static func read(_ bytes: [UInt8]) throws(DecodingError) -> (header: PageHeader, end: Int) {
    var thrift = ThriftReader(bytes.span)
    let header = try PageHeader(from: &thrift)
    return (header, thrift.offset)
  }

  @Test func `a data page's header ends where its page begins`() throws {
    let bytes = Self.dataPage()
    let (header, end) = try Self.read(bytes + [1, 2, 3])
    #expect(end == bytes.count)
    #expect(header.uncompressedPageSize == 100)
    #expect(header.compressedPageSize == 60)
    #expect(header.crc == 0xFFFF_FFFF)
    guard case .dataPage(let page) = header.content else {
      Issue.record("\(header)")
      return
    }
    #expect(page.numValues == 25)
    #expect(page.encoding == .rleDictionary)
    #expect(page.definitionLevelEncoding == .rle)
    #expect(page.repetitionLevelEncoding == .rle)
  }

  @Test func `a version 2 page says where its levels end`() throws {
    let header = try Self.read(Self.dataPageV2()).header
    #expect(header.crc == nil)
    guard case .dataPageV2(let page) = header.content else {
      Issue.record("\(header)")
      return
    }
    #expect(page.numValues == 9)
    #expect(page.numNulls == 2)
    #expect(page.numRows == 4)
    #expect(page.encoding == .deltaBinaryPacked)
    #expect(page.definitionLevelsByteLength == 7)
    #expect(page.repetitionLevelsByteLength == 3)
    #expect(!page.isCompressed)
  }

  @Test func `a version 2 page without the flag is compressed`() throws {
    let bytes = ThriftBytes.structure {
      $0.i32(1, 3)
      $0.i32(2, 0)
      $0.i32(3, 0)
      $0.structure(8) { for id: Int16 in 1...6 { $0.i32(id, 0) } }
    }
    guard case .dataPageV2(let page) = try Self.read(bytes).header.content else {
      Issue.record("another kind")
      return
    }
    #expect(page.isCompressed)
  }

  @Test func `a dictionary page's header`() throws {
    let bytes = ThriftBytes.structure {
      $0.i32(1, 2)
      $0.i32(2, 40)
      $0.i32(3, 40)
      $0.structure(7) {
        $0.i32(1, 5)
        $0.i32(2, 2)
        $0.bool(3, true)
      }
    }
    guard case .dictionaryPage(let page) = try Self.read(bytes).header.content else {
      Issue.record("another kind")
      return
    }
    #expect(page.numValues == 5)
    #expect(page.encoding == .plainDictionary)
    #expect(page.isSorted == true)
  }

  @Test func `pages of other kinds are told, so that they can be passed over`() throws {
    for (type, content) in [
      (1, PageHeader.Content.indexPage), (17, .unknown(PageType(rawValue: 17))),
    ] as [(Int64, PageHeader.Content)] {
      let bytes = ThriftBytes.structure {
        $0.i32(1, type)
        $0.i32(2, 3)
        $0.i32(3, 3)
      }
      let header = try Self.read(bytes).header
      #expect(header.content == content)
    }
  }

  @Test func `a type without its header is a missing field`() {
    for (type, id) in [(0, 5), (2, 7), (3, 8)] as [(Int64, Int16)] {
      let bytes = ThriftBytes.structure {
        $0.i32(1, type)
        $0.i32(2, 3)
        $0.i32(3, 3)
      }
      #expect(throws: DecodingError.missingField(id: id, offset: 0)) { try Self.read(bytes) }
    }
  }

  @Test func `negative sizes and counts are errors`() {
    for id: Int16 in [2, 3] {
      let bytes = Self.dataPage { $0.i32(id, -1) }
      #expect(throws: DecodingError.self) { try Self.read(bytes) }
    }
    let bytes = Self.dataPage { $0.structure(5) { $0.i32(1, -25) } }
    #expect(throws: DecodingError.self) { try Self.read(bytes) }
  }

  @Test func `levels longer than the page, and more nulls than values, are errors`() {
    #expect(throws: DecodingError.limitExceeded(offset: 0, declared: 11, limit: 10)) {
      try Self.read(Self.dataPageV2(levels: (8, 3)))
    }
    #expect(throws: DecodingError.self) {
      try Self.read(Self.dataPageV2(levels: (Int64(Int32.max), Int64(Int32.max))))
    }
    #expect(throws: DecodingError.self) { try Self.read(Self.dataPageV2(nulls: 10)) }
  }

  @Test func `every strict prefix is an error, every flip an error or a header`() {
    for bytes in [Self.dataPage(), Self.dataPageV2()] {
      for count in 0..<bytes.count {
        #expect(throws: DecodingError.self) { try Self.read(Array(bytes[..<count])) }
      }
      for index in bytes.indices {
        for mask: UInt8 in 1...255 {
          var flipped = bytes
          flipped[index] ^= mask
          _ = try? Self.read(flipped)
        }
      }
    }
  }
}
