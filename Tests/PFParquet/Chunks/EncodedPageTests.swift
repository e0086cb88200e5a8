import PFArrow
import PFCore
import PFParquet
import Testing

/// Pages in each encoding, up to the arrays that they become.
@Suite struct `pages of other encodings` {
  typealias Page = FileBuilder.Page
  typealias Column = FileBuilder.Column
  typealias Encoding = FileBuilder.Encoding

  /// 3000 slots, of which every third is null.
  static let valid = (0..<3000).map { $0 % 3 != 1 }

  /// The column in PLAIN and in `encoding`, with nulls, read in three ways, gives the same.
  static func check(
    _ make: (Column) -> Column, plain: [UInt8], encoding: Int64, encoded: [UInt8]
  ) throws {
    func values(_ encoding: Int64, _ bytes: [UInt8], kind: Page.Kind) throws -> [[ArrowValue]] {
      let page = Page(
        kind: kind, count: 3000, encoding: encoding, levels: Encode.levels(valid), values: bytes,
        numNulls: 1000)
      let file = try FileBuilder(
        make(Column(isOptional: true, pages: [page, page])), rowCount: 6000
      ).open()
      var options = ParquetReadOptions()
      options.batchSize = 97
      let scanned = try file.scanChecked(options)
      return [try file.readChecked().column(), scanned.flatMap { $0.values(of: 0) }]
    }
    let expected = try values(Encoding.plain, plain, kind: .data)[0]
    #expect(expected.count { $0 == .null } == 2000)
    for kind in [Page.Kind.data, .dataV2] {
      for decoded in try values(encoding, encoded, kind: kind) { #expect(decoded == expected) }
    }
  }

  static let integers = (0..<2000).map { Int32(truncatingIfNeeded: $0 &* $0 &* 2_654_435) }

  /// Converted type, precision.
  static let narrow: [(Int64?, Int64?)] = [(nil, nil), (15, nil), (11, nil), (5, 9), (5, 40)]

  @Test("hold INT32 of any meaning", arguments: narrow)
  func int32(converted: Int64?, precision: Int64?) throws {
    func make(_ column: Column) -> Column {
      var column = column
      (column.type, column.convertedType, column.precision) = (.int32, converted, precision)
      return column
    }
    let plain = Encode.plain(Self.integers)
    try Self.check(
      make, plain: plain, encoding: Encoding.deltaBinaryPacked,
      encoded: Encode.deltas(Self.integers))
    try Self.check(
      make, plain: plain, encoding: Encoding.byteStreamSplit,
      encoded: Encode.streams(plain, width: 4))
  }

  @Test("hold INT64 of any meaning", arguments: [nil, 9, 14])
  func int64(converted: Int64?) throws {
    func make(_ column: Column) -> Column {
      var column = column
      column.convertedType = converted
      return column
    }
    let values = Self.integers.map { Int64($0) &* 0x7654_3210_1234 }
    let plain = Encode.plain(values)
    try Self.check(
      make, plain: plain, encoding: Encoding.deltaBinaryPacked, encoded: Encode.deltas(values))
    try Self.check(
      make, plain: plain, encoding: Encoding.byteStreamSplit,
      encoded: Encode.streams(plain, width: 8))
  }

  @Test func `hold floats and doubles`() throws {
    let doubles = Self.integers.map { Double($0 % 100_000) / 100 }
    let plain = Encode.plain(doubles.map(\.bitPattern))
    func double(_ column: Column) -> Column {
      var column = column
      column.type = .double
      return column
    }
    try Self.check(
      double, plain: plain, encoding: Encoding.byteStreamSplit,
      encoded: Encode.streams(plain, width: 8))
    try Self.check(
      double, plain: plain, encoding: Encoding.alp,
      encoded: Encode.alp(doubles, exponent: 14, factor: 12))
    let floats = Self.integers.map { Float($0 % 1000) / 10 }
    func float(_ column: Column) -> Column {
      var column = column
      column.type = .float
      return column
    }
    try Self.check(
      float, plain: Encode.plain(floats.map(\.bitPattern)), encoding: Encoding.alp,
      encoded: Encode.alp(floats, exponent: 1, factor: 0))
  }

  /// Length, converted type, precision.
  static let fixed: [(Int, Int64?, Int64?)] = [
    (1, nil, nil), (5, nil, nil), (16, nil, nil), (4, 5, 9), (16, 5, 38), (17, 5, 40), (33, 5, 76),
  ]

  @Test("hold byte arrays of one length", arguments: fixed)
  func fixedLength(length: Int, converted: Int64?, precision: Int64?) throws {
    func make(_ column: Column) -> Column {
      var column = column
      (column.type, column.typeLength) = (.fixedLenByteArray, Int64(length))
      (column.convertedType, column.precision) = (converted, precision)
      return column
    }
    let values = (0..<2000).map { index in
      [UInt8](repeating: 0, count: max(0, length - 2))
        + [UInt8(index / 300), UInt8(index % 256)].suffix(length)
    }
    let plain = values.flatMap { $0 }
    try Self.check(
      make, plain: plain, encoding: Encoding.byteStreamSplit,
      encoded: Encode.streams(plain, width: length))
    try Self.check(
      make, plain: plain, encoding: Encoding.deltaByteArray,
      encoded: Encode.deltaStrings(values))
  }

  /// Converted type, precision.
  @Test("hold byte arrays of any meaning", arguments: [(nil, nil), (0, nil), (5, 30)])
  func byteArrays(converted: Int64?, precision: Int64?) throws {
    func make(_ column: Column) -> Column {
      var column = column
      (column.type, column.convertedType, column.precision) = (.byteArray, converted, precision)
      return column
    }
    let values = (0..<2000).map { Array("\($0 / 40) żółw \($0)".utf8).prefix(12 - $0 % 4) }
      .map { converted == 0 ? Array(String(decoding: $0, as: UTF8.self).utf8) : Array($0) }
    let plain = Encode.byteArrays(values)
    try Self.check(
      make, plain: plain, encoding: Encoding.deltaLengthByteArray,
      encoded: Encode.deltaLengths(values))
    try Self.check(
      make, plain: plain, encoding: Encoding.deltaByteArray, encoded: Encode.deltaStrings(values))
  }

  @Test func `follow a dictionary in one chunk`() throws {
    let texts = ["", "alpha", "alphabet", "beta"]
    let bytes = texts.map { Array($0.utf8) }
    let pages = [
      .dictionary(4, Encode.strings(texts)),
      Page(
        count: 3, encoding: Encoding.rleDictionary, values: Encode.indices([3, 1, 2], bitWidth: 2)),
      Page(count: 4, values: Encode.strings(texts)),
      Page(
        count: 4, encoding: Encoding.deltaLengthByteArray, values: Encode.deltaLengths(bytes)),
      Page(count: 4, encoding: Encoding.deltaByteArray, values: Encode.deltaStrings(bytes)),
    ]
    let table = try FileBuilder(
      Column(type: .byteArray, convertedType: 0, pages: pages), rowCount: 15
    ).open().readChecked()
    let all = ["beta", "alpha", "alphabet"] + texts + texts + texts
    #expect(table.column() == all.map { .string($0) })
  }

  @Test func `split arrays that would be too long`() throws {
    let values = (0..<5000).map { Array("a prefix that is longer than the rest \($0)".utf8) }
    for (encoding, bytes) in [
      (Encoding.deltaLengthByteArray, Encode.deltaLengths(values)),
      (Encoding.deltaByteArray, Encode.deltaStrings(values)),
    ] {
      let file = try FileBuilder(
        Column(type: .byteArray, pages: [Page(count: 5000, encoding: encoding, values: bytes)]),
        rowCount: 5000
      ).open()
      var options = ParquetReadOptions()
      options.arrayByteLimit = 10_000
      let table = try file.readChecked(options)
      #expect(table.batches.count > 20)
      #expect(table.column() == values.map { .binary($0) })
      options.arrayByteLimit = 20
      let error = try ReadError.thrown { _ = try file.readChecked(options) }
      guard case .malformed(.limitExceeded) = error.reason else {
        Issue.record("\(error)")
        continue
      }
    }
  }

  @Test func `may be empty where there are only nulls`() throws {
    let nulls = Encode.run(0, count: 5, bitWidth: 1)
    for (type, encoding) in [
      (PhysicalType.int32, Encoding.deltaBinaryPacked), (.int64, Encoding.byteStreamSplit),
      (.double, Encoding.alp), (.byteArray, Encoding.deltaLengthByteArray),
      (.byteArray, Encoding.deltaByteArray),
    ] {
      let page = Page(count: 5, encoding: encoding, levels: nulls, values: [])
      let table = try FileBuilder(
        Column(type: type, isOptional: true, pages: [page]), rowCount: 5
      ).open().readChecked()
      #expect(table.column() == [ArrowValue](repeating: .null, count: 5))
    }
  }

  @Test func `must hold as many values as their levels ask for`() throws {
    let values: [Int64] = [1, 2, 3]
    for (encoding, bytes) in [
      (Encoding.deltaBinaryPacked, Encode.deltas(values)),
      (Encoding.byteStreamSplit, Encode.streams(Encode.plain(values), width: 8)),
    ] {
      for (valid, isRight) in [
        ([true, true, true, false], true), ([true, true, false, false], false),
        ([true, true, true, true], false), ([true, true], false),
      ] {
        let page = Page(
          count: Int64(valid.count), encoding: encoding, levels: Encode.levels(valid),
          values: bytes)
        let file = try FileBuilder(
          Column(isOptional: true, pages: [page]), rowCount: Int64(valid.count)
        ).open()
        #expect(
          (try? file.readChecked())?.column()
            == (isRight ? [1, 2, 3].map { .int($0) } + [.null] : nil))
      }
    }
  }

