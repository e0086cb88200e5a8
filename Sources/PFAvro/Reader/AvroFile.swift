public import PFArrow
public import PFCore

/// An Avro file that is open for reading. May be used from any threads at once.
public final class AvroFile: Sendable {
  /// Where the bytes come from.
  public let source: any ByteSource
  /// What the file says of itself.
  public let header: AvroHeader

  /// Opens a source and reads its head.
  ///
  /// - Throws: `ReadError` when it cannot be read or is no Avro file.
  public init(_ source: any ByteSource) throws(ReadError) {
    self.source = source
    do throws(ReadError) {
      header = try AvroHeader(source)
    } catch { throw error.at(.init(file: source.name)) }
  }

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - path: The file's path.
  ///   - memoryMap: Whether to map it; see `MappedFileSource` for the risk.
  /// - Throws: as `init(_:)`.
  public convenience init(path: String, memoryMap: Bool = false) throws(ReadError) {
    try self.init(openSource(path: path, memoryMap: memoryMap))
  }

  /// The records of the file, as the heads of its blocks have it; nothing is decompressed.
  ///
  /// - Throws: `ReadError` with the block where the file is cut or a sync marker is missing.
  public func recordCount() throws(ReadError) -> Int {
    do throws(ReadError) {
      return try RecordCounter(source, header).count()
    } catch { throw error.at(.init(file: source.name)) }
  }

  /// The schema of the table that `read` gives.
  ///
  /// - Throws: `ReadError` where the schema has no Arrow type, or options do not fit it.
  public func schema(_ options: AvroReadOptions = AvroReadOptions()) throws(ReadError) -> Schema {
    try AvroPlan(self, options).schema
  }

  /// Reads into memory: a batch for some blocks each.
  ///
  /// Blocks are decoded in parallel, straight into their final buffers; the result, and how it is
  /// cut into batches, does not depend on the number of threads.
  ///
  /// - Parameters:
  ///   - options: What to read.
  ///   - rejects: Takes up broken blocks, which are left out; nil to throw instead. Joined files of
  ///     one schema are then read as one.
  ///   - cancellation: When raised, the read ends with `.cancelled`.
  ///   - progress: Told the fraction that is done, from any thread.
  /// - Returns: The table.
  /// - Throws: `ReadError` with the block and the offset of the first thing that is wrong.
  public func read(
    _ options: AvroReadOptions = AvroReadOptions(), rejects: AvroRejects? = nil,
    cancellation: CancellationToken? = nil, progress: (@Sendable (Double) -> Void)? = nil
  ) throws(ReadError) -> Table {
    try AvroDataset([self]).read(
      options, rejects: rejects, cancellation: cancellation, progress: progress)
  }

  /// The blocks of the file by their heads; what is in them is not read.
  ///
  /// - Throws: `ReadError` with the block where the file is cut or a sync marker is missing.
  public func blocks() throws(ReadError) -> [AvroBlock] {
    var blocks: [AvroBlock] = []
    do throws(ReadError) {
      let walker = try BlockWalker(source, header)
      while let block = try walker.next() { blocks.append(block) }
    } catch { throw error.at(.init(file: source.name)) }
    return blocks
  }
}
