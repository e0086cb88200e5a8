internal import PFArrow
internal import PFCore
internal import PFParquet

/// Calls the caller's release function when the last reference goes.
@safe final class CallerOwner: Sendable {
  private let context: CallerContext
  private let release: (@convention(c) @Sendable (UnsafeMutableRawPointer?) -> Void)?

  init(
    _ context: CallerContext,
    _ release: (@convention(c) @Sendable (UnsafeMutableRawPointer?) -> Void)?
  ) {
    self.context = context
    unsafe self.release = unsafe release
  }

  var pointer: UnsafeMutableRawPointer? { unsafe context.pointer }

  deinit { if let release = unsafe release { unsafe release(context.pointer) } }
}

/// `pf_parquet_open_path` of the header.
@c(pf_parquet_open_path)
public func parquetOpenPath(
  _ path: UnsafePointer<CChar>?, _ json: UnsafePointer<CChar>?,
  _ file: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let file = try unsafe required(file, "file")
    let path = try required(try unsafe string(path), "path")
    let text = try unsafe string(json)
    let memoryMap = try options { () throws(OptionError) in
      var options = try JSONOptions(text)
      let memoryMap = try options.bool("memory_map") ?? false
      try options.finish()
      return memoryMap
    }
    let opened = try reading { () throws(ReadError) in
      try ParquetFile(path: path, memoryMap: memoryMap)
    }
    unsafe file.pointee = Handles.add(.parquet(opened))
  }
}

/// `pf_parquet_open_memory` of the header.
@c(pf_parquet_open_memory)
public func parquetOpenMemory(
  _ bytes: UnsafeRawPointer?, _ byteCount: Int64, _ json: UnsafePointer<CChar>?,
  _ release: (@convention(c) @Sendable (UnsafeMutableRawPointer?) -> Void)?,
  _ context: UnsafeMutableRawPointer?, _ file: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  // Made first: it releases the context also when the call fails.
  let owner = unsafe CallerOwner(CallerContext(context), release)
  return unsafe call(error) { () throws(CallError) in
    let file = try unsafe required(file, "file")
    guard byteCount >= 0, unsafe bytes != nil || byteCount == 0 else {
      throw .argument("argument \"bytes\" is NULL or \"byte_count\" negative")
    }
    try noOptions(try unsafe string(json))
    // SAFETY: the caller promises the bytes until it is told that they are not needed.
    let buffer = unsafe Buffer(start: bytes, byteCount: Int(byteCount), owner: owner)
    let opened = try reading { () throws(ReadError) in
      try ParquetFile(MemorySource(buffer, name: "memory"))
    }
    unsafe file.pointee = Handles.add(.parquet(opened))
  }
}

/// `pf_parquet_open_callback` of the header.
@c(pf_parquet_open_callback)
public func parquetOpenCallback(
  _ read: (
    @convention(c) @Sendable (UnsafeMutableRawPointer?, Int64, Int64, UnsafeMutableRawPointer?) ->
      Int32
  )?, _ byteCount: Int64, _ name: UnsafePointer<CChar>?, _ json: UnsafePointer<CChar>?,
  _ release: (@convention(c) @Sendable (UnsafeMutableRawPointer?) -> Void)?,
  _ context: UnsafeMutableRawPointer?, _ file: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  let owner = unsafe CallerOwner(CallerContext(context), release)
  return unsafe call(error) { () throws(CallError) in
    let file = try unsafe required(file, "file")
    let read = try unsafe required(read, "read")
    guard byteCount >= 0 else { throw .argument("argument \"byte_count\" is negative") }
    let name = try unsafe string(name) ?? "callback"
    try noOptions(try unsafe string(json))
    let source = CallbackSource(name: name, byteCount: Int(byteCount)) {
      (offset, target) throws(SourceError) in
      let status = unsafe target.withUnsafeMutableBytes { bytes in
        unsafe read(owner.pointer, Int64(offset), Int64(bytes.count), bytes.baseAddress)
      }
      guard status == 0 else { throw .callbackFailed(status: status) }
    }
    let opened = try reading { () throws(ReadError) in try ParquetFile(source) }
    unsafe file.pointee = Handles.add(.parquet(opened))
  }
}

/// `pf_parquet_open_dataset` of the header.
@c(pf_parquet_open_dataset)
public func parquetOpenDataset(
  _ paths: UnsafePointer<CChar>?, _ json: UnsafePointer<CChar>?,
  _ dataset: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let dataset = try unsafe required(dataset, "dataset")
    let paths = try required(try unsafe string(paths), "paths")
    guard let list = (try? JSONValue(parsing: paths))?.array else {
      throw .argument("argument \"paths\" is no JSON list")
    }
    let sources = list.compactMap(\.string)
    guard sources.count == list.count else {
      throw .argument("argument \"paths\" is no list of strings")
    }
    let text = try unsafe string(json)
    let (memoryMap, isHive) = try options { () throws(OptionError) in
      var options = try JSONOptions(text)
      let memoryMap = try options.bool("memory_map") ?? false
      let isHive = try options.bool("hive_partitioning") ?? true
      try options.finish()
      return (memoryMap, isHive)
    }
    let opened = try reading { () throws(ReadError) in
      try ParquetDataset(sources, memoryMap: memoryMap, hivePartitioning: isHive)
    }
    unsafe dataset.pointee = Handles.add(.dataset(opened))
  }
}

