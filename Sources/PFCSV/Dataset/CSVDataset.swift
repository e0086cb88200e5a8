internal import PFArrow
public import PFCore

/// Several CSV files that are read as one table, in their order.
///
/// All have the same columns: with a header by name, in any order, else by position. Types are
/// those that the values of all files fit.
public final class CSVDataset: Sendable {
  /// The files, in the order of their rows.
  public let files: [CSVFile]

  /// A table of several files.
  ///
  /// - Throws: `.invalidOption` where there is none.
  public init(_ files: [CSVFile]) throws(ReadError) {
    guard !files.isEmpty else {
      throw ReadError(.invalidOption(name: "source", why: "there is no file"))
    }
    self.files = files
  }

  /// Opens several files.
  ///
  /// - Throws: `ReadError` when one cannot be opened.
  public convenience init(paths: [String], memoryMap: Bool = false) throws(ReadError) {
    var files: [CSVFile] = []
    for path in paths { files.append(try CSVFile(path: path, memoryMap: memoryMap)) }
    try self.init(files)
  }

  /// The types, where words for infinity and no number alone make no column of numbers.
  private static func refusingWords(_ types: [ColumnType], _ jobs: [ReadJob]) -> [ColumnType] {
    types.enumerated().map { column, type in
      guard case .inferred(let set) = type, set.first == .float64 else { return type }
      let contents = jobs.map { $0.contents(ofFloats: column) }
      guard contents.contains(where: \.hasWord), !contents.contains(where: \.hasNumber) else {
        return type
      }
      return .inferred(set.subtracting(.float64).union(.string))
    }
  }

  /// Reads all files into memory; see `CSVFile.read`.
  ///
  /// - Throws: `ReadError` with the file and the place in it; `.inconsistent` where a file has
  ///   other columns than the first.
  public func read(
    _ options: CSVReadOptions = CSVReadOptions(), cancellation: CancellationToken? = nil
  ) throws(ReadError) -> CSVFile.Result {
    var jobs: [ReadJob] = []
    var options = options
    var names: [String]?
    var left = options.limit
    var types: [ColumnType]?
    for file in files {
      if let left {
        if left <= 0, !jobs.isEmpty { break }
        options.limit = left
      }
      do throws(ReadError) {
        let opened = try OpenedText(file.source, options)
        let own = opened.head.plan.names
        if let names, own.count != names.count || Set(own) != Set(names) {
          throw ReadError(.inconsistent("the columns are others than those of the first file"))
        }
        if names == nil {
          names = own
          // By name, in the order of the first file.
          if options.columns == nil, Set(own).count == own.count { options.columns = own }
        }
        let sampled = try opened.head.sampledTypes(opened.front, options, isCut: !opened.isWhole)
        let first = types.map { zip($0, sampled).map { $0.narrowed(by: $1) } } ?? sampled
        let job = try ReadJob(
          opened.text, opened.head, options, types: first, refusesWords: false,
          cancellation: cancellation)
        try job.run()
        types = job.types
        left = left.map { $0 - job.rowCount }
        jobs.append(job)
      } catch { throw error.at(.init(file: file.source.name)) }
    }

    // A file that came early may know types that later ones do not have.
    var isSettled = false
    while !isSettled, let known = types {
      isSettled = true
      types = Self.refusingWords(known, jobs)
      for (job, file) in zip(jobs, files) {
        do throws(ReadError) {
          try job.narrow(to: types ?? known)
        } catch { throw error.at(.init(file: file.source.name)) }
        if job.types != types {
          types = job.types
          isSettled = false
        }
      }
    }
    var batches: [RecordBatch] = []
    var rejects = CSVRejects()
    for job in jobs {
      batches += try job.batches()
      rejects.append(job.rejects, limit: options.rejectLimit)
    }
    let schema = jobs.first?.schema ?? Schema([])
    return CSVFile.Result(table: Table(schema: schema, batches: batches), rejects: rejects)
  }
}
