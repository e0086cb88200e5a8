internal import PFArrow
internal import PFAvro
internal import PFCSV
internal import PFCore
internal import PFParquet

extension TableOperation {
  /// `read`: files of one format as a table.
  static let makeRead: Making = { (name, options) throws(OperationError) in
    let paths = try paths(of: name, &options)
    let format = try format(of: paths, name, &options)
    let source = try opting { () throws(OptionError) in
      // What the original takes in this place and has no meaning here.
      for ignored in ["threshold_mb", "islazy", "use_threads"] { _ = options.value(ignored) }
      return Source(
        paths: paths, format: format, memoryMap: try options.bool("memory_map") ?? false)
    }
    let filter = try filter(&options)
    let body: Body
    switch format {
    case .parquet: body = try readParquet(source, filter, &options)
    case .csv: body = try readCSV(source, filter, &options)
    case .avro: body = try readAvro(source, filter, &options)
    case .arrow: body = try readArrow(source, filter, &options)
    }
    return Parts(
      inputCount: .none, readPaths: paths, suffixes: format.fileNameSuffixes, body: body)
  }

  /// What is read.
  private struct Source: Sendable {
    let paths: [String]
    let format: FileFormat
    let memoryMap: Bool

    /// The files that the paths stand for.
    func files() throws(ReadError) -> [String] {
      try DatasetPath.files(of: paths, endingIn: format.fileNameSuffixes, isHive: false)
        .map(\.path)
    }
  }

  /// The paths: one, or a list of them.
  private static func paths(
    of name: String, _ options: inout JSONOptions
  ) throws(OperationError) -> [String] {
    var found: [String]?
    // `input` is the word of the original.
    for parameter in ["path", "input"] {
      guard let value = options.value(parameter) else { continue }
      let paths = value.string.map { [$0] } ?? value.array?.compactMap(\.string) ?? []
      guard !paths.isEmpty, value.string != nil || value.array?.count == paths.count, found == nil
      else { throw .option(.wrongType(name: parameter, expected: "a path, or a list of paths")) }
      found = paths
    }
    guard let found else { throw .missing(operation: name, parameter: "path") }
    return found
  }

  /// The format: as it was said, or by the first path.
  private static func format(
    of paths: [String], _ name: String, _ options: inout JSONOptions
  ) throws(OperationError) -> FileFormat {
    let said = try opting { () throws(OptionError) in
      try options.choice("format", of: FileFormat.allCases.map(\.rawValue))
    }
    if let format = said.flatMap({ FileFormat(rawValue: $0) }) { return format }
    switch name {
    case "read_parquet", "parquet.read": return .parquet
    case "read_csv": return .csv
    case "read_avro": return .avro
    default: break
    }
    if let format = FileFormat(named: paths[0]) { return format }
    if let format = try reading({ () throws(ReadError) in try FileFormat(of: paths[0]) }) {
      return format
    }
    throw .missing(operation: name, parameter: "format")
  }

  private static func readParquet(
    _ source: Source, _ filter: RowPredicate?, _ options: inout JSONOptions
  ) throws(OperationError) -> Body {
    let (how, isHive) = try opting { () throws(OptionError) in
      var how = try ParquetReadOptions(&options)
      how.filter = filter
      return (how, try options.bool("hive_partitioning") ?? true)
    }
    return { (_, context) throws(OperationError) in
      var how = how
      how.threads = context.threads(how.threads)
      let path = source.paths[0]
      return try reading { () throws(ReadError) in
        if source.paths.count == 1, !DatasetPath.standsForSeveral(path) {
          return try ParquetFile(path: path, memoryMap: source.memoryMap)
            .read(how, cancellation: context.cancellation, progress: context.report)
        }
        return try ParquetDataset(
          source.paths, memoryMap: source.memoryMap, hivePartitioning: isHive
        ).read(how, cancellation: context.cancellation)
      }
    }
  }

