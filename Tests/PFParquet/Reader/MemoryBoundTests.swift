import Foundation
import PFArrow
import PFCore
import PFParquet
import Testing

#if canImport(Glibc)
  import Glibc

  /// Small files with large claims, read in a process of their own whose memory is limited.
  @Suite struct `memory that a file claims` {
    typealias Page = FileBuilder.Page
    typealias Column = FileBuilder.Column

    static let values = Encode.plain((0..<8).map { Int64($0) })

    /// Hundreds of columns that claim much and hold eight rows: the table takes what it holds.
    @Test func `is not kept behind a few values`() throws {
      let column = Column(
        type: .byteArray,
        pages: [Page(count: 8, values: Encode.strings(Array(repeating: "x", count: 8)))],
        totalUncompressedSize: 1 << 40)
      let file = try FileBuilder(
        [Column](repeating: column, count: 400), rowCounts: [8]
      ).open()
      let before = Self.addressSpace()
      let table = try file.read()
      #expect(table.rowCount == 8)
      let perBuffer = table.batches[0].columns.flatMap(\.buffers).compactMap(\.self).count
      #expect(perBuffer >= 800)
      #expect(Self.addressSpace() - before < 300 << 20)
    }

    @Test(
      "is not asked for before the values are there",
      arguments: [1 << 24, 1 << 30, (1 << 31) - 1] as [Int64])
    func claims(rowCount: Int64) throws {
      let page = Page(count: rowCount, values: Self.values)
      for type in [PhysicalType.boolean, .int32, .int64, .int96, .byteArray] {
        let file = try FileBuilder(
          Column(type: type, pages: [page], totalUncompressedSize: 1 << 40), rowCount: rowCount
        ).open()
        let before = Self.addressSpace()
        _ = try ReadError.thrown { _ = try file.read() }
        #expect(Self.addressSpace() - before < 300 << 20, "\(type)")
      }
    }

    /// Bytes of address space that the process uses now.
    static func addressSpace() -> Int {
      let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
      return (Int(text.split(separator: " ").first ?? "") ?? 0) * Int(getpagesize())
    }
  }
#endif
