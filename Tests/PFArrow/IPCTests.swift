import PFArrow
import PFCore
import Testing

@Suite struct `Arrow IPC stream` {
  /// The bytes that a table is written as.
  static func stream(of table: Table) throws -> Buffer {
    var bytes: [UInt8] = []
    try table.writeIPCStream { (part) throws(ReadError) in
      for index in part.indices { bytes.append(part[index]) }
    }
    return try Buffer(copying: bytes.span)
  }

  static func expectSameValues(_ left: Table, _ right: Table) {
    #expect(left.schema == right.schema)
    #expect(left.batches.map(\.rowCount) == right.batches.map(\.rowCount))
    for (left, right) in zip(left.batches, right.batches) {
      for (left, right) in zip(left.columns, right.columns) {
        #expect(left.nullCount == right.nullCount)
        for row in 0..<min(left.length, right.length) where left[row] != right[row] {
          Issue.record("\(left.type), row \(row): \(left[row]) and \(right[row])")
        }
      }
    }
  }

  @Test func `every type comes back, whole and in slices`() throws {
    let batch = try Sample.batch()
    for start in 0...5 {
      for count in 0...(5 - start) {
        let slice = batch.slice(start: start, count: count)
        let table = Table(schema: batch.schema, batches: [slice, batch, slice])
        Self.expectSameValues(try Table(ipcStream: Self.stream(of: table)), table)
      }
    }
  }

  @Test func `bitmaps and offsets of long slices are moved to their start`() throws {
    let lists = ListBuilder(StringBuilder())
    for index in 0..<300 {
      if index % 7 == 0 {
        lists.appendNull()
      } else {
        for item in 0..<(index % 3) { lists.values.append("\(index).\(item)") }
        lists.append()
      }
    }
    let flags = try ArrowArray(booleans: (0..<300).map { $0 % 5 == 0 ? nil : $0 % 3 == 0 })
    let table = Table(columns: [("l", try lists.finish()), ("b", flags)])
    for start in [0, 1, 7, 8, 9, 63, 64, 65, 200] {
      for length in [0, 1, 7, 8, 9, 63, 64, 65, 100] {
        let slice = table.slice(offset: start, length: length)
        Self.expectSameValues(try Table(ipcStream: Self.stream(of: slice)), slice)
      }
    }
  }

  @Test func `a slice is written without the rows around it`() throws {
    let table = Table(columns: [("s", try ArrowArray(strings: (0..<10_000).map { "row \($0)" }))])
    let slice = try Self.stream(of: table.slice(offset: 9_000, length: 2))
    #expect(slice.byteCount < 1_024)
  }

  @Test func `tables without batches, rows or columns come back`() throws {
    let schema = Schema([Field("a", .utf8)], metadata: [KeyValue("k", "v")])
    let none = try Table(ipcStream: Self.stream(of: Table(schema: schema, batches: [])))
    #expect(none.schema == schema && none.batches.isEmpty)
    let rows = Table(
      schema: Schema([]), batches: [RecordBatch(schema: Schema([]), columns: [], rowCount: 3)])
    #expect(try Table(ipcStream: Self.stream(of: rows)).rowCount == 3)
  }

  @Test func `a dictionary is written once, and again when it changes`() throws {
    let builder = DictionaryBuilder(StringBuilder())
    builder.append("a long value that is easily found")
    let batch = RecordBatch(columns: [("d", try builder.finish())])
    builder.append("b")
    let other = RecordBatch(columns: [("d", try builder.finish())])
    let one = Table(schema: batch.schema, batches: [batch])
    let three = Table(schema: batch.schema, batches: [batch, batch, other])
    Self.expectSameValues(try Table(ipcStream: Self.stream(of: three)), three)
    let size = try Self.stream(of: one).byteCount
    #expect(try Self.stream(of: three).byteCount < 3 * size)
  }

  @Test func `a dictionary of dictionaries is refused on writing`() throws {
    let inner = try Sample.nested()[5]
    let type = DataType.dictionary(index: .int8, value: inner.type, isOrdered: false)
    let outer = try Sample.array(
      type, [nil, try Sample.buffer([Int8]([0, 0, 0, 0, 0]))], dictionary: inner)
    #expect(throws: ReadError.self) { _ = try Self.stream(of: Table(columns: [("d", outer)])) }
  }

  @Test func `an error of the sink ends the writing`() throws {
    let table = Table(columns: [("n", try ArrowArray(int64: [1]))])
    for limit in 0..<4 {
      var calls = 0
      let error = ReadError(.source(.callbackFailed(status: 7)))
      #expect(throws: error) {
        try table.writeIPCStream { (_) throws(ReadError) in
          calls += 1
          if calls > limit { throw error }
        }
      }
    }
  }
}

