package import PFAvro
package import PFCore

extension AvroReadOptions {
  /// The options of reads and scans; `rejects` is set where the option `on_error` is `skip`.
  package init(
    _ options: inout JSONOptions, scanning: Bool = false, rejects: inout AvroRejects?
  ) throws(OperationError) {
    self.init()
    var skips = false
    var schema: JSONValue?
    self = try opting { () throws(OptionError) in
      var result = AvroReadOptions()
      result.columns = try options.strings("columns")
      schema = options.value("reader_schema")
      result.limit = try options.integer("limit", in: 0 ... .max)
      result.threads = try options.threads()
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
      return result
    }
    if skips { rejects = AvroRejects() }
    do throws(ReadError) {
      readerSchema = try schema.map { (json) throws(ReadError) in
        try AvroSchema(ofOption: json, named: "reader_schema")
      }
    } catch { throw .read(error) }
  }
}

extension AvroSchema {
  /// An option that is a schema, or its JSON text; a text that is no JSON is a type's name.
  package init(ofOption json: JSONValue, named name: String) throws(ReadError) {
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
      throw ReadError(.invalidOption(name: name, why: error.summary))
    }
  }
}
