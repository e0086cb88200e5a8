internal import PFCSV
internal import PFCore

/// `pf_csv_open_path` of the header.
@c(pf_csv_open_path)
public func csvOpenPath(
  _ path: UnsafePointer<CChar>?, _ json: UnsafePointer<CChar>?,
  _ file: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe openPath(path, json, file, error, csvObject)
}

/// `pf_csv_open_memory` of the header.
@c(pf_csv_open_memory)
public func csvOpenMemory(
  _ bytes: UnsafeRawPointer?, _ byteCount: Int64, _ json: UnsafePointer<CChar>?,
  _ release: ReleaseFunction?,
  _ context: UnsafeMutableRawPointer?, _ file: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe openMemory(bytes, byteCount, json, release, context, file, error, csvObject)
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
  unsafe openCallback(read, byteCount, name, json, release, context, file, error, csvObject)
}

private func csvObject(_ source: any ByteSource) throws(ReadError) -> Handles.Object {
  .csv(try CSVDataset([CSVFile(source)]))
}

/// `pf_csv_open_dataset` of the header.
@c(pf_csv_open_dataset)
public func csvOpenDataset(
  _ paths: UnsafePointer<CChar>?, _ json: UnsafePointer<CChar>?,
  _ dataset: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe openDataset(paths, json, dataset, error, endingIn: CSVDataset.fileNameSuffixes) {
    (paths, memoryMap) throws(ReadError) in
    .csv(try CSVDataset(paths: paths, memoryMap: memoryMap))
  }
}

/// `pf_csv_join` of the header.
@c(pf_csv_join)
public func csvJoin(
  _ files: UnsafePointer<UInt64>?, _ fileCount: Int64, _ dataset: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let dataset = try unsafe required(dataset, "dataset")
    var joined: [CSVFile] = []
    for file in try unsafe handleList(files, fileCount) { joined += try Handles.csv(file).files }
    let opened = try reading { () throws(ReadError) in try CSVDataset(joined) }
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
