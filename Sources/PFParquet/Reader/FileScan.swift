internal import PFArrow
internal import PFCore

/// The batches of a file, each made when it is asked for, with the memory of a batch and a page
/// for each column.
///
/// Not for use from two threads at once.
final class FileScan: BatchMaker {
  var schema: Schema { plan.schema }

  private let file: ParquetFile
  private let options: ParquetReadOptions
  private let plan: ReadPlan
  let threads: Int
  private let cancellation: CancellationToken?
  private var nextPart = 0
  private var part: ReadPlan.Part?
  private var rowsLeft = 0
  private var columns: [Column] = []
  private let filtered: FilteredScan?

  /// One column of the current row group.
  private final class Column: @unchecked Sendable {
    // SAFETY: in a parallel loop each index touches its own column alone.
    let mapping: ColumnMapping
    let scratch = ChunkScratch()
    var reader: ColumnChunkReader?
    /// Rows that are decoded and not handed out: columns of strings may end early.
    var pending: DecodedLeaf?

    init(_ mapping: ColumnMapping) { self.mapping = mapping }
  }

  /// A scan of `file`.
  ///
  /// - Throws: what `ParquetFile.read` throws for the options and the schema.
  init(
    _ file: ParquetFile, _ options: ParquetReadOptions, cancellation: CancellationToken?
  ) throws(ReadError) {
    guard options.batchSize > 0 else {
      throw ReadError(.invalidOption(name: "batch_size", why: "it is below 1"))
    }
    self.file = file
    self.options = options
    self.cancellation = cancellation
    plan = try ReadPlan(of: file, options)
    threads = try file.threads(for: plan, options)
    if let condition = plan.condition {
      filtered = FilteredScan(
        file, plan, condition, options, threads: threads, cancellation: cancellation)
    } else {
      filtered = nil
      columns = plan.leaves.map { Column($0) }
    }
  }

  /// The next batch, with `options.batchSize` rows at most; nil after the last.
  ///
  /// - Throws: `ReadError` with the row group, the column, the page and the offset.
  func next() throws(ReadError) -> RecordBatch? {
    if let filtered { return try filtered.next() }
    plan.budget.reset()
    while rowsLeft == 0 {
      guard nextPart < plan.parts.count else {
        columns = []
        return nil
      }
      try open(plan.parts[nextPart])
      nextPart += 1
    }
    guard let part else { return nil }
    let wanted = min(options.batchSize, rowsLeft)
    let (columns, plan, file, cancellation) = (columns, plan, file, cancellation)
    let completed = try ParallelLoop.run(
      count: columns.count, threads: threads, cancellation: cancellation, makeScratch: {}
    ) { (index: Int, _: inout Void) throws(ReadError) in
      let column = columns[index]
      guard column.pending == nil, let reader = column.reader else { return }
      do throws(ReadError) {
        column.pending = try reader.read(min(wanted, reader.rowsLeft))
      } catch { throw error.at(plan.place(of: part, column.mapping, in: file)) }
    }
    guard completed, cancellation?.isCancelled != true else {
      throw ReadError(.cancelled, at: .init(file: file.source.name))
    }

    let count = columns.reduce(wanted) { min($0, $1.pending?.length ?? $0) }
    var arrays: [DecodedLeaf] = []
    for column in columns {
      guard let pending = column.pending else { continue }
      arrays.append(pending.slice(start: 0, count: count))
      column.pending =
        pending.length == count
        ? nil : pending.slice(start: count, count: pending.length - count)
    }
    rowsLeft -= count
    do throws(ReadError) {
      return try plan.batch(arrays, rowCount: count)
    } catch { throw error.at(.init(file: file.source.name, rowGroup: part.rowGroup)) }
  }

  private func open(_ part: ReadPlan.Part) throws(ReadError) {
    for column in columns { column.reader = nil }
    let merged = try mergedReads(of: part)
    for (index, column) in columns.enumerated() {
      do throws(ReadError) {
        column.reader = try plan.open(
          part, column.mapping, of: file, options, bytes: try merged?.bytes(ofChunk: index),
          scratch: column.scratch)
      } catch { throw error.at(plan.place(of: part, column.mapping, in: file)) }
    }
    self.part = part
    rowsLeft = part.rowCount
  }

  /// A small row group is read at once, a large one as it is decoded, for memory's sake.
  private func mergedReads(of part: ReadPlan.Part) throws(ReadError) -> MergedReads? {
    var left = Int64(MergedReads.pieceLimit)
    let group = try file.contents().metaData.rowGroups[part.rowGroup]
    for column in plan.leaves {
      let size = try file.chunk(of: column.leaf, in: group).metaData?.totalCompressedSize ?? 0
      guard size >= 0, size <= left else { return nil }
      left -= size
    }
    return try plan.mergedReads(of: [part], in: file)
  }
}