/// `pf_parquet_paths` of the header.
@c(pf_parquet_paths)
public func parquetPaths(
  _ dataset: UInt64, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let json = try unsafe required(json, "json")
    var writer = JSONWriter()
    switch try Handles.readable(dataset) {
    case .file(let file): writer.value([file.source.name])
    case .dataset(let dataset): writer.value(dataset.paths)
    }
    unsafe json.pointee = CText.allocate(writer.text)
  }
}

private func noOptions(_ json: String?) throws(CallError) {
  try options { () throws(OptionError) in try JSONOptions(json).finish() }
}

/// `pf_parquet_row_count` of the header.
@c(pf_parquet_row_count)
public func parquetRowCount(
  _ file: UInt64, _ rowCount: UnsafeMutablePointer<Int64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let rowCount = try unsafe required(rowCount, "row_count")
    let readable = try Handles.readable(file)
    let count = try reading { () throws(ReadError) in
      switch readable {
      case .file(let file): try file.rowCount()
      case .dataset(let dataset): try dataset.rowCount()
      }
    }
    unsafe rowCount.pointee = Int64(count)
  }
}

/// `pf_parquet_counts` of the header.
@c(pf_parquet_counts)
public func parquetCounts(
  _ file: UInt64, _ rowCount: UnsafeMutablePointer<Int64>?,
  _ rowGroupCount: UnsafeMutablePointer<Int64>?, _ columnCount: UnsafeMutablePointer<Int64>?,
  _ uncompressedByteCount: UnsafeMutablePointer<Int64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let readable = try Handles.readable(file)
    let counts = try reading { () throws(ReadError) in
      switch readable {
      case .file(let file):
        try file.counts(withBytes: unsafe uncompressedByteCount != nil)
      case .dataset(let dataset): try dataset.counts()
      }
    }
    unsafe rowCount?.pointee = Int64(counts.rows)
    unsafe rowGroupCount?.pointee = Int64(counts.rowGroups)
    unsafe columnCount?.pointee = Int64(counts.columns)
    unsafe uncompressedByteCount?.pointee = Int64(counts.uncompressedBytes)
  }
}

/// `pf_parquet_metadata` of the header.
@c(pf_parquet_metadata)
public func parquetMetadata(
  _ file: UInt64, _ options: UnsafePointer<CChar>?,
  _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let json = try unsafe required(json, "json")
    let parquet = try Handles.parquet(file)
    let selection = try MetadataSelection(json: try unsafe string(options))
    let text = try reading { () throws(ReadError) in try parquet.metaDataJSON(selection) }
    unsafe json.pointee = CText.allocate(text)
  }
}

/// `pf_parquet_statistics` of the header.
@c(pf_parquet_statistics)
public func parquetStatistics(
  _ file: UInt64, _ options: UnsafePointer<CChar>?,
  _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let json = try unsafe required(json, "json")
    let parquet = try Handles.parquet(file)
    let text = try unsafe string(options)
    let (columns, rowGroups) = try PFCInterface.options { () throws(OptionError) in
      var options = try JSONOptions(text)
      let columns = try options.strings("columns")
      let rowGroups = try options.integers("row_groups", in: .min ... .max)
      try options.finish()
      return (columns, rowGroups)
    }
    let summaries = try reading { () throws(ReadError) in
      try parquet.columnSummaries(of: columns, rowGroups: rowGroups)
    }
    var writer = JSONWriter()
    writer.value(summaries)
    unsafe json.pointee = CText.allocate(writer.text)
  }
}

/// `pf_parquet_schema` of the header.
@c(pf_parquet_schema)
public func parquetSchema(
  _ file: UInt64, _ schema: UnsafeMutableRawPointer?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let target = try unsafe required(schema, "schema")
    let readable = try Handles.readable(file)
    let schema = try reading { () throws(ReadError) in
      switch readable {
      case .file(let file): try file.schema()
      case .dataset(let dataset): try dataset.schema()
      }
    }
    unsafe schema.export(to: target)
  }
}

/// `pf_parquet_read` of the header.
@c(pf_parquet_read)
public func parquetRead(
  _ file: UInt64, _ json: UnsafePointer<CChar>?, _ cancel: UInt64,
  _ table: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let out = try unsafe required(table, "table")
    let readable = try Handles.readable(file)
    let token = try Handles.cancellation(cancel)
    let options = try ParquetReadOptions(json: try unsafe string(json), scanning: false)
    let table = try reading { () throws(ReadError) in
      switch readable {
      case .file(let file): try file.read(options, cancellation: token)
      case .dataset(let dataset): try dataset.read(options, cancellation: token)
      }
    }
    unsafe out.pointee = Handles.add(.table(table))
  }
}

