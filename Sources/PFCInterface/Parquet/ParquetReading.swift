internal import PFArrow
internal import PFCore
internal import PFParquet

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
