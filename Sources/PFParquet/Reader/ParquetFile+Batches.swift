public import PFArrow
internal import PFCore

extension ParquetFile {
  /// The batches of the file, in order:
  ///
  /// ```swift
  /// for try await batch in file.batches() { print(batch.rowCount) }
  /// ```
  ///
  /// What is wrong with the options or the file is thrown by the first step.
  public func batches(_ options: ParquetReadOptions = ParquetReadOptions()) -> RecordBatches {
    RecordBatches { (stop) throws(ReadError) in
      try ParquetScanner(self, options, cancellation: stop)
    }
  }
}

extension ParquetDataset {
  /// The batches of all files, in order; as `ParquetFile.batches(_:)`.
  public func batches(_ options: ParquetReadOptions = ParquetReadOptions()) -> RecordBatches {
    RecordBatches { (stop) throws(ReadError) in
      try DatasetScanner(self, options, cancellation: stop)
    }
  }
}
