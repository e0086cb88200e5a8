import PFArrow
import PFCore
import PFParquet
import Testing

/// Files that claim what is not so: an error that says where, never a trap or a wrong value.
@Suite struct `hostile files` {
  typealias Page = FileBuilder.Page
  typealias Column = FileBuilder.Column
  typealias Encoding = FileBuilder.Encoding

  static let seven = Encode.plain((1...7).map { Int64($0) })
  static let page = Page(count: 7, values: seven)
  static let dictionary = Page.dictionary(7, seven)

  static func indices(_ values: [UInt32]) -> Page {
    Page(
      count: Int64(values.count), encoding: Encoding.rleDictionary,
      values: Encode.indices(values, bitWidth: 3))
  }

  /// Reads from memory, through a callback and batch by batch; all must fail.
  static func failure(
    _ builder: FileBuilder, _ options: ParquetReadOptions = ParquetReadOptions(),
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> ReadError {
    let bytes = builder.build()
    _ = try ReadError.thrown(
      by: { _ = try ParquetFile(CallbackSource(reading: bytes)).readChecked(options) },
      sourceLocation: sourceLocation)
    _ = try ReadError.thrown(
      by: { _ = try FileBuilder.open(bytes).scanChecked(options) }, sourceLocation: sourceLocation)
    return try ReadError.thrown(
      by: { _ = try FileBuilder.open(bytes).readChecked(options) }, sourceLocation: sourceLocation)
  }

  struct Case: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var rowCount: Int64 = 7
    var column: Column

    init(
      _ name: String, rows: Int64 = 7, _ pages: [Page], _ change: (inout Column) -> Void = { _ in }
    ) {
      testDescription = name
      rowCount = rows
      column = Column(pages: pages)
      change(&column)
    }
  }

  static func with<T>(_ value: T, _ change: (inout T) -> Void) -> T {
    var changed = value
    change(&changed)
    return changed
  }