@Suite struct `Arrow IPC streams of pyarrow` {
  /// A file of Tests/Fixtures/ipc.
  static func fixture(_ name: String) throws -> Buffer {
    let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    let source = try FileSource(path: "/\(folder)/Fixtures/ipc/\(name).arrows")
    return try source.bytes(at: 0, byteCount: source.byteCount)
  }

  /// The text of rows 0 and 2 of each column of `every_type`; row 1 is null, but in the last three.
  static let texts: [(column: String, first: String, last: String)] = [
    ("null", "null", "null"), ("bool", "true", "false"), ("int8", "1", "3"),
    ("int16", "1", "3"), ("int32", "1", "3"), ("int64", "1", "3"), ("uint8", "1", "3"),
    ("uint16", "1", "3"), ("uint32", "1", "3"), ("uint64", "1", "3"), ("float16", "0.5", "-2.0"),
    ("float32", "0.5", "-2.0"), ("float64", "0.5", "-2.0"), ("decimal32", "1.23", "-4.56"),
    ("decimal64", "1.23", "-4.56"), ("decimal128", "1.23", "-4.56"),
    ("decimal256", "1.23", "-4.56"), ("date32", "2024-02-29", "1969-12-31"),
    ("date64", "2024-02-29", "1969-12-31"), ("time32[s]", "00:00:00", "01:00:01"),
    ("time32[ms]", "00:00:00", "00:00:03.601"), ("time64[us]", "00:00:00", "00:00:00.003601"),
    ("time64[ns]", "00:00:00", "00:00:00.000003601"),
    ("timestamp s", "1970-01-01 00:00:00", "1969-12-31 23:59:59"),
    ("timestamp s UTC", "1970-01-01 00:00:00Z", "1969-12-31 23:59:59Z"),
    ("duration s", "0s", "-1s"),
    ("timestamp ms", "1970-01-01 00:00:00", "1969-12-31 23:59:59.999"),
    ("timestamp ms UTC", "1970-01-01 00:00:00Z", "1969-12-31 23:59:59.999Z"),
    ("duration ms", "0s", "-0.001s"),
    ("timestamp us", "1970-01-01 00:00:00", "1969-12-31 23:59:59.999999"),
    ("timestamp us UTC", "1970-01-01 00:00:00Z", "1969-12-31 23:59:59.999999Z"),
    ("duration us", "0s", "-0.000001s"),
    ("timestamp ns", "1970-01-01 00:00:00", "1969-12-31 23:59:59.999999999"),
    ("timestamp ns UTC", "1970-01-01 00:00:00Z", "1969-12-31 23:59:59.999999999Z"),
    ("duration ns", "0s", "-0.000000001s"), ("interval", "1mo 2d 0.000000003s", "-1mo"),
    ("string", "a", "longer than twelve bytes"),
    ("large_string", "a", "longer than twelve bytes"),
    ("string_view", "a", "longer than twelve bytes"), ("binary", "b\"ab\"", "b\"\\x00\\xff\""),
    ("large_binary", "b\"ab\"", "b\"\\x00\\xff\""), ("binary_view", "b\"ab\"", "b\"\\x00\\xff\""),
    ("fixed_size_binary[2]", "b\"ab\"", "b\"\\x00\\xff\""), ("list", "[1, null]", "[]"),
    ("large_list", "[\"x\"]", "[]"), ("fixed_size_list", "[1, 2]", "[3, null]"),
    ("struct", "{a: 1, b: \"x\"}", "{a: null, b: \"y\"}"), ("map", "{\"k\" → 1}", "{}"),
    ("dictionary", "x", "y"), ("list of dictionary", "[\"x\"]", "null"),
    ("dense_union", "s", "2"), ("sparse_union", "s", "2"),
  ]

  @Test func `every type is read`() throws {
    let table = try Table(ipcStream: Self.fixture("every_type"))
    #expect(table.schema.fields.map(\.name) == Self.texts.map(\.column))
    #expect(table.schema.metadata == [KeyValue("made by", "pyarrow")])
    let columns = table.batches[0].columns
    for (column, text) in zip(columns, Self.texts) {
      #expect(column[0].description == text.first, "\(text.column)")
      #expect(column[2].description == text.last, "\(text.column)")
      if !["list of dictionary", "dense_union", "sparse_union"].contains(text.column) {
        #expect(column[1] == .null, "\(text.column)")
      }
    }
  }

