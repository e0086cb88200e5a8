internal import PFCore

/// Makes what a handle stands for of a source that was opened.
typealias SourceOpener = (any ByteSource) throws(ReadError) -> Handles.Object

/// The body of a function that opens a path. Option: `memory_map`.
func openPath(
  _ path: UnsafePointer<CChar>?, _ json: UnsafePointer<CChar>?,
  _ file: UnsafeMutablePointer<UInt64>?, _ error: ErrorSlot?, _ open: SourceOpener
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let file = try unsafe required(file, "file")
    let path = try required(try unsafe string(path), "path")
    let memoryMap = try memoryMapOption(try unsafe string(json))
    let object = try reading { () throws(ReadError) in
      try open(try openSource(path: path, memoryMap: memoryMap))
    }
    unsafe file.pointee = Handles.add(object)
  }
}

/// The body of a function that opens bytes of the caller's. Option: `name`.
func openMemory(
  _ bytes: UnsafeRawPointer?, _ byteCount: Int64, _ json: UnsafePointer<CChar>?,
  _ release: ReleaseFunction?, _ context: UnsafeMutableRawPointer?,
  _ file: UnsafeMutablePointer<UInt64>?, _ error: ErrorSlot?, _ open: SourceOpener
) -> Int32 {
  // Made first: it releases the context also when the call fails.
  let owner = unsafe CallerOwner(CallerContext(context), release)
  return unsafe call(error) { () throws(CallError) in
    let file = try unsafe required(file, "file")
    let text = try unsafe string(json)
    let name = try options { () throws(OptionError) in
      var options = try JSONOptions(text)
      let name = try options.string("name")
      try options.finish()
      return name
    }
    let source = try unsafe MemorySource(
      bytes, byteCount: byteCount, name: name ?? "memory", owner: owner)
    unsafe file.pointee = Handles.add(
      try reading { () throws(ReadError) in try open(source) })
  }
}

/// The body of a function that opens what a function of the caller's reads.
func openCallback(
  _ read: ReadFunction?, _ byteCount: Int64, _ name: UnsafePointer<CChar>?,
  _ json: UnsafePointer<CChar>?, _ release: ReleaseFunction?,
  _ context: UnsafeMutableRawPointer?, _ file: UnsafeMutablePointer<UInt64>?,
  _ error: ErrorSlot?, _ open: SourceOpener
) -> Int32 {
  let owner = unsafe CallerOwner(CallerContext(context), release)
  return unsafe call(error) { () throws(CallError) in
    let file = try unsafe required(file, "file")
    let source = try unsafe CallbackSource(read, byteCount: byteCount, name: name, owner: owner)
    try noOptions(try unsafe string(json))
    unsafe file.pointee = Handles.add(
      try reading { () throws(ReadError) in try open(source) })
  }
}

/// The body of a function that opens files, directories and patterns as one table. Option:
/// `memory_map`.
func openDataset(
  _ paths: UnsafePointer<CChar>?, _ json: UnsafePointer<CChar>?,
  _ dataset: UnsafeMutablePointer<UInt64>?, _ error: ErrorSlot?, endingIn suffixes: [String],
  _ open: (_ paths: [String], _ memoryMap: Bool) throws(ReadError) -> Handles.Object
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let dataset = try unsafe required(dataset, "dataset")
    let sources = try pathList(try unsafe string(paths))
    let memoryMap = try memoryMapOption(try unsafe string(json))
    let opened = try reading { () throws(ReadError) in
      let files = try DatasetPath.files(of: sources, endingIn: suffixes, isHive: false)
      return try open(files.map(\.path), memoryMap)
    }
    unsafe dataset.pointee = Handles.add(opened)
  }
}

/// The handles of a function that joins what is open.
func handleList(
  _ files: UnsafePointer<UInt64>?, _ fileCount: Int64
) throws(CallError) -> [UInt64] {
  guard let files = unsafe files, fileCount > 0 else {
    throw .argument("argument \"files\" is NULL or \"file_count\" below 1")
  }
  // SAFETY: the caller promises `fileCount` readable handles.
  return unsafe Array(UnsafeBufferPointer(start: files, count: Int(fileCount)))
}

/// The option `memory_map`, which is the only one.
func memoryMapOption(_ json: String?) throws(CallError) -> Bool {
  try options { () throws(OptionError) in
    var options = try JSONOptions(json)
    let memoryMap = try options.bool("memory_map") ?? false
    try options.finish()
    return memoryMap
  }
}

/// Refuses any option.
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
