import Foundation
import PFCore
import PFParquet
import Testing

@Suite struct `footers of other writers` {
  @Test func `the fields of a file are what its writer says`() throws {
    let bytes = try FooterFixture.fixture("types")
    let metaData = try FileMetaData(decoding: bytes)
    #expect(metaData.version == 2)
    #expect(metaData.numRows == 6)
    #expect(metaData.createdBy?.hasPrefix("parquet-cpp-arrow version ") == true)
    #expect(metaData.rowGroups.map(\.numRows) == [4, 2])
    #expect(metaData.rowGroups.map(\.columns.count) == [15, 15])
    #expect(metaData.rowGroups.map(\.ordinal) == [nil, nil])
    #expect(metaData.columnOrders == Array(repeating: .typeOrder, count: 15))
    #expect(metaData.encryptionAlgorithm == nil)
    let entries = try #require(metaData.keyValueMetadata)
    #expect(
      entries.prefix(2) == [.init(key: "origin", value: "fixture"), .init(key: "empty", value: "")])
    let keys = try #require(metaData.rowGroups[0].sortingColumns)
    #expect(keys.map(\.columnIdx) == [0])
    #expect(keys.map(\.descending) == [false])
    #expect(keys.map(\.nullsFirst) == [false])
  }

  @Test func `the fields of a column chunk are what its writer says`() throws {
    let metaData = try FileMetaData(decoding: try FooterFixture.fixture("types"))
    let chunk = try metaData.rowGroups[0].columns[6]
    #expect(chunk.offsetIndexOffset != nil && chunk.columnIndexOffset != nil)
    #expect(!chunk.isEncrypted)
    let path = try metaData.filePath(of: chunk)
    #expect(path == nil)
    let column = try #require(chunk.metaData)
    #expect(column.type == .byteArray)
    #expect(column.codec == .snappy)
    #expect(column.numValues == 4)
    #expect(column.dictionaryPageOffset == 216)
    #expect(column.dataPageOffset == 260)
    #expect(column.totalCompressedSize == 73)
    #expect(column.totalUncompressedSize == 69)
    #expect(column.hasDictionaryPage)
    let encodings = try metaData.encodings(of: column)
    #expect(encodings == [.plain, .rle, .rleDictionary])
    let pages = try #require(try metaData.encodingStats(of: column))
    #expect(pages.map(\.pageType) == [.dictionaryPage, .dataPage])
    #expect(pages.map(\.encoding) == [.plain, .rleDictionary])
    #expect(pages.map(\.count) == [1, 1])
    let sizes = try #require(try metaData.sizeStatistics(of: column))
    #expect(sizes.unencodedByteArrayDataBytes == 16)
    #expect(sizes.definitionLevelHistogram == [1, 3])
  }

  @Test func `logical types keep their parameters`() throws {
    let schema = try FileMetaData(decoding: try FooterFixture.fixture("types")).schema
    let byName = Dictionary(uniqueKeysWithValues: schema.map { ($0.name, $0) })
    #expect(byName["id"]?.repetitionType == .required)
    #expect(byName["id"]?.fieldID == 7)
    #expect(byName["small"]?.logicalType == .integer(bitWidth: 8, isSigned: true))
    #expect(byName["unsigned"]?.logicalType == .integer(bitWidth: 32, isSigned: false))
    #expect(byName["unsigned"]?.convertedType == .uint32)
    #expect(byName["half"]?.logicalType == .float16)
    #expect(byName["name"]?.logicalType == .string)
    #expect(byName["code"]?.typeLength == 3)
    #expect(byName["price"]?.logicalType == .decimal(scale: 2, precision: 9))
    #expect(byName["price"]?.precision == 9)
    #expect(byName["day"]?.logicalType == .date)
    #expect(byName["clock"]?.logicalType == .time(isAdjustedToUTC: false, unit: .micros))
    #expect(byName["seen"]?.logicalType == .timestamp(isAdjustedToUTC: true, unit: .millis))
    #expect(byName["local"]?.logicalType == .timestamp(isAdjustedToUTC: false, unit: .nanos))
    #expect(byName["key"]?.logicalType == .uuid)
  }

  @Test(arguments: ["types", "nested", "small"])
  func `what stands before the row groups is that of the whole`(name: String) throws {
    let bytes = try FooterFixture.fixture(name)
    let metaData = try FileMetaData(decoding: bytes)
    let head = try FileMetaData.Head(decoding: bytes.span)
    #expect(head.schema == metaData.schema)
    #expect(head.numRows == metaData.numRows)
    #expect(head.rowGroupCount == metaData.rowGroups.count)
    let again = try FileMetaData(decoding: bytes, schema: head.schema)
    #expect(again.schema == metaData.schema)
    #expect(again.rowGroups.count == metaData.rowGroups.count)
    let rowCount = try FileMetaData.readRowCount(bytes.span)
    #expect(rowCount == metaData.numRows)
  }

  @Test func `the row count needs nothing behind its field`() throws {
    let bytes = try FooterFixture.fixture("types")
    let metaData = try FileMetaData(decoding: bytes)
    // Cut in the list of row groups: the whole cannot be read, the count can.
    let prefix = Array(bytes.prefix(bytes.count / 2))
    #expect(throws: DecodingError.self) { try FileMetaData(decoding: prefix) }
    let rowCount = try FileMetaData.readRowCount(prefix.span)
    #expect(rowCount == metaData.numRows)
    let head = try FileMetaData.Head(decoding: prefix.span)
    #expect(head.schema == metaData.schema)
    #expect(head.rowGroupCount == metaData.rowGroups.count)
  }
}