  static let cases: [Case] = [
    .init("no pages", []),
    .init("fewer values in the pages than rows", rows: 8, [page]),
    .init("more values in a page than rows", rows: 6, [page]),
    .init("more values in the chunk than rows", [page]) { $0.numValues = 8 },
    .init("fewer values in the chunk than rows", [page]) { $0.numValues = 6 },
    .init(
      "2^31 - 1 values in a few bytes", rows: (1 << 31) - 1,
      [with(page) { $0.count = (1 << 31) - 1 }]),
    .init("2^40 rows", rows: 1 << 40, [page]),
    .init("2^63 - 1 rows", rows: .max, [page]),
    .init("a negative number of values in a page", [with(page) { $0.count = -1 }]),
    .init("a page larger than the file", [with(page) { $0.compressedByteCount = 1 << 30 }]),
    .init("a page of 2^31 - 1 bytes", [with(page) { $0.compressedByteCount = (1 << 31) - 1 }]),
    .init("a page of negative size", [with(page) { $0.compressedByteCount = -5 }]),
    .init("a page of negative plain size", [with(page) { $0.uncompressedByteCount = -5 }]),
    .init("a page whose values are cut", [with(page) { $0.compressedByteCount = 55 }]),
    .init(
      "a compressed page that declares 2 GiB",
      [with(page) { $0.uncompressedByteCount = (1 << 31) - 1 }]
    ) { $0.codec = 1 },
    .init("a compressed page that declares less", [with(page) { $0.uncompressedByteCount = 55 }]) {
      $0.codec = 1
    },
    .init("a compressed page that declares nothing", [with(page) { $0.uncompressedByteCount = 0 }])
    { $0.codec = 1 },
    .init("a compressed page of rubbish", [with(page) { $0.storedBytes = [56, 1, 2, 3] }]) {
      $0.codec = 1
    },
    .init("a compressed page of no bytes", [with(page) { $0.storedBytes = [] }]) { $0.codec = 1 },
    .init("an index beyond the dictionary", [dictionary, indices([0, 1, 2, 3, 4, 5, 7])]),
    .init(
      "a run of an index beyond the dictionary",
      [
        dictionary,
        with(indices([])) {
          $0.count = 7
          $0.values = [3] + Encode.run(7, count: 7, bitWidth: 3)
        },
      ]),
    .init("indices without a dictionary", [indices([0, 0, 0, 0, 0, 0, 0])]),
    .init("indices of an empty dictionary", [.dictionary(0, []), indices([0, 0, 0, 0, 0, 0, 0])]),
    .init(
      "indices without a bit width",
      [
        dictionary,
        with(indices([])) {
          $0.count = 7; $0.values = []
        },
      ]),
    .init(
      "indices of 33 bits",
      [
        dictionary,
        with(indices([])) {
          $0.count = 7; $0.values = [33]
        },
      ]),
    .init(
      "indices that end early",
      [
        dictionary,
        with(indices([])) {
          $0.count = 7; $0.values = [3, 3, 1]
        },
      ]),
    .init(
      "a run of an index of too many bits",
      [
        dictionary,
        with(indices([])) {
          $0.count = 7; $0.values = [3, 14, 8]
        },
      ]),
    .init(
      "2^31 - 1 indices in a few bytes", rows: (1 << 31) - 1,
      [
        dictionary, with(indices([1, 2, 3])) { $0.count = (1 << 31) - 1 },
      ]),
    .init("two dictionaries", [dictionary, dictionary, page]),
    .init("a dictionary behind values", rows: 14, [page, dictionary, page]),
    .init("a dictionary that is cut", [.dictionary(8, seven), page]),
    .init("a dictionary of 2^31 - 1 values", [.dictionary((1 << 31) - 1, seven), page]),
    .init("a dictionary of -1 values", [.dictionary(-1, seven), page]),
    .init("levels that are cut", [with(page) { $0.levels = [3] }]) { $0.isOptional = true },
    .init("levels that are none", [with(page) { $0.levels = [] }]) { $0.isOptional = true },
    .init("levels whose length is cut", [with(page) { $0.values = [1, 0] }]) {
      $0.isOptional = true
    },
    .init(
      "levels whose length is beyond the page",
      [with(page) { $0.values = [255, 255, 255, 255, 0] }]
    ) { $0.isOptional = true },
    .init("a level above the highest", [with(page) { $0.levels = [14, 2] }]) {
      $0.isOptional = true
    },
    .init("too few levels", [with(page) { $0.levels = Encode.run(1, count: 6, bitWidth: 1) }]) {
      $0.isOptional = true
    },
    .init(
      "fewer values than levels say",
      [
        with(page) {
          $0.levels = Encode.run(1, count: 8, bitWidth: 1)
          $0.count = 8
        }
      ]
    ) {
      $0.isOptional = true; $0.numValues = 8
    },
    .init(
      "v2 levels longer than the page",
      [
        with(page) {
          $0.kind = .dataV2
          $0.levelByteCount = 100
        }
      ]
    ) { $0.isOptional = true },
    .init(
      "v2 levels of 2^31 - 1 bytes",
      [
        with(page) {
          $0.kind = .dataV2
          $0.levelByteCount = (1 << 31) - 1
        }
      ]
    ) { $0.isOptional = true },
    .init(
      "v2 levels longer than the plain page",
      [
        with(page) {
          $0.kind = .dataV2
          $0.levels = Encode.run(1, count: 7, bitWidth: 1)
          $0.uncompressedByteCount = 1
        }
      ]
    ) {
      $0.isOptional = true; $0.codec = 1
    },
    .init(
      "v2 rows that are not its values",
      [
        with(page) {
          $0.kind = .dataV2
          $0.numRows = 3
        }
      ]),
    .init(
      "a v2 page with another number of nulls",
      [
        with(page) {
          $0.kind = .dataV2
          $0.levels = Encode.run(1, count: 7, bitWidth: 1)
          $0.numNulls = 2
        }
      ]
    ) { $0.isOptional = true },
    .init("data beyond the file", [page]) { $0.dataPageOffset = 1 << 20 },
    .init("data at 2^63 - 1", [page]) { $0.dataPageOffset = .max },
    .init("data at a negative offset", [page]) { $0.dataPageOffset = -4 },
    .init("data at the footer", [page]) { $0.dataPageOffset = 4 + 56 + 17 },
    .init("data at the magic", [page]) { $0.dataPageOffset = 0 },
    .init("a dictionary at the magic", [page]) { $0.dictionaryPageOffset = 1 },
    .init("a negative size of the chunk", [page]) { $0.totalCompressedSize = -1 },
    .init("a negative plain size of the chunk", [page]) { $0.totalUncompressedSize = -1 },
    .init("a chunk of another type", [page]) { $0.chunkType = .int32 },
    .init("a fixed length of -1", [page]) {
      $0.type = .fixedLenByteArray; $0.typeLength = -1
    },
    .init("no fixed length", [page]) { $0.type = .fixedLenByteArray },
    .init("a fixed length of 2^31 - 1", [page]) {
      $0.type = .fixedLenByteArray; $0.typeLength = (1 << 31) - 1
    },
    .init(
      "a fixed length of 2^31 - 1 in a dictionary", [dictionary, indices([0, 0, 0, 0, 0, 0, 0])]
    ) {
      $0.type = .fixedLenByteArray; $0.typeLength = (1 << 31) - 1
    },
    .init("byte arrays that are cut", [with(page) { $0.values = [3, 0, 0, 0, 1, 2] }]) {
      $0.type = .byteArray
    },
    .init("byte arrays of 2^32 - 1 bytes", [with(page) { $0.values = [255, 255, 255, 255, 1, 2] }])
    { $0.type = .byteArray },
    .init("byte arrays whose length is cut", [with(page) { $0.values = [0, 0, 0, 0, 1] }]) {
      $0.type = .byteArray
    },
    .init(
      "byte arrays in a dictionary that are cut",
      [.dictionary(2, [9, 0, 0, 0, 1, 2, 3, 4]), indices([0, 0, 0, 0, 0, 0, 0])]
    ) { $0.type = .byteArray },
    .init(
      "text that is no UTF-8", rows: 2,
      [Page(count: 2, values: Encode.byteArrays([[0xC3], [0xA9]]))]
    ) {
      $0.type = .byteArray; $0.convertedType = 0
    },
    .init(
      "text in a dictionary that is no UTF-8", rows: 2,
      [
        .dictionary(2, Encode.byteArrays([[0xC3], [0xA9]])),
        Page(
          count: 2, encoding: Encoding.rleDictionary, values: Encode.indices([0, 1], bitWidth: 1)),
      ]
    ) {
      $0.type = .byteArray; $0.convertedType = 0
    },
    .init(
      "booleans with a dictionary", rows: 2,
      [
        Page(
          count: 2, encoding: Encoding.rleDictionary, values: Encode.indices([0, 1], bitWidth: 1))
      ]
    ) { $0.type = .boolean },
    .init("a dictionary of booleans", rows: 2, [.dictionary(2, [1]), Page(count: 2, values: [1])]) {
      $0.type = .boolean
    },
    .init("booleans that are cut", rows: 9, [Page(count: 9, values: [1])]) { $0.type = .boolean },
    .init(
      "runs of booleans that are cut", rows: 9,
      [
        Page(count: 9, encoding: Encoding.rle, values: [2, 0, 0, 0, 3, 1])
      ]
    ) { $0.type = .boolean },
    .init("a decimal of precision 0", [page]) {
      $0.convertedType = 5; $0.precision = 0
    },
    .init("a decimal of precision -1", [page]) {
      $0.convertedType = 5; $0.precision = -1
    },
    .init("a decimal of precision 77", [page]) {
      $0.convertedType = 5; $0.precision = 77
    },
    .init("a decimal with a scale above its precision", [page]) {
      $0.convertedType = 5; $0.precision = 9; $0.scale = 10
    },
    .init("a decimal with a scale of 2^31 - 1", [page]) {
      $0.convertedType = 5; $0.precision = 9; $0.scale = (1 << 31) - 1
    },
    .init("a decimal with a negative scale", [page]) {
      $0.convertedType = 5; $0.precision = 9; $0.scale = -1
    },
    .init(
      "a decimal that needs 17 bytes", rows: 1,
      [Page(count: 1, values: [1] + [UInt8](repeating: 0, count: 16))]
    ) {
      $0.type = .fixedLenByteArray
      $0.typeLength = 17
      $0.convertedType = 5
      $0.precision = 38
    },
    .init(
      "a timestamp of INT96 beyond 64 bits", rows: 1,
      [Page(count: 1, values: [UInt8](repeating: 0x7F, count: 12))]
    ) { $0.type = .int96 },
  ]

