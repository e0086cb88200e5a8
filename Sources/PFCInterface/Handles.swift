internal import PFArrow
internal import PFAvro
internal import PFCSV
internal import PFCore
internal import PFGraph
internal import PFParquet
internal import PFWorkflow

/// The objects behind the numbers that callers hold.
///
/// A number is never used twice, so a stale handle is found out and never means another object.
enum Handles {
  /// What a handle can stand for.
  enum Object: Sendable {
    case parquet(ParquetFile)
    case dataset(ParquetDataset)
    case csv(CSVDataset)
    case csvScan(@Sendable () -> CSVRejects)
    case avro(AvroDataset)
    case avroScan(AvroRejects)
    case graph(Graph)
    case workflow(WorkflowDefinition)
    case run(ManualRun)
    case table(Table)
    case cancellation(CancellationToken)
  }

  private struct State {
    // Above what a program is likely to pass by mistake, and never 0.
    var next: UInt64 = 0x5046_0000_0001
    var objects: [UInt64: Object] = [:]
  }

  private static let state = ProcessWide(State())

  static func add(_ object: Object) -> UInt64 {
    state.withLock { state in
      let handle = state.next
      state.next += 1
      state.objects[handle] = object
      return handle
    }
  }

  private static func object(_ handle: UInt64) -> Object? {
    state.withLock { $0.objects[handle] }
  }

  static func remove(_ handle: UInt64) throws(CallError) {
    // The object itself goes after the lock: its end may call back.
    let object = state.withLock { $0.objects.removeValue(forKey: handle) }
    guard object != nil else { throw .handle(handle, expected: "anything") }
  }

  /// What can be read as a table: a file, or several as one.
  enum Readable {
    case file(ParquetFile)
    case dataset(ParquetDataset)
  }

  static func readable(_ handle: UInt64) throws(CallError) -> Readable {
    switch object(handle) {
    case .parquet(let file): return .file(file)
    case .dataset(let dataset): return .dataset(dataset)
    default: throw .handle(handle, expected: "a Parquet file or dataset")
    }
  }

  static func parquet(_ handle: UInt64) throws(CallError) -> ParquetFile {
    guard case .parquet(let file) = object(handle) else {
      throw .handle(handle, expected: "a Parquet file")
    }
    return file
  }

  static func csv(_ handle: UInt64) throws(CallError) -> CSVDataset {
    guard case .csv(let files) = object(handle) else {
      throw .handle(handle, expected: "a CSV file or dataset")
    }
    return files
  }

  static func csvScan(_ handle: UInt64) throws(CallError) -> @Sendable () -> CSVRejects {
    guard case .csvScan(let rejects) = object(handle) else {
      throw .handle(handle, expected: "a CSV scan")
    }
    return rejects
  }

  static func avro(_ handle: UInt64) throws(CallError) -> AvroDataset {
    guard case .avro(let files) = object(handle) else {
      throw .handle(handle, expected: "an Avro file or dataset")
    }
    return files
  }

  static func avroScan(_ handle: UInt64) throws(CallError) -> AvroRejects {
    guard case .avroScan(let rejects) = object(handle) else {
      throw .handle(handle, expected: "an Avro scan")
    }
    return rejects
  }

  static func graph(_ handle: UInt64) throws(CallError) -> Graph {
    guard case .graph(let graph) = object(handle) else {
      throw .handle(handle, expected: "a graph")
    }
    return graph
  }

  static func workflow(_ handle: UInt64) throws(CallError) -> WorkflowDefinition {
    guard case .workflow(let workflow) = object(handle) else {
      throw .handle(handle, expected: "a workflow")
    }
    return workflow
  }

  static func run(_ handle: UInt64) throws(CallError) -> ManualRun {
    guard case .run(let run) = object(handle) else {
      throw .handle(handle, expected: "a run")
    }
    return run
  }

  static func table(_ handle: UInt64) throws(CallError) -> Table {
    guard case .table(let table) = object(handle) else {
      throw .handle(handle, expected: "a table")
    }
    return table
  }

  /// Nil for 0, which stands for no cancellation.
  static func cancellation(_ handle: UInt64) throws(CallError) -> CancellationToken? {
    if handle == 0 { return nil }
    guard case .cancellation(let token) = object(handle) else {
      throw .handle(handle, expected: "a cancellation")
    }
    return token
  }
}

/// `pf_handle_free` of the header.
@c(pf_handle_free)
public func handleFree(_ handle: UInt64, _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?)
  -> Int32
{
  unsafe call(error) { () throws(CallError) in try Handles.remove(handle) }
}

/// `pf_cancel_create` of the header.
@c(pf_cancel_create)
public func cancelCreate(
  _ out: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let out = try unsafe required(out, "cancel")
    unsafe out.pointee = Handles.add(.cancellation(CancellationToken()))
  }
}

/// `pf_cancel_signal` of the header.
@c(pf_cancel_signal)
public func cancelSignal(
  _ cancel: UInt64, _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    guard let token = try Handles.cancellation(cancel) else {
      throw .handle(cancel, expected: "a cancellation")
    }
    token.cancel()
  }
}

/// `pf_cancel_is_signalled` of the header.
@c(pf_cancel_is_signalled)
public func cancelIsSignalled(
  _ cancel: UInt64, _ out: UnsafeMutablePointer<Int32>?,
  _ error: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  unsafe call(error) { () throws(CallError) in
    let out = try unsafe required(out, "signalled")
    guard let token = try Handles.cancellation(cancel) else {
      throw .handle(cancel, expected: "a cancellation")
    }
    unsafe out.pointee = token.isCancelled ? 1 : 0
  }
}