@Suite struct `footers of no writer` {
  /// One column, one row group; `change` may add to the file's struct.
  static func footer(
    element: (inout ThriftBytes) -> Void = { _ in },
    column: (inout ThriftBytes) -> Void = { _ in },
    file: (inout ThriftBytes) -> Void = { _ in }
  ) -> [UInt8] {
    withoutActuallyEscaping(element) { element in
      withoutActuallyEscaping(column) { column in
        ThriftBytes.structure {
          $0.i32(1, 1)
          $0.structs(
            2,
            [
              {
                $0.string(4, "root"); $0.i32(5, 1)
              },
              {
                $0.i32(1, 6); $0.i32(3, 1); $0.string(4, "c"); element(&$0)
              },
            ])
          $0.i64(3, 5)
          $0.structs(
            4,
            [
              {
                $0.structs(
                  1,
                  [
                    {
                      $0.i64(2, 0)
                      $0.structure(3) {
                        $0.i32(1, 6)
                        $0.list(2, of: ThriftBytes.i32, count: 1)
                        $0.zigzag(77)
                        $0.list(3, of: ThriftBytes.binary, count: 1)
                        $0.bytes += [1, 0x63]
                        $0.i32(4, 99)
                        $0.i64(5, 5)
                        $0.i64(6, 10)
                        $0.i64(7, 10)
                        $0.i64(9, 4)
                        column(&$0)
                      }
                    }
                  ])
                $0.i64(2, 10)
                $0.i64(3, 5)
              }
            ])
          file(&$0)
        }
      }
    }
  }

  @Test func `numbers of the future are kept`() throws {
    let metaData = try FileMetaData(decoding: Self.footer())
    let column = try #require(try metaData.rowGroups[0].columns[0].metaData)
    #expect(column.codec.description == "UNKNOWN(99)")
    let encodings = try metaData.encodings(of: column)
    #expect(encodings == [Encoding(rawValue: 77)])
    #expect(encodings[0].description == "UNKNOWN(77)")
    #expect(metaData.createdBy == nil)
    #expect(metaData.keyValueMetadata == nil)
  }

