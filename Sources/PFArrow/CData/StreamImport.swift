package import PFCore

/// A foreign `struct ArrowArrayStream` that was moved here; released with this object.
@safe package final class ImportedStream: RecordBatchSource {
  private let stream: UnsafeMutablePointer<CArrowArrayStream>
  private let field: Field
  package let schema: Schema
  private var isAtEnd = false

  /// Takes over the stream at `source` and asks it for its schema. On failure it is released.
  ///
  /// - Throws: `.inconsistent` with the stream's own text when it fails or breaks the interface;
  ///   what `Schema.init(importing:)` throws.
  package init(importing source: UnsafeMutableRawPointer) throws(ReadError) {
    let origin = unsafe source.assumingMemoryBound(to: CArrowArrayStream.self)
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: origin.pointee)
    unsafe origin.pointee.release = nil
    do throws(ReadError) {
      field = try unsafe Self.readSchema(of: stream)
      schema = Schema(of: field)
    } catch {
      // `deinit` does not run for an object that was not made.
      unsafe stream.releaseContent()
      unsafe stream.deallocate()
      throw error
    }
  }

  deinit {
    unsafe stream.releaseContent()
    unsafe stream.deallocate()
  }

  package func next() throws(ReadError) -> RecordBatch? {
    guard !isAtEnd else { return nil }
    var array = unsafe CArrowArray(
      length: 0, nullCount: 0, offset: 0, bufferCount: 0, childCount: 0, buffers: nil,
      children: nil, dictionary: nil, release: nil, privateData: nil)
    return try unsafe withUnsafeMutablePointer(to: &array) { (out) throws(ReadError) in
      try unsafe Self.check(stream, "the next batch", stream.pointee.getNext?(stream, out))
      guard unsafe out.pointee.release != nil else {
        isAtEnd = true
        return nil
      }
      return try unsafe RecordBatch(importing: out, of: field, schema: schema)
    }
  }

  private static func readSchema(
    of stream: UnsafeMutablePointer<CArrowArrayStream>
  ) throws(ReadError) -> Field {
    guard unsafe stream.pointee.release != nil else {
      throw ReadError(.inconsistent("the stream was released before"))
    }
    var schema = unsafe CArrowSchema(
      format: nil, name: nil, metadata: nil, flags: 0, childCount: 0, children: nil,
      dictionary: nil, release: nil, privateData: nil)
    return try unsafe withUnsafeMutablePointer(to: &schema) { (out) throws(ReadError) in
      try unsafe check(stream, "the schema", stream.pointee.getSchema?(stream, out))
      return try unsafe Field(importing: out)
    }
  }

  /// Turns a status other than 0 into an error; nil stands for a callback that is missing.
  private static func check(
    _ stream: UnsafeMutablePointer<CArrowArrayStream>, _ what: String, _ status: CInt?
  ) throws(ReadError) {
    guard let status else {
      throw ReadError(.inconsistent("the stream has no callback for \(what)"))
    }
    guard status != CStatus.ok else { return }
    if status == CStatus.cancelled { throw ReadError(.cancelled) }
    var text = ""
    if let message = unsafe stream.pointee.getLastError?(stream) {
      text = ": " + (try unsafe cString(message, limit: 1 << 20, what: "the stream's error text"))
    }
    throw ReadError(.inconsistent("the stream failed at \(what) with errno \(status)\(text)"))
  }
}

extension Table {
  /// Takes over the `struct ArrowArrayStream` at `source` and reads it to its end; it is released
  /// also on failure. Batches share the stream's memory.
  ///
  /// - Throws: as `ImportedStream`; `.cancelled` once `cancellation` is raised.
  package init(
    importing source: UnsafeMutableRawPointer, cancellation: CancellationToken? = nil
  ) throws(ReadError) {
    try self.init(
      reading: unsafe ImportedStream(importing: source), cancellation: cancellation)
  }
}
