internal import PFCore
internal import PFParquet

/// `pf_parquet_open_path` of the header.
@c(pf_parquet_open_path)
public func parquetOpenPath(
  _ path: UnsafePointer<CChar>?, _ json: UnsafePointer<CChar>?,
  _ file: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe openPath(path, json, file, error, parquetObject)
}

/// `pf_parquet_open_memory` of the header.
@c(pf_parquet_open_memory)
public func parquetOpenMemory(
  _ bytes: UnsafeRawPointer?, _ byteCount: Int64, _ json: UnsafePointer<CChar>?,
  _ release: ReleaseFunction?,
  _ context: UnsafeMutableRawPointer?, _ file: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe openMemory(bytes, byteCount, json, release, context, file, error, parquetObject)
}

/// `pf_parquet_open_callback` of the header.
@c(pf_parquet_open_callback)
public func parquetOpenCallback(
  _ read: ReadFunction?, _ byteCount: Int64, _ name: UnsafePointer<CChar>?,
  _ json: UnsafePointer<CChar>?,
  _ release: ReleaseFunction?,
  _ context: UnsafeMutableRawPointer?, _ file: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe openCallback(read, byteCount, name, json, release, context, file, error, parquetObject)
}

private func parquetObject(_ source: any ByteSource) throws(ReadError) -> Handles.Object {
  .parquet(try ParquetFile(source))
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
    let sources = try pathList(try unsafe string(paths))
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