  @Test func `unknown fields are passed over everywhere`() throws {
    func more(_ thrift: inout ThriftBytes) {
      thrift.structure(40) { $0.list(1, of: ThriftBytes.double, count: 0) }
      thrift.bool(41, true)
      thrift.string(42, "later")
    }
    let plain = try FileMetaData(decoding: Self.footer())
    let grown = try FileMetaData(decoding: Self.footer(element: more, column: more, file: more))
    #expect(grown.schema == plain.schema)
    #expect(grown.rowGroups[0].numRows == plain.rowGroups[0].numRows)
  }

  @Test func `ids that a writer used for fields of its own do not clash with later ones`() throws {
    // Dremio's footers have a list of page headers where bloom_filter_length is now.
    let bytes = Self.footer(column: {
      $0.i32(14, 1)
      $0.structs(15, [{ $0.i32(1, 0) }])
      $0.i64(16, 1)
    })
    let column = try #require(
      try FileMetaData(decoding: bytes).rowGroups[0].columns[0].metaData)
    #expect(column.bloomFilterOffset == nil)
    #expect(column.bloomFilterLength == nil)
  }

  @Test func `a logical type of the future leaves the column's type alone`() throws {
    let bytes = Self.footer(element: { $0.structure(10) { $0.structure(99) { $0.i32(1, 3) } } })
    let element = try FileMetaData(decoding: bytes).schema[1]
    #expect(element.type == .byteArray)
    #expect(element.logicalType == .unknown(id: 99))
    let unset = try FileMetaData(decoding: Self.footer(element: { $0.structure(10) { _ in } }))
    #expect(unset.schema[1].logicalType == nil)
    let unit = Self.footer(element: {
      $0.structure(10) {
        $0.structure(8) {
          $0.bool(1, true)
          $0.structure(2) { $0.structure(4) { _ in } }
        }
      }
    })
    let type = try FileMetaData(decoding: unit).schema[1].logicalType
    #expect(type == .timestamp(isAdjustedToUTC: true, unit: .unknown(id: 4)))
  }

  @Test func `geometries, geographies and variants are known`() throws {
    func type(_ body: @escaping (inout ThriftBytes) -> Void) throws -> LogicalType? {
      let bytes = Self.footer(element: { $0.structure(10) { body(&$0) } })
      return try FileMetaData(decoding: bytes).schema[1].logicalType
    }
    let variant = try type {
      $0.structure(16) {
        $0.field(1, ThriftBytes.i8); $0.bytes.append(1)
      }
    }
    #expect(variant == .variant(specificationVersion: 1))
    let geometry = try type { $0.structure(17) { $0.string(1, "EPSG:1") } }
    #expect(geometry == .geometry(crs: "EPSG:1"))
    let geography = try type { $0.structure(18) { $0.i32(2, 4) } }
    #expect(geography == .geography(crs: nil, algorithm: .karney))
    let decimal = try type { $0.structure(5) { $0.i32(2, 9) } }
    #expect(decimal == .decimal(scale: 0, precision: 9))
  }

  @Test func `a key may have no value, and need not be UTF-8`() throws {
    let bytes = Self.footer(file: { $0.structs(5, [{ $0.binary(1, [0xC3]) }]) })
    let metaData = try FileMetaData(decoding: bytes)
    #expect(metaData.keyValueMetadata == [.init(key: "\u{FFFD}", value: nil)])
  }

  @Test func `encryption is seen`() throws {
    let bytes = Self.footer(file: { $0.structure(8) { $0.structure(2) { _ in } } })
    let metaData = try FileMetaData(decoding: bytes)
    #expect(metaData.encryptionAlgorithm == .aesGCMCTRV1)
  }

  @Test("a negative count is an error", arguments: [5, 6, 7, 9] as [Int16])
  func negative(id: Int16) {
    let bytes = Self.footer(column: { $0.i64(id, -1) })
    do throws(DecodingError) {
      // The footer itself is good: a chunk is looked at when it is asked for.
      _ = try FileMetaData(decoding: bytes).rowGroups[0].columns[0]
      Issue.record("field \(id) was taken")
    } catch {
      guard case .invalidValue = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test func `each required field is missed`() throws {
    let file: [(Int16, (inout ThriftBytes) -> Void)] = [
      (1, { $0.i32(1, 1) }), (2, { $0.structs(2, []) }), (3, { $0.i64(3, 0) }),
      (4, { $0.structs(4, []) }),
    ]
    for (missing, _) in file {
      let bytes = ThriftBytes.structure { thrift in
        for (id, write) in file where id != missing { write(&thrift) }
      }
      #expect(throws: DecodingError.missingField(id: missing, offset: 0)) {
        try FileMetaData(decoding: bytes)
      }
    }
    #expect(throws: DecodingError.missingField(id: 3, offset: 0)) {
      let empty: [UInt8] = [0]
      _ = try FileMetaData.readRowCount(empty.span)
    }
  }

  @Test("lists that claim 2^31 structs are refused", arguments: [2, 4, 5, 7] as [Int16])
  func claims(id: Int16) {
    let bytes = ThriftBytes.structure { $0.list(id, of: ThriftBytes.structure, count: 1 << 31) }
    do throws(DecodingError) {
      _ = try FileMetaData(decoding: bytes)
      Issue.record("taken")
    } catch {
      guard case .limitExceeded(_, 1 << 31, _) = error else {
        Issue.record("\(error)")
        return
      }
    }
  }
}

