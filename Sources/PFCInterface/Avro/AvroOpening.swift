internal import PFAvro
internal import PFCore

/// `pf_avro_open_path` of the header.
@c(pf_avro_open_path)
public func avroOpenPath(
  _ path: UnsafePointer<CChar>?, _ json: UnsafePointer<CChar>?,
  _ file: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe openPath(path, json, file, error, avroObject)
}

/// `pf_avro_open_memory` of the header.
@c(pf_avro_open_memory)
public func avroOpenMemory(
  _ bytes: UnsafeRawPointer?, _ byteCount: Int64, _ json: UnsafePointer<CChar>?,
  _ release: ReleaseFunction?,
  _ context: UnsafeMutableRawPointer?, _ file: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe openMemory(bytes, byteCount, json, release, context, file, error, avroObject)
}

/// `pf_avro_open_callback` of the header.
@c(pf_avro_open_callback)
public func avroOpenCallback(
  _ read: ReadFunction?, _ byteCount: Int64, _ name: UnsafePointer<CChar>?,
  _ json: UnsafePointer<CChar>?,
  _ release: ReleaseFunction?,
  _ context: UnsafeMutableRawPointer?, _ file: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe openCallback(read, byteCount, name, json, release, context, file, error, avroObject)
}

private func avroObject(_ source: any ByteSource) throws(ReadError) -> Handles.Object {
  .avro(try AvroDataset([AvroFile(source)]))
}

/// `pf_avro_open_dataset` of the header.
@c(pf_avro_open_dataset)
public func avroOpenDataset(
  _ paths: UnsafePointer<CChar>?, _ json: UnsafePointer<CChar>?,
  _ dataset: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe openDataset(paths, json, dataset, error, endingIn: AvroDataset.fileNameSuffixes) {
    (paths, memoryMap) throws(ReadError) in
    .avro(try AvroDataset(paths: paths, memoryMap: memoryMap))
  }
}

/// `pf_avro_join` of the header.
@c(pf_avro_join)
public func avroJoin(
  _ files: UnsafePointer<UInt64>?, _ fileCount: Int64, _ dataset: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let dataset = try unsafe required(dataset, "dataset")
    var joined: [AvroFile] = []
    for file in try unsafe handleList(files, fileCount) { joined += try Handles.avro(file).files }
    let opened = try reading { () throws(ReadError) in try AvroDataset(joined) }
    unsafe dataset.pointee = Handles.add(.avro(opened))
  }
}

/// `pf_avro_paths` of the header.
@c(pf_avro_paths)
public func avroPaths(
  _ file: UInt64, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let json = try unsafe required(json, "json")
    var writer = JSONWriter()
    writer.value(try Handles.avro(file).files.map(\.source.name))
    unsafe json.pointee = CText.allocate(writer.text)
  }
}