  @Test("end in an error with its place", arguments: cases)
  func errors(given: Case) throws {
    let error = try Self.failure(FileBuilder(given.column, rowCount: given.rowCount))
    #expect(error.place.file != nil)
    #expect(!error.description.isEmpty)
  }

  static let features: [(String, @Sendable (inout Column) -> Void)] = [
    ("compression codec LZO", { $0.codec = 3 }),
    ("encoding UNKNOWN(11) of INT64 values", { $0.pages[0].encoding = 11 }),
    ("encoding ALP of INT64 values", { $0.pages[0].encoding = Encoding.alp }),
    ("encoding BIT_PACKED of INT64 values", { $0.pages[0].encoding = Encoding.bitPacked }),
    (
      "encoding ALP with compression mode 1 and integer encoding 2",
      {
        $0.type = .double
        $0.pages[0].encoding = Encoding.alp
        $0.pages[0].values = [1, 2, 10, 0, 0, 0, 0]
      }
    ),
    (
      "definition levels in DELTA_BINARY_PACKED",
      {
        $0.isOptional = true
        $0.pages[0].levelEncoding = Encoding.deltaBinaryPacked
      }
    ),
    (
      "a dictionary in RLE",
      {
        $0.pages.insert(
          Page(kind: .dictionary, count: 0, encoding: Encoding.rle, values: []), at: 0)
      }
    ),
    ("a column chunk in another file", { $0.filePath = "elsewhere" }),
    ("a column chunk without metadata (encrypted column)", { $0.hasMetaData = false }),
  ]

