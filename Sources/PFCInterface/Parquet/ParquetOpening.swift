internal import PFCore
internal import PFParquet

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
  _ release: ReleaseFunction?,
  _ context: UnsafeMutableRawPointer?, _ file: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  // Made first: it releases the context also when the call fails.
  let owner = unsafe CallerOwner(CallerContext(context), release)
  return unsafe call(error) { () throws(CallError) in
    let file = try unsafe required(file, "file")
    let source = try unsafe MemorySource(bytes, byteCount: byteCount, owner: owner)
    try noOptions(try unsafe string(json))
    let opened = try reading { () throws(ReadError) in try ParquetFile(source) }
    unsafe file.pointee = Handles.add(.parquet(opened))
  }
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
  let owner = unsafe CallerOwner(CallerContext(context), release)
  return unsafe call(error) { () throws(CallError) in
    let file = try unsafe required(file, "file")
    let source = try unsafe CallbackSource(read, byteCount: byteCount, name: name, owner: owner)
    try noOptions(try unsafe string(json))
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

func noOptions(_ json: String?) throws(CallError) {
  try options { () throws(OptionError) in try JSONOptions(json).finish() }
}

/// The strings of a JSON list of paths.
func pathList(_ json: String?) throws(CallError) -> [String] {
  let paths = try required(json, "paths")
  guard let list = (try? JSONValue(parsing: paths))?.array else {
    throw .argument("argument \"paths\" is no JSON list")
  }
  let sources = list.compactMap(\.string)
  guard sources.count == list.count else {
    throw .argument("argument \"paths\" is no list of strings")
  }
  return sources
}
