import PFArrow
import PFCompression
import PFCore
import PFParquet

/// Writes Parquet files page by page, right or as wrong as a test wants them.
///
/// Everything that a header or the footer claims can be overridden; what is not is right.
struct FileBuilder: Sendable {
  /// Encodings by their number in parquet.thrift.
  enum Encoding {
    static let plain: Int64 = 0
    static let plainDictionary: Int64 = 2
    static let rle: Int64 = 3
    static let bitPacked: Int64 = 4
    static let deltaBinaryPacked: Int64 = 5
    static let deltaLengthByteArray: Int64 = 6
    static let deltaByteArray: Int64 = 7
    static let rleDictionary: Int64 = 8
    static let byteStreamSplit: Int64 = 9
    static let alp: Int64 = 10
  }

  var columns: [Column]
  /// The rows of each row group. Each has all columns.
  var rowCounts: [Int64]
  /// `num_rows` of the file, when it is not the sum.
  var fileRowCount: Int64?
  /// Chunks that the footer lists for each row group, when not all.
  var listedChunkCount: Int?
  /// The schema, where it is nested; the columns are its leaves.
  var nodes: [SchemaSketch]?
  /// The key-value metadata of the file.
  var metadata: [(key: String, value: String)] = []

  init(_ columns: [Column], rowCounts: [Int64]) {
    self.columns = columns
    self.rowCounts = rowCounts
  }

  /// One column and `rowCount` rows in one row group.
  init(_ column: Column, rowCount: Int64) { self.init([column], rowCounts: [rowCount]) }

  /// A flat column with the same pages in every row group.
  struct Column: Sendable {
    var name = "c"
    var type = PhysicalType.int64
    var typeLength: Int64?
    var isOptional = false
    var convertedType: Int64?
    var precision: Int64?
    var scale: Int64?
    var codec: Int64 = 0
    var pages: [Page]

    // What the footer claims.
    var numValues: Int64?
    var dataPageOffset: Int64?
    var dictionaryPageOffset: Int64?
    var totalCompressedSize: Int64?
    var totalUncompressedSize: Int64?
    var chunkType: PhysicalType?
    var hasMetaData = true
    var filePath: String?
  }

  /// A page, its levels and values encoded.
  struct Page: Sendable {
    enum Kind: Int64 { case data, index, dictionary, dataV2, future = 17 }

    var kind = Kind.data
    var count: Int64
    var encoding = Encoding.plain
    /// Repetition levels in the hybrid encoding, without a length; nil where nothing is repeated.
    var repetitions: [UInt8]?
    /// Definition levels in the same form; nil for a required column.
    var levels: [UInt8]?
    var values: [UInt8]

    // What the header claims.
    var levelEncoding = Encoding.rle
    var compressedByteCount: Int64?
    var uncompressedByteCount: Int64?
    var levelByteCount: Int64?
    var numNulls: Int64 = 0
    var numRows: Int64?
    var isCompressed: Bool?
    var crc: Int64?
    var hasRightChecksum = false
    /// Bytes of a field that no specification knows, in front of all others.
    var paddingByteCount = 0
    /// Stored instead of what the codec makes.
    var storedBytes: [UInt8]?

    static func dictionary(_ count: Int64, _ values: [UInt8]) -> Page {
      Page(kind: .dictionary, count: count, values: values)
    }
  }

  /// The file.
  func build() -> [UInt8] {
    var file = Array("PAR1".utf8)
    var groups: [(inout ThriftBytes) -> Void] = []
    for rowCount in rowCounts {
      var chunks: [(inout ThriftBytes) -> Void] = []
      for column in columns {
        let start = file.count
        var firstDataPage = start
        for page in column.pages {
          if page.kind == .dictionary, file.count == firstDataPage {
            page.append(to: &file, codec: column.codec)
            firstDataPage = file.count
          } else {
            page.append(to: &file, codec: column.codec)
          }
        }
        chunks.append(
          column.chunk(
            start: start, firstDataPage: firstDataPage, byteCount: file.count - start,
            rowCount: rowCount))
      }
      let listed = Array(chunks.prefix(listedChunkCount ?? .max))
      groups.append { thrift in
        thrift.structs(1, listed)
        thrift.i64(2, 0)
        thrift.i64(3, rowCount)
      }
    }
    let sum = rowCounts.reduce(0, &+)
    let footer = ThriftBytes.structure { thrift in
      thrift.i32(1, 2)
      thrift.structs(
        2,
        [
          { root in
            root.string(4, "schema")
            root.i32(5, Int64(nodes?.count ?? columns.count))
          }
        ] + (nodes?.flatMap(\.elements) ?? columns.map(\.schema)))
      thrift.i64(3, fileRowCount ?? sum)
      thrift.structs(4, groups)
      if !metadata.isEmpty {
        thrift.structs(
          5,
          metadata.map { pair in
            { thrift in
              thrift.string(1, pair.key)
              thrift.string(2, pair.value)
            }
          })
      }
    }
    file += footer
    file += (0..<4).map { UInt8(truncatingIfNeeded: footer.count >> ($0 * 8)) }
    return file + Array("PAR1".utf8)
  }