  @Test func `slices, other framing and replaced dictionaries are read`() throws {
    let whole = try Table(ipcStream: Self.fixture("every_type")).batches[0]
    let slices = try Table(ipcStream: Self.fixture("slices"))
    #expect(slices.rowCount == 3)
    for (row, original) in zip(0..<3, [1, 2, 0]) {
      let slice = slices.slice(offset: row, length: 1).batches[0]
      #expect(slice.columns.map { $0[0] } == whole.columns.map { $0[original] })
    }
    let legacy = try Table(ipcStream: Self.fixture("legacy_framing"))
    #expect(
      legacy.jsonRows(rowLimit: 2)
        == "[{\"int32\":1,\"string\":\"a\"},{\"int32\":null,\"string\":null}]")
    let replaced = try Table(ipcStream: Self.fixture("dictionary_replaced"))
    let values = replaced.batches.flatMap { batch in
      (0..<batch.rowCount).map { batch.columns[0].string(at: $0) }
    }
    #expect(values == ["a", "b", "c", "d", "c"])
  }

  @Test(
    "what this version lacks is refused by name",
    arguments: [
      ("lz4", "LZ4"), ("zstd", "Zstandard"), ("dictionary_delta", "delta"),
      ("run_end_encoded", "run-end"),
    ])
  func refused(name: String, word: String) throws {
    let error = #expect(throws: ReadError.self) { _ = try Table(ipcStream: Self.fixture(name)) }
    guard case .unsupported(let feature) = error?.reason else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(feature.contains(word) && error?.place.offset != nil)
  }
}

@Suite struct `hostile Arrow IPC` {
  /// Streams of one column each, of every kind of layout.
  static func small() throws -> [[UInt8]] {
    let samples = try Sample.primitives().suffix(2) + Sample.nested()
    return try ([try Sample.int32s(), try Sample.strings()] + samples).map { column in
      let buffer = try `Arrow IPC stream`.stream(of: Table(columns: [("c", column)]))
      return buffer.bytes.indices.map { buffer.bytes[$0] }
    }
  }

  /// Reads the stream and then every value in it, which must not trap whatever the bytes are.
  static func readAll(_ bytes: [UInt8]) throws(ReadError) -> Int {
    let buffer: Buffer
    do throws(AllocationError) { buffer = try Buffer(copying: bytes.span) } catch {
      throw ReadError(error)
    }
    let table = try Table(ipcStream: buffer)
    return table.formatted(TableFormat(rowLimit: 20)).utf8.count
      + table.jsonRows(rowLimit: 20).utf8.count
  }

  @Test func `every prefix is an error, or ends between two messages`() throws {
    for bytes in try Self.small() {
      var wholeCount = 0
      for count in 0..<bytes.count {
        do throws(ReadError) {
          _ = try Self.readAll(Array(bytes[..<count]))
          wholeCount += 1
        } catch {
          #expect(!error.description.isEmpty)
        }
      }
      // Nothing is missing but rows behind the schema, the dictionaries and the batch.
      #expect(wholeCount <= 4)
    }
  }

  @Test func `every byte flip is an error or a table`() throws {
    var errorCount = 0
    for bytes in try Self.small() {
      for index in bytes.indices {
        for mask: UInt8 in [0x01, 0x80, 0xFF] {
          var broken = bytes
          broken[index] ^= mask
          do throws(ReadError) { _ = try Self.readAll(broken) } catch { errorCount += 1 }
        }
      }
    }
    #expect(errorCount > 1_000)
  }

  @Test func `a schema nested without end is refused`() throws {
    var field = Field("x", .int8)
    for _ in 0..<200 { field = Field("l", .list(field)) }
    let table = Table(schema: Schema([field]), batches: [])
    let error = #expect(throws: ReadError.self) {
      _ = try Table(ipcStream: `Arrow IPC stream`.stream(of: table))
    }
    guard case .limitExceeded = error?.reason else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `rows without memory cannot overflow the count`() throws {
    let batch = RecordBatch(
      schema: Schema([]), columns: [], rowCount: 1 << 47)
    let table = Table(schema: batch.schema, batches: [batch])
    #expect(try Table(ipcStream: `Arrow IPC stream`.stream(of: table)).rowCount == 1 << 47)
    let huge = RecordBatch(schema: Schema([]), columns: [], rowCount: .max)
    #expect(throws: ReadError.self) {
      _ = try Table(
        ipcStream: `Arrow IPC stream`.stream(of: Table(schema: huge.schema, batches: [huge])))
    }
  }
}
