internal import PFArrow
internal import PFAvro
internal import PFCore

/// `pf_avro_decode` of the header.
@c(pf_avro_decode)
public func avroDecode(
  _ bytes: UnsafeRawPointer?, _ offsets: UnsafePointer<Int64>?, _ messageCount: Int64,
  _ json: UnsafePointer<CChar>?, _ table: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let out = try unsafe required(table, "table")
    let options = try MessageOptions(json: try unsafe string(json))
    let messages = try unsafe messages(bytes, offsets, messageCount, options.framing)
    let table = try reading { () throws(ReadError) in
      try messages.table(
        as: options.readerSchema ?? options.schema, columns: options.columns,
        unionLayout: options.unionLayout
      ) { (id) throws(ReadError) in
        guard let schema = options.schema ?? options.schemas[id] else {
          throw ReadError(
            .inconsistent("no schema was given for the number \(id) of a message"))
        }
        return schema
      }
    }
    unsafe out.pointee = Handles.add(.table(table))
  }
}

/// `pf_avro_message_schemas` of the header.
@c(pf_avro_message_schemas)
public func avroMessageSchemas(
  _ bytes: UnsafeRawPointer?, _ offsets: UnsafePointer<Int64>?, _ messageCount: Int64,
  _ json: UnsafePointer<CChar>?, _ result: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let out = try unsafe required(result, "json")
    let options = try MessageOptions(json: try unsafe string(json))
    let messages = try unsafe messages(bytes, offsets, messageCount, options.framing)
    let ids = try reading { () throws(ReadError) in try messages.schemaIDs() }
    var writer = JSONWriter()
    writer.array { json in for id in ids { json.value(id) } }
    unsafe out.pointee = CText.allocate(writer.text)
  }
}

/// SAFETY: the caller promises `messageCount + 1` offsets and as many bytes as the last says.
private func messages(
  _ bytes: UnsafeRawPointer?, _ offsets: UnsafePointer<Int64>?, _ messageCount: Int64,
  _ framing: AvroFraming
) throws(CallError) -> AvroMessages {
  guard messageCount >= 0, messageCount < Int64.max, let offsets = unsafe offsets else {
    throw .argument("argument \"offsets\" is NULL or \"message_count\" negative")
  }
  let places = unsafe UnsafeBufferPointer(start: offsets, count: Int(messageCount) + 1)
  let list = unsafe places.map { Int($0) }
  return try reading { () throws(ReadError) in
    try unsafe AvroMessages(copying: bytes, offsets: list, framing: framing)
  }
}

/// The options of `pf_avro_decode` and `pf_avro_message_schemas`.
private struct MessageOptions {
  var framing = AvroFraming.none
  /// The schema of all messages.
  var schema: AvroSchema?
  /// Schemas by their numbers.
  var schemas: [UInt64: AvroSchema] = [:]
  var readerSchema: AvroSchema?
  var columns: [String]?
  var unionLayout = AvroReadOptions.UnionLayout.dense

  init(json: String?) throws(CallError) {
    var schema: JSONValue?
    var schemas: JSONValue?
    var readerSchema: JSONValue?
    var own = MessageOptions()
    try PFCInterface.options { () throws(OptionError) in
      var options = try JSONOptions(json)
      let framings = AvroFraming.allCases.map(\.rawValue)
      own.framing =
        try options.choice("framing", of: framings).flatMap { AvroFraming(rawValue: $0) } ?? .none
      schema = options.value("schema")
      schemas = options.value("schemas")
      readerSchema = options.value("reader_schema")
      own.columns = try options.strings("columns")
      let layouts = AvroReadOptions.UnionLayout.allCases.map(\.rawValue)
      own.unionLayout =
        try options.choice("union_layout", of: layouts)
        .flatMap { AvroReadOptions.UnionLayout(rawValue: $0) } ?? .dense
      if let schemas, schemas.array == nil, schemas.object == nil {
        throw .wrongType(name: "schemas", expected: "an object of schemas by number, or a list")
      }
      try options.finish()
    }
    self = own
    self.schema = try schema.map { (json) throws(CallError) in
      try AvroSchema(option: json, named: "schema")
    }
    self.readerSchema = try readerSchema.map { (json) throws(CallError) in
      try AvroSchema(option: json, named: "reader_schema")
    }
    for member in schemas?.object?.members ?? [] {
      guard let id = UInt64(member.name) else {
        throw .read(
          ReadError(.invalidOption(name: "schemas", why: "\"\(member.name)\" is no number")))
      }
      self.schemas[id] = try AvroSchema(option: member.value, named: "schemas")
    }
    for json in schemas?.array ?? [] {
      let schema = try AvroSchema(option: json, named: "schemas")
      self.schemas[schema.fingerprint] = schema
    }
  }

  private init() {}
}
