import PFArrow
import PFAvro
import PFCompression
import PFCore
import Testing

@Suite("Avro container") struct ContainerTests {
  private static let schema = record("\"long\"")

  private static func block(_ values: Int64...) -> (count: Int64, bytes: [UInt8]) {
    (Int64(values.count), values.flatMap(Encode.long))
  }

  private func numbers(_ table: Table) -> [Int64] {
    rows(table).compactMap { $0[0].flatMap { Int64($0) } }
  }

  @Test func blocksInTheirOrder() throws {
    let blocks = (0..<200).map { Self.block(Int64($0), Int64($0) * 1000) }
    let file = try file(Encode.file(Self.schema, blocks, metadata: [("who", "me")]))
    #expect(try file.recordCount() == 400)
    #expect(file.header.metadata.contains { $0 == ("who", "me") })
    for threads in [1, 2, 3, 8] {
      var options = AvroReadOptions()
      options.threads = threads
      let table = try file.read(options)
      #expect(numbers(table) == (0..<200).flatMap { [Int64($0), Int64($0) * 1000] })
      #expect(table.schema.metadata.contains { $0.key == "who" && $0.value == "me" })
    }
  }

  /// Many blocks are counted from several places at once, where sync markers are, or seem to be.
  @Test("the count of many blocks is that of one walk") func countsOfManyBlocks() throws {
    var blocks = (0..<3000).map { index in
      (Int64(index % 5), [UInt8](repeating: 2, count: 20 + index % 7))
    }
    let total = blocks.reduce(0) { $0 + Int($1.0) }
    #expect(try file(Encode.file(Self.schema, blocks)).recordCount() == total)
    #expect(try file(Encode.file(Self.schema, blocks) + [0x0A]).recordCount() == total)
    // Markers in the data, with what looks like a block behind them.
    let lure = Encode.marker + Encode.long(1000) + Encode.long(1) + [0] + Encode.marker
    for index in stride(from: 0, to: 3000, by: 2) { blocks[index].1 = lure + lure }
    #expect(try file(Encode.file(Self.schema, blocks)).recordCount() == total)
    // The error is that of the first bad block, by its index in the file.
    var bytes = Encode.file(Self.schema, blocks)
    let places = try file(bytes).blocks().map(\.offset)
    for bad in [2900, 1700, 1400, 70, 3] {
      bytes[places[bad] - 1] ^= 1
      let error = #expect(throws: ReadError.self) { try file(bytes).recordCount() }
      #expect(error?.place.block == bad - 1)
      #expect(error?.place.offset == places[bad - 1])
    }
    let cut = Array(Encode.file(Self.schema, blocks).dropLast(5))
    let error = #expect(throws: ReadError.self) { try file(cut).recordCount() }
    #expect(error?.place.block == 2999)
    let huge = (0..<3000).map { _ in (Int64.max / 2, [2] as [UInt8]) }
    let overflow = #expect(throws: ReadError.self) {
      try file(Encode.file(Self.schema, huge)).recordCount()
    }
    #expect(overflow?.summary.contains("the records of a file") == true)
  }

  @Test func noBlocksAndEmptyBlocks() throws {
    #expect(try file(Encode.file(Self.schema, [])).read().rowCount == 0)
    let table = try file(Encode.file(Self.schema, [(0, []), Self.block(7), (0, [])])).read()
    #expect(numbers(table) == [7])
  }

  /// A file of Avro's own tests ends with an empty line.
  @Test func lineEndBehindTheLastBlock() throws {
    let bytes = Encode.file(Self.schema, [Self.block(7)])
    for end in [[0x0A], [0x0D, 0x0A]] as [[UInt8]] {
      #expect(numbers(try file(bytes + end).read()) == [7])
    }
    #expect(failure(bytes + [0x20])?.place.block == 1)
  }

  @Test func limit() throws {
    let blocks = (0..<100).map { Self.block(Int64($0), Int64(-$0)) }
    let file = try file(Encode.file(Self.schema, blocks))
    for limit in [0, 1, 2, 3, 199, 200, 500] {
      var options = AvroReadOptions()
      options.limit = limit
      #expect(try file.read(options).rowCount == min(limit, 200))
      var scanned = 0
      let scanner = try AvroScanner(AvroDataset([file]), options)
      while let batch = try scanner.next() { scanned += batch.rowCount }
      #expect(scanned == min(limit, 200))
    }
  }

  @Test func batchesOfAScan() throws {
    let blocks = (0..<100).map { Self.block(Int64($0), Int64(-$0)) }
    let file = try file(Encode.file(Self.schema, blocks))
    for size in [1, 7, 64, 1000] {
      for threads in [1, 2] {
        var options = AvroReadOptions()
        options.batchSize = size
        options.threads = threads
        let scanner = try AvroScanner(AvroDataset([file]), options)
        var batches: [RecordBatch] = []
        while let batch = try scanner.next() { batches.append(batch) }
        #expect(batches.allSatisfy { $0.rowCount <= size && $0.rowCount > 0 })
        #expect(
          rows(Table(schema: scanner.schema, batches: batches)) == rows(try file.read(options)))
      }
    }
  }

  /// Ten batches of half a MiB.
  private static func tenBatches() throws -> AvroFile {
    let bytes = (0..<65_536).flatMap { Encode.long(Int64($0 % 64)) }
    return try file(Encode.file(schema, [(Int64, [UInt8])](repeating: (65_536, bytes), count: 10)))
  }

  @Test("the memory limit is for all of a read, but for one batch of a scan", arguments: [1, 2, 3])
  func allocationLimit(threads: Int) throws {
    let file = try Self.tenBatches()
    let batch = 65_536 * 8
    var options = AvroReadOptions()
    options.threads = threads
    options.allocationByteLimit = 10 * batch
    #expect(try file.read(options).rowCount == 655_360)
    for rejects in [nil, AvroRejects()] {
      options.allocationByteLimit = 9 * batch
      let error = #expect(throws: ReadError.self) { try file.read(options, rejects: rejects) }
      #expect(error?.summary.contains("allocation_limit") == true)
      #expect(throws: ReadError.self) {
        try AvroDataset([file, file]).read(options, rejects: rejects)
      }
    }
    options.allocationByteLimit = batch
    #expect(try Table(reading: AvroScanner(AvroDataset([file]), options)).rowCount == 655_360)
    options.allocationByteLimit = batch - 1
    #expect(throws: ReadError.self) {
      try Table(reading: AvroScanner(AvroDataset([file]), options))
    }
  }

  @Test("what a left out block had taken is given back")
  func allocationOfRejects() throws {
    let texts = (0..<20).map { _ in Encode.bytes([UInt8](repeating: 65, count: 2 << 20)) }
    var blocks = texts.map { (Int64(1), $0) }
    for place in stride(from: 0, to: 18, by: 2) { blocks[place].1[100] = 0xFF }
    let file = try file(Encode.file(record("\"string\""), blocks))
    var options = AvroReadOptions()
    options.threads = 1
    options.allocationByteLimit = 13 * (2 << 20)
    let rejects = AvroRejects()
    #expect(try file.read(options, rejects: rejects).rowCount == 11)
    #expect(rejects.errors.count == 9)
  }

  @Test("a bad text is told with its block") func blockOfABadText() {
    let blocks = (0..<5).map { (Int64(1), Encode.bytes($0 == 3 ? [0xFF] : [0x41])) }
    let error = failure(Encode.file(record("\"string\""), blocks))
    #expect(error?.reason == .invalidText(encoding: "UTF-8"))
    #expect(error?.place.block == 3)
  }

  @Test("a scan gives all before what is wrong, and then fails for good", arguments: [1, 2, 3, 8])
  func failedScan(threads: Int) throws {
    let good = (0..<65_536).flatMap { Encode.long(Int64($0 % 64)) }
    for bad in 0..<6 {
      var blocks = [(Int64, [UInt8])](repeating: (65_536, good), count: 6)
      blocks[bad].1[60_000] = 0xFF
      var options = AvroReadOptions()
      options.threads = threads
      let scanner = try AvroScanner(AvroDataset([file(Encode.file(Self.schema, blocks))]), options)
      for _ in 0..<bad { #expect(try scanner.next()?.rowCount == 65_536) }
      for _ in 0..<2 {
        let error = #expect(throws: ReadError.self) { try scanner.next() }
        #expect(error?.place.block == bad)
      }
    }
  }

  @Test("a scan that is let go of frees its source", arguments: [0, 1, 2, 5])
  func droppedScan(count: Int) throws {
    weak var source: MemorySource?
    do {
      let file = try Self.tenBatches()
      source = file.source as? MemorySource
      #expect(source != nil)
      var options = AvroReadOptions()
      options.threads = 2
      let scanner = try AvroScanner(AvroDataset([file]), options)
      for _ in 0..<count { _ = try scanner.next() }
    }
    #expect(source == nil)
  }

  @Test func codecs() throws {
    let plain = (0..<1000).flatMap { Encode.long(Int64($0 % 7)) }
    let packed = Snappy.compress(plain.span)
    var sum = CRC32.checksum(of: plain.span)
    let crc = (0..<4).map { _ in
      defer { sum <<= 8 }
      return UInt8(sum >> 24)
    }
    let good = Encode.file(Self.schema, [(1000, packed + crc)], codec: "snappy")
    #expect(numbers(try file(good).read()) == (0..<1000).map { $0 % 7 })
    var bad = crc
    bad[3] ^= 1
    let error = failure(Encode.file(Self.schema, [(1000, packed + bad)], codec: "snappy"))
    #expect(error?.summary.hasPrefix("the snappy data is broken") == true)
    #expect(failure(Encode.file(Self.schema, [(1, [1])], codec: "snappy")) != nil)
    // Stored, in one block of DEFLATE.
    let stored: [UInt8] = [1, 2, 0, 0xFD, 0xFF, 2, 4]
    #expect(
      numbers(try file(Encode.file(Self.schema, [(2, stored)], codec: "deflate")).read()) == [1, 2])
    #expect(
      failure(Encode.file(Self.schema, [], codec: "lzma"))?.reason
        == .unsupported(feature: "the codec \"lzma\""))
  }

  @Test func brokenFiles() {
    let bytes = Encode.file(Self.schema, [Self.block(1, 2), Self.block(3)])
    // Each cut is an error: the file has no border there that a reader could take for its end.
    let first = Encode.file(Self.schema, []).count
    let second = Encode.file(Self.schema, [Self.block(1, 2)]).count
    for count in 0..<bytes.count where count != first && count != second {
      #expect(failure(Array(bytes[..<count])) != nil)
    }
    #expect(failure([])?.summary.isEmpty == false)
    #expect(failure(Array("PAR1 and more".utf8))?.summary.hasPrefix("no Avro file") == true)
    for place in 0..<16 {
      var other = bytes
      other[second - 1 - place] ^= 0x40
      let error = failure(other)
      #expect(error?.summary == "no sync marker behind the block")
      #expect(error?.place.block == 0)
      #expect(error?.place.offset == first)
    }
    #expect(failure(Encode.file(Self.schema, [(-1, [])]))?.place.block == 0)
    #expect(failure(Encode.file(Self.schema, [(1 << 60, [2])]))?.place.block == 0)
    #expect(failure(bytes + bytes)?.summary.hasPrefix("another Avro file begins here") == true)
  }

  /// No flip of a bit anywhere traps or hangs.
  @Test func flippedBits() {
    let schema = record(
      "\"long\"", "[\"null\", \"string\"]", "{\"type\": \"array\", \"items\": \"int\"}")
    let value = Encode.long(5) + [2] + Encode.string("abc") + [4, 2, 4, 0]
    let bytes = Encode.file(schema, [(2, value + value), (1, value)])
    for place in bytes.indices {
      for bit in 0..<8 {
        var other = bytes
        other[place] ^= 1 << UInt8(bit)
        _ = failure(other)
      }
    }
  }

  @Test func rejectsTakeUpBrokenBlocks() throws {
    let good = Encode.file(Self.schema, [Self.block(1), Self.block(2), Self.block(3)])
    let border = Encode.file(Self.schema, [Self.block(1)]).count
    // A value that does not end, a head that claims too much, a cut at the end.
    for change in [
      { (bytes: inout [UInt8]) in bytes[border + 2] = 0xFF },
      { (bytes: inout [UInt8]) in bytes[border + 1] = 0x7E },
    ] as [(inout [UInt8]) -> Void] {
      var bytes = good
      change(&bytes)
      #expect(failure(bytes)?.place.block == 1)
      let rejects = AvroRejects()
      #expect(numbers(try file(bytes).read(rejects: rejects)) == [1, 3])
      #expect(rejects.errors.map(\.place.block) == [1])
      #expect(try rejects.table().rowCount == 1)
      let scanned = AvroRejects()
      let scanner = try AvroScanner(AvroDataset([file(bytes)]), rejects: scanned)
      var count = 0
      while let batch = try scanner.next() { count += batch.rowCount }
      #expect(count == 2)
      #expect(scanned.errors == rejects.errors)
    }
    let rejects = AvroRejects()
    #expect(numbers(try file(Array(good.dropLast(3))).read(rejects: rejects)) == [1, 2])
    #expect(rejects.errors.count == 1)
    let joined = AvroRejects()
    #expect(numbers(try file(good + good).read(rejects: joined)) == [1, 2, 3, 1, 2, 3])
    #expect(joined.errors.isEmpty)
  }

  @Test func severalFiles() throws {
    let one = try file(Encode.file(Self.schema, [Self.block(1)]))
    let other = try file(
      Encode.file(record("\"int\""), [(2, [4, 6])], metadata: [("x", "y")]))
    let dataset = try AvroDataset([one, other])
    #expect(try dataset.recordCount() == 3)
    #expect(numbers(try dataset.read()) == [1, 2, 3])
    let strange = try file(Encode.file(record("\"string\""), [(1, Encode.string("x"))]))
    #expect(throws: ReadError.self) { try AvroDataset([one, strange]).read() }
  }

  @Test func rowsOfATyp() throws {
    struct Row: Decodable, Equatable {
      var a: Int
      var b: [String]
      var c: [String: Double]
      var d: Inner?
      struct Inner: Decodable, Equatable { var x: Int }
    }
    let inner =
      "{\"type\": \"record\", \"name\": \"I\", \"fields\": [{\"name\": \"x\", \"type\": \"int\"}]}"
    let schema = record(
      "\"long\"", "{\"type\": \"array\", \"items\": \"string\"}",
      "{\"type\": \"map\", \"values\": \"double\"}", "[\"null\", \(inner)]")
    let one =
      [2] + [2] + Encode.string("s") + [0] + [2] + Encode.string("k") + Encode.double(1.5) + [
        0, 2, 8,
      ]
    let other: [UInt8] = [4, 0, 0, 0]
    #expect(
      try file(schema, [one, other]).rows(as: Row.self) == [
        Row(a: 1, b: ["s"], c: ["k": 1.5], d: .init(x: 4)), Row(a: 2, b: [], c: [:], d: nil),
      ])
  }
}
