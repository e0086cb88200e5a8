import ParquetFrame

/// `pframe schema`: the columns and their types.
struct SchemaCommand: FileCommand {
  static let specification = CommandSpecification(
    name: "schema", summary: "Show the columns and their types.",
    details: """
      Shows every node of the schema, children indented: how often it occurs, how
      Parquet stores it and what it means, and the Arrow type that a read gives.

      With --json: {"file": NAME, "fields": [{"path", "name", "repetition",
      "physical_type", "type_length", "logical_type", "field_id", "arrow_type"}]},
      in the same order; what does not apply is null.

      CSV has no schema: all of it is read, and the types are those that all values
      fit. Of CSV, a directory, or a quoted pattern with * ? [...] and **, the
      columns of the table that a read gives: "name", "arrow_type", "nullable".
      Of Avro these, "avro_type" in words, and "schema", which is the file's own.
      """,
    options: TextInput.options)

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
    let fields = try SchemaField.all(of: file)
    if writesJSON { return writeJSON(fields, of: file, to: output) }
    if !isSingle { output.writeHeading(file.source.name, isFirst: isFirst) }
    isFirst = false
    guard !fields.isEmpty else { return output.write("no columns\n") }
    var table = TextTable()
    table.add("column", fields.map { String(repeating: "  ", count: $0.depth) + $0.name })
    table.add("occurs", fields.map { $0.repetition.lowercased() })
    table.add("parquet type", fields.map { $0.storage ?? "group" })
    table.add("logical type", fields.map { $0.logicalType ?? "" })
    table.add("arrow type", fields.map { $0.depth > 0 ? "" : $0.arrowType ?? "not read yet" })
    table.write(to: output)
  }

  /// Of several files, the columns of the table that they make.
  mutating func show(_ dataset: ParquetDataset, to output: Output) throws(ReadError) {
    show(try dataset.schema().fields, named: dataset.name, to: output)
  }

  mutating func show(_ text: TextInput, to output: Output) throws(ReadError) {
    let schema = try ProgressLine.run("reading \(text.name)") { _ throws(ReadError) in
      try text.scanner(text.readOptions(arguments)).schema
    }
    show(schema.fields, named: text.name, to: output)
  }

  mutating func show(_ avro: AvroInput, to output: Output) throws(ReadError) {
    let fields = try avro.dataset.schema().fields
    let types = avro.first.header.schema.columnTypes
    if writesJSON {
      return output.writeJSON {
        $0.member("file", avro.name)
        $0.member("schema", avro.first.header.schema.json)
        $0.array("fields") {
          for (field, type) in zip(fields, types) {
            $0.object {
              $0.member("name", field.name)
              $0.member("avro_type", type.words)
              $0.member("arrow_type", field.type.description)
              $0.member("nullable", field.isNullable)
            }
          }
        }
      }
    }
    if !isSingle { output.writeHeading(avro.name, isFirst: isFirst) }
    isFirst = false
    guard !fields.isEmpty else { return output.write("no columns\n") }
    var table = TextTable()
    table.add("column", fields.map(\.name))
    table.add("occurs", fields.map { $0.isNullable ? "optional" : "required" })
    table.add("avro type", types.map(\.words))
    table.add("arrow type", fields.map(\.type.description))
    table.write(to: output)
  }

  private mutating func show(_ fields: [Field], named name: String, to output: Output) {
    if writesJSON {
      return output.writeJSON {
        $0.member("file", name)
        $0.array("fields") {
          for field in fields {
            $0.object {
              $0.member("name", field.name)
              $0.member("arrow_type", field.type.description)
              $0.member("nullable", field.isNullable)
            }
          }
        }
      }
    }
    if !isSingle { output.writeHeading(name, isFirst: isFirst) }
    isFirst = false
    guard !fields.isEmpty else { return output.write("no columns\n") }
    var table = TextTable()
    table.add("column", fields.map(\.name))
    table.add("occurs", fields.map { $0.isNullable ? "optional" : "required" })
    table.add("arrow type", fields.map(\.type.description))
    table.write(to: output)
  }

  private func writeJSON(_ fields: [SchemaField], of file: ParquetFile, to output: Output) {
    output.writeJSON {
      $0.member("file", file.source.name)
      $0.array("fields") {
        for field in fields {
          $0.object {
            $0.member("path", field.path)
            $0.member("name", field.name)
            $0.member("repetition", field.repetition)
            $0.member("physical_type", field.physicalType)
            $0.member("type_length", field.typeLength)
            $0.member("logical_type", field.logicalType)
            $0.member("field_id", field.fieldID)
            $0.member("arrow_type", field.arrowType)
          }
        }
      }
    }
  }
}
