import PFArrow
import PFCSV
import PFCore
import Testing

@Suite struct `reading CSV` {
  @Test func `types are inferred from all values`() throws {
    let text = """
      i,f,b,d,t,z,c,s,n,code,big,mix
      1,2.5,true,2020-02-29,2020-01-01T00:00:00,2020-01-01T00:00:00Z,12:30:00,x,,007,1,1
      -2,1e-5,false,2021-12-31,2020-01-01 10:00:00.5,2020-01-01T00:00:00+02:00,12:30:01,,,008,99999999999999999999,2.5

      """
    let table = try file(text).read().table
    #expect(
      table.schema.fields.map(\.type) == [
        .int64, .float64, .boolean, .date32, .timestamp(.microsecond, timeZone: nil),
        .timestamp(.microsecond, timeZone: "UTC"), .time64(.microsecond), .utf8, .utf8, .utf8,
        .utf8, .float64,
      ])
    #expect(table.rowCount == 2)
    #expect(rows(table)[1][7] == nil)
  }

  @Test(arguments: [1, 2, 3, 8])
  func `a late value widens its column whatever the chunks`(threads: Int) throws {
    var text = "a,b,c,d\n"
    for row in 0..<3000 {
      text +=
        row == 2500 ? "1.5,x,2020-01-01T00:00:00,NaN\n" : "\(row),\(row),2020-01-01,\(row)\n"
    }
    var expected: [[String?]]?
    for chunk in [1, 100, 1000, 4096, 1 << 20] {
      var options = CSVReadOptions()
      options.threads = threads
      options.chunkByteCount = chunk
      options.sampleCount = 100
      let table = try file(text).read(options).table
      #expect(
        table.schema.fields.map(\.type) == [
          .float64, .utf8, .timestamp(.microsecond, timeZone: nil), .float64,
        ])
      let found = rows(table)
      #expect(found == expected ?? found)
      expected = found
    }
  }

  @Test func `words for no number alone are text`() throws {
    let table = try file("a,b\nNaN,nan\ninf,1.5\n").read().table
    #expect(table.schema.fields.map(\.type) == [.utf8, .float64])
  }

  @Test func `codes are not rewritten`() throws {
    for code in ["007", "+1", "1e5", "12E3", "2020-13-45", "99999999999999999999", "1_000"] {
      let table = try file("a\n\(code)\n").read().table
      #expect(rows(table) == [[code]])
      #expect(table.schema.fields[0].type == .utf8, "\(code)")
    }
  }

  @Test func `an integer that a double cannot hold makes a string of a column of floats`() throws {
    let table = try file("a\n1.5\n9007199254740993\n").read().table
    #expect(rows(table) == [["1.5"], ["9007199254740993"]])
    let exact = try file("a\n9007199254740993\n").read().table
    #expect(exact.schema.fields[0].type == .int64)
  }

  @Test func `quoted empty text is no null in a column of strings`() throws {
    let table = try file("a,b\n\"\",\"\"\n,\nx,1\n").read().table
    #expect(rows(table).map { $0[0] } == ["", nil, "x"])
    #expect(rows(table).map { $0[1] == nil } == [true, true, false])
    #expect(table.schema.fields.map(\.type) == [.utf8, .int64])
  }

  @Test func `a value that does not fit the given type has its place`() throws {
    for (chunk, threads) in [(1, 1), (1, 3), (10, 2), (1 << 20, 1)] {
      var options = CSVReadOptions()
      options.types = ["b": .int64]
      options.chunkByteCount = chunk
      options.threads = threads
      #expect {
        _ = try file("a,b\n\"x\ny\",1\n\n2,oops\n3,bad\n").read(options)
      } throws: { error in
        guard let error = error as? ReadError else { return false }
        return error.place.line == 5 && error.place.record == 2 && error.place.column == "b"
          && error.place.columnIndex == 1 && error.place.offset == 15
          && error.reason == .badValue(text: "oops", expected: "int64")
      }
    }
  }

  @Test(arguments: [1, 5, 1 << 20])
  func `wrong values become nulls and rejects`(chunk: Int) throws {
    var options = CSVReadOptions()
    options.types = ["b": .int64]
    options.chunkByteCount = chunk
    options.errorRule = .null
    let result = try file("a,b\n1,2\nx,oops\n3\n4,5,6\n").read(options)
    #expect(result.table.rowCount == 4)
    #expect(result.rejects.count == 3)
    #expect(result.rejects.entries.map(\.error.place.line) == [3, 4, 5])
    #expect(result.rejects.entries.map(\.text) == ["oops", "3", "4,5,6"])
    #expect(try result.rejects.table().rowCount == 3)
  }

  @Test(arguments: [1, 5, 1 << 20])
  func `wrong records are skipped and rejects`(chunk: Int) throws {
    var options = CSVReadOptions()
    options.types = ["b": .int64]
    options.chunkByteCount = chunk
    options.errorRule = .skip
    let result = try file("a,b\n1,2\nx,oops\n3\n4,5,6\n7,8\n").read(options)
    #expect(rows(result.table).count == 2)
    #expect(result.rejects.entries.map(\.error.place.record) == [2, 3, 4])
    options.limit = 2
    #expect(try file("a,b\n1,2\nx,oops\n3\n4,5,6\n7,8\n9,0\n").read(options).table.rowCount == 2)
  }

  @Test func `ragged records by rule`() throws {
    let text = "a,b,c\n1,2\n1,2,3,4\n5,6,7\n"
    #expect {
      _ = try file(text).read()
    } throws: { error in
      (error as? ReadError)?.reason == .raggedRecord(expected: 3, found: 2)
        && (error as? ReadError)?.place.line == 2
    }
    var options = CSVReadOptions()
    options.raggedRule = .padAndCut
    #expect(try file(text).read(options).table.rowCount == 3)
    options.raggedRule = .skip
    let skipped = try file(text).read(options)
    #expect(skipped.table.rowCount == 1)
    #expect(skipped.rejects.count == 2)
  }

  @Test func `bytes that are no text have their place`() throws {
    let bytes = Array("a,b\n1,x\n2,y".utf8) + [0xFF] + Array("z\n".utf8)
    #expect {
      _ = try file(bytes).read()
    } throws: { error in
      (error as? ReadError)?.place.line == 3 && (error as? ReadError)?.place.column == "b"
    }
    var options = CSVReadOptions()
    options.replacesInvalidText = true
    #expect(rows(try file(bytes).read(options).table)[1][1] == "y\u{FFFD}z")
  }

  @Test func `a header that is no text, or does not end, has its place`() throws {
    var options = CSVReadOptions()
    options.dialect.skippedLineCount = 1
    #expect {
      _ = try file(Array("x\n\na,".utf8) + [0xFF] + Array("\n".utf8)).read(options)
    } throws: { error in
      (error as? ReadError)?.place.line == 3 && (error as? ReadError)?.place.columnIndex == 1
    }
    #expect {
      _ = try file("x\n\na,\"b\n").read(options)
    } throws: { error in
      (error as? ReadError)?.reason == .unclosedQuote && (error as? ReadError)?.place.line == 3
    }
  }

  @Test func `a projection reads its columns in its order`() throws {
    var options = CSVReadOptions()
    options.columns = ["c", "a"]
    let table = try file("a,b,c\n1,2,x\n3,4,y\n").read(options).table
    #expect(table.schema.fields.map(\.name) == ["c", "a"])
    options.columns = ["cc"]
    #expect(throws: ReadError.self) { try file("a,b,c\n1,2,x\n").read(options) }
  }

  @Test func `a limit stops before what is wrong behind it`() throws {
    var options = CSVReadOptions()
    options.limit = 2
    #expect(try file("a,b\n1,2\n3,4\n5\n\"").read(options).table.rowCount == 2)
  }

  @Test func `equal names are told apart`() throws {
    let table = try file("a,a,a_1,a\n1,2,3,4\n").read().table
    #expect(table.schema.fields.map(\.name) == ["a", "a_2", "a_1", "a_3"])
  }

  @Test func `dialects`() throws {
    let escaped = plain {
      $0.dialect.escape = "\\"
      $0.dialect.doublesQuotes = false
    }
    #expect(rows(try file("a\\,b,\"c\\\"d\"\n").read(escaped).table) == [["a,b", "c\"d"]])
    let wide = plain { $0.dialect.delimiter = "||" }
    #expect(rows(try file("a||b|c||\"d||e\"\n").read(wide).table) == [["a", "b|c", "d||e"]])
    let trimmed = plain { $0.dialect.trimming = .both }
    #expect(rows(try file(" a , \" b \" ,c\t\n").read(trimmed).table) == [["a", " b ", "c"]])
    let commented = plain { $0.dialect.comment = "#" }
    #expect(
      rows(try file("#x\"\na,b\n# c,d\n\"#\",f\n").read(commented).table) == [
        ["a", "b"], ["#", "f"],
      ])
    let skipping = plain { $0.dialect.skippedLineCount = 2 }
    #expect(rows(try file("junk\n\na,b\n").read(skipping).table) == [["a", "b"]])
    var german = CSVReadOptions()
    german.dialect.delimiter = ";"
    german.dialect.decimalMark = ","
    german.dialect.thousandsMark = "."
    let table = try file("x;y\n1.234,5;1.000\n2,25;20\n").read(german).table
    #expect(table.schema.fields.map(\.type) == [.float64, .int64])
  }

  @Test func `given types`() throws {
    var options = CSVReadOptions()
    options.types = [
      "a": .decimal128(precision: 10, scale: 2), "b": .uint64, "c": .float32,
      "d": .dictionary(index: .int8, value: .utf8, isOrdered: false), "e": .utf8View,
      "f": .largeUTF8, "g": .timestamp(.second, timeZone: nil), "h": .binary,
    ]
    let table = try file(
      "a,b,c,d,e,f,g,h\n1.5,18446744073709551615,1e5,x,y,z,2020-01-01,q\n"
    ).read(options).table
    #expect(table.schema.fields.map(\.type) == "abcdefgh".compactMap { options.types[String($0)] })
    #expect(table.rowCount == 1)
  }

  @Test func `more columns than the limit are refused`() throws {
    var options = CSVReadOptions()
    options.columnLimit = 3
    #expect(try file("a,b,c\n1,2,3\n").read(options).table.rowCount == 1)
    #expect(throws: ReadError.self) { try file("a,b,c,d\n1,2,3,4\n").read(options) }
  }

  @Test func `what a file looks like`() throws {
    let sniffed = try file("name;size;day\nx;1,5;2020-01-01\n\"y;z\";2;2020-01-02\n").sniff()
    #expect(sniffed.dialect.delimiter == ";")
    #expect(sniffed.dialect.quote == "\"")
    #expect(sniffed.dialect.hasHeader)
    #expect(sniffed.schema.fields.map(\.type) == [.utf8, .utf8, .date32])
    #expect(sniffed.confidence > 0.5)
    let plain = try file("1\t2\n3\t4\n").sniff()
    #expect(plain.dialect.delimiter == "\t")
    #expect(!plain.dialect.hasHeader)
  }

  @Test func `batches as they come`() async throws {
    var options = CSVReadOptions()
    options.batchSize = 2
    var count = 0
    for try await batch in try file("a\n1\n2\n3\n").batches(options) { count += batch.rowCount }
    #expect(count == 3)
  }

  @Test func `given formats`() throws {
    var options = CSVReadOptions()
    options.columnDatetimeFormats = [
      "d": ["%d.%m.%Y"], "t": ["%d/%b/%Y %H:%M:%S"], "z": ["%H:%M"], "u": ["%Y%m%d%z"],
    ]
    options.types = ["u": .timestamp(.second, timeZone: "UTC")]
    let table = try file("d,t,z,u\n29.02.2024,01/Mar/2020 10:20:30,23:59,20200101+0100\n")
      .read(options).table
    #expect(
      table.schema.fields.map(\.type) == [
        .date32, .timestamp(.microsecond, timeZone: nil), .time64(.microsecond),
        .timestamp(.second, timeZone: "UTC"),
      ])
    var instant: Int64?
    if case .timestamp(let count, _, _) = table.batches[0].columns[3][0] { instant = count }
    #expect(instant == 1_577_833_200)
    options.types = ["d": .int64]
    #expect(throws: ReadError.self) { try file("d,t,z,u\n").read(options) }
  }

  @Test(arguments: [1, 7, 100, 1 << 20])
  func `formats for all columns are inferred, and never mixed with ISO 8601`(chunk: Int) throws {
    var text = "d,t,m,i,n\n"
    for row in 0..<200 {
      let day = row % 28 + 1
      let other = row == 150 ? "2024-02-01" : "\(day).02.2024"
      text += "\(day).02.2024,\(day).02.2024 10:\(row % 60),\(other),2024-02-01,\(row)\n"
    }
    var options = CSVReadOptions()
    options.datetimeFormats = ["%d.%m.%Y", "%d.%m.%Y %H:%M"]
    options.chunkByteCount = chunk
    options.threads = 2
    let table = try file(text).read(options).table
    #expect(
      table.schema.fields.map(\.type) == [
        .date32, .timestamp(.microsecond, timeZone: nil), .utf8, .date32, .int64,
      ])
    options.datetimeFormats.append("ISO 8601")
    let mixed = try file(text).read(options).table
    #expect(mixed.schema.fields[2].type == .date32)
  }

  @Test(arguments: [1, 5, 1 << 20])
  func `a wrong byte is told with its own place`(chunk: Int) throws {
    let wrong: [(bytes: [UInt8], encoding: String?, offset: Int, name: String)] = [
      (Array("a,b\nx,\"y\nz".utf8) + [0xFF] + Array("\"\n".utf8), nil, 10, "UTF-8"),
      (
        Array("a,b\nx,\"y\n".utf8) + [0xE4, 0x81] + Array("\"\n".utf8), "cp1252", 10, "windows-1252"
      ),
    ]
    for (bytes, encoding, offset, name) in wrong {
      var options = CSVReadOptions()
      options.encoding = encoding
      options.chunkByteCount = chunk
      let place = ReadError.Place(
        file: "memory", offset: offset, column: "b", line: 3, record: 1, columnIndex: 1)
      #expect(throws: ReadError(.invalidText(encoding: name), at: place)) {
        try file(bytes).read(options)
      }
    }
  }

  @Test func `values of one size and dictionaries of any`() throws {
    var options = CSVReadOptions()
    options.types = [
      "h": .float16, "f": .fixedSizeBinary(byteWidth: 2),
      "k": .dictionary(index: .int8, value: .date32, isOrdered: false),
    ]
    let table = try file("h,f,k\n1.5,ab,2024-02-29\n,,\n-2,cd,2024-02-29\n").read(options).table
    #expect(table.schema.fields.map(\.type) == ["h", "f", "k"].map { options.types[$0] })
    let columns = table.batches[0].columns
    #expect(columns[0][0] == .float16(1.5) && columns[0][1] == .null)
    #expect(columns[1][2] == .binary([0x63, 0x64]) && columns[1][1] == .null)
    #expect(columns[2][2] == .date(days: 19782) && columns[2].dictionary?.length == 1)
  }

  @Test func `no data, and nothing at all`() throws {
    let table = try file("a,b\n").read().table
    #expect(table.rowCount == 0)
    #expect(table.schema.fields.map(\.name) == ["a", "b"])
    #expect(throws: ReadError.self) { try file("").read() }
    #expect(throws: ReadError.self) { try file("\n\n").read() }
  }

  @Test func `a field of several megabytes`() throws {
    let long = String(repeating: "lorem, ipsum\n", count: 60_000)
    for chunk in [16 << 10, 1 << 20] {
      let options = plain {
        $0.chunkByteCount = chunk
        $0.threads = 2
      }
      let table = try file("a,b\n\"\(long)\",x\nc,d\n").read(options).table
      #expect(rows(table) == [["a", "b"], [long, "x"], ["c", "d"]])
    }
  }

  @Test func `other encodings and compressed files`() throws {
    var utf16: [UInt8] = [0xFF, 0xFE]
    for unit in "a,b\n1,é\n2,\"x\ny\"\n".utf16 { utf16 += [UInt8(unit & 0xFF), UInt8(unit >> 8)] }
    for chunk in [1, 3, 1 << 20] {
      var options = CSVReadOptions()
      options.chunkByteCount = chunk
      let table = try file(utf16).read(options).table
      #expect(rows(table).map { $0[1] } == ["é", "x\ny"])
    }
    var options = CSVReadOptions()
    options.encoding = "latin-1"
    #expect(rows(try file([0x61, 0x0A, 0xE9, 0x0A]).read(options).table) == [["é"]])
  }

  @Test func `rows as values`() throws {
    struct City: Codable, Equatable {
      var name: String
      var people: Int
      var height: Double?
    }
    let cities = try file("name,people,height\nRome,2,21\nOslo,1,\n").rows(as: City.self)
    #expect(cities == [City(name: "Rome", people: 2, height: 21), City(name: "Oslo", people: 1)])
  }
}

@Suite struct `several CSV files` {
  @Test func `are one table of the types of all`() throws {
    let files = [
      try file("a,b\n1,x\n2,y\n"), try file("b,a\nz,3.5\n"), try file("a,b\n"),
      try file("a,b\n4,\n"),
    ]
    let table = try CSVDataset(files).read().table
    #expect(table.schema.fields.map(\.type) == [.float64, .utf8])
    #expect(rows(table).map { $0[1] } == ["x", "y", "z", nil])
    var options = CSVReadOptions()
    options.limit = 3
    #expect(try CSVDataset(files).read(options).table.rowCount == 3)
    #expect(throws: ReadError.self) {
      try CSVDataset([try file("a\n1\n"), try file("b\n1\n")]).read()
    }
    var united = CSVReadOptions()
    united.unitesColumns = true
    for chunk in [1, 1 << 20] {
      united.chunkByteCount = chunk
      let table = try CSVDataset([try file("a,c\n1,x\n"), try file("b,a\n2.5,2\n")]).read(united)
        .table
      #expect(table.schema.fields.map(\.name) == ["a", "c", "b"])
      #expect(
        rows(table).map { $0.map { $0 != nil } } == [[true, true, false], [true, false, true]])
    }
  }
}
