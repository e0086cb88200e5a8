import PFArrow
import PFCore
import PFParquet
import Testing

/// Right files of our own making: what each way of writing a page gives.
@Suite struct `pages of flat columns` {
  typealias Page = FileBuilder.Page
  typealias Encoding = FileBuilder.Encoding

  static let valid = [true, false, true, true, false, true, true, true, false, true]
  static let nullable: [ArrowValue] = [
    .int(1), .null, .int(2), .int(3), .null, .int(4), .int(5), .int(6), .null, .int(7),
  ]
  static let values = Encode.plain((1...7).map { Int64($0) })

  static func column(optional: Bool, codec: Int64 = 0, _ pages: [Page]) -> FileBuilder {
    let count = pages.filter { $0.kind == .data || $0.kind == .dataV2 }.reduce(0) { $0 + $1.count }
    return FileBuilder(
      .init(isOptional: optional, codec: codec, pages: pages), rowCount: count)
  }

  @Test("of both versions, plain or compressed, hold values and nulls", arguments: [0, 1, 2])
  func versions(codec: Int64) throws {
    let v1 = Page(count: 10, levels: Encode.levels(Self.valid), values: Self.values)
    var v2 = v1
    v2.kind = .dataV2
    v2.numNulls = 3
    var stored = v2
    stored.isCompressed = false
    for page in [v1, v2, stored] {
      let table = try Self.column(optional: true, codec: codec, [page]).open().readChecked()
      #expect(table.column() == Self.nullable)
      #expect(table.batches[0].columns[0].nullCount == 3)
    }
  }

