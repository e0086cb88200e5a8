import ParquetFrame

/// CSV on the command line: one file, or those that a pattern stands for.
struct TextInput {
  /// What a file is called, or the pattern.
  let name: String
  let dataset: CSVDataset

  /// Options that say how the text is written; what they do not say is found out.
  static let delimiter = Option(
    name: "--delimiter", value: "TEXT",
    help: "CSV: what parts fields, \\t for a tab (found out).")
  static let noHeader = Option(
    name: "--no-header", help: "CSV: the first line is data (found out).")
  static let encoding = Option(
    name: "--encoding", value: "NAME",
    help: "CSV: utf-8, latin-1, cp1252, utf-16 (by its mark).")
  static let options = [delimiter, noHeader, encoding]

  /// Opens `path` where it is CSV: by its name, or by its first bytes; nil where it is not.
  ///
  /// - Throws: what opening it throws.
  init?(_ path: String) throws(ReadError) {
    name = path
    let lowercased = path.lowercased()
    let isNamedSo = CSVDataset.fileNameSuffixes.contains(where: lowercased.hasSuffix)
    if ParquetDataset.isNeeded(for: path) {
      // A directory is one of CSV where it has no Parquet.
      if !isNamedSo, (try? InputFiles.paths(path, ParquetDataset.fileNameSuffixes)) != nil {
        return nil
      }
      if !isNamedSo, (try? InputFiles.paths(path, CSVDataset.fileNameSuffixes)) == nil {
        return nil
      }
      dataset = try CSVDataset(paths: try InputFiles.paths(path, CSVDataset.fileNameSuffixes))
      return
    }
    if !isNamedSo {
      guard !ParquetDataset.fileNameSuffixes.contains(where: lowercased.hasSuffix) else {
        return nil
      }
      guard try Self.looksLikeText(path) else { return nil }
    }
    dataset = try CSVDataset(paths: [path])
  }

  /// Whether the first bytes are those of a text, or of one that was compressed.
  private static func looksLikeText(_ path: String) throws(ReadError) -> Bool {
    let bytes = try InputFiles.firstBytes(of: path, count: 4096)
    let packed: [[UInt8]] = [
      [0x1F, 0x8B], [0x28, 0xB5, 0x2F, 0xFD], [0xFF, 0xFE], [0xFE, 0xFF],
    ]
    if packed.contains(where: { bytes.starts(with: $0) }) { return true }
    return !bytes.isEmpty && !bytes.starts(with: Array("PAR".utf8)) && !bytes.contains(0)
  }

  /// Finds out what the arguments do not say.
  ///
  /// - Throws: what sniffing throws.
  func sniff(_ arguments: Arguments) throws(ReadError) -> CSVSniffer {
    var options = CSVReadOptions()
    options.encoding = arguments.value(of: Self.encoding)
    return try dataset.files[0].sniff(options)
  }

  /// How to read it.
  ///
  /// - Throws: what sniffing throws.
  func readOptions(_ arguments: Arguments) throws(ReadError) -> CSVReadOptions {
    var options = CSVReadOptions()
    options.encoding = arguments.value(of: Self.encoding)
    options.dialect = try sniff(arguments).dialect
    if let delimiter = arguments.value(of: Self.delimiter) {
      options.dialect.delimiter = delimiter == "\\t" ? "\t" : delimiter
      options.dialect.quote = "\""
    }
    if arguments.has(Self.noHeader) { options.dialect.hasHeader = false }
    return options
  }

  /// Batch after batch of all files.
  ///
  /// - Throws: what opening the scan throws.
  func scanner(_ options: CSVReadOptions) throws(ReadError) -> any RecordBatchSource {
    if dataset.files.count == 1 { return try CSVScanner(dataset.files[0], options) }
    return try CSVDatasetScanner(dataset, options)
  }

  /// All rows that the options ask for.
  ///
  /// - Throws: what reading throws.
  func read(
    _ options: CSVReadOptions, progress: (@Sendable (Double) -> Void)?
  ) throws(ReadError) -> Table {
    if dataset.files.count == 1 {
      return try dataset.files[0].read(options, progress: progress).table
    }
    return try dataset.read(options).table
  }
}