  /// The file, opened from memory.
  func open() throws -> ParquetFile { try Self.open(build()) }

  static func open(_ bytes: [UInt8]) throws -> ParquetFile {
    try ParquetFile(MemorySource(Buffer(copying: bytes.span)))
  }
}

extension FileBuilder.Column {
  fileprivate var schema: (inout ThriftBytes) -> Void {
    { thrift in
      thrift.i32(1, Int64(type.rawValue))
      if let typeLength { thrift.i32(2, typeLength) }
      thrift.i32(3, isOptional ? 1 : 0)
      thrift.string(4, name)
      if let convertedType { thrift.i32(6, convertedType) }
      if let scale { thrift.i32(7, scale) }
      if let precision { thrift.i32(8, precision) }
    }
  }

  fileprivate func chunk(
    start: Int, firstDataPage: Int, byteCount: Int, rowCount: Int64
  ) -> (inout ThriftBytes) -> Void {
    { thrift in
      if let filePath { thrift.string(1, filePath) }
      thrift.i64(2, 0)
      guard hasMetaData else { return }
      thrift.structure(3) { thrift in
        thrift.i32(1, Int64((chunkType ?? type).rawValue))
        thrift.list(2, of: ThriftBytes.i32, count: 0)
        thrift.list(3, of: ThriftBytes.binary, count: 0)
        thrift.i32(4, codec)
        thrift.i64(5, numValues ?? rowCount)
        thrift.i64(6, totalUncompressedSize ?? Int64(byteCount))
        thrift.i64(7, totalCompressedSize ?? Int64(byteCount))
        thrift.i64(9, dataPageOffset ?? Int64(firstDataPage))
        if let dictionaryPageOffset {
          thrift.i64(11, dictionaryPageOffset)
        } else if firstDataPage > start {
          thrift.i64(11, Int64(start))
        }
      }
    }
  }
}

extension FileBuilder.Page {
  fileprivate func append(to file: inout [UInt8], codec: Int64) {
    func packed(_ bytes: [UInt8]) -> [UInt8] {
      guard isCompressed != false else { return bytes }
      return switch codec {
      case 1: Snappy.compress(bytes.span)
      case 2: storedGzip(bytes)
      default: bytes
      }
    }
    let plainByteCount: Int
    var stored: [UInt8]
    switch kind {
    case .dataV2:
      let both = (repetitions ?? []) + (levels ?? [])
      plainByteCount = both.count + values.count
      stored = both + packed(values)
    default:
      var plain: [UInt8] = []
      for levels in [repetitions, levels].compactMap({ $0 }) {
        plain += (0..<4).map { UInt8(truncatingIfNeeded: levels.count >> ($0 * 8)) }
        plain += levels
      }
      plain += values
      plainByteCount = plain.count
      stored = packed(plain)
    }
    if let storedBytes { stored = storedBytes }
    file += header(plainByteCount: plainByteCount, stored: stored) + stored
  }

  private func header(plainByteCount: Int, stored: [UInt8]) -> [UInt8] {
    ThriftBytes.structure { thrift in
      if paddingByteCount > 0 {
        thrift.binary(1000, [UInt8](repeating: 0x55, count: paddingByteCount))
      }
      thrift.i32(1, kind.rawValue)
      thrift.i32(2, uncompressedByteCount ?? Int64(plainByteCount))
      thrift.i32(3, compressedByteCount ?? Int64(stored.count))
      if hasRightChecksum {
        thrift.i32(4, Int64(Int32(bitPattern: CRC32.checksum(of: stored.span))))
      } else if let crc {
        thrift.i32(4, crc)
      }
      switch kind {
      case .data:
        thrift.structure(5) { thrift in
          thrift.i32(1, count)
          thrift.i32(2, encoding)
          thrift.i32(3, levelEncoding)
          thrift.i32(4, FileBuilder.Encoding.rle)
        }
      case .dictionary:
        thrift.structure(7) { thrift in
          thrift.i32(1, count)
          thrift.i32(2, encoding)
        }
      case .dataV2:
        thrift.structure(8) { thrift in
          thrift.i32(1, count)
          thrift.i32(2, numNulls)
          thrift.i32(3, numRows ?? count)
          thrift.i32(4, encoding)
          thrift.i32(5, levelByteCount ?? Int64(levels?.count ?? 0))
          thrift.i32(6, Int64(repetitions?.count ?? 0))
          if let isCompressed { thrift.bool(7, isCompressed) }
        }
      case .index: thrift.structure(6) { _ in }
      case .future: break
      }
    }
  }
}
