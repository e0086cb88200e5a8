internal import PFArrow
internal import PFCSV
internal import PFCore

/// `pf_csv_read` of the header.
@c(pf_csv_read)
public func csvRead(
  _ file: UInt64, _ json: UnsafePointer<CChar>?, _ cancel: UInt64,
  _ table: UnsafeMutablePointer<UInt64>?, _ rejects: UnsafeMutablePointer<UInt64>?,
  _ rejectCount: UnsafeMutablePointer<Int64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let out = try unsafe required(table, "table")
    let files = try Handles.csv(file)
    let token = try Handles.cancellation(cancel)
    let options = try CSVReadOptions(json: try unsafe string(json))
    let result = try reading { () throws(ReadError) in
      if files.files.count == 1 {
        try files.files[0].read(options, cancellation: token)
      } else {
        try files.read(options, cancellation: token)
      }
    }
    try unsafe write(result.rejects, to: rejects, rejectCount)
    unsafe out.pointee = Handles.add(.table(result.table))
  }
}

/// `pf_csv_scan` of the header.
@c(pf_csv_scan)
public func csvScan(
  _ file: UInt64, _ json: UnsafePointer<CChar>?, _ cancel: UInt64,
  _ stream: UnsafeMutableRawPointer?, _ scan: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let target = try unsafe required(stream, "stream")
    let files = try Handles.csv(file)
    let token = try Handles.cancellation(cancel)
    let options = try CSVReadOptions(json: try unsafe string(json), scanning: true)
    let (scanner, rejects) = try reading {
      () throws(ReadError) -> (any RecordBatchSource, @Sendable () -> CSVRejects) in
      if files.files.count == 1 {
        let scanner = try CSVScanner(files.files[0], options, cancellation: token)
        return (scanner, scanner.rejectsReader)
      }
      let scanner = try CSVDatasetScanner(files, options, cancellation: token)
      return (scanner, scanner.rejectsReader)
    }
    unsafe scanner.export(to: target)
    if let scan = unsafe scan { unsafe scan.pointee = Handles.add(.csvScan(rejects)) }
  }
}

/// `pf_csv_scan_rejects` of the header.
@c(pf_csv_scan_rejects)
public func csvScanRejects(
  _ scan: UInt64, _ rejects: UnsafeMutablePointer<UInt64>?,
  _ rejectCount: UnsafeMutablePointer<Int64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    try unsafe write(try Handles.csvScan(scan)(), to: rejects, rejectCount)
  }
}

/// `pf_csv_schema` of the header.
@c(pf_csv_schema)
public func csvSchema(
  _ file: UInt64, _ json: UnsafePointer<CChar>?, _ schema: UnsafeMutableRawPointer?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let target = try unsafe required(schema, "schema")
    let files = try Handles.csv(file).files
    let options = try CSVReadOptions(json: try unsafe string(json))
    let schema = try reading { () throws(ReadError) in try files[0].sampledSchema(options) }
    unsafe schema.export(to: target)
  }
}

/// `pf_csv_sniff` of the header.
@c(pf_csv_sniff)
public func csvSniff(
  _ file: UInt64, _ json: UnsafePointer<CChar>?,
  _ result: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let out = try unsafe required(result, "json")
    let files = try Handles.csv(file).files
    let options = try CSVReadOptions(json: try unsafe string(json))
    let found = try reading { () throws(ReadError) in try files[0].sniff(options) }
    var writer = JSONWriter()
    writer.object { json in json.write(found) }
    unsafe out.pointee = CText.allocate(writer.text)
  }
}

extension JSONWriter {
  fileprivate mutating func write(_ found: CSVSniffer) {
    let dialect = found.dialect
    member("delimiter", dialect.delimiter)
    member("quote", dialect.quote ?? "")
    if let escape = dialect.escape { member("escape", escape) }
    if let comment = dialect.comment { member("comment", comment) }
    member("has_header", dialect.hasHeader)
    array("schema") { json in
      for field in found.schema.fields {
        json.array { pair in
          pair.value(field.name)
          pair.value(field.type.description)
        }
      }
    }
    member("confidence", found.confidence)
    member("records", found.recordCount)
  }
}

// SAFETY: the caller gives pointers to write to, or nil.
private func write(
  _ rejects: CSVRejects, to table: UnsafeMutablePointer<UInt64>?,
  _ count: UnsafeMutablePointer<Int64>?
) throws(CallError) {
  if let table = unsafe table {
    let rows = try reading { () throws(ReadError) in try rejects.table() }
    unsafe table.pointee = Handles.add(.table(rows))
  }
  unsafe count?.pointee = Int64(rejects.count)
}