@Suite struct `broken footers` {
  @Test(arguments: ["types", "nested", "small"])
  func `no strict prefix is taken for the whole`(name: String) throws {
    let bytes = try FooterFixture.fixture(name)
    for count in 0..<bytes.count {
      #expect(throws: DecodingError.self) { try FileMetaData(decoding: Array(bytes[..<count])) }
    }
  }

  @Test(arguments: ["nested", "small"])
  func `each flip of a byte gives an error or metadata, never a trap`(name: String) throws {
    let bytes = try FooterFixture.fixture(name)
    let masks: [UInt8] = name == "small" ? Array(1...255) : [1, 2, 4, 8, 16, 32, 64, 128, 255]
    var survivors = 0
    for index in bytes.indices {
      for mask in masks {
        var flipped = bytes
        flipped[index] ^= mask
        if readAll(flipped) { survivors += 1 }
      }
    }
    // Most flips change a name or a number, which no reader can see.
    #expect(survivors > 0)
  }
}

/// Reads everything that metadata can be asked for; whether all of it was valid.
func readAll(_ footer: [UInt8]) -> Bool {
  _ = try? FileMetaData.readRowCount(footer.span)
  _ = try? FileMetaData.Head(decoding: footer.span)
  do {
    let metaData = try FileMetaData(decoding: footer)
    let tree = try SchemaTree(metaData.schema)
    for group in metaData.rowGroups {
      for index in 0..<group.columns.count {
        guard let column = try group.columns[index].metaData else { continue }
        _ = try metaData.encodingStats(of: column)
        _ = try metaData.sizeStatistics(of: column)
        _ = try metaData.keyValueMetadata(of: column)
      }
    }
    _ = try metaData.json(tree: tree)
    return true
  } catch {
    return false
  }
}

@Suite struct `footers of the corpora` {
  @Test func `every file is read or refused`() throws {
    guard let files = FooterFixture.corpus() else {
      print("PARQUETFRAME_CORPORA is not set: the corpora are not tested")
      return
    }
    #expect(files.count > 100)
    var readCount = 0
    for file in files {
      guard let footer = FooterFixture.footer(of: [UInt8](try Data(contentsOf: file))) else {
        continue
      }
      if readAll(footer) { readCount += 1 }
    }
    print("\(readCount) of \(files.count) footers of the corpora were read")
    #expect(readCount > 100)
  }
}
