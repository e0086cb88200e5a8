import PFCompression
import PFCore
import PFParquet
import Testing

@Suite struct `page indexes` {
  static func offsetIndex(_ pages: [(offset: Int64, byteCount: Int64, row: Int64)]) -> [UInt8] {
    ThriftBytes.structure { thrift in
      thrift.structs(
        1,
        pages.map { page in
          { thrift in
            thrift.i64(1, page.offset)
            thrift.i32(2, page.byteCount)
            thrift.i64(3, page.row)
          }
        })
    }
  }

  static func ranges(
    _ pages: [(offset: Int64, byteCount: Int64, row: Int64)], of rowCount: Int
  ) throws -> [Range<Int>]? {
    let bytes = offsetIndex(pages)
    var thrift = ThriftReader(bytes.span)
    return try OffsetIndex(from: &thrift).rowRanges(of: rowCount)
  }

  @Test func `give each page its rows`() throws {
    #expect(
      try Self.ranges([(4, 10, 0), (14, 6, 3), (20, 1, 7)], of: 9) == [0..<3, 3..<7, 7..<9])
  }

  @Test func `that make no sense are done without`() throws {
    #expect(try Self.ranges([], of: 9) == nil)
    #expect(try Self.ranges([(4, 10, 1)], of: 9) == nil)
    #expect(try Self.ranges([(4, 10, 0), (14, 6, 0)], of: 9) == nil)
    #expect(try Self.ranges([(4, 10, 0), (14, 6, 9)], of: 9) == nil)
    #expect(try Self.ranges([(4, 10, 0), (13, 6, 3)], of: 9) == nil)
    #expect(try Self.ranges([(4, 10, 0), (.max, 6, 3)], of: 9) == nil)
  }

  static let columnIndex = ThriftBytes.structure { thrift in
    thrift.list(1, of: ThriftBytes.boolTrue, count: 2)
    thrift.bytes += [1, 2]
    thrift.list(2, of: ThriftBytes.binary, count: 2)
    thrift.bytes += [0, 1, 65]
    thrift.list(3, of: ThriftBytes.binary, count: 2)
    thrift.bytes += [0, 1, 66]
    thrift.i32(4, 1)
    thrift.list(5, of: ThriftBytes.i64, count: 2)
    thrift.bytes += [8, 0]
  }

  @Test func `say what the pages hold`() throws {
    var thrift = ThriftReader(Self.columnIndex.span)
    let index = try ColumnIndex(from: &thrift)
    #expect(index.nullPages == [true, false])
    #expect(index.boundaryOrder == .ascending)
    #expect(index.nullCounts == [4, 0])
    #expect(index.nanCounts == nil)
    #expect(Self.columnIndex[index.minValues[1]] == [65])
    #expect(Self.columnIndex[index.maxValues[1]] == [66])
  }

  @Test func `are refused when cut, and never trap when flipped`() {
    let bytes = Self.columnIndex
    for count in 0..<bytes.count {
      #expect(throws: DecodingError.self) {
        var thrift = ThriftReader(bytes.span.extracting(..<count))
        _ = try ColumnIndex(from: &thrift)
      }
    }
    for index in bytes.indices {
      for bit in 0..<8 {
        var flipped = bytes
        flipped[index] ^= 1 << UInt8(bit)
        var thrift = ThriftReader(flipped.span)
        do throws(DecodingError) {
          let read = try ColumnIndex(from: &thrift)
          #expect(read.minValues.count == read.nullPages.count)
        } catch { #expect((0...flipped.count).contains(error.offset)) }
      }
    }
  }
}

@Suite struct `Bloom filters` {
  /// A header of the only kind, then `bits`.
  static func filter(
    _ bits: [UInt8], byteCount: Int64? = nil, hash: Int16 = 1
  ) throws -> MemorySource {
    let header = ThriftBytes.structure { thrift in
      thrift.i32(1, byteCount ?? Int64(bits.count))
      thrift.structure(2) { $0.structure(1) { _ in } }
      thrift.structure(3) { $0.structure(hash) { _ in } }
      thrift.structure(4) { $0.structure(1) { _ in } }
    }
    return MemorySource(try Buffer(copying: (header + bits).span))
  }

  static func open(_ source: MemorySource) throws -> BloomFilter? {
    try BloomFilter(source, at: 0, limit: source.byteCount)
  }

  /// BloomFilter.md: the block by the hash's upper half, a bit of each word by its lower half.
  static func bits(of hashes: [UInt64], blockCount: Int) -> [UInt8] {
    let salts: [UInt32] = [
      0x47b6_137b, 0x4497_4d91, 0x8824_ad5b, 0xa2b7_289d, 0x7054_95c7, 0x2df1_424b, 0x9efc_4947,
      0x5c6b_fb31,
    ]
    var bits = [UInt8](repeating: 0, count: blockCount * 32)
    for hash in hashes {
      let block = Int((UInt64(hash >> 32) * UInt64(blockCount)) >> 32)
      for (word, salt) in salts.enumerated() {
        let bit = Int((UInt32(truncatingIfNeeded: hash) &* salt) >> 27)
        bits[block * 32 + word * 4 + bit / 8] |= 1 << UInt8(bit % 8)
      }
    }
    return bits
  }

  @Test func `contain what was put in, and little else`() throws {
    let values = (0..<200).map { index in Array("value \(index)".utf8) }
    let hashes = values.map { XXH64.hash($0.span) }
    let filter = try #require(
      try Self.open(Self.filter(Self.bits(of: hashes, blockCount: 64))))
    for value in values { #expect(try filter.mayContain(value.span)) }
    let others = (0..<1000).map { Array("other \($0)".utf8) }
    var hits = 0
    for other in others where try filter.mayContain(other.span) { hits += 1 }
    #expect(hits < 20)
  }

  @Test func `of kinds that are not known are done without`() throws {
    let bits = [UInt8](repeating: 0, count: 64)
    #expect(try Self.open(Self.filter(bits)) != nil)
    #expect(try Self.open(Self.filter(bits, hash: 2)) == nil)
    #expect(try Self.open(Self.filter(bits, byteCount: 33)) == nil)
    #expect(try Self.open(Self.filter(bits, byteCount: 0)) == nil)
    #expect(try Self.open(Self.filter(bits, byteCount: 96)) == nil)
    #expect(try Self.open(Self.filter(bits, byteCount: 1 << 30)) == nil)
  }
}
