internal import PFArrow
internal import PFCore

extension TableOperation {
  /// Bytes that are written between two looks at the token.
  private static let pieceByteCount = 1 << 24

  /// `write`: a file of the table as an Arrow IPC stream; gives its input.
  static let makeWrite: Making = { (name, options) throws(OperationError) in
    let (given, makesDirectories) = try opting { () throws(OptionError) in
      // `output` is the word of `save`.
      let (path, output) = (try options.string("path"), try options.string("output"))
      let makesDirectories = try options.bool("make_directories")
      return (path ?? output, makesDirectories ?? (name == "save"))
    }
    guard let path = given, !path.isEmpty else {
      throw .missing(operation: name, parameter: "path")
    }
    let named =
      FileFormat(named: path)
      ?? (["to_parquet", "parquet.write"].contains(name) ? .parquet : .arrow)
    try opting { () throws(OptionError) in
      let format = try options.string("format") ?? named.rawValue
      guard format == FileFormat.arrow.rawValue else {
        throw .notAllowed(name: "format", value: format, allowed: [FileFormat.arrow.rawValue])
      }
    }
    return Parts(writtenPaths: [path]) { (inputs, context) throws(OperationError) in
      do throws(ReadError) {
        try write(inputs[0], to: path, makesDirectories, context)
      } catch {
        if case .source(let error) = error.reason { throw .write(path: path, error) }
        throw .read(error.at(.init(file: path)))
      }
      return inputs[0]
    }
  }

  private static func write(
    _ table: Table, to path: String, _ makesDirectories: Bool, _ context: OperationContext
  ) throws(ReadError) {
    let file = try writing { () throws(SourceError) in
      if makesDirectories, let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) {
        try Directory.make(String(path[..<slash]))
      }
      return try ReplacementFile(replacing: path)
    }
    var writer = try IPCStreamWriter(schema: table.schema) { (bytes) throws(ReadError) in
      var start = 0
      while start < bytes.count {
        if context.cancellation?.isCancelled == true { throw ReadError(.cancelled) }
        let count = min(pieceByteCount, bytes.count - start)
        do throws(SourceError) {
          try file.append(bytes.extracting(start..<(start + count)))
        } catch { throw ReadError(error) }
        start += count
      }
    }
    for (index, batch) in table.batches.enumerated() {
      try writer.append(batch)
      context.report(Double(index + 1) / Double(table.batches.count))
    }
    try writer.finish()
    try writing { () throws(SourceError) in try file.commit() }
  }

  private static func writing<Result>(
    _ body: () throws(SourceError) -> Result
  ) throws(ReadError) -> Result {
    do throws(SourceError) {
      return try body()
    } catch { throw ReadError(error) }
  }
}
