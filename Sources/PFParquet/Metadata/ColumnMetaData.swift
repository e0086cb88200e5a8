package import PFCore

/// Where a column chunk's pages are and how they are stored: `ColumnMetaData` of parquet.thrift.
///
/// `path_in_schema` is not kept: chunks come in the order of the schema's leaves. Lists and
/// optional structs are left in the footer until `FileMetaData` is asked for them: a wide file has
/// a hundred thousand chunks, and most reads look at none of those.
public struct ColumnMetaData: Hashable, Sendable {
  /// Field 1, `type`.
  public var type: PhysicalType
  /// Field 4, `codec`.
  public var codec: CompressionCodec
  /// Values in the chunk, nulls included. Field 5, `num_values`.
  public var numValues: Int64
  /// Bytes of all pages before compression, with headers. Field 6, `total_uncompressed_size`.
  public var totalUncompressedSize: Int64
  /// Bytes of all pages in the file, with headers. Field 7, `total_compressed_size`.
  public var totalCompressedSize: Int64
  /// The first data page's place in the file. Field 9, `data_page_offset`.
  public var dataPageOffset: Int64
  /// The dictionary page's place in the file, as written: some writers leave 0 here when there
  /// is no dictionary, or leave it out when there is one. Field 11, `dictionary_page_offset`.
  public var dictionaryPageOffset: Int64?
  /// Field 14, `bloom_filter_offset`.
  public var bloomFilterOffset: Int64?
  /// Bytes of the bloom filter with its header. Field 15, `bloom_filter_length`.
  public var bloomFilterLength: Int32?

  /// Field 2, `encodings`.
  package var encodings: FooterRange
  /// Field 8, `key_value_metadata`.
  package var keyValueMetadata: FooterRange
  /// Field 12, `statistics`.
  package var statistics: FooterRange
  /// Field 13, `encoding_stats`.
  package var encodingStats: FooterRange
  /// Field 16, `size_statistics`.
  package var sizeStatistics: FooterRange

  /// Whether the chunk is said to begin with a dictionary page; some writers have one without
  /// saying so, and some leave a 0 where there is none.
  public var hasDictionaryPage: Bool { (dictionaryPageOffset ?? 0) > 0 }

  /// Where the first page begins, be it the dictionary or data.
  package var firstPageOffset: Int64 {
    guard let dictionary = dictionaryPageOffset, dictionary > 0 else { return dataPageOffset }
    return min(dictionary, dataPageOffset)
  }

  /// Whether a minimum, a maximum or a count of the chunk's values may be had.
  public var hasStatistics: Bool { !statistics.isAbsent }
}

extension ColumnMetaData: ThriftDecodable {
  package init(from outer: inout ThriftReader) throws(DecodingError) {
    // A copy whose offset stays in a register: a fifth of the time of a wide footer.
    var thrift = ThriftReader(outer.bytes, at: outer.offset)
    defer { outer.move(to: thrift.offset) }
    let start = thrift.offset
    var type: PhysicalType?
    var hasPathInSchema = false
    var codec: CompressionCodec?
    var numValues: Int64?
    var totalUncompressedSize: Int64?
    var totalCompressedSize: Int64?
    var dataPageOffset: Int64?
    dictionaryPageOffset = nil
    bloomFilterOffset = nil
    bloomFilterLength = nil
    encodings = .absent
    keyValueMetadata = .absent
    statistics = .absent
    encodingStats = .absent
    sizeStatistics = .absent

    var last: Int16 = 0
    while let field = try thrift.readField(after: &last) {
      let valueStart = thrift.offset
      switch field.id {
      case 1:
        type = PhysicalType(rawValue: try thrift.readI32(field))
        guard type != nil else { throw .invalidValue(offset: valueStart) }
      case 2: encodings = try thrift.skipRange(field, expecting: .list)
      case 3:
        guard field.type == .list else { throw .invalidValue(offset: valueStart) }
        try thrift.skip(field)
        hasPathInSchema = true
      case 4: codec = CompressionCodec(rawValue: try thrift.readI32(field))
      case 5: numValues = try thrift.readCount64(field)
      case 6: totalUncompressedSize = try thrift.readCount64(field)
      case 7: totalCompressedSize = try thrift.readCount64(field)
      case 8: keyValueMetadata = try thrift.skipRange(field, expecting: .list)
      case 9: dataPageOffset = try thrift.readCount64(field)
      case 11: dictionaryPageOffset = try thrift.readI64(field)
      case 12: statistics = try thrift.skipRange(field, expecting: .structure)
      case 13: encodingStats = try thrift.skipRange(field, expecting: .list)
      // Dremio had used later ids for fields of its own: these count with their type alone.
      case 14 where field.type == .i64: bloomFilterOffset = try thrift.readI64(field)
      case 15 where field.type == .i32: bloomFilterLength = try thrift.readI32(field)
      case 16 where field.type == .structure:
        sizeStatistics = try thrift.skipRange(field, expecting: .structure)
      default: try thrift.skip(field)
      }
    }

    guard let type else { throw .missingField(id: 1, offset: start) }
    guard !encodings.isAbsent else { throw .missingField(id: 2, offset: start) }
    guard hasPathInSchema else { throw .missingField(id: 3, offset: start) }
    guard let codec else { throw .missingField(id: 4, offset: start) }
    guard let numValues else { throw .missingField(id: 5, offset: start) }
    guard let totalUncompressedSize else { throw .missingField(id: 6, offset: start) }
    guard let totalCompressedSize else { throw .missingField(id: 7, offset: start) }
    guard let dataPageOffset else { throw .missingField(id: 9, offset: start) }
    self.type = type
    self.codec = codec
    self.numValues = numValues
    self.totalUncompressedSize = totalUncompressedSize
    self.totalCompressedSize = totalCompressedSize
    self.dataPageOffset = dataPageOffset
  }
}

