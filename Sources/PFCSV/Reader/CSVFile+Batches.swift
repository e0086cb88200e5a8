public import PFArrow
internal import PFCore

extension CSVFile {
  /// The batches of the file, in order:
  ///
  /// ```swift
  /// for try await batch in file.batches() { print(batch.rowCount) }
  /// ```
  ///
  /// What is wrong with the options or the file is thrown by the first step.
  public func batches(_ options: CSVReadOptions = CSVReadOptions()) -> RecordBatches {
    RecordBatches { (stop) throws(ReadError) in
      try CSVScanner(self, options, cancellation: stop)
    }
  }
}

extension CSVDataset {
  /// The batches of all files, in order; as `CSVFile.batches(_:)`.
  public func batches(_ options: CSVReadOptions = CSVReadOptions()) -> RecordBatches {
    RecordBatches { (stop) throws(ReadError) in
      try CSVDatasetScanner(self, options, cancellation: stop)
    }
  }
}
