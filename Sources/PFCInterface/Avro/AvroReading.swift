internal import PFArrow
internal import PFAvro
internal import PFCore

/// `pf_avro_read` of the header.
@c(pf_avro_read)
public func avroRead(
  _ file: UInt64, _ json: UnsafePointer<CChar>?, _ cancel: UInt64,
  _ table: UnsafeMutablePointer<UInt64>?, _ rejects: UnsafeMutablePointer<UInt64>?,
  _ rejectCount: UnsafeMutablePointer<Int64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let out = try unsafe required(table, "table")
    let files = try Handles.avro(file)
    let token = try Handles.cancellation(cancel)
    var left: AvroRejects?
    let options = try AvroReadOptions(json: try unsafe string(json), rejects: &left)
    let table = try reading { () throws(ReadError) in
      try files.read(options, rejects: left, cancellation: token)
    }
    try unsafe write(left ?? AvroRejects(), to: rejects, rejectCount)
    unsafe out.pointee = Handles.add(.table(table))
  }
}

/// `pf_avro_scan` of the header.
@c(pf_avro_scan)
public func avroScan(
  _ file: UInt64, _ json: UnsafePointer<CChar>?, _ cancel: UInt64,
  _ stream: UnsafeMutableRawPointer?, _ scan: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let target = try unsafe required(stream, "stream")
    let files = try Handles.avro(file)
    let token = try Handles.cancellation(cancel)
    var left: AvroRejects?
    let options = try AvroReadOptions(
      json: try unsafe string(json), scanning: true, rejects: &left)
    let scanner = try reading { () throws(ReadError) in
      try AvroScanner(files, options, rejects: left, cancellation: token)
    }
    unsafe scanner.export(to: target)
    if let scan = unsafe scan {
      unsafe scan.pointee = Handles.add(.avroScan(left ?? AvroRejects()))
    }
  }
}

/// `pf_avro_scan_rejects` of the header.
@c(pf_avro_scan_rejects)
public func avroScanRejects(
  _ scan: UInt64, _ rejects: UnsafeMutablePointer<UInt64>?,
  _ rejectCount: UnsafeMutablePointer<Int64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    try unsafe write(try Handles.avroScan(scan), to: rejects, rejectCount)
  }
}

// SAFETY: the caller gives pointers to write to, or nil.
private func write(
  _ rejects: AvroRejects, to table: UnsafeMutablePointer<UInt64>?,
  _ count: UnsafeMutablePointer<Int64>?
) throws(CallError) {
  if let table = unsafe table {
    let rows = try reading { () throws(ReadError) in try rejects.table() }
    unsafe table.pointee = Handles.add(.table(rows))
  }
  unsafe count?.pointee = Int64(rejects.errors.count)
}

/// `pf_avro_schema` of the header.
@c(pf_avro_schema)
public func avroSchema(
  _ file: UInt64, _ json: UnsafePointer<CChar>?, _ schema: UnsafeMutableRawPointer?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let target = try unsafe required(schema, "schema")
    let files = try Handles.avro(file)
    var left: AvroRejects?
    let options = try AvroReadOptions(json: try unsafe string(json), rejects: &left)
    let schema = try reading { () throws(ReadError) in try files.schema(options) }
    unsafe schema.export(to: target)
  }
}

/// `pf_avro_record_count` of the header.
@c(pf_avro_record_count)
public func avroRecordCount(
  _ file: UInt64, _ recordCount: UnsafeMutablePointer<Int64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let out = try unsafe required(recordCount, "record_count")
    let files = try Handles.avro(file)
    let count = try reading { () throws(ReadError) in try files.recordCount() }
    unsafe out.pointee = Int64(count)
  }
}

/// `pf_avro_metadata` of the header.
@c(pf_avro_metadata)
public func avroMetadata(
  _ file: UInt64, _ json: UnsafePointer<CChar>?,
  _ result: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let out = try unsafe required(result, "json")
    let files = try Handles.avro(file).files
    let sections = try AvroMetadataSection.option(try unsafe string(json))
    let text = try reading { () throws(ReadError) in try files[0].metadataJSON(sections) }
    unsafe out.pointee = CText.allocate(text)
  }
}

extension AvroMetadataSection {
  /// The options of `pf_avro_metadata`.
  fileprivate static func option(_ json: String?) throws(CallError) -> Set<Self> {
    try options { () throws(OptionError) in
      var options = try JSONOptions(json)
      let names = try options.strings("sections")
      try options.finish()
      guard let names else { return Set(allCases) }
      var sections: Set<Self> = []
      for name in names {
        guard let section = Self(rawValue: name) else {
          throw .notAllowed(name: "sections", value: name, allowed: allCases.map(\.rawValue))
        }
        sections.insert(section)
      }
      return sections
    }
  }
}
