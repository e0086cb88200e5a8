public import PFArrow
internal import PFCore

extension AvroFile {
  /// The batches of the file, in order:
  ///
  /// ```swift
  /// for try await batch in file.batches() { print(batch.rowCount) }
  /// ```
  ///
  /// What is wrong with the options or the file is thrown by the first step.
  public func batches(_ options: AvroReadOptions = AvroReadOptions()) -> RecordBatches {
    RecordBatches { (stop) throws(ReadError) in
      try AvroScanner(AvroDataset([self]), options, cancellation: stop)
    }
  }
}

extension AvroDataset {
  /// The batches of all files, in order; as `AvroFile.batches(_:)`.
  public func batches(_ options: AvroReadOptions = AvroReadOptions()) -> RecordBatches {
    RecordBatches { (stop) throws(ReadError) in
      try AvroScanner(self, options, cancellation: stop)
    }
  }
}
