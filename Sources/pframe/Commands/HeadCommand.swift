import ParquetFrame

/// `pframe head`: the first rows.
struct HeadCommand: FileCommand {
  private static let rows = Option(
    name: "--rows", short: "-n", value: "ROWS", help: "How many rows to show (10).")
  private static let columns = Option(
    name: "--columns", short: "-c", value: "NAMES",
    help: "Only these, in this order; \\, for a comma in a name.")
  private static let rowGroups = Option(
    name: "--row-groups", value: "INDICES",
    help: "Rows of these row groups only, in this order: 0,2.")

  static let specification = CommandSpecification(
    name: "head", summary: "Show the first rows.",
    details: """
      Shows the first rows as a table. On a terminal it fits the width: columns in
      the middle are left out where there are too many, and long values are cut.

      A directory, or a quoted pattern with * ? [...] and **, is shown as one table.

      With --json: a list of objects, one for each row, with all values whole.
      """,
    options: [rows, columns, rowGroups] + TextInput.options)

  private let arguments: Arguments
  private var options = ParquetReadOptions()
  private let rowLimit: Int
  private let writesJSON: Bool
  private let isSingle: Bool
  private var isFirst = true

  init(_ arguments: Arguments) throws(UsageError) {
    self.arguments = arguments
    writesJSON = arguments.has(.json)
    isSingle = arguments.files.count == 1
    if let text = arguments.value(of: Self.rows) {
      rowLimit = try arguments.count(text, of: Self.rows)
    } else {
      rowLimit = 10
    }
    options.limit = rowLimit
    options.columns = arguments.list(of: Self.columns)
    if let indices = arguments.list(of: Self.rowGroups) {
      var rowGroups: [Int] = []
      for index in indices { rowGroups.append(try arguments.count(index, of: Self.rowGroups)) }
      options.rowGroups = rowGroups
    }
  }

  mutating func show(_ file: ParquetFile, to output: Output) throws(ReadError) {
    let table = try ProgressLine.run("reading \(file.source.name)") { progress throws(ReadError) in
      try file.read(options, progress: progress)
    }
    show(table, named: file.source.name, of: try availableRowCount(in: file), to: output)
  }

  mutating func show(_ dataset: ParquetDataset, to output: Output) throws(ReadError) {
    let table = try ProgressLine.run("reading \(dataset.name)") { _ throws(ReadError) in
      try dataset.read(options)
    }
    show(table, named: dataset.name, of: try dataset.rowCount(), to: output)
  }

  mutating func show(_ avro: AvroInput, to output: Output) throws(ReadError) {
    try refuseRowGroups(of: "Avro", avro.name)
    var wanted = AvroReadOptions()
    wanted.columns = options.columns
    wanted.limit = rowLimit
    let table = try ProgressLine.run("reading \(avro.name)") { progress throws(ReadError) in
      try avro.dataset.read(wanted, progress: progress)
    }
    // A break behind the first rows keeps nobody from seeing them.
    let total = try? avro.dataset.recordCount()
    show(
      table, named: avro.name, of: total ?? table.rowCount.addingSaturated(1),
      isMore: total == nil, to: output)
  }

  private func refuseRowGroups(of format: String, _ name: String) throws(ReadError) {
    guard options.rowGroups == nil else {
      throw ReadError(
        .invalidOption(name: "row_groups", why: "\(format) has none"), at: .init(file: name))
    }
  }

  mutating func show(_ text: TextInput, to output: Output) throws(ReadError) {
    try refuseRowGroups(of: "CSV", text.name)
    let rowLimit = rowLimit
    let table = try ProgressLine.run("reading \(text.name)") { progress throws(ReadError) in
      var csv = try text.readOptions(arguments)
      csv.columns = options.columns
      // One more tells whether these are all.
      csv.limit = rowLimit.addingSaturated(1)
      return try text.read(csv, progress: progress)
    }
    show(
      table.slice(offset: 0, length: min(rowLimit, table.rowCount)), named: text.name,
      of: table.rowCount, isMore: table.rowCount > rowLimit, to: output)
  }

  private mutating func show(
    _ table: Table, named name: String, of rowCount: Int, isMore: Bool = false,
    to output: Output
  ) {
    let laying = "laying out \(name)"
    if writesJSON {
      return output.write(ProgressLine.run(laying) { _ in table.jsonRows() } + "\n")
    }
    if !isSingle { output.writeHeading(name, isFirst: isFirst) }
    isFirst = false
    let format = TableFormat(
      rowLimit: table.rowCount, width: output.width, usesColor: output.usesColor)
    let text = ProgressLine.run(laying) { _ in table.formatted(format) }
    guard table.rowCount < rowCount else { return output.write(text) }
    // The last line counts what is shown.
    let whole = isMore ? ", of more" : ", of \(rowCount.grouped) rows"
    output.write(text.dropLast() + output.styled(whole, .dim) + "\n")
  }

  /// The rows of the row groups that were asked for.
  private func availableRowCount(in file: ParquetFile) throws(ReadError) -> Int {
    guard let indices = options.rowGroups else { return try file.rowCount() }
    let rowGroups = try file.metaData().rowGroups
    return indices.reduce(0) { $0.addingSaturated(Int(rowGroups[$1].numRows)) }
  }
}
