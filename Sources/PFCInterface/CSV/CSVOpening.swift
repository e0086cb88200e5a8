internal import PFCSV
internal import PFCore

/// `pf_csv_open_path` of the header.
@c(pf_csv_open_path)
public func csvOpenPath(
  _ path: UnsafePointer<CChar>?, _ json: UnsafePointer<CChar>?,
  _ file: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let file = try unsafe required(file, "file")
    let path = try required(try unsafe string(path), "path")
    let memoryMap = try memoryMap(try unsafe string(json))
    let opened = try reading { () throws(ReadError) in
      try CSVDataset(paths: [path], memoryMap: memoryMap)
    }
    unsafe file.pointee = Handles.add(.csv(opened))
  }
}

/// `pf_csv_open_memory` of the header.
@c(pf_csv_open_memory)
public func csvOpenMemory(
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
    let opened = try reading { () throws(ReadError) in try CSVDataset([CSVFile(source)]) }
    unsafe file.pointee = Handles.add(.csv(opened))
  }
}

/// `pf_csv_open_callback` of the header.
@c(pf_csv_open_callback)
public func csvOpenCallback(
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
    let opened = try reading { () throws(ReadError) in try CSVDataset([CSVFile(source)]) }
    unsafe file.pointee = Handles.add(.csv(opened))
  }
}

/// `pf_csv_open_dataset` of the header.
@c(pf_csv_open_dataset)
public func csvOpenDataset(
  _ paths: UnsafePointer<CChar>?, _ json: UnsafePointer<CChar>?,
  _ dataset: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let dataset = try unsafe required(dataset, "dataset")
    let sources = try pathList(try unsafe string(paths))
    let memoryMap = try memoryMap(try unsafe string(json))
    let opened = try reading { () throws(ReadError) in
      let files = try DatasetPath.files(
        of: sources, endingIn: CSVDataset.fileNameSuffixes, isHive: false)
      return try CSVDataset(paths: files.map(\.path), memoryMap: memoryMap)
    }
    unsafe dataset.pointee = Handles.add(.csv(opened))
  }
}

/// `pf_csv_paths` of the header.
@c(pf_csv_paths)
public func csvPaths(
  _ file: UInt64, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let json = try unsafe required(json, "json")
    var writer = JSONWriter()
    writer.value(try Handles.csv(file).files.map(\.source.name))
    unsafe json.pointee = CText.allocate(writer.text)
  }
}

private func memoryMap(_ json: String?) throws(CallError) -> Bool {
  try options { () throws(OptionError) in
    var options = try JSONOptions(json)
    let memoryMap = try options.bool("memory_map") ?? false
    try options.finish()
    return memoryMap
  }
}
