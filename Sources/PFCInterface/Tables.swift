internal import PFArrow
internal import PFCore
internal import PFOperations
internal import PFParquet

/// `pf_table_import` of the header.
@c(pf_table_import)
public func tableImport(
  _ stream: UnsafeMutableRawPointer?, _ cancel: UInt64, _ table: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let source = try unsafe required(stream, "stream")
    let out = try unsafe required(table, "table")
    let token = try Handles.cancellation(cancel)
    let imported = try reading { () throws(ReadError) in
      try unsafe Table(importing: source, cancellation: token)
    }
    unsafe out.pointee = Handles.add(.table(imported))
  }
}

/// `pf_table_import_arrays` of the header.
@c(pf_table_import_arrays)
public func tableImportArrays(
  _ schema: UnsafeMutableRawPointer?, _ arrays: UnsafeMutableRawPointer?, _ arrayCount: Int64,
  _ table: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let schema = try unsafe required(schema, "schema")
    let out = try unsafe required(table, "table")
    guard arrayCount >= 0, unsafe arrays != nil || arrayCount == 0 else {
      throw .argument("argument \"arrays\" is NULL or \"array_count\" negative")
    }
    // SAFETY: the caller promises a schema and `arrayCount` arrays.
    let imported = try reading { () throws(ReadError) in
      try unsafe Table(importing: schema, arrays: arrays, arrayCount: Int(arrayCount))
    }
    unsafe out.pointee = Handles.add(.table(imported))
  }
}

/// `pf_stream_last_error` of the header.
@c(pf_stream_last_error)
public func streamLastError(
  _ stream: UnsafeMutableRawPointer?, _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let stream = try unsafe required(stream, "stream")
    // SAFETY: the caller promises a stream struct.
    if let failure = unsafe failure(ofExportedStream: stream) { throw .read(failure) }
  }
}

/// `pf_table_export` of the header.
@c(pf_table_export)
public func tableExport(
  _ table: UInt64, _ stream: UnsafeMutableRawPointer?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let target = try unsafe required(stream, "stream")
    unsafe try Handles.table(table).export(to: target)
  }
}

/// `pf_table_schema` of the header.
@c(pf_table_schema)
public func tableSchema(
  _ table: UInt64, _ schema: UnsafeMutableRawPointer?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let target = try unsafe required(schema, "schema")
    unsafe try Handles.table(table).schema.export(to: target)
  }
}

/// `pf_table_counts` of the header.
@c(pf_table_counts)
public func tableCounts(
  _ table: UInt64, _ rowCount: UnsafeMutablePointer<Int64>?,
  _ columnCount: UnsafeMutablePointer<Int64>?, _ batchCount: UnsafeMutablePointer<Int64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let table = try Handles.table(table)
    unsafe rowCount?.pointee = Int64(table.rowCount)
    unsafe columnCount?.pointee = Int64(table.schema.fields.count)
    unsafe batchCount?.pointee = Int64(table.batches.count)
  }
}

/// `pf_table_batch` of the header.
@c(pf_table_batch)
public func tableBatch(
  _ table: UInt64, _ index: Int64, _ array: UnsafeMutableRawPointer?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let target = try unsafe required(array, "array")
    let batches = try Handles.table(table).batches
    guard batches.indices.contains(Int(index)) else {
      throw .read(
        ReadError(.indexOutOfRange(what: "batch", index: Int(index), count: batches.count)))
    }
    unsafe batches[Int(index)].export(to: target)
  }
}

/// `pf_table_slice` of the header.
@c(pf_table_slice)
public func tableSlice(
  _ table: UInt64, _ offset: Int64, _ length: Int64, _ slice: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let out = try unsafe required(slice, "slice")
    guard offset >= 0, length >= 0 else { throw .argument("offset or length is negative") }
    let table = try Handles.table(table)
    unsafe out.pointee = Handles.add(
      .table(table.slice(offset: Int(offset), length: Int(length))))
  }
}

/// `pf_table_select` of the header.
@c(pf_table_select)
public func tableSelect(
  _ table: UInt64, _ columns: UnsafePointer<Int64>?, _ columnCount: Int64,
  _ selection: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let out = try unsafe required(selection, "selection")
    guard columnCount >= 0, unsafe columns != nil || columnCount == 0 else {
      throw .argument("argument \"columns\" is NULL or \"column_count\" negative")
    }
    let table = try Handles.table(table)
    // SAFETY: the caller promises `columnCount` readable indices.
    let wanted = unsafe UnsafeBufferPointer(start: columns, count: Int(columnCount))
    var indices: [Int] = []
    for position in 0..<Int(columnCount) {
      let index = unsafe wanted[position]
      guard table.schema.fields.indices.contains(Int(index)) else {
        throw .read(
          ReadError(
            .indexOutOfRange(
              what: "column", index: Int(index), count: table.schema.fields.count)))
      }
      indices.append(Int(index))
    }
    unsafe out.pointee = Handles.add(.table(table.select(indices)))
  }
}