  @Test("name the feature that is missing", arguments: features)
  func unsupported(feature: String, change: @Sendable (inout Column) -> Void) throws {
    var column = Column(name: "the column", pages: [Self.page])
    change(&column)
    let error = try Self.failure(FileBuilder(column, rowCount: 7))
    #expect(error.unsupportedFeature == feature)
    #expect(error.place.column?.hasSuffix("the column") == true)
  }

  @Test func `say in which row group, column and page the error is, and at which byte`() throws {
    var bad = Column(name: "bad", pages: [Self.page, Self.page])
    bad.pages[1].values.removeLast()
    let error = try Self.failure(
      FileBuilder([Column(name: "good", pages: [Self.page, Self.page]), bad], rowCounts: [14]))
    #expect(error.place.rowGroup == 0)
    #expect(error.place.column == "bad")
    #expect(error.place.page == 1)
    #expect(error.place.offset != nil)
  }

  @Test func `may have no rows, no row groups or no columns`() throws {
    let noRows = try FileBuilder([Column(pages: [])], rowCounts: [0, 0]).open().readChecked()
    #expect(noRows.rowCount == 0)
    #expect(noRows.schema.fields.map(\.name) == ["c"])
    let noGroups = try FileBuilder([Column(pages: [])], rowCounts: []).open().readChecked()
    #expect(noGroups.rowCount == 0)
    #expect(noGroups.schema.fields.count == 1)
    let noColumns = try FileBuilder([], rowCounts: [5, 3]).open()
    #expect(try noColumns.readChecked().rowCount == 8)
    #expect(try noColumns.scanChecked(ParquetReadOptions()).map(\.rowCount) == [5, 3])
    let far = try FileBuilder(
      [Column(pages: [])], rowCounts: [0]
    ).open()
    #expect(try far.readChecked().rowCount == 0)
  }

  @Test func `that count more rows than an integer holds are refused`() throws {
    let error = try ReadError.thrown {
      _ = try FileBuilder([], rowCounts: [.max, .max]).open().readChecked()
    }
    #expect(error.reason != .cancelled)
  }

  @Test func `whose columns end early do not go on with the pages of the next`() throws {
    let short = Column(name: "short", pages: [Self.page], numValues: 14)
    let error = try Self.failure(
      FileBuilder(
        [short, Column(name: "long", pages: [Self.page, Self.page])], rowCounts: [14]))
    #expect(error.place.column == "short")
  }

  @Test func `whose row groups do not make up the rows of the file are refused`() throws {
    for count: Int64 in [6, 8, .max] {
      var builder = FileBuilder(Column(pages: [Self.page]), rowCount: 7)
      builder.fileRowCount = count
      _ = try Self.failure(builder)
    }
  }

  @Test func `whose count of rows was left out have those of the row groups`() throws {
    var builder = FileBuilder([Column(pages: [Self.page])], rowCounts: [7, 7])
    builder.fileRowCount = 0
    let file = try builder.open()
    #expect(try file.rowCount() == 14)
    #expect(try file.readChecked().rowCount == 14)
    #expect(try file.rowCount() == 14)
  }

  /// 2^31 - 1 decimals of 32 bytes would take 64 GiB, of which eight bytes each are in the file.
  @Test func `fail for the bytes that they lack before memory for them is asked for`() throws {
    let count: Int64 = (1 << 31) - 1
    var required = Column(
      convertedType: 5, precision: 76, pages: [Self.with(Self.page) { $0.count = count }])
    required.totalUncompressedSize = .max
    var optional = required
    optional.isOptional = true
    optional.pages[0].levels = Encode.run(1, count: Int(count), bitWidth: 1)
    var indexed = required
    indexed.pages = [Self.dictionary, Self.with(Self.indices([1, 2, 3])) { $0.count = count }]
    for column in [required, optional, indexed] {
      let error = try Self.failure(FileBuilder(column, rowCount: count))
      guard case .malformed(.truncated) = error.reason else {
        Issue.record("\(error)")
        continue
      }
    }
  }

