import Foundation
import PFArrow
import PFCore
import PFParquet
import Testing

/// Real files, cut and changed at every byte: an error or a table, never a trap.
@Suite struct `damaged files` {
  static let fixtures = [
    "flat_v1", "flat_v2", "encodings_v1", "encodings_v2", "nested_v1", "nested_v2",
    "metadata/small", "metadata/types",
  ]

  static func bytes(of fixture: String) throws -> [UInt8] {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try [UInt8](Data(contentsOf: tests.appending(path: "Fixtures/\(fixture).parquet")))
  }

  /// Whether the bytes are read; both ways must agree.
  static func isRead(_ bytes: [UInt8]) throws -> Bool {
    var options = ParquetReadOptions()
    options.threads = 1
    // A changed count may be large and right.
    options.limit = 10_000
    options.batchSize = 5
    do throws(ReadError) {
      let file = try ParquetFile(MemorySource(Buffer.make(bytes)))
      let table = try file.read(options)
      for batch in table.batches { try batch.checkInvariantsTyped() }
      let scanner = try ParquetScanner(file, options)
      var rowCount = 0
      while let batch = try scanner.next() { rowCount += batch.rowCount }
      #expect(rowCount == table.rowCount)
      return true
    } catch {
      #expect(!error.description.isEmpty)
      return false
    }
  }

  @Test("as they are can be read", arguments: ["flat_v1", "flat_v2"])
  func whole(fixture: String) throws {
    let file = try FileBuilder.open(Self.bytes(of: fixture))
    let table = try file.readChecked()
    #expect(table.rowCount == 26)
    let names = [
      "flag", "small", "wide", "ratio", "name", "blob", "code", "price", "clock", "none",
    ]
    #expect(table.schema.fields.map(\.name) == names)
    for row in 0..<26 {
      let values = (0..<10).map { table.column($0)[row] }
      #expect(values[0] == (row % 5 == 0 ? .null : .boolean(row % 3 == 0)))
      #expect(values[1] == (row % 4 == 0 ? .null : .int(Int64(row) - 9)))
      #expect(values[2] == .int(Int64(row) * 1_000_000_000_000))
      #expect(values[3] == (row % 7 == 0 ? .null : .float64(Double(row) / 4)))
      #expect(values[4] == (row % 3 == 0 ? .null : .string("name \(row % 4) ż")))
      #expect(values[5] == .binary((0..<row).map { UInt8($0) }))
      #expect(values[6] == (row == 5 ? .null : .binary([UInt8](repeating: UInt8(row), count: 3))))
      let cents = row * row
      #expect(
        values[7].description == "\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)")
      let clock = ArrowValue.timestamp(
        Int64(row) * 1_000_000_000_000_000, .nanosecond, timeZone: nil)
      #expect(values[8] == (row % 6 == 0 ? .null : clock))
      #expect(values[9] == .null)
    }
  }

  @Test("end in an error wherever they are cut", arguments: fixtures)
  func prefixes(fixture: String) throws {
    let bytes = try Self.bytes(of: fixture)
    for count in bytes.indices {
      #expect(try !Self.isRead(Array(bytes[..<count])), "the first \(count) bytes")
    }
  }

  @Test(
    "end in an error or a table whichever byte is changed",
    arguments: ["flat_v1", "flat_v2", "nested_v1", "nested_v2", "metadata/small"])
  func flips(fixture: String) throws {
    var bytes = try Self.bytes(of: fixture)
    let changes: [UInt8] = [0xFF, 0x01, 0x80, 0x10]
    for index in bytes.indices {
      let right = bytes[index]
      bytes[index] ^= changes[index % changes.count]
      _ = try Self.isRead(bytes)
      bytes[index] = right
    }
  }

  @Test("of all encodings hold the values of PLAIN", arguments: ["encodings_v1", "encodings_v2"])
  func encodings(fixture: String) throws {
    let file = try FileBuilder.open(Self.bytes(of: fixture))
    for batchSize in [1, 7, 100] {
      var options = ParquetReadOptions()
      options.batchSize = batchSize
      let batches = try file.scanChecked(options)
      let names = try #require(batches.first).schema.fields.map(\.name)
      var plain: [ArrowValue] = []
      for (index, name) in names.enumerated() {
        let values = batches.flatMap { $0.values(of: index) }
        #expect(values.count == 41)
        // A column in PLAIN comes before each group of others with its values.
        if name.hasSuffix("PLAIN") { plain = values }
        #expect(values == plain, "\(name)")
      }
    }
  }

  @Test("do not pass for whole when checksums are verified", arguments: ["flat_v1", "flat_v2"])
  func checksums(fixture: String) throws {
    let bytes = try Self.bytes(of: fixture)
    let whole = try FileBuilder.open(bytes).readChecked()
    let columns = whole.schema.fields.indices.map { whole.column($0) }
    let footer = try #require(FooterFixture.footer(of: bytes)).count + 8
    var options = ParquetReadOptions()
    options.verifiesChecksums = true
    for index in 4..<(bytes.count - footer) {
      var changed = bytes
      changed[index] ^= 0x04
      guard let table = try? FileBuilder.open(changed).read(options) else { continue }
      // What is read in spite of it is right: the byte was one that says nothing.
      for column in whole.schema.fields.indices {
        #expect(table.column(column) == columns[column], "byte \(index)")
      }
    }
  }

  @Test func `of other people end in an error or a table`() throws {
    guard let files = FooterFixture.corpus() else { return }
    // Two keys of a gigabyte in four kilobytes: a test of its own, in a release build, reads it.
    for url in files where url.lastPathComponent != "large_string_map.brotli.parquet" {
      let start = ContinuousClock.now
      do throws(ReadError) {
        let file = try ParquetFile(path: url.path)
        var options = ParquetReadOptions()
        options.limit = 100_000
        let table = try file.read(options)
        for batch in table.batches { try batch.checkInvariantsTyped() }
      } catch {
        #expect(!error.description.isEmpty)
      }
      let elapsed = ContinuousClock.now - start
      #expect(elapsed < .seconds(30), "\(url.lastPathComponent) took \(elapsed)")
    }
  }
}

extension Buffer {
  fileprivate static func make(_ bytes: [UInt8]) throws(ReadError) -> Buffer {
    do throws(AllocationError) {
      return try Buffer(copying: bytes.span)
    } catch { throw ReadError(error) }
  }
}

extension RecordBatch {
  fileprivate func checkInvariantsTyped() throws(ReadError) {
    for column in columns {
      do throws(ReadError) {
        try column.checkInvariantsTyped()
      } catch {
        Issue.record("an array breaks the rules of Arrow: \(error)")
      }
    }
  }
}

extension ArrowArray {
  fileprivate func checkInvariantsTyped() throws(ReadError) {
    for child in children { try child.checkInvariantsTyped() }
    let checked = try ArrowArray(
      checking: type, length: length, offset: offset, buffers: buffers, children: children,
      dictionary: dictionary)
    #expect(checked.nullCount == nullCount)
  }
}