  @Test func `of text must be UTF-8, and no value may end in mid-character`() throws {
    for bad: [[UInt8]] in [[[0xFF]], [[0xC5], [0xBC]], [Array("ż".utf8), [0xC5]]] {
      for (encoding, bytes) in [
        (Encoding.deltaLengthByteArray, Encode.deltaLengths(bad)),
        (Encoding.deltaByteArray, Encode.deltaStrings(bad)),
      ] {
        let page = Page(count: Int64(bad.count), encoding: encoding, values: bytes)
        let file = try FileBuilder(
          Column(type: .byteArray, convertedType: 0, pages: [page]), rowCount: Int64(bad.count)
        ).open()
        #expect(throws: ReadError.self) { try file.readChecked() }
      }
    }
  }

  @Test("may have levels in BIT_PACKED", arguments: [0, 1])
  func bitPackedLevels(codec: Int64) throws {
    let levels = Encode.mostSignificantFirst(Self.valid.map { $0 ? 1 : 0 }, 1)
    // The levels have no length in front: they are part of the values to the builder.
    let values = (0..<2000).map { Int64($0) }
    var page = Page(count: 3000, values: levels + Encode.plain(values))
    page.levelEncoding = Encoding.bitPacked
    var column = Column(isOptional: true, pages: [page, page])
    column.codec = codec
    let file = try FileBuilder(column, rowCount: 6000).open()
    var rest = values.makeIterator()
    let expected = Self.valid.map { $0 ? rest.next().map { ArrowValue.int($0) } ?? .null : .null }
    #expect(try file.readChecked().column() == expected + expected)
    column.pages[1].values = levels.dropLast()
    let short = try FileBuilder(column, rowCount: 6000).open()
    #expect(throws: ReadError.self) { try short.readChecked() }
  }
}