// MARK: - What is decoded when asked, from the bytes that the ranges count in

extension ColumnMetaData {
  /// Field 12, `statistics`, as they are stored.
  package func statistics(in footer: Span<UInt8>) throws(DecodingError) -> Statistics? {
    guard !statistics.isAbsent else { return nil }
    var thrift = ThriftReader(footer, at: statistics.bounds.lowerBound)
    return try Statistics(from: &thrift)
  }

  /// Field 2, `encodings`, in the file's order.
  func encodings(in footer: Span<UInt8>) throws(DecodingError) -> [Encoding] {
    var thrift = ThriftReader(footer, at: encodings.bounds.lowerBound)
    let count = try thrift.readCount(.init(id: 2, type: .list), of: .i32)
    var encodings: [Encoding] = []
    encodings.reserveCapacity(count)
    for _ in 0..<count { encodings.append(Encoding(rawValue: try thrift.readI32Element())) }
    return encodings
  }

  /// Field 13, `encoding_stats`.
  func encodingStats(in footer: Span<UInt8>) throws(DecodingError) -> [PageEncodingStats]? {
    guard !encodingStats.isAbsent else { return nil }
    var thrift = ThriftReader(footer, at: encodingStats.bounds.lowerBound)
    return try thrift.readStructs(.init(id: 13, type: .list), minimumByteCount: 7)
  }

  /// Field 16, `size_statistics`.
  func sizeStatistics(in footer: Span<UInt8>) throws(DecodingError) -> SizeStatistics? {
    guard !sizeStatistics.isAbsent else { return nil }
    var thrift = ThriftReader(footer, at: sizeStatistics.bounds.lowerBound)
    return try SizeStatistics(from: &thrift)
  }

  /// How many data pages and dictionary pages the chunk has, from `encoding_stats`.
  func pageCounts(
    in footer: Span<UInt8>
  ) throws(DecodingError) -> (data: Int64, dictionary: Int64)? {
    guard let stats = try encodingStats(in: footer) else { return nil }
    var counts: (data: Int64, dictionary: Int64) = (0, 0)
    for entry in stats {
      switch entry.pageType {
      case .dataPage, .dataPageV2: counts.data.addSaturated(Int64(entry.count))
      case .dictionaryPage: counts.dictionary.addSaturated(Int64(entry.count))
      default: break
      }
    }
    return counts
  }

  /// The statistics of the chunk of `leaf`, typed by the order of its column.
  func typedStatistics(
    in footer: Span<UInt8>, leaf: LeafColumn, order: ColumnOrder?
  ) throws(DecodingError) -> TypedStatistics? {
    guard let statistics = try statistics(in: footer) else { return nil }
    return TypedStatistics(statistics, in: footer, kind: StatisticsKind(leaf), order: order)
  }
}
