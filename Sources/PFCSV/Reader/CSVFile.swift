public import PFArrow
public import PFCore

/// A CSV file that is open for reading. May be used from any threads at once.
public final class CSVFile: Sendable {
  /// Where the bytes come from.
  public let source: any ByteSource

  /// Opens a source.
  ///
  /// - Throws: `ReadError` when it cannot be read.
  public init(_ source: any ByteSource) throws(ReadError) {
    self.source = source
  }

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - path: The file's path.
  ///   - memoryMap: Whether to map it; see `MappedFileSource` for the risk.
  /// - Throws: `ReadError` when it cannot be read.
  public convenience init(path: String, memoryMap: Bool = false) throws(ReadError) {
    try self.init(openSource(path: path, memoryMap: memoryMap))
  }

  /// The table, with what was left out of it.
  public struct Result: Sendable {
    /// The records.
    public var table: Table
    /// What was wrong, where `CSVReadOptions.errorRule` does not raise it.
    public var rejects: CSVRejects
  }

  /// Reads into memory: a batch for each chunk of the file.
  ///
  /// Chunks are parsed in parallel, each straight into its final buffers; values, types, nulls and
  /// rejects do not depend on the number of threads or the size of chunks.
  ///
  /// - Parameters:
  ///   - options: What to read.
  ///   - cancellation: When raised, the read ends with `.cancelled`.
  ///   - progress: Told the fraction that is done, from any thread.
  /// - Returns: The table, and what was wrong.
  /// - Throws: `ReadError` with the line, the record, the column and the offset of the first thing
  ///   in the file that is wrong.
  public func read(
    _ options: CSVReadOptions = CSVReadOptions(), cancellation: CancellationToken? = nil,
    progress: (@Sendable (Double) -> Void)? = nil
  ) throws(ReadError) -> Result {
    let start = MonotonicClock.now()
    let result: Result
    do throws(ReadError) {
      let opened = try OpenedText(source, options)
      let types = try opened.head.sampledTypes(opened.front, options, isCut: !opened.isWhole)
      let job = try ReadJob(
        opened.text, opened.head, options, types: types, cancellation: cancellation,
        progress: progress)
      try job.run()
      let batches = try job.batches()
      result = Result(
        table: Table(schema: job.schema, batches: batches), rejects: job.rejects)
    } catch { throw error.at(.init(file: source.name)) }
    Logger.debug(
      "read \(source.name) as csv: \(result.table.rowCount) rows, "
        + "\(result.table.schema.fields.count) columns in "
        + "\(MonotonicClock.milliseconds(since: start)) ms")
    return result
  }

  /// The schema of the table that `read` gives, types inferred from the first records alone: a
  /// later value may widen a column.
  ///
  /// - Throws: `ReadError` when the begin of the file is not as the options say.
  public func sampledSchema(
    _ options: CSVReadOptions = CSVReadOptions()
  ) throws(ReadError) -> Schema {
    do throws(ReadError) {
      let opened = try OpenedText(source, options)
      let types = try opened.head.sampledTypes(opened.front, options, isCut: !opened.isWhole)
      return opened.head.plan.schema(types)
    } catch { throw error.at(.init(file: source.name)) }
  }
}
