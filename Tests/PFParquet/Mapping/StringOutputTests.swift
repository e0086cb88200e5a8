import PFArrow
import PFCore
import PFParquet
import Testing

/// BYTE_ARRAY columns in each of the layouts that can be asked for.
@Suite struct `layouts of strings` {
  typealias Page = FileBuilder.Page

  /// Lengths around the borders of views, of one-byte lengths and of whole vectors.
  static let words: [String] = [0, 1, 3, 4, 11, 12, 13, 14, 63, 64, 65, 127, 128, 300].map {
    String(repeating: "é", count: $0 / 2) + String(repeating: "z", count: $0 % 2)
  }

  /// A dictionary, indices of it, PLAIN values, and indices again; with nulls.
  static let file: FileBuilder = FileBuilder(
    .init(
      type: .byteArray, isOptional: true, convertedType: 0,
      pages: [
        .dictionary(Int64(words.count), Encode.strings(words)), indices, plain, indices, plain,
      ]), rowCount: 4 * 20)
  static let valid: [Bool] = (0..<20).map { $0 % 10 < 7 }
  static let indices: Page = Page(
    count: 20, encoding: FileBuilder.Encoding.rleDictionary, levels: Encode.levels(valid),
    values: Encode.indices((0..<14).map { 13 - $0 }, bitWidth: 4))
  static let plain: Page = Page(
    count: 20, levels: Encode.levels(valid), values: Encode.strings(words.map { $0 + "!" }))

  static let expected: [ArrowValue] = {
    var slots: [ArrowValue] = []
    for page in 0..<4 {
      var texts: [String] = page % 2 == 0 ? words.reversed() : words.map { $0 + "!" }
      for isValid in valid { slots.append(isValid ? .string(texts.removeFirst()) : .null) }
    }
    return slots
  }()

  static let types: [StringOutput: DataType] = [
    .utf8: .utf8, .largeUTF8: .largeUTF8, .utf8View: .utf8View,
    .dictionary: .dictionary(index: .int32, value: .utf8, isOrdered: false),
  ]

  @Test("hold the same values", arguments: StringOutput.allCases)
  func sameValues(output: StringOutput) throws {
    var options = ParquetReadOptions()
    options.stringOutput = output
    let table = try Self.file.open().readChecked(options)
    #expect(table.schema.fields[0].type == Self.types[output])
    #expect(table.column() == Self.expected)
    #expect(table.batches.count == 1)
  }

  @Test("may be cut into batches anywhere", arguments: StringOutput.allCases)
  func anyBatches(output: StringOutput) throws {
    var options = ParquetReadOptions()
    options.stringOutput = output
    for batchSize in [1, 7, 19, 20, 21, 45] {
      options.batchSize = batchSize
      let batches = try Self.file.open().scanChecked(options)
      #expect(batches.flatMap { $0.values(of: 0) } == Self.expected, "batches of \(batchSize)")
    }
  }

  @Test func `are chosen by column, which goes before the choice for all`() throws {
    var column = Self.file.columns[0]
    column.name = "d"
    let file = FileBuilder([Self.file.columns[0], column], rowCounts: [80])
    var options = ParquetReadOptions()
    options.stringOutput = .largeUTF8
    options.columnStringOutputs = ["d": .utf8View]
    #expect(try file.open().read(options).schema.fields.map(\.type) == [.largeUTF8, .utf8View])
  }

  @Test("are those of bytes where there is no text", arguments: StringOutput.allCases)
  func binary(output: StringOutput) throws {
    var column = Self.file.columns[0]
    column.convertedType = nil
    var options = ParquetReadOptions()
    options.stringOutput = output
    let table = try FileBuilder(column, rowCount: 80).open().readChecked(options)
    let bytes = Self.expected.map { value -> ArrowValue in
      if case .string(let text) = value { .binary(Array(text.utf8)) } else { value }
    }
    #expect(table.column() == bytes)
  }