  private static func readCSV(
    _ source: Source, _ filter: RowPredicate?, _ options: inout JSONOptions
  ) throws(OperationError) -> Body {
    var read = try CSVReadOptions(&options)
    let rest = Rest(filter, &read.columns, &read.limit)
    let how = read
    return { (_, context) throws(OperationError) in
      var how = how
      how.threads = context.threads(how.threads)
      let table = try reading { () throws(ReadError) in
        let set = try CSVDataset(paths: try source.files(), memoryMap: source.memoryMap)
        if set.files.count == 1 {
          return try set.files[0].read(
            how, cancellation: context.cancellation, progress: context.report
          ).table
        }
        return try set.read(how, cancellation: context.cancellation).table
      }
      return try rest.applied(to: table, threads: how.threads, context)
    }
  }

  private static func readAvro(
    _ source: Source, _ filter: RowPredicate?, _ options: inout JSONOptions
  ) throws(OperationError) -> Body {
    var rejects: AvroRejects?
    var read = try AvroReadOptions(&options, rejects: &rejects)
    if let filter, let columns = read.columns,
      (columns + filter.columns).contains(where: { $0.utf8.contains(UInt8(ascii: ".")) })
    {
      // A path may be a part of the same column as another.
      throw .option(
        .wrongType(name: "columns", expected: "names of whole columns where there are filters"))
    }
    let rest = Rest(filter, &read.columns, &read.limit)
    let (how, skips) = (read, rejects != nil)
    return { (_, context) throws(OperationError) in
      var how = how
      how.threads = context.threads(how.threads)
      let table = try reading { () throws(ReadError) in
        try AvroDataset(paths: try source.files(), memoryMap: source.memoryMap).read(
          how, rejects: skips ? AvroRejects() : nil, cancellation: context.cancellation,
          progress: context.report)
      }
      return try rest.applied(to: table, threads: how.threads, context)
    }
  }

  private static func readArrow(
    _ source: Source, _ filter: RowPredicate?, _ options: inout JSONOptions
  ) throws(OperationError) -> Body {
    let (columns, limit, threads) = try opting { () throws(OptionError) in
      (
        try options.strings("columns"), try options.integer("limit", in: 0 ... .max),
        try options.threads()
      )
    }
    return { (_, context) throws(OperationError) in
      let files = try reading { () throws(ReadError) in try source.files() }
      var tables: [Table] = []
      for path in files {
        let table = try reading { () throws(ReadError) in
          let file = try openSource(path: path, memoryMap: source.memoryMap)
          do throws(ReadError) {
            return try Table(
              ipcStream: try file.bytes(at: 0, byteCount: file.byteCount),
              cancellation: context.cancellation)
          } catch { throw error.at(.init(file: path)) }
        }
        tables.append(table)
        context.report(Double(tables.count) / Double(files.count))
      }
      var table = tables.count == 1 ? tables[0] : try concatenated(tables)
      if let filter { table = try table.filtered(filter, threads: threads, context) }
      if let limit { table = table.slice(offset: 0, length: limit) }
      guard let columns else { return table }
      return table.select(try table.indices(of: columns))
    }
  }

  /// What is left to do of a read with a filter, where the reader knows none.
  private struct Rest: Sendable {
    let filter: RowPredicate?
    let columnCount: Int?
    let limit: Int?

    /// Has the columns of the filter read, too, and all rows.
    init(_ filter: RowPredicate?, _ columns: inout [String]?, _ limit: inout Int?) {
      self.filter = filter
      columnCount = columns?.count
      self.limit = limit
      guard let filter else { return }
      limit = nil
      if var wanted = columns {
        for name in filter.columns where !wanted.contains(name) { wanted.append(name) }
        columns = wanted
      }
    }

    func applied(
      to table: Table, threads: Int?, _ context: OperationContext
    ) throws(OperationError) -> Table {
      guard let filter else { return table }
      var kept = try table.filtered(filter, threads: threads, context)
      if let limit { kept = kept.slice(offset: 0, length: limit) }
      return columnCount.map { kept.select(Array(0..<$0)) } ?? kept
    }
  }
}