  @Test func `of a dictionary and of plain values may follow each other`() throws {
    let table = try Self.column(
      optional: true,
      [
        .dictionary(3, Encode.plain([10, 20, 30] as [Int64])),
        Page(
          count: 4, encoding: Encoding.rleDictionary,
          levels: Encode.levels([true, true, false, true]),
          values: Encode.indices([2, 0, 1], bitWidth: 2)),
        Page(
          count: 2, encoding: Encoding.plainDictionary,
          levels: Encode.run(1, count: 2, bitWidth: 1),
          values: [2] + Encode.run(1, count: 2, bitWidth: 2)),
        Page(
          count: 2, levels: Encode.run(1, count: 2, bitWidth: 1),
          values: Encode.plain([40, 50] as [Int64])),
      ]
    ).open().readChecked()
    #expect(
      table.column() == [
        .int(30), .int(10), .null, .int(20), .int(20), .int(20), .int(40), .int(50),
      ])
  }

  @Test func `of other kinds and without values are passed over`() throws {
    let page = Page(count: 7, values: Self.values)
    let table = try Self.column(
      optional: false,
      [
        Page(kind: .index, count: 0, values: [1, 2, 3]),
        Page(count: 0, values: []), page,
        Page(kind: .future, count: 0, values: [UInt8](repeating: 9, count: 100)),
        Page(kind: .dataV2, count: 0, values: []), page,
      ]
    ).open().readChecked()
    #expect(table.rowCount == 14)
    #expect(table.column().suffix(7) == (1...7).map { ArrowValue.int($0) })
  }

  @Test("may have headers of any length", arguments: [1, 63, 64, 400, 70_000, 1_000_000])
  func longHeaders(padding: Int) throws {
    var page = Page(count: 7, values: Self.values)
    page.paddingByteCount = padding
    let bytes = Self.column(optional: false, [page, page]).build()
    #expect(try FileBuilder.open(bytes).readChecked().rowCount == 14)
    #expect(try ParquetFile(CallbackSource(reading: bytes)).readChecked().rowCount == 14)
  }

  @Test func `of nulls alone need neither a dictionary nor a bit width`() throws {
    let nulls = Encode.run(0, count: 5, bitWidth: 1)
    for values in [[], [0], [UInt8(7)]] as [[UInt8]] {
      for kind in [Page.Kind.data, .dataV2] {
        let page = Page(
          kind: kind, count: 5, encoding: Encoding.rleDictionary, levels: nulls, values: values,
          numNulls: 5)
        let table = try Self.column(optional: true, [page]).open().readChecked()
        #expect(table.column() == [ArrowValue](repeating: .null, count: 5))
      }
    }
    // Some writers store nothing at all for them, and say that it is compressed.
    var page = Page(kind: .dataV2, count: 5, levels: nulls, values: [], numNulls: 5)
    page.storedBytes = nulls
    let table = try Self.column(optional: true, codec: 1, [page]).open().readChecked()
    #expect(table.batches[0].columns[0].nullCount == 5)
  }

  @Test("may have indices of any width", arguments: 0...32)
  func indexWidths(width: Int) throws {
    let entryCount = min(1 << min(width, 9), 300)
    var random = SeededGenerator(seed: UInt64(width))
    let indices = (0..<2500).map { _ in UInt32.random(in: 0..<UInt32(entryCount), using: &random) }
    let builder = Self.column(
      optional: false,
      [
        .dictionary(Int64(entryCount), Encode.plain((0..<entryCount).map { Int64($0) * 3 })),
        Page(
          count: 2500, encoding: Encoding.rleDictionary,
          values: width == 0 ? [0] : Encode.indices(indices, bitWidth: width)),
      ])
    let expected = indices.map { ArrowValue.int(width == 0 ? 0 : Int64($0) * 3) }
    #expect(try builder.open().readChecked().column() == expected)
  }

  @Test func `of booleans are bits or runs`() throws {
    let bits = [true, false, true, true, false, true, true]
    let plain = Page(
      count: 10, levels: Encode.levels(Self.valid),
      values: Encode.bits(bits.map { $0 ? 1 : 0 }, 1))
    let hybrid = Encode.packed(bits.map { $0 ? 1 : 0 }, bitWidth: 1)
    let runs = Page(
      kind: .dataV2, count: 10, encoding: Encoding.rle, levels: Encode.levels(Self.valid),
      values: Encode.plain([UInt32(hybrid.count)]) + hybrid, numNulls: 3)
    let expected: [ArrowValue] = [
      .boolean(true), .null, .boolean(false), .boolean(true), .null, .boolean(true),
      .boolean(false), .boolean(true), .null, .boolean(true),
    ]
    var builder = Self.column(optional: true, [plain, runs, runs, plain])
    builder.columns[0].type = .boolean
    let file = try builder.open()
    let all = expected + expected + expected + expected
    #expect(try file.readChecked().column() == all)
    for size in [1, 3, 7, 1000] {
      var options = ParquetReadOptions()
      options.batchSize = size
      #expect(try file.scanChecked(options).flatMap { $0.values(of: 0) } == all)
    }
  }

  /// Everything fits each other however it is cut into pages, stretches and threads.
  @Test func `give the same rows in one piece, in batches and on any number of threads`() throws {
    var random = SeededGenerator(seed: 7)
    var columns: [FileBuilder.Column] = []
    for (index, type) in [PhysicalType.int32, .int64, .byteArray, .boolean, .fixedLenByteArray]
      .enumerated()
    {
      columns.append(
        RandomColumn.make(
          "c\(index)", type, isOptional: index != 1, rowCount: 3001, codec: Int64(index & 1),
          using: &random))
    }
    let file = try FileBuilder(columns, rowCounts: [3001, 3001]).open()
    var options = ParquetReadOptions()
    options.threads = 1
    let whole = try file.readChecked(options)
    #expect(whole.rowCount == 6002)
    for threads in [2, 3, 8] {
      options.threads = threads
      let again = try file.readChecked(options)
      for (left, right) in zip(whole.batches, again.batches) {
        for (left, right) in zip(left.columns, right.columns) {
          #expect(left.buffers == right.buffers)
        }
      }
    }
    for size in [1, 7, 1000, 10_000] {
      options.batchSize = size
      options.threads = size == 7 ? 3 : 1
      let batches = try file.scanChecked(options)
      #expect(batches.reduce(0) { $0 + $1.rowCount } == 6002)
      #expect(batches.allSatisfy { $0.rowCount <= size })
      for column in columns.indices {
        #expect(batches.flatMap { $0.values(of: column) } == whole.column(column))
      }
    }
    for limit in [0, 1, 2999, 3001, 3002, 6002, 9999] {
      options.limit = limit
      let first = try file.readChecked(options)
      #expect(first.rowCount == min(limit, 6002))
      for column in columns.indices {
        #expect(first.column(column).elementsEqual(whole.column(column).prefix(limit)))
      }
    }
  }

  @Test func `of strings are cut where an array is full`() throws {
    let strings = (0..<40).map { "string number \($0)" }
    let plain = FileBuilder.Column(
      name: "plain", type: .byteArray, convertedType: 0,
      pages: stride(from: 0, to: 40, by: 4).map {
        Page(count: 4, values: Encode.strings(Array(strings[$0..<($0 + 4)])))
      })
    let dictionary = FileBuilder.Column(
      name: "dictionary", type: .byteArray, convertedType: 0,
      pages: [
        .dictionary(40, Encode.strings(strings)),
        Page(
          count: 40, encoding: Encoding.rleDictionary,
          values: Encode.indices((0..<40).map { UInt32($0) }, bitWidth: 6)),
      ])
    let numbers = FileBuilder.Column(
      name: "numbers", pages: [Page(count: 40, values: Encode.plain((0..<40).map { Int64($0) }))])
    let file = try FileBuilder([plain, dictionary, numbers], rowCounts: [40]).open()
    var options = ParquetReadOptions()
    options.arrayByteLimit = 110
    let table = try file.readChecked(options)
    #expect(table.batches.count > 5)
    let expected = strings.map { ArrowValue.string($0) }
    #expect(table.column(0) == expected)
    #expect(table.column(1) == expected)
    #expect(table.column(2) == (0..<40).map { ArrowValue.int($0) })
    options.batchSize = 9
    let batches = try file.scanChecked(options)
    for column in 0..<3 {
      #expect(batches.flatMap { $0.values(of: column) } == table.column(column))
    }
  }

  /// More than was reserved on the footer's word: the buffers grow and keep what they hold.
  @Test func `of runs make far more than their bytes let expect`() throws {
    let pageCount = 18
    let rowCount = 1 << 20
    func pages(_ dictionary: [UInt8], _ entryCount: Int64) -> [Page] {
      [.dictionary(entryCount, dictionary)]
        + (0..<pageCount).map { page in
          Page(
            count: Int64(rowCount), encoding: Encoding.rleDictionary,
            levels: Encode.run(0, count: 1, bitWidth: 1)
              + Encode.run(1, count: rowCount - 1, bitWidth: 1),
            values: [4] + Encode.run(UInt32(page % 12), count: rowCount - 1, bitWidth: 4))
        }
    }
    let numbers = FileBuilder.Column(
      name: "numbers", isOptional: true, pages: pages(Encode.plain((0..<12).map { Int64($0) }), 12))
    let fixed = FileBuilder.Column(
      name: "fixed", type: .fixedLenByteArray, typeLength: 7, isOptional: true,
      pages: pages((0..<84).map { UInt8($0 / 7) }, 12))
    let strings = FileBuilder.Column(
      name: "strings", type: .byteArray, isOptional: true,
      pages: pages(Encode.byteArrays((0..<12).map { [UInt8]($0..<($0 + 7)) }), 12))
    let file = try FileBuilder(
      [numbers, fixed, strings], rowCounts: [Int64(pageCount * rowCount)]
    ).open()
    for (name, value) in [
      ("numbers", { .int(Int64($0)) }),
      ("fixed", { .binary([UInt8](repeating: UInt8($0), count: 7)) }),
      ("strings", { .binary([UInt8](UInt8($0)..<UInt8($0 + 7))) }),
    ] as [(String, (Int) -> ArrowValue)] {
      var options = ParquetReadOptions()
      options.columns = [name]
      let array = try #require(try file.read(options).batches.first).columns[0]
      #expect(array.nullCount == pageCount)
      for page in 0..<pageCount {
        #expect(array[page * rowCount] == .null)
        #expect(array[page * rowCount + 1] == value(page % 12))
        #expect(array[page * rowCount + rowCount - 1] == value(page % 12))
      }
    }
  }
}
