public import PFArrow
public import PFCore
internal import Synchronization

/// Several Parquet files that are read as one table, in the order of their paths.
///
/// Columns are matched by name. A file that lacks one gives nulls; integers, floats and decimals
/// widen where that loses nothing; anything else that differs is an error that names the file and
/// the column. Directories named `key=value` give columns of their own behind those of the files.
/// May be used from any threads at once.
public final class ParquetDataset: Sendable {
  /// What messages call the dataset.
  public let name: String
  /// The paths of the files, in the order of their rows.
  public var paths: [String] { files.map(\.path) }

  /// What the names of Parquet files end in, in lower case.
  package static let fileNameSuffixes = [".parquet", ".parq", ".pq"]

  let files: [DatasetPath]
  let partitions: PartitionColumns
  private let memoryMap: Bool
  /// Files that are open; of many, none stays so.
  private let opened: Mutex<[ParquetFile?]>

  /// More files than this are opened anew for each use: systems limit how many may be open.
  private static let openLimit = 128

  /// The files that paths, directories and patterns stand for.
  ///
  /// - Parameters:
  ///   - sources: Paths of files, of directories, or with the wild cards `*`, `?`, `[...]`, `**`.
  ///   - memoryMap: Whether to map the files; see `MappedFileSource` for the risk.
  ///   - hivePartitioning: Whether `key=value` directories are columns.
  /// - Throws: `ReadError` with `.source` where nothing is found or may not be read.
  public init(
    _ sources: [String], memoryMap: Bool = false, hivePartitioning: Bool = true
  ) throws(ReadError) {
    files = try DatasetPath.files(
      of: sources, endingIn: Self.fileNameSuffixes, isHive: hivePartitioning)
    partitions = try PartitionColumns(files)
    self.memoryMap = memoryMap
    name = sources.count == 1 ? sources[0] : "\(sources[0]) and \(sources.count - 1) more"
    opened = Mutex(Array(repeating: nil, count: files.count))
  }

  /// Whether a path names a directory, or no file but a pattern, so that it may stand for several
  /// files.
  public static func isNeeded(for path: String) -> Bool {
    DatasetPath.standsForSeveral(path)
  }

  /// The file at an index of `paths`.
  ///
  /// - Throws: what opening it throws.
  public func file(at index: Int) throws(ReadError) -> ParquetFile {
    if let file = opened.withLock({ $0[index] }) { return file }
    let file = try ParquetFile(path: files[index].path, memoryMap: memoryMap)
    if files.count <= Self.openLimit { opened.withLock { $0[index] = file } }
    return file
  }

  /// The rows of all files; decodes no more of each footer than it needs.
  ///
  /// - Throws: what the first file that cannot be read throws.
  public func rowCount() throws(ReadError) -> Int {
    let counts = try each { (file) throws(ReadError) in try file.rowCount() }
    return try sum(counts)
  }

  /// Counts of all footers together.
  ///
  /// - Throws: what the first file that cannot be read throws; as `schema`.
  public func counts() throws(ReadError) -> ParquetCounts {
    let each = try each { (file) throws(ReadError) in try file.counts() }
    var counts = ParquetCounts()
    counts.rows = try sum(each.map(\.rows))
    counts.rowGroups = try sum(each.map(\.rowGroups))
    counts.columns = try schema().fields.count
    for file in each {
      let (sum, overflow) = counts.uncompressedBytes.addingReportingOverflow(file.uncompressedBytes)
      counts.uncompressedBytes = overflow ? .max : sum
    }
    return counts
  }

  /// The schema of the table that `read` gives.
  ///
  /// - Throws: what the files' schemas have against them; `.inconsistent` where they do not fit.
  public func schema(
    _ options: ParquetReadOptions = ParquetReadOptions()
  ) throws(ReadError) -> Schema {
    try DatasetPlan(of: self, options).schema
  }

  /// `work` for each file, in parallel where there are many; results in the order of the files.
  func each<Result: Sendable>(
    threads: Int? = nil, _ work: @escaping @Sendable (ParquetFile) throws(ReadError) -> Result
  ) throws(ReadError) -> [Result] {
    let results = Mutex([Result?](repeating: nil, count: files.count))
    // The runtime's threads cost as much to start as some tens of footers.
    let threads = files.count < 32 ? 1 : threads ?? Settings.current.threadCount
    _ = try ParallelLoop.run(count: files.count, threads: threads, makeScratch: {}) {
      (index: Int, _: inout Void) throws(ReadError) in
      let result = try work(try self.file(at: index))
      results.withLock { $0[index] = result }
    }
    return results.withLock { $0.compactMap { $0 } }
  }

  /// - Throws: `.limitExceeded` where footers claim more rows than a number holds.
  func sum(_ counts: [Int]) throws(ReadError) -> Int {
    var total = 0
    for count in counts {
      let (sum, overflow) = total.addingReportingOverflow(count)
      guard !overflow else {
        throw ReadError(
          .limitExceeded(limit: "the rows of all files", declared: .max, maximum: .max))
      }
      total = sum
    }
    return total
  }
}
