public import PFArrow
public import PFCore
internal import Synchronization

/// Several Avro files that are read as one table, in their order.
///
/// Without a reader's schema in the options, the schema of the first file is the one that all are
/// read as, by the rules of schema resolution.
public final class AvroDataset: Sendable {
  /// The files, in the order of their rows.
  public let files: [AvroFile]

  /// What the names of Avro files end in, in lower case.
  package static let fileNameSuffixes = [".avro"]

  /// A table of several files.
  ///
  /// - Throws: `.invalidOption` where there is none.
  public init(_ files: [AvroFile]) throws(ReadError) {
    guard !files.isEmpty else {
      throw ReadError(.invalidOption(name: "source", why: "there is no file"))
    }
    self.files = files
  }

  /// Opens several files.
  ///
  /// - Throws: `ReadError` when one cannot be opened or is no Avro file.
  public convenience init(paths: [String], memoryMap: Bool = false) throws(ReadError) {
    var files: [AvroFile] = []
    for path in paths { files.append(try AvroFile(path: path, memoryMap: memoryMap)) }
    try self.init(files)
  }

  /// The records of all files; see `AvroFile.recordCount`.
  public func recordCount() throws(ReadError) -> Int {
    var total = 0
    for file in files {
      let (sum, overflow) = total.addingReportingOverflow(try file.recordCount())
      guard !overflow else {
        throw ReadError(
          .limitExceeded(limit: "the records of all files", declared: .max, maximum: .max))
      }
      total = sum
    }
    return total
  }

  /// The schema of the table that `read` gives.
  ///
  /// - Throws: as `AvroFile.schema`.
  public func schema(_ options: AvroReadOptions = AvroReadOptions()) throws(ReadError) -> Schema {
    try AvroPlan(files[0], options).schema
  }

  /// Reads all files into memory; see `AvroFile.read`.
  ///
  /// - Throws: `ReadError` with the file, the block and the offset.
  public func read(
    _ options: AvroReadOptions = AvroReadOptions(), rejects: AvroRejects? = nil,
    cancellation: CancellationToken? = nil, progress: (@Sendable (Double) -> Void)? = nil
  ) throws(ReadError) -> Table {
    let start = MonotonicClock.now()
    let budget = AllocationBudget(limit: options.allocationByteLimit)
    let work = try AvroWork(self, options, rejects, budget: budget)
    var parts: [AvroWork.Part] = []
    while let part = try work.next() { parts.append(part) }
    let threads = options.threads ?? Settings.current.threadCount
    let done = Atomic<Int>(0)
    let (batches, failure) = BlockWorkers().decode(
      parts, threads: threads, rejects: rejects, cancellation: cancellation
    ) { [count = parts.count] in
      let (_, new) = done.add(1, ordering: .relaxed)
      progress?(Double(new) / Double(count))
    }
    if let failure { throw failure }
    var table = Table(schema: work.schema, batches: batches)
    if let limit = options.limit, table.rowCount > limit {
      table = table.slice(offset: 0, length: limit)
    }
    Logger.debug(
      "read \(files[0].source.name)\(files.count > 1 ? " and \(files.count - 1) more" : "") as avro: "
        + "\(table.rowCount) rows, \(table.schema.fields.count) columns in "
        + "\(MonotonicClock.milliseconds(since: start)) ms")
    return table
  }
}

/// Finds the groups of blocks of all files, one after the other.
final class AvroWork {
  struct Part: Sendable {
    var plan: AvroPlan
    var group: BlockGroup
  }

  let schema: Schema
  private let files: [AvroFile]
  private var options: AvroReadOptions
  private let rejects: AvroRejects?
  private let budget: AllocationBudget?
  private var plan: AvroPlan
  private var groups: BlockGroups
  private var index = 0
  private var left: Int

  init(
    _ dataset: AvroDataset, _ options: AvroReadOptions, _ rejects: AvroRejects?,
    budget: AllocationBudget? = nil
  ) throws(ReadError) {
    self.rejects = rejects
    self.budget = budget
    files = dataset.files
    self.options = options
    left = options.limit ?? .max
    plan = try AvroPlan(files[0], options, budget: budget)
    schema = plan.schema
    groups = try BlockGroups(files[0], limit: options.limit, rejects: rejects)
    if options.readerSchema == nil { self.options.readerSchema = files[0].header.schema }
  }

  /// The next group; nil behind the last that is wanted.
  func next() throws(ReadError) -> Part? {
    while index < files.count, left > 0 {
      do throws(ReadError) {
        if let group = try groups.next() {
          left -= min(left, group.recordCount)
          return Part(plan: plan, group: group)
        }
      } catch { throw error.at(.init(file: files[index].source.name)) }
      index += 1
      if index < files.count, left > 0 {
        var next = try AvroPlan(files[index], options, budget: budget)
        next.schema = schema
        plan = next
        groups = try BlockGroups(files[index], limit: left == .max ? nil : left, rejects: rejects)
      }
    }
    return nil
  }
}
