internal import PFArrow
internal import PFCore

/// The batches of a dataset, one file at a time, each made when it is asked for.
///
/// Not for use from two threads at once.
final class DatasetScan: BatchMaker {
  var schema: Schema { plan.schema }

  private let dataset: ParquetDataset
  private let options: ParquetReadOptions
  private let plan: DatasetPlan
  private let cancellation: CancellationToken?
  private var scan: FileScan?
  private var nextFile = 0
  private var rowsLeft: Int

  /// A scan of all files of `dataset`.
  ///
  /// - Throws: what `ParquetDataset.read` throws for the options and the schemas.
  init(
    _ dataset: ParquetDataset, _ options: ParquetReadOptions, cancellation: CancellationToken?
  ) throws(ReadError) {
    guard options.batchSize > 0 else {
      throw ReadError(.invalidOption(name: "batch_size", why: "it is below 1"))
    }
    try dataset.checkRowGroups(options)
    self.dataset = dataset
    self.options = options
    self.cancellation = cancellation
    plan = try DatasetPlan(of: dataset, options)
    rowsLeft = options.limit ?? .max
  }

  /// The next batch, with `options.batchSize` rows at most; nil after the last.
  ///
  /// - Throws: `ReadError` with the file and the place in it.
  func next() throws(ReadError) -> RecordBatch? {
    while rowsLeft > 0 {
      if let scan {
        if let batch = try scan.next() {
          rowsLeft -= batch.rowCount
          return try plan.adapt(batch, file: nextFile - 1, of: dataset)
        }
        self.scan = nil
      }
      guard nextFile < dataset.files.count else { break }
      let file = try dataset.file(at: nextFile)
      var own = try plan.options(for: file, options)
      if options.limit != nil { own.limit = rowsLeft }
      scan = try FileScan(file, own, cancellation: cancellation)
      nextFile += 1
    }
    scan = nil
    return nil
  }
}
