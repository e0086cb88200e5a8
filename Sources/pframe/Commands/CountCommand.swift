import ParquetFrame

/// `pframe count`: how many rows files have, from footers and the heads of blocks where there are such.
struct CountCommand: FileCommand {
  static let specification = CommandSpecification(
    name: "count", summary: "Count the rows.",
    details: """
      Shows the number of rows, for several files beside each name, and the total.
      Only a part of the footer is read, however large the file is.

      With --json: {"file": NAME, "rows": COUNT} for each file, for several
      {"total": COUNT} behind them.

      Of Avro the heads of the blocks tell it. CSV has neither: all of it is read, for
      its records.

      A directory, or a quoted pattern with * ? [...] and **, counts as one table.
      """,
    options: TextInput.options)

  private let arguments: Arguments
  private let writesJSON: Bool
  private let isSingle: Bool
  private var counts: [(rows: Int, file: String)] = []

  init(_ arguments: Arguments) {
    self.arguments = arguments
    writesJSON = arguments.has(.json)
    isSingle = arguments.files.count == 1
  }

  mutating func show(_ file: ParquetFile, to output: Output) throws(ReadError) {
    show(try file.rowCount(), of: file.source.name, to: output)
  }

  mutating func show(_ dataset: ParquetDataset, to output: Output) throws(ReadError) {
    show(try dataset.rowCount(), of: dataset.name, to: output)
  }

  mutating func show(_ text: TextInput, to output: Output) throws(ReadError) {
    var options = try text.readOptions(arguments)
    // The first alone, as a string, tells where records end.
    options.infersTypes = false
    options.columns = []
    let rows = try ProgressLine.run("counting \(text.name)") { _ throws(ReadError) in
      let scanner = try text.scanner(options)
      var rows = 0
      while let batch = try scanner.next() { rows += batch.rowCount }
      return rows
    }
    show(rows, of: text.name, to: output)
  }

  mutating func show(_ avro: AvroInput, to output: Output) throws(ReadError) {
    show(try avro.dataset.recordCount(), of: avro.name, to: output)
  }

  private mutating func show(_ rows: Int, of name: String, to output: Output) {
    counts.append((rows, name))
    if writesJSON {
      output.writeJSON {
        $0.member("file", name)
        $0.member("rows", rows)
      }
    } else if isSingle {
      output.write("\(rows)\n")
    }
  }

  func finish(_ output: Output) {
    guard !isSingle else { return }
    // Footers may claim anything: the sum stays at the largest number.
    let total = counts.reduce(0) { $0.addingSaturated($1.rows) }
    if writesJSON { return output.writeJSON { $0.member("total", total) } }
    let width = String(total).count
    for (rows, file) in counts {
      let number = String(rows)
      let padding = String(repeating: " ", count: width - number.count)
      output.write("\(padding)\(number)  \(file.escapedForTerminal)\n")
    }
    output.write(output.styled("\(total)  total", .bold) + "\n")
  }
}
