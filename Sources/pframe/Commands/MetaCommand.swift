import ParquetFrame

/// `pframe meta`: what the footer says.
struct MetaCommand: FileCommand {
  static let specification = CommandSpecification(
    name: "meta", summary: "Show the metadata: sizes, encodings, statistics.",
    details: """
      Shows a summary of the footer, then each column over all row groups: encodings,
      compression, sizes, nulls, smallest and largest value where the file says so.

      With --json: the whole footer, each row group by itself (Specs/metadata.md).

      Of Avro: what the head of the file says, the blocks, and the columns.
      """)

  private let writesJSON: Bool
  private var isFirst = true

  init(_ arguments: Arguments) { writesJSON = arguments.has(.json) }

  mutating func show(_ file: ParquetFile, to output: Output) throws(ReadError) {
    if writesJSON {
      let json = try file.metaDataJSON(layout: output.isTerminal ? .indented : .compact)
      return output.write(json + "\n")
    }
    let columns = try file.columnSummaries()
    show(try summary(of: file, columns), to: output)
    guard !columns.isEmpty else { return }
    output.write("\n")
    table(of: columns).write(to: output)
  }

  mutating func show(_ text: TextInput, to output: Output) throws(ReadError) {
    throw ReadError(
      .unsupported(feature: "the metadata of CSV, which has none,"), at: .init(file: text.name))
  }

  mutating func show(_ avro: AvroInput, to output: Output) throws(ReadError) {
    guard avro.dataset.files.count == 1 else {
      throw ReadError(.source(.isDirectory), at: .init(file: avro.name))
    }
    let file = avro.first
    if writesJSON {
      let json = try file.metadataJSON(layout: output.isTerminal ? .indented : .compact)
      return output.write(json + "\n")
    }
    let blocks = try file.blocks()
    let fields = try file.schema().fields
    let types = file.header.schema.columnTypes
    show(try Self.summary(of: file, blocks), to: output)
    guard !fields.isEmpty else { return }
    output.write("\n")
    var table = TextTable()
    table.add("column", fields.map(\.name))
    table.add("avro type", types.map(\.words))
    table.add("arrow type", fields.map(\.type.description))
    table.write(to: output)
  }

  /// Labels and values about an Avro file as a whole.
  private static func summary(
    of file: AvroFile, _ blocks: [AvroBlock]
  ) throws(ReadError) -> [(String, String)] {
    let header = file.header
    let records = blocks.reduce(0) { $0.addingSaturated($1.recordCount) }
    let stored = blocks.reduce(0) { $0.addingSaturated($1.byteCount) }
    var lines = [
      ("file", "\(file.source.name) (\(file.source.byteCount.byteText))"),
      ("schema", header.schema.type.words),
      ("codec", header.codec.rawValue),
      ("records", records.grouped),
      ("blocks", Self.counted(blocks.map { Int64($0.recordCount) }, "record")),
      ("columns", header.schema.columnTypes.count.grouped),
      ("data", "\(stored.byteText) in the blocks, head of \(header.byteCount.byteText)"),
      ("sync marker", header.syncMarkerText),
    ]
    let keys = header.userMetadata.members.map { pair in
      "\(pair.name) (\((pair.value.string ?? "").utf8.count.byteText))"
    }
    if !keys.isEmpty { lines.append(("metadata", keys.joined(separator: ", "))) }
    return lines
  }

  private mutating func show(_ lines: [(label: String, value: String)], to output: Output) {
    if !isFirst { output.write("\n") }
    isFirst = false
    for (label, value) in lines {
      let padding = String(repeating: " ", count: 12 - label.count)
      output.write(output.styled(label, .bold) + padding + value.escapedForTerminal + "\n")
    }
  }

  /// Labels and values about the file as a whole.
  private func summary(
    of file: ParquetFile, _ columns: [ColumnSummary]
  ) throws(ReadError) -> [(String, String)] {
    let metaData = try file.metaData()
    let footerSize = metaData.bytes.count.byteText
    var lines = [
      ("file", "\(file.source.name) (\(file.source.byteCount.byteText))"),
      ("created by", metaData.createdBy ?? "unknown"),
      ("version", "\(metaData.version), footer of \(footerSize)"),
      ("rows", metaData.numRows.grouped),
      ("row groups", Self.counted(metaData.rowGroups.map(\.numRows), "row")),
      ("columns", columns.count.grouped),
    ]
    if let sizes = columns.reduce(ColumnSummary.Sizes?.none, { $0?.adding($1.sizes) ?? $1.sizes }) {
      lines.append(
        (
          "data",
          "\(sizes.compressed.byteText) compressed, \(sizes.uncompressed.byteText) uncompressed"
            + (sizes.ratio.isEmpty ? "" : ", ratio \(sizes.ratio)")
        ))
    }
    if metaData.encryptionAlgorithm != nil { lines.append(("encryption", "columns are encrypted")) }
    let keys = (metaData.keyValueMetadata ?? []).map { pair in
      "\(pair.key) (\((pair.value ?? "").utf8.count.byteText))"
    }
    if !keys.isEmpty { lines.append(("metadata", keys.joined(separator: ", "))) }
    return lines
  }

  /// `1`, `4 (250,000 rows each)` or `4 (10 to 250,000 rows each)`, for the rows of each part.
  private static func counted(_ counts: [Int64], _ what: String) -> String {
    guard counts.count > 1, let least = counts.min(), let most = counts.max() else {
      return "\(counts.count)"
    }
    let rows = least == most ? most.grouped : "\(least.grouped) to \(most.grouped)"
    return "\(counts.count.grouped) (\(rows) \(what)\(most == 1 ? "" : "s") each)"
  }

  private func table(of columns: [ColumnSummary]) -> TextTable {
    var table = TextTable()
    table.add("column", columns.map(\.path))
    table.add("type", columns.map(\.physicalTypeText))
    table.add("logical type", columns.map { $0.leaf.element.meaningInWords ?? "" })
    table.add("encodings", columns.map { $0.encodings.map(\.description).joined(separator: ", ") })
    table.add("codec", columns.map(\.codecText))
    table.add("compressed", isNumeric: true, columns.map { $0.sizes.compressed.byteText })
    table.add("uncompressed", isNumeric: true, columns.map { $0.sizes.uncompressed.byteText })
    table.add("ratio", isNumeric: true, columns.map(\.sizes.ratio))
    table.add("pages", isNumeric: true, columns.map { $0.dataPageCount?.grouped ?? "?" })
    table.add("nulls", isNumeric: true, columns.map { $0.statistics.nullCount?.grouped ?? "?" })
    table.add("min", columns.map(\.minText))
    table.add("max", followsPrevious: true, columns.map(\.maxText))
    return table
  }
}