/// `pf_table_cast` of the header.
@c(pf_table_cast)
public func tableCast(
  _ table: UInt64, _ json: UnsafePointer<CChar>?, _ cast: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let out = try unsafe required(cast, "cast")
    let table = try Handles.table(table)
    let types = try StringOutputs(json: try unsafe string(json)).types(of: table.schema)
    let changed = try reading { () throws(ReadError) in
      do throws(AllocationError) { return try table.inLayouts(types) } catch {
        throw ReadError(.outOfMemory(byteCount: error.byteCount))
      }
    }
    unsafe out.pointee = Handles.add(.table(changed))
  }
}

/// `pf_stream_cast` of the header.
@c(pf_stream_cast)
public func streamCast(
  _ stream: UnsafeMutableRawPointer?, _ json: UnsafePointer<CChar>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let stream = try unsafe required(stream, "stream")
    let outputs = try StringOutputs(json: try unsafe string(json))
    // SAFETY: the caller promises a stream struct.
    let isOurs = unsafe change(exportedStream: stream) { source in
      LayoutSource(source, outputs.types(of: source.schema))
    }
    guard isOurs else { throw .argument("argument \"stream\" is no stream of this library") }
  }
}

/// The layouts of strings and bytes that options ask for.
private struct StringOutputs {
  let common: StringOutput?
  let columns: [String: StringOutput]

  /// The options of `pf_table_cast` and `pf_stream_cast`.
  init(json: String?) throws(CallError) {
    (common, columns) = try options { () throws(OptionError) in
      var options = try JSONOptions(json)
      let outputs = try options.stringOutputs()
      try options.finish()
      return outputs
    }
  }

  func types(of schema: Schema) -> [DataType?] {
    schema.fields.map { field in (columns[field.name] ?? common)?.type(for: field.type) }
  }
}

/// `pf_table_format` of the header.
@c(pf_table_format)
public func tableFormat(
  _ table: UInt64, _ json: UnsafePointer<CChar>?,
  _ text: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let out = try unsafe required(text, "text")
    let table = try Handles.table(table)
    let json = try unsafe string(json)
    let formatted = try options { () throws(OptionError) in
      var options = try JSONOptions(json)
      let rows = try options.integer("rows", in: 0 ... .max) ?? 10
      let width = try options.integer("width", in: 0 ... .max) ?? 0
      let color = try options.bool("color") ?? false
      let format = try options.choice("format", of: ["text", "html", "json"]) ?? "text"
      try options.finish()
      switch format {
      case "html": return table.html(rowLimit: rows)
      case "json": return table.jsonRows(rowLimit: rows)
      default:
        return table.formatted(TableFormat(rowLimit: rows, width: width, usesColor: color))
      }
    }
    unsafe out.pointee = CText.allocate(formatted)
  }
}

/// `pf_table_write_ipc` of the header.
@c(pf_table_write_ipc)
public func tableWriteIPC(
  _ table: UInt64,
  _ write: (@convention(c) (UnsafeMutableRawPointer?, UnsafeRawPointer?, Int64) -> Int32)?,
  _ context: UnsafeMutableRawPointer?, _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let write = try unsafe required(write, "write")
    let table = try Handles.table(table)
    try reading { () throws(ReadError) in
      try table.writeIPCStream { (bytes) throws(ReadError) in
        let status = unsafe bytes.withUnsafeBufferPointer {
          unsafe write(context, $0.baseAddress, Int64($0.count))
        }
        guard status == 0 else { throw ReadError(.source(.callbackFailed(status: status))) }
      }
    }
  }
}

/// `pf_table_read_ipc` of the header.
@c(pf_table_read_ipc)
public func tableReadIPC(
  _ bytes: UnsafeRawPointer?, _ byteCount: Int64, _ table: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let out = try unsafe required(table, "table")
    guard byteCount >= 0, unsafe bytes != nil || byteCount == 0 else {
      throw .argument("argument \"bytes\" is NULL or \"byte_count\" negative")
    }
    let read = try reading { () throws(ReadError) in
      // The bytes are the caller's again after the call, and the table's buffers live on.
      let borrowed = unsafe UnsafeBufferPointer(
        start: bytes?.assumingMemoryBound(to: UInt8.self), count: Int(byteCount))
      let copy: Buffer
      do throws(AllocationError) {
        copy = try unsafe Buffer(copying: borrowed.span)
      } catch { throw ReadError(.outOfMemory(byteCount: error.byteCount)) }
      return try Table(ipcStream: copy)
    }
    unsafe out.pointee = Handles.add(.table(read))
  }
}
