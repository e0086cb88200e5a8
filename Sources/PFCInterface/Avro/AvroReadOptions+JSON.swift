internal import PFAvro
internal import PFCore

extension AvroReadOptions {
  /// The options of `pf_avro_read`, `pf_avro_scan` and `pf_avro_schema`; `rejects` is set where the
  /// option `on_error` is `skip`.
  init(
    json: String?, scanning: Bool = false, rejects: inout AvroRejects?
  ) throws(CallError) {
    self.init()
    var skips = false
    var readerSchema: JSONValue?
    self = try PFCInterface.options { () throws(OptionError) in
      var result = AvroReadOptions()
      var options = try JSONOptions(json)
      result.columns = try options.strings("columns")
      readerSchema = options.value("reader_schema")
      result.limit = try options.integer("limit", in: 0 ... .max)
      result.threads = try options.integer("threads", in: 0...1024).flatMap { $0 == 0 ? nil : $0 }
      skips = try options.choice("on_error", of: ["raise", "skip"]) == "skip"
      let layouts = UnionLayout.allCases.map(\.rawValue)
      result.unionLayout =
        try options.choice("union_layout", of: layouts).flatMap { UnionLayout(rawValue: $0) }
        ?? result.unionLayout
      result.allocationByteLimit =
        try options.integer("allocation_limit", in: 1 ... .max) ?? result.allocationByteLimit
      result.blockByteLimit =
        try options.integer("block_byte_limit", in: 1 ... .max) ?? result.blockByteLimit
      if scanning {
        result.batchSize = try options.integer("batch_size", in: 1 ... .max) ?? result.batchSize
      }
      try options.finish()
      return result
    }
    if skips { rejects = AvroRejects() }
    self.readerSchema = try readerSchema.map { (json) throws(CallError) in
      try AvroSchema(option: json, named: "reader_schema")
    }
  }
}

extension AvroSchema {
  /// An option that is a schema, or its JSON text; a text that is no JSON is a type's name.
  init(option json: JSONValue, named name: String) throws(CallError) {
    let text: String
    switch json {
    case .string(let string):
      let first = string.utf8.first { $0 > UInt8(ascii: " ") }
      let isJSON = first.map { "{[\"".utf8.contains($0) } ?? false
      text = isJSON ? string : JSONValue.string(string).text()
    default: text = json.text()
    }
    do throws(ReadError) {
      try self.init(parsing: text)
    } catch {
      throw .read(ReadError(.invalidOption(name: name, why: error.summary)))
    }
  }
}