/// `pf_parquet_scan` of the header.
@c(pf_parquet_scan)
public func parquetScan(
  _ file: UInt64, _ json: UnsafePointer<CChar>?, _ cancel: UInt64,
  _ stream: UnsafeMutableRawPointer?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let target = try unsafe required(stream, "stream")
    let readable = try Handles.readable(file)
    let token = try Handles.cancellation(cancel)
    let options = try ParquetReadOptions(json: try unsafe string(json), scanning: true)
    let scanner = try reading { () throws(ReadError) -> any RecordBatchSource in
      switch readable {
      case .file(let file): try ParquetScanner(file, options, cancellation: token)
      case .dataset(let dataset): try DatasetScanner(dataset, options, cancellation: token)
      }
    }
    unsafe scanner.export(to: target)
  }
}

extension MetadataSelection {
  /// The options of `pf_parquet_metadata`.
  fileprivate init(json: String?) throws(CallError) {
    self.init()
    self = try options { () throws(OptionError) in
      var selection = MetadataSelection()
      var options = try JSONOptions(json)
      if let names = try options.strings("sections") {
        selection.sections = []
        for name in names {
          guard let section = Section(rawValue: name) else {
            throw .notAllowed(
              name: "sections", value: name, allowed: Section.allCases.map(\.rawValue))
          }
          selection.sections.insert(section)
        }
      }
      selection.rowGroups = try options.integers("row_groups", in: 0 ... .max)
      selection.chunks = try options.integers("columns", in: 0 ... .max)
      try options.finish()
      return selection
    }
  }
}

extension ParquetReadOptions {
  /// The options of `pf_parquet_read` and `pf_parquet_scan`.
  fileprivate init(json: String?, scanning: Bool) throws(CallError) {
    self.init()
    self = try PFCInterface.options { () throws(OptionError) in
      var result = ParquetReadOptions()
      var options = try JSONOptions(json)
      result.columns = try options.strings("columns")
      result.rowGroups = try options.integers("row_groups", in: .min ... .max)
      result.filter = try options.value("filters").map { (json) throws(OptionError) in
        try RowPredicate(json: json)
      }
      result.limit = try options.integer("limit", in: 0 ... .max)
      result.threads = try options.integer("threads", in: 0...1024).flatMap { $0 == 0 ? nil : $0 }
      result.verifiesChecksums = try options.bool("verify_checksums") ?? false
      result.limits = try options.limits()
      let units: [String: TimeUnit] = [
        "s": .second, "ms": .millisecond, "us": .microsecond, "ns": .nanosecond,
      ]
      let unit = try options.choice(
        "coerce_int96_timestamp_unit", of: ["s", "ms", "us", "ns"])
      result.int96Unit = unit.flatMap { units[$0] } ?? .nanosecond
      result.restoresArrowSchema = try options.bool("restore_arrow_schema") ?? true
      (result.stringOutput, result.columnStringOutputs) = try options.stringOutputs()
      if scanning {
        result.batchSize = try options.integer("batch_size", in: 1 ... .max) ?? result.batchSize
        result.readsAhead = try options.bool("read_ahead") ?? true
      }
      try options.finish()
      return result
    }
  }
}

extension JSONOptions {
  /// The options whose names end in `_limit`.
  fileprivate mutating func limits() throws(OptionError) -> ParquetLimits {
    var limits = ParquetLimits()
    limits.nesting = try integer("nesting_limit", in: 1...127) ?? limits.nesting
    limits.pageByteCount = try integer("page_byte_limit", in: 1 ... .max) ?? limits.pageByteCount
    limits.compressionRatio = try integer("compression_ratio_limit", in: 1 ... .max)
    limits.allocationByteCount =
      try integer("allocation_limit", in: 1 ... .max) ?? limits.allocationByteCount
    return limits
  }

  /// The options `string_output`, the name of a layout for all columns or an object of such names
  /// by column, and `dictionary`, the columns that become dictionaries.
  mutating func stringOutputs() throws(OptionError) -> (
    StringOutput?, [String: StringOutput]
  ) {
    let name = "string_output"
    func output(_ value: JSONValue) throws(OptionError) -> StringOutput {
      guard let text = value.string else {
        throw .wrongType(name: name, expected: "a layout, or an object of columns and layouts")
      }
      guard let output = StringOutput(rawValue: text) else {
        throw .notAllowed(
          name: name, value: text, allowed: StringOutput.allCases.map(\.rawValue))
      }
      return output
    }
    var common: StringOutput?
    var outputs: [String: StringOutput] = [:]
    switch value(name) {
    case .object(let columns):
      for column in columns.members { outputs[column.name] = try output(column.value) }
    case .some(let value): common = try output(value)
    case nil: break
    }
    for column in try strings("dictionary") ?? [] { outputs[column] = .dictionary }
    return (common, outputs)
  }
}
