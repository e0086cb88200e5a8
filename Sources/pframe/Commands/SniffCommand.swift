import ParquetFrame

/// `pframe sniff`: how a CSV file is written.
struct SniffCommand: FileCommand {
  static let specification = CommandSpecification(
    name: "sniff", summary: "Show how a CSV file is written.",
    details: """
      Shows delimiter, quote and header as the first records tell them, how sure that
      is, and the columns with the types that these records have.

      With --json: {"file", "delimiter", "quote", "has_header", "confidence",
      "records", "fields": [{"name", "arrow_type"}]} for each file.
      """,
    options: [TextInput.encoding])

  private let arguments: Arguments
  private let writesJSON: Bool
  private let isSingle: Bool
  private var isFirst = true

  init(_ arguments: Arguments) {
    self.arguments = arguments
    writesJSON = arguments.has(.json)
    isSingle = arguments.files.count == 1
  }

  mutating func show(_ file: ParquetFile, to output: Output) throws(ReadError) {
    throw Self.refusal(of: file.source.name)
  }

  mutating func show(_ avro: AvroInput, to output: Output) throws(ReadError) {
    throw Self.refusal(of: avro.name)
  }

  private static func refusal(of name: String) -> ReadError {
    ReadError(.unsupported(feature: "sniffing what is not CSV"), at: .init(file: name))
  }

  mutating func show(_ text: TextInput, to output: Output) throws(ReadError) {
    let found = try text.sniff(arguments)
    let dialect = found.dialect
    if writesJSON {
      return output.writeJSON {
        $0.member("file", text.name)
        $0.member("delimiter", dialect.delimiter)
        $0.member("quote", dialect.quote)
        $0.member("has_header", dialect.hasHeader)
        $0.member("confidence", found.confidence)
        $0.member("records", found.recordCount)
        $0.array("fields") {
          for field in found.schema.fields {
            $0.object {
              $0.member("name", field.name)
              $0.member("arrow_type", field.type.description)
            }
          }
        }
      }
    }
    if !isSingle { output.writeHeading(text.name, isFirst: isFirst) }
    isFirst = false
    let percent = Int((found.confidence * 100).rounded())
    let lines = [
      ("delimiter", Self.name(of: dialect.delimiter)),
      ("quote", dialect.quote ?? "none"),
      ("header", dialect.hasHeader ? "yes" : "no"),
      ("confidence", "\(percent) %, of \(found.recordCount.grouped) records"),
    ]
    for (label, value) in lines {
      let padding = String(repeating: " ", count: 12 - label.count)
      output.write(output.styled(label, .bold) + padding + value.escapedForTerminal + "\n")
    }
    guard !found.schema.fields.isEmpty else { return }
    output.write("\n")
    var table = TextTable()
    table.add("column", found.schema.fields.map(\.name))
    table.add("arrow type", found.schema.fields.map(\.type.description))
    table.write(to: output)
  }

  private static func name(of delimiter: String) -> String {
    switch delimiter {
    case "\t": "tab"
    case " ": "space"
    default: delimiter
    }
  }
}
