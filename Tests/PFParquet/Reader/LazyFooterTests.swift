import PFArrow
import PFCore
import PFParquet
import Testing

@Suite struct `a footer of thousands of columns` {
  typealias Counting = `merged range reads`.Counting

  static let columnCount = 6000
  /// Two row groups of one row.
  static let file: [UInt8] = {
    let page = FileBuilder.Page(count: 1, values: Encode.plain([Int64(7)]))
    let columns = (0..<columnCount).map { FileBuilder.Column(name: "c\($0)", pages: [page]) }
    return FileBuilder(columns, rowCounts: [1, 1]).build()
  }()

  /// The footer's place in the file.
  static let footer: Range<Int> = {
    let end = file.count - 8
    let length = file[end..<(end + 4)].reversed().reduce(0) { $0 << 8 | Int($1) }
    return (end - length)..<end
  }()

  static let ways: [(name: String, ask: @Sendable (ParquetFile) throws -> Int)] = [
    ("row count", { try $0.rowCount() * columnCount / 2 }),
    ("schema tree", { try $0.schemaTree().leaves.count }),
    ("counts", { try $0.counts(withBytes: false).columns }),
    (
      "paths",
      {
        var selection = MetadataSelection()
        selection.sections = [.paths]
        let json = try JSONValue(parsing: try $0.metaDataJSON(selection))
        return try #require(json.object?["paths"]?.array).count
      }
    ),
  ]

  @Test(arguments: ways.indices)
  func `what is at its start is given without the rest`(way: Int) throws {
    try #require(Self.footer.count > 400 << 10)
    let source = Counting(Self.file)
    let file = try ParquetFile(source)
    #expect(try Self.ways[way].ask(file) == Self.columnCount)
    let read = source.taken().reduce(0) { $0 + $1.count }
    #expect(read <= 32 << 10 + 256 << 10, "\(Self.ways[way].name) read \(read) bytes")
    // And the whole after it agrees.
    #expect(try file.counts() == FileBuilder.open(Self.file).counts())
    #expect(try file.metaData().schema.map(\.name) == file.schemaTree().nodes.map(\.element.name))
    #expect(try file.read().schema.fields.count == Self.columnCount)
  }

  // The row count is found without a look at the names.
  @Test(arguments: ways.indices.dropFirst())
  func `damage at its start is told as for the whole`(way: Int) throws {
    for offset in stride(from: 0, to: 120 << 10, by: 7919) {
      var bytes = Self.file
      bytes[Self.footer.lowerBound + offset] ^= 0xFF
      let whole = try ParquetFile(Counting(bytes))
      let lazy = try ParquetFile(Counting(bytes))
      let expected = Self.error(of: { _ = try whole.metaData() })
      let found = Self.error(of: { _ = try Self.ways[way].ask(lazy) })
      // What was read without the rest may be right where the rest is not.
      if let found { #expect(found == expected, "a flipped byte \(offset)") }
    }
  }

  private static func error(of body: () throws -> Void) -> ReadError? {
    do { try body() } catch { return error as? ReadError }
    return nil
  }

  @Test func `damage in its row groups does not concern its schema`() throws {
    var bytes = Self.file
    for offset in Self.footer.dropFirst(Self.footer.count / 2).prefix(1000) { bytes[offset] = 0xFF }
    let file = try ParquetFile(Counting(bytes))
    for way in Self.ways { #expect(try way.ask(file) == Self.columnCount) }
    #expect(throws: ReadError.self) { try file.metaData() }
    #expect(throws: ReadError.self) { try file.read() }
  }

  @Test func `a read that fails is told where it fails`() throws {
    let source = Counting(Self.file, failsFrom: Self.footer.upperBound - (32 << 10))
    let file = try ParquetFile(source)
    for way in Self.ways {
      let error = try ReadError.thrown { _ = try way.ask(file) }
      #expect(error.place.file == "counting")
      #expect(error.place.offset == Self.footer.lowerBound)
    }
  }
}
