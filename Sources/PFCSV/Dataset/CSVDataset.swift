internal import PFArrow
public import PFCore

/// Several CSV files that are read as one table, in their order.
///
/// All have the same columns: with a header by name, in any order, else by position; or those that
/// one lacks are null there (`CSVReadOptions.unitesColumns`). Types are those that the values of all
/// files fit.
public final class CSVDataset: Sendable {
  /// The files, in the order of their rows.
  public let files: [CSVFile]

  /// What the names of CSV files end in, in lower case.
  package static let fileNameSuffixes = ["csv", "tsv", "tab", "txt", "psv"].flatMap { name in
    ["", ".gz", ".zst", ".zstd"].map { ".\(name)\($0)" }
  }

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
    let jobs = try jobs(options, smallChunks: false, cancellation: cancellation).jobs
    var batches: [RecordBatch] = []
    var rejects = CSVRejects()
    for job in jobs {
      batches += try job.batches()
      rejects.append(job.rejects, limit: options.rejectLimit)
    }
    let schema = jobs.first?.schema ?? Schema([])
    return CSVFile.Result(table: Table(schema: schema, batches: batches), rejects: rejects)
  }

  /// The reads of a scan, and whether they were run to know the types.
  func scanJobs(
    _ options: CSVReadOptions, cancellation: CancellationToken?
  ) throws(ReadError) -> (jobs: [ReadJob], isKnown: Bool) {
    let (jobs, isGiven) = try jobs(options, smallChunks: true, cancellation: cancellation)
    for job in jobs { job.rewind() }
    return (jobs, !isGiven)
  }

  /// What is other about the columns `own` of a file than those of the first; nil for nothing.
  private func difference(_ own: [String], _ first: [String]) -> String? {
    func list(_ names: Set<String>) -> String {
      let shown = names.sorted().prefix(5).map { "\"\($0)\"" }.joined(separator: ", ")
      return names.count > 5 ? "\(shown) and \(names.count - 5) more" : shown
    }
    let (own, first, counts) = (Set(own), Set(first), (own.count, first.count))
    guard own != first || counts.0 != counts.1 else { return nil }
    let missing = first.subtracting(own)
    let new = own.subtracting(first)
    var parts: [String] = []
    if !missing.isEmpty { parts.append("\(list(missing)) missing") }
    if !new.isEmpty { parts.append("\(list(new)) new") }
    if parts.isEmpty { parts.append("\(counts.0) columns, not \(counts.1)") }
    return "other columns than those of the first file, \(files[0].source.name): "
      + parts.joined(separator: ", ") + " (option union_by_name allows that)"
  }

  /// Makes the columns of all files those that are wanted.
  private func unite(_ options: inout CSVReadOptions) throws(ReadError) {
    var all: [String] = []
    var known: Set<String> = []
    var own = options
    own.columns = nil
    own.types = [:]
    own.columnNullValues = [:]
    own.columnDatetimeFormats = [:]
    if options.dialect.hasHeader || options.columnNames != nil { own.schema = nil }
    for file in files {
      do throws(ReadError) {
        let names = try OpenedText(file.source, own).head.plan.names
        guard Set(names).count == names.count else {
          throw ReadError(
            .inconsistent("columns of one name, which cannot be united with those of other files"))
        }
        for name in names where known.insert(name).inserted { all.append(name) }
      } catch { throw error.at(.init(file: file.source.name)) }
    }
    options.columnsOfOthers = known
    options.columns = options.columns ?? all
  }

  /// The reads of the files, run but for a scan whose types are given.
  private func jobs(
    _ options: CSVReadOptions, smallChunks: Bool, cancellation: CancellationToken?
  ) throws(ReadError) -> (jobs: [ReadJob], isGiven: Bool) {
    var jobs: [ReadJob] = []
    var options = options
    var isGiven = false
    if options.unitesColumns { try unite(&options) }
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
        if let names, !options.unitesColumns {
          if let difference = difference(own, names) { throw ReadError(.inconsistent(difference)) }
        }
        if names == nil, !options.unitesColumns {
          names = own
          // What a later file lacks is told with all that is other.
          options.columnsOfOthers = Set(own)
          // By name, in the order of the first file.
          if options.columns == nil, Set(own).count == own.count { options.columns = own }
        }
        let sampled = try opened.head.sampledTypes(opened.front, options, isCut: !opened.isWhole)
        let first = types.map { zip($0, sampled).map { $0.narrowed(by: $1) } } ?? sampled
        isGiven = first.allSatisfy { if case .given = $0 { true } else { false } }
        let job = try ReadJob(
          opened.text, opened.head, options, types: first, keepsArrays: !smallChunks || isGiven,
          smallChunks: smallChunks, refusesWords: false, cancellation: cancellation)
        if !smallChunks || !isGiven {
          try job.run()
          types = job.types
          left = left.map { $0 - job.rowCount }
        }
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
    return (jobs, isGiven)
  }
}
