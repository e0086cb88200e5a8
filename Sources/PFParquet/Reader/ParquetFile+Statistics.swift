internal import PFArrow
public import PFCore

/// Counts of a footer, or of several together; none above what a number holds.
public struct ParquetCounts: Equatable, Sendable {
  /// Rows.
  public package(set) var rows = 0
  /// Row groups.
  public package(set) var rowGroups = 0
  /// Leaf columns; of several files, columns of the table that they make.
  public package(set) var columns = 0
  /// Bytes of all pages before compression, as the row groups claim.
  public package(set) var uncompressedBytes = 0
}

extension ParquetFile {
  /// Counts of the footer.
  ///
  /// - Throws: `.malformed` or `.inconsistent` when the footer is.
  public func counts() throws(ReadError) -> ParquetCounts { try counts(withBytes: true) }

  /// Counts of the footer; without those of bytes, which are 0 then, no row group is decoded.
  package func counts(withBytes: Bool) throws(ReadError) -> ParquetCounts {
    let outline = try outline()
    var counts = ParquetCounts()
    counts.rows = Int(outline.rowCount)
    counts.rowGroups = outline.rowGroupCount
    counts.columns = outline.schema.leaves.count
    guard withBytes else { return counts }
    let contents = try contents()
    for group in contents.metaData.rowGroups {
      let bytes = max(0, Int(group.totalByteSize))
      let (sum, overflow) = counts.uncompressedBytes.addingReportingOverflow(bytes)
      counts.uncompressedBytes = overflow ? .max : sum
    }
    return counts
  }

  /// What the footer says about columns: statistics merged over row groups, sizes, encodings.
  ///
  /// - Parameters:
  ///   - columns: dotted paths of leaf columns, or of groups for all below them; nil for all.
  ///   - rowGroups: indices; nil for all.
  /// - Returns: the leaf columns, those of a path in the order of the schema.
  /// - Throws: `.unknownColumn`, `.indexOutOfRange`; `.malformed` where the footer is.
  /// - Complexity: O(columns of the schema) to find a path, O(row groups) for each column.
  public func columnSummaries(
    of columns: [String]? = nil, rowGroups: [Int]? = nil
  ) throws(ReadError) -> [ColumnSummary] {
    if let columns, let summaries = walkedSummaries(of: columns, rowGroups: rowGroups) {
      return summaries
    }
    let contents = try contents()
    let (metaData, tree) = (contents.metaData, contents.schema)
    for index in rowGroups ?? [] where !metaData.rowGroups.indices.contains(index) {
      throw ReadError(
        .indexOutOfRange(what: "row group", index: index, count: metaData.rowGroups.count),
        at: .init(file: source.name))
    }
    let groups = rowGroups ?? Array(metaData.rowGroups.indices)
    let leaves = try leaves(of: columns, in: tree)
    do throws(DecodingError) {
      var summaries: [ColumnSummary] = []
      summaries.reserveCapacity(leaves.count)
      for leaf in leaves {
        summaries.append(try metaData.summary(of: leaf, in: tree, rowGroups: groups))
      }
      return summaries
    } catch { throw located(error) }
  }

  private func leaves(
    of columns: [String]?, in tree: SchemaTree
  ) throws(ReadError) -> [LeafColumn] {
    guard let columns else { return Array(tree.leaves) }
    var leaves: [LeafColumn] = []
    for path in columns {
      let found = tree.leaves(below: path)
      guard !found.isEmpty else {
        let nearest = nearestNames(to: path, among: tree.leaves.map(tree.dottedPath))
        throw ReadError(.unknownColumn(name: path, nearest: nearest), at: .init(file: source.name))
      }
      leaves += found
    }
    return leaves
  }

  /// The most columns whose chunks a walk over the footer keeps.
  private static let walkedColumnLimit = 64

  /// The summaries from a walk over a long footer; nil where the whole footer is to tell, as it does
  /// whatever is wrong.
  private func walkedSummaries(of columns: [String], rowGroups: [Int]?) -> [ColumnSummary]? {
    guard columns.count <= Self.walkedColumnLimit,
      let (walked, outline, leaves) = walk(
        keyValues: false, meanwhile: { try? self.leaves(of: columns, in: $0.schema) }),
      leaves.count <= Self.walkedColumnLimit,
      (rowGroups ?? []).allSatisfy(walked.groups.indices.contains)
    else { return nil }
    var walk = walked.walk
    var summaries: [ColumnSummary] = []
    for leaf in leaves {
      let order: ColumnOrder?
      do throws(FooterWalk.Stopped) {
        order = try walk.order(of: leaf.index, in: walked.rest)
      } catch { return nil }
      var builder = ColumnSummary.Builder(leaf, in: outline.schema, order: order)
      for index in rowGroups ?? Array(walked.groups.indices) {
        let group = walked.groups[index]
        guard leaf.index < group.chunkCount else { continue }
        guard let offset = try? walk.keep(leaf.index, of: group),
          (try? Self.add(to: &builder, from: walk.kept.span, at: offset)) != nil
        else { return nil }
      }
      summaries.append(builder.finish())
    }
    return summaries
  }

  private static func add(
    to builder: inout ColumnSummary.Builder, from bytes: Span<UInt8>, at offset: Int
  ) throws(DecodingError) {
    var thrift = ThriftReader(bytes, at: offset)
    try builder.add(try ColumnChunk(from: &thrift), in: bytes)
  }

  /// The statistics of a column, merged over row groups.
  ///
  /// - Parameters:
  ///   - path: the dotted path of a leaf column.
  ///   - rowGroups: indices; nil for all.
  /// - Returns: what can be trusted; what a row group leaves out is nil.
  /// - Throws: as `columnSummaries(of:rowGroups:)`; `.inconsistent` where several leaves have the
  ///   path.
  public func statistics(
    ofColumn path: String, rowGroups: [Int]? = nil
  ) throws(ReadError) -> TypedStatistics {
    let summaries = try columnSummaries(of: [path], rowGroups: rowGroups)
    guard summaries.count == 1 else {
      throw ReadError(
        .inconsistent("\"\(path)\" stands for \(summaries.count) columns"),
        at: .init(file: source.name, column: path))
    }
    return summaries[0].statistics
  }

  /// The number of data pages of a chunk: from its metadata, else from its offset index.
  ///
  /// - Returns: nil where the file tells it in neither.
  public func dataPageCount(of chunk: ColumnChunk) throws(ReadError) -> Int? {
    guard let column = chunk.metaData else { return nil }
    let metaData = try metaData()
    do throws(DecodingError) {
      if let counts = try metaData.pageCounts(of: column) { return Int(counts.data) }
    } catch { throw located(error) }
    guard let offset = chunk.offsetIndexOffset, let count = chunk.offsetIndexLength,
      let start = Int(exactly: offset), count > 0, start >= 0
    else { return nil }
    let bytes = try source.bytes(at: start, byteCount: Int(count))
    do throws(DecodingError) {
      // OffsetIndex of parquet.thrift: field 1 is the list of the pages' locations.
      var thrift = ThriftReader(bytes.bytes)
      var last: Int16 = 0
      while let field = try thrift.readField(after: &last) {
        if field.id == 1 { return try thrift.readStructListCount(field) }
        try thrift.skip(field)
      }
      return nil
    } catch { throw ReadError(error, base: start, at: .init(file: source.name)) }
  }
}
