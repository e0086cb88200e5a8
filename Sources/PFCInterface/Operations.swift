internal import PFArrow
internal import PFAvro
internal import PFCSV
internal import PFCore
internal import PFGraph
internal import PFOperations
internal import PFParquet

/// Turns the errors of operations into those of calls.
func operating<Result>(_ body: () throws(OperationError) -> Result) throws(CallError) -> Result {
  do throws(OperationError) {
    return try body()
  } catch { throw CallError(error) }
}

extension CallError {
  /// The error of an operation.
  init(_ error: OperationError) {
    switch error {
    case .read(let error): self = .read(error)
    case .graph(let error): self = .graph(error)
    case .option(let error): self = .option(error)
    case .write(let path, let error):
      self = .read(ReadError(.source(error), at: .init(file: path)))
    case .cancelled: self = .read(ReadError(.cancelled))
    case .unknownOperation, .needsHandler, .missing, .wrongInputCount, .differentSchemas, .badQuery,
      .unknownLabel:
      self = .argument(error.description)
    }
  }
}

/// What `make` makes of options, all of which it has to know.
private func made<Options>(
  of json: String?, _ make: (inout JSONOptions) throws(OperationError) -> Options
) throws(CallError) -> Options {
  try operating { () throws(OperationError) in
    var options = try opting { () throws(OptionError) in try JSONOptions(json) }
    let result = try make(&options)
    try opting { () throws(OptionError) in try options.finish() }
    return result
  }
}

extension ParquetReadOptions {
  /// The options of `pf_parquet_read` and `pf_parquet_scan`.
  init(json: String?, scanning: Bool) throws(CallError) {
    self = try made(of: json) { (options) throws(OperationError) in
      try opting { () throws(OptionError) in
        var result = try ParquetReadOptions(&options, scanning: scanning)
        result.filter = try options.value("filters").map { (json) throws(OptionError) in
          try RowPredicate(json: json)
        }
        return result
      }
    }
  }
}

extension CSVReadOptions {
  /// The options of `pf_csv_read`, `pf_csv_scan`, `pf_csv_schema` and `pf_csv_sniff`.
  init(json: String?, scanning: Bool = false) throws(CallError) {
    self = try made(of: json) { (options) throws(OperationError) in
      try CSVReadOptions(&options, scanning: scanning)
    }
  }
}

extension AvroReadOptions {
  /// The options of `pf_avro_read`, `pf_avro_scan` and `pf_avro_schema`; `rejects` is set where the
  /// option `on_error` is `skip`.
  init(
    json: String?, scanning: Bool = false, rejects: inout AvroRejects?
  ) throws(CallError) {
    self = try made(of: json) { (options) throws(OperationError) in
      try AvroReadOptions(&options, scanning: scanning, rejects: &rejects)
    }
  }
}

extension AvroSchema {
  /// An option that is a schema, or its JSON text; a text that is no JSON is a type's name.
  init(option json: JSONValue, named name: String) throws(CallError) {
    self = try reading { () throws(ReadError) in try AvroSchema(ofOption: json, named: name) }
  }
}

extension GraphKernel {
  /// Runs the kernel with options in JSON.
  func run(
    _ graph: Graph, json: String?, _ running: KernelOptions
  ) throws(CallError) -> Answer {
    var running = running
    let body = try made(of: json) { (options) throws(OperationError) in
      try opting { () throws(OptionError) in
        running.threads = try options.integer("threads", in: 1 ... .max)
        return try prepare(&options)
      }
    }
    return try graphing { () throws(GraphError) in try body(graph, running) }
  }
}