  @Test func `dictionaries hold each value once`() throws {
    var options = ParquetReadOptions()
    options.stringOutput = .dictionary
    let array = try Self.file.open().read(options).batches[0].columns[0]
    let dictionary = try #require(array.dictionary)
    let values = (0..<dictionary.length).map { dictionary[$0] }
    // "" + "!" is none of the words, "z" is one of them.
    #expect(Set(values.map { "\($0)" }).count == values.count)
    #expect(values.count == Set(Self.words + Self.words.map { $0 + "!" }).count)
  }

  @Test("of only short values keep no other bytes", arguments: [true, false])
  func inlineViews(isPlain: Bool) throws {
    let short = Encode.strings(["a", "bc", ""])
    let pages: [Page] =
      isPlain
      ? [Page(count: 3, values: short)]
      : [
        .dictionary(3, short),
        Page(
          count: 3, encoding: FileBuilder.Encoding.rleDictionary,
          values: Encode.indices([0, 1, 2], bitWidth: 2)),
      ]
    var options = ParquetReadOptions()
    options.stringOutput = .utf8View
    let table = try FileBuilder(
      .init(type: .byteArray, convertedType: 0, pages: pages), rowCount: 3
    ).open().readChecked(options)
    #expect(table.batches[0].columns[0].buffers.count == 2)
    #expect(table.column() == [.string("a"), .string("bc"), .string("")])
  }

  /// Values that are no UTF-8, or only together.
  static let illFormed: [[[UInt8]]] = [
    [[0x61], [0xFF]], [[0xC3], [0xA9]], [[UInt8](repeating: 0x61, count: 200), [0xC3], [0xA9]],
    [[0xC3] + [UInt8](repeating: 0x61, count: 200)],
    [[UInt8](repeating: 0x61, count: 130), [0x61, 0xE2, 0x82]],
  ]

  @Test("refuse text that is not UTF-8", arguments: StringOutput.allCases, illFormed)
  func refusesText(output: StringOutput, values: [[UInt8]]) throws {
    var options = ParquetReadOptions()
    options.stringOutput = output
    let (bytes, count) = (Encode.byteArrays(values), Int64(values.count))
    for pages in [
      [Page(count: count, values: bytes)],
      [
        .dictionary(count, bytes),
        Page(
          count: count, encoding: FileBuilder.Encoding.rleDictionary,
          values: [1] + Encode.run(0, count: Int(count), bitWidth: 1)),
      ],
    ] {
      let file = try FileBuilder(
        .init(type: .byteArray, convertedType: 0, pages: pages), rowCount: count
      ).open()
      _ = try ReadError.thrown { _ = try file.read(options) }
    }
  }

  @Test(
    "refuse pages that are cut and indices beyond the dictionary", arguments: StringOutput.allCases)
  func cut(output: StringOutput) throws {
    var options = ParquetReadOptions()
    options.stringOutput = output
    let bytes = Encode.strings(["abc", "a word of more than 12 bytes", "z"])
    for length in 0..<bytes.count {
      let file = try FileBuilder(
        .init(
          type: .byteArray, convertedType: 0,
          pages: [Page(count: 3, values: Array(bytes.prefix(length)))]), rowCount: 3
      ).open()
      _ = try ReadError.thrown { _ = try file.read(options) }
    }
    let beyond = try FileBuilder(
      .init(
        type: .byteArray, convertedType: 0,
        pages: [
          .dictionary(3, bytes),
          Page(
            count: 3, encoding: FileBuilder.Encoding.rleDictionary,
            values: Encode.indices([0, 3, 1], bitWidth: 2)),
        ]), rowCount: 3
    ).open()
    _ = try ReadError.thrown { _ = try beyond.read(options) }
  }

  @Test func `values of no bytes at all are values`() throws {
    let table = try FileBuilder(
      .init(
        type: .fixedLenByteArray, typeLength: 0, isOptional: true,
        pages: [Page(count: 3, levels: Encode.levels([true, false, true]), values: [])]),
      rowCount: 3
    ).open().readChecked()
    #expect(table.schema.fields[0].type == .fixedSizeBinary(byteWidth: 0))
    #expect(table.column() == [.binary([]), .null, .binary([])])
  }
}