  @Test func `whose row groups lack columns are refused`() throws {
    var builder = FileBuilder(
      [Column(name: "a", pages: [Self.page]), Column(name: "b", pages: [Self.page])],
      rowCounts: [7])
    builder.listedChunkCount = 1
    let error = try Self.failure(builder)
    #expect(error.place.rowGroup == 0)
  }

  @Test func `may name two columns alike, and both are read`() throws {
    let file = try FileBuilder(
      [Column(name: "", pages: [Self.page]), Column(name: "", pages: [Self.page])], rowCounts: [7]
    ).open()
    #expect(try file.readChecked().schema.fields.count == 2)
    var options = ParquetReadOptions()
    options.columns = ["", ""]
    #expect(try file.readChecked(options).schema.fields.count == 4)
  }

  @Test func `do not matter to wrong options, which are named`() throws {
    let file = try FileBuilder(
      [
        Column(name: "price", pages: [Self.page]), Column(name: "prize", pages: [Self.page]),
        Column(name: "other", pages: [Self.page]),
      ], rowCounts: [7]
    ).open()
    func reason(_ change: (inout ParquetReadOptions) -> Void) throws -> ReadError.Reason {
      var options = ParquetReadOptions()
      change(&options)
      return try ReadError.thrown { _ = try file.read(options) }.reason
    }
    let unknown = try reason { $0.columns = ["prise"] }
    #expect(unknown == .unknownColumn(name: "prise", nearest: ["price", "prize"]))
    for index in [-1, 1, Int.max, Int.min] {
      let reason = try reason { $0.rowGroups = [0, index] }
      #expect(reason == .indexOutOfRange(what: "row group", index: index, count: 1))
    }
    for threads in [0, -1, Int.min] {
      guard case .invalidOption("threads", _) = try reason({ $0.threads = threads }) else {
        Issue.record("threads \(threads)")
        continue
      }
    }
    guard case .invalidOption("limit", _) = try reason({ $0.limit = -1 }) else {
      Issue.record("limit")
      return
    }
    var options = ParquetReadOptions()
    options.batchSize = 0
    let error = try ReadError.thrown { _ = try ParquetScanner(file, options) }
    guard case .invalidOption("batch_size", _) = error.reason else {
      Issue.record("batch size")
      return
    }
  }

  @Test func `have checksums that count only when asked for`() throws {
    var options = ParquetReadOptions()
    for kind in [Page.Kind.data, .dataV2] {
      var right = Self.page
      right.kind = kind
      right.hasRightChecksum = true
      var wrong = right
      wrong.hasRightChecksum = false
      wrong.crc = 12345
      for codec: Int64 in [0, 1] {
        let good = try FileBuilder(Column(codec: codec, pages: [right, right]), rowCount: 14).open()
        let bad = try FileBuilder(Column(codec: codec, pages: [right, wrong]), rowCount: 14).open()
        options.verifiesChecksums = false
        #expect(try bad.readChecked(options).rowCount == 14)
        options.verifiesChecksums = true
        #expect(try good.readChecked(options).rowCount == 14)
        let error = try ReadError.thrown { _ = try bad.read(options) }
        #expect(error.place.page == 1)
        #expect(error.summary.contains("checksum"))
      }
    }
  }

  /// After an error, levels and values of a chunk no longer fit each other.
  @Test func `give the same error again when a scan is carried on`() throws {
    var column = Column(isOptional: true, pages: [])
    column.pages = [
      Page(count: 4, levels: Encode.run(1, count: 4, bitWidth: 1), values: Self.seven),
      Page(
        count: 20,
        levels: Encode.run(1, count: 10, bitWidth: 1) + Encode.run(2, count: 1, bitWidth: 1)
          + Encode.run(0, count: 100, bitWidth: 1), values: Self.seven),
    ]
    var options = ParquetReadOptions()
    options.batchSize = 3
    let scanner = try ParquetScanner(FileBuilder(column, rowCount: 24).open(), options)
    #expect(try scanner.next()?.rowCount == 3)
    let first = try ReadError.thrown { while try scanner.next() != nil {} }
    for _ in 0..<50 {
      let again = try ReadError.thrown { _ = try scanner.next() }
      #expect(again == first)
    }
  }

  @Test func `do not hold up a read that is cancelled`() throws {
    let token = CancellationToken()
    token.cancel()
    let file = try FileBuilder(Column(pages: [Self.page]), rowCount: 7).open()
    let error = try ReadError.thrown {
      _ = try file.read(ParquetReadOptions(), cancellation: token)
    }
    #expect(error.reason == .cancelled)
    let scanner = try ParquetScanner(file, ParquetReadOptions(), cancellation: token)
    #expect(try ReadError.thrown { _ = try scanner.next() }.reason == .cancelled)
  }
}
