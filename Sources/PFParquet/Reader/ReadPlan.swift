internal import PFArrow
internal import PFCore

/// What a read touches: which columns, which rows of which row groups. Made from the footer alone.
struct ReadPlan: Sendable {
  /// A row group and how many of its rows are wanted, from the first on.
  struct Part: Sendable {
    let rowGroup: Int
    let rowCount: Int
  }

  /// The columns of the table.
  let fields: [FieldMapping]
  /// The leaf columns that they are made of; parts times leaves are the work.
  let leaves: [ColumnMapping]
  let parts: [Part]
  let schema: Schema
  /// The condition on the rows; each part then has all rows of its row group.
  let condition: RowCondition?
  /// What the arrays of the read may take together.
  let budget: AllocationBudget

  /// - Throws: `.unknownColumn`, `.indexOutOfRange`, `.invalidOption`, or what the columns' types
  ///   have against them.
  init(
    of file: ParquetFile, _ options: ParquetReadOptions, budget: AllocationBudget? = nil
  ) throws(ReadError) {
    self.budget = budget ?? AllocationBudget(limit: options.limits.allocationByteCount)
    let contents = try file.contents(threads: options.threads)
    let here = ReadError.Place(file: file.source.name)
    do throws(ReadError) {
      let stored = options.restoresArrowSchema ? StoredArrowSchema(contents) : nil
      let projection = try Projection(of: contents.schema, stored, options)
      fields = projection.fields
      leaves = projection.leaves
      parts = try Self.parts(options, in: contents)
      condition = try options.filter.map { (filter) throws(ReadError) in
        try RowCondition(filter, in: contents.schema, options)
      }
    } catch { throw error.at(here) }
    schema = Schema(fields.map(\.field), metadata: Self.metadata(contents))
  }

  /// The schema of a plan for all of a file.
  ///
  /// - Throws: as `init`.
  static func schema(of file: ParquetFile) throws(ReadError) -> Schema {
    let contents = try file.contents()
    do throws(ReadError) {
      _ = try parts(ParquetReadOptions(), in: contents)
      let fields = try Projection.fields(of: contents.schema, StoredArrowSchema(contents))
      return Schema(fields, metadata: metadata(contents))
    } catch { throw error.at(.init(file: file.source.name)) }
  }

  private static func metadata(_ contents: ParquetFile.Contents) -> [PFArrow.KeyValue] {
    var metadata: [PFArrow.KeyValue] = []
    for pair in contents.metaData.keyValueMetadata ?? [] where pair.key != StoredArrowSchema.key {
      metadata.append(.init(pair.key, pair.value ?? ""))
    }
    return metadata
  }

  private static func parts(
    _ options: ParquetReadOptions, in contents: ParquetFile.Contents
  ) throws(ReadError) -> [Part] {
    let groups = contents.metaData.rowGroups
    guard options.limit ?? 0 >= 0 else {
      throw ReadError(.invalidOption(name: "limit", why: "it is negative"))
    }
    // Which rows meet a condition is not known yet.
    var left = options.filter == nil ? options.limit ?? .max : .max
    let declared = contents.metaData.numRows
    let counted = groups.reduce((rows: Int64(0), isExact: true)) {
      let (sum, overflow) = $0.rows.addingReportingOverflow($1.numRows)
      return (sum, $0.isExact && !overflow)
    }
    // parquet-rs 0.3 left the count of the file out.
    guard counted.isExact, counted.rows == declared || declared == 0 else {
      throw ReadError(.inconsistent("the row groups do not have the \(declared) rows of the file"))
    }
    var parts: [Part] = []
    for index in options.rowGroups ?? Array(groups.indices) {
      guard groups.indices.contains(index) else {
        throw ReadError(.indexOutOfRange(what: "row group", index: index, count: groups.count))
      }
      guard groups[index].columns.count == contents.schema.leaves.count else {
        throw ReadError(
          .inconsistent(
            "\(groups[index].columns.count) column chunks for \(contents.schema.leaves.count) columns"
          ),
          at: .init(rowGroup: index))
      }
      let rowCount = min(left, Int(groups[index].numRows))
      left -= rowCount
      if rowCount > 0 || options.limit == nil {
        parts.append(Part(rowGroup: index, rowCount: rowCount))
      }
    }
    return parts
  }

  /// Bytes that the wanted column chunks have when decompressed, by the footer's word.
  func uncompressedByteCount(in file: ParquetFile) throws(ReadError) -> Int {
    let groups = try file.contents().metaData.rowGroups
    var sum = 0
    for part in parts {
      for column in leaves {
        let chunk = try file.chunk(of: column.leaf, in: groups[part.rowGroup])
        sum =
          sum.addingReportingOverflow(Int(chunk.metaData?.totalUncompressedSize ?? 0))
          .partialValue
      }
    }
    return sum
  }

  /// The stored bytes of each wanted column chunk, part by part, by the footer's word.
  func compressedByteCounts(in file: ParquetFile) throws(ReadError) -> [Int64] {
    let groups = try file.contents().metaData.rowGroups
    var counts: [Int64] = []
    for part in parts {
      for column in leaves {
        let chunk = try file.chunk(of: column.leaf, in: groups[part.rowGroup])
        counts.append(chunk.metaData?.totalCompressedSize ?? 0)
      }
    }
    return counts
  }

  /// Opens a column chunk of a part, of which `bytes` may be in memory from the first on.
  func open(
    _ part: Part, _ column: ColumnMapping, of file: ParquetFile, _ options: ParquetReadOptions,
    budget: AllocationBudget? = nil, bytes: Buffer? = nil, scratch: ChunkScratch
  ) throws(ReadError) -> ColumnChunkReader {
    let group = try file.contents().metaData.rowGroups[part.rowGroup]
    return try ColumnChunkReader(
      try file.chunk(of: column.leaf, in: group), of: column, rowCount: Int(group.numRows),
      in: file, options, budget: budget ?? self.budget, bytes: bytes, scratch: scratch)
  }

  /// The pages of a column chunk of a part; nil where no offset index tells.
  func pageRows(
    _ part: Part, _ column: ColumnMapping, of file: ParquetFile
  ) throws(ReadError) -> PageRows? {
    // Rows of lists are found by their levels alone.
    guard column.leaf.maxRepetitionLevel == 0 else { return nil }
    let group = try file.contents().metaData.rowGroups[part.rowGroup]
    return try file.pageRows(
      of: try file.chunk(of: column.leaf, in: group), rowCount: Int(group.numRows))
  }

  /// Makes a batch of rows of all leaves.
  ///
  /// - Precondition: all have `rowCount` rows.
  /// - Throws: what does not fit each other; see `FieldMapping.assemble`.
  func batch(_ columns: [DecodedLeaf], rowCount: Int) throws(ReadError) -> RecordBatch {
    var arrays: [ArrowArray] = []
    arrays.reserveCapacity(fields.count)
    for field in fields { arrays.append(try field.assemble(from: columns, budget)) }
    return RecordBatch(schema: schema, columns: arrays, rowCount: rowCount)
  }

  /// Where a column chunk's errors are.
  func place(of part: Part, _ column: ColumnMapping, in file: ParquetFile) -> ReadError.Place {
    let path = (try? file.schemaTree())?.dottedPath(of: column.leaf)
    return .init(file: file.source.name, rowGroup: part.rowGroup, column: path)
  }
}
