public import PFCore

/// What a footer says about one leaf column over row groups.
public struct ColumnSummary: Sendable {
  /// The column.
  public let leaf: LeafColumn
  /// The names from below the root, with dots between them.
  public let path: String
  /// Bounds and counts that hold for all of the row groups.
  public fileprivate(set) var statistics = TypedStatistics()
  /// Values, nulls included.
  public fileprivate(set) var valueCount: Int64 = 0
  /// Bytes of all pages in the file, with headers.
  public fileprivate(set) var totalCompressedSize: Int64 = 0
  /// Bytes of all pages before compression, with headers.
  public fileprivate(set) var totalUncompressedSize: Int64 = 0
  /// Bytes of all BYTE_ARRAY values, without lengths; nil where a row group does not say.
  public fileprivate(set) var unencodedByteArrayDataBytes: Int64? = 0
  /// Data pages; nil where a row group does not say.
  public fileprivate(set) var dataPageCount: Int64? = 0
  /// Without repetition, in the order met.
  public fileprivate(set) var encodings: [Encoding] = []
  /// Without repetition, in the order met.
  public fileprivate(set) var codecs: [CompressionCodec] = []
  /// Whether the metadata of a chunk needs a key, so that nothing holds for all.
  public fileprivate(set) var hasEncryptedChunks = false

  fileprivate init(_ leaf: LeafColumn, path: String) {
    self.leaf = leaf
    self.path = path
  }
}

extension ColumnSummary {
  /// Sums up a column chunk by chunk. Sums end at the largest number: footers may claim anything.
  struct Builder {
    private var summary: ColumnSummary
    private var merger: TypedStatistics.Merger
    private let order: ColumnOrder?

    /// A summary of no chunks; `order` is that of the column's bounds, nil where the file does not
    /// say.
    init(_ leaf: LeafColumn, in tree: SchemaTree, order: ColumnOrder?) {
      summary = ColumnSummary(leaf, path: tree.dottedPath(of: leaf))
      merger = TypedStatistics.Merger(StatisticsKind(leaf))
      self.order = order
    }

    /// Adds the column's chunk of a row group, decoded from the same bytes.
    mutating func add(_ chunk: ColumnChunk, in footer: Span<UInt8>) throws(DecodingError) {
      guard let chunk = chunk.metaData else {
        summary.hasEncryptedChunks = true
        merger.add(nil, valueCount: 1)
        return
      }
      summary.valueCount.addSaturated(chunk.numValues)
      summary.totalCompressedSize.addSaturated(chunk.totalCompressedSize)
      summary.totalUncompressedSize.addSaturated(chunk.totalUncompressedSize)
      let bytes = try chunk.sizeStatistics(in: footer)?.unencodedByteArrayDataBytes
      summary.unencodedByteArrayDataBytes.add(bytes)
      summary.dataPageCount.add(try chunk.pageCounts(in: footer)?.data)
      for encoding in try chunk.encodings(in: footer) where !summary.encodings.contains(encoding) {
        summary.encodings.append(encoding)
      }
      if !summary.codecs.contains(chunk.codec) { summary.codecs.append(chunk.codec) }
      merger.add(
        try chunk.typedStatistics(in: footer, leaf: summary.leaf, order: order),
        valueCount: chunk.numValues)
    }

    /// What holds for all that was added.
    func finish() -> ColumnSummary {
      var summary = summary
      if summary.hasEncryptedChunks {
        (summary.unencodedByteArrayDataBytes, summary.dataPageCount) = (nil, nil)
      }
      if summary.leaf.physicalType != .byteArray { summary.unencodedByteArrayDataBytes = nil }
      summary.statistics = merger.merged
      return summary
    }
  }
}

extension FileMetaData {
  /// Sums up a column chunk by chunk.
  ///
  /// - Parameters:
  ///   - leaf: a column of this file's schema.
  ///   - tree: this file's schema.
  ///   - indices: the row groups, all within `rowGroups`.
  /// - Returns: what holds for all of them.
  /// - Throws: where a chunk is no valid Thrift.
  /// - Complexity: O(row groups).
  package func summary(
    of leaf: LeafColumn, in tree: SchemaTree, rowGroups indices: [Int]
  ) throws(DecodingError) -> ColumnSummary {
    var builder = ColumnSummary.Builder(leaf, in: tree, order: columnOrder(of: leaf))
    for index in indices where leaf.index < rowGroups[index].columns.count {
      try builder.add(rowGroups[index].columns[leaf.index], in: bytes.span)
    }
    return builder.finish()
  }

  /// How many data pages and dictionary pages a chunk has, from `encoding_stats`.
  public func pageCounts(
    of column: ColumnMetaData
  ) throws(DecodingError) -> (data: Int64, dictionary: Int64)? {
    try column.pageCounts(in: bytes.span)
  }
}

extension Int64 {
  mutating func addSaturated(_ other: Int64) {
    let (sum, overflow) = addingReportingOverflow(other)
    self = overflow ? .max : sum
  }
}

extension Int64? {
  fileprivate mutating func add(_ other: Int64?) {
    guard var sum = self, let other else {
      self = nil
      return
    }
    sum.addSaturated(other)
    self = sum
  }
}
