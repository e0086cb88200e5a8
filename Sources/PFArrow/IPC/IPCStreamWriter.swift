public import PFCore

/// Writes record batches as an Arrow IPC stream (Arrow columnar format, "IPC Streaming Format"):
/// metadata version 5, uncompressed, buffers aligned to 64 bytes.
///
/// A dictionary is written before the first batch that uses it, and again when a batch brings
/// another.
public struct IPCStreamWriter {
  private let schema: Schema
  private let write: (Span<UInt8>) throws(ReadError) -> Void
  /// The dictionaries that readers hold, by id.
  private var dictionaries: [Int: ArrowArray] = [:]

  /// A writer that has written the schema. `write` takes bytes in order; what it throws ends the
  /// writing.
  ///
  /// - Throws: what `write` throws; `.unsupported` for a dictionary of dictionaries.
  public init(
    schema: Schema, write: @escaping (Span<UInt8>) throws(ReadError) -> Void
  ) throws(ReadError) {
    self.schema = schema
    self.write = write
    try Self.write(message: try IPCSchemaWriter.message(of: schema), write)
  }

  /// Writes a batch. Precondition: its fields are those of the schema.
  ///
  /// - Throws: what `write` throws; `.outOfMemory`.
  public mutating func append(_ batch: RecordBatch) throws(ReadError) {
    precondition(batch.schema.fields == schema.fields, "a batch of another schema")
    var count = 0
    for column in batch.columns { try writeDictionaries(of: column, &count) }
    try writeBatch(columns: batch.columns, rowCount: batch.rowCount, dictionaryID: nil)
  }

  /// Writes the mark that ends the stream.
  ///
  /// - Throws: what `write` throws.
  public func finish() throws(ReadError) {
    let end: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]
    try write(end.span)
  }

  /// Writes the dictionaries in `array` that are new, inner ones first. `count` numbers them as
  /// `IPCSchemaWriter` does.
  private mutating func writeDictionaries(
    of array: ArrowArray, _ count: inout Int
  ) throws(ReadError) {
    guard let dictionary = array.dictionary else {
      for child in array.children { try writeDictionaries(of: child, &count) }
      return
    }
    let id = count
    count += 1
    for child in dictionary.children { try writeDictionaries(of: child, &count) }
    if let known = dictionaries[id], known.isIdentical(to: dictionary) { return }
    dictionaries[id] = dictionary
    try writeBatch(columns: [dictionary], rowCount: dictionary.length, dictionaryID: id)
  }

  private func writeBatch(
    columns: [ArrowArray], rowCount: Int, dictionaryID: Int?
  ) throws(ReadError) {
    let batch = try IPCBatchWriter(columns: columns)
    var writer = FlatBufferWriter()
    var header = batch.writeHeader(&writer, rowCount: rowCount)
    if let dictionaryID {
      header = writer.table([.int64(Int64(dictionaryID)), .offset(header), .bool(false)])
    }
    let message = writer.message(
      dictionaryID == nil ? .recordBatch : .dictionaryBatch, header: header,
      bodyByteCount: batch.bodyByteCount)
    try Self.write(message: message, write)
    try batch.writeBody(write)
  }

  /// Writes the prefix and the metadata of a message, padded so that a body starts aligned.
  private static func write(
    message: [UInt8], _ write: (Span<UInt8>) throws(ReadError) -> Void
  ) throws(ReadError) {
    let byteCount = IPCFormat.padded(message.count + 8) - 8
    var bytes: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
    for shift in stride(from: 0, to: 32, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: byteCount >> shift))
    }
    bytes += message
    bytes += [UInt8](repeating: 0, count: byteCount - message.count)
    try write(bytes.span)
  }
}

extension ArrowArray {
  /// Whether both are the same memory, which is quick to tell.
  fileprivate func isIdentical(to other: ArrowArray) -> Bool {
    func same(_ left: Buffer?, _ right: Buffer?) -> Bool {
      guard let left, let right else { return (left == nil) == (right == nil) }
      return unsafe left.address == right.address && left.byteCount == right.byteCount
    }
    return length == other.length && offset == other.offset && type == other.type
      && buffers.count == other.buffers.count && children.count == other.children.count
      && zip(buffers, other.buffers).allSatisfy { same($0, $1) }
      && zip(children, other.children).allSatisfy { $0.isIdentical(to: $1) }
      && (dictionary == nil) == (other.dictionary == nil)
      && zip([dictionary].compactMap { $0 }, [other.dictionary].compactMap { $0 })
        .allSatisfy { $0.isIdentical(to: $1) }
  }
}

extension Table {
  /// Writes the table as an Arrow IPC stream; `write` takes bytes in order.
  ///
  /// - Throws: as `IPCStreamWriter`.
  public func writeIPCStream(
    _ write: (Span<UInt8>) throws(ReadError) -> Void
  ) throws(ReadError) {
    try withoutActuallyEscaping(write) { (write) throws(ReadError) in
      var writer = try IPCStreamWriter(schema: schema, write: write)
      for batch in batches { try writer.append(batch) }
      try writer.finish()
    }
  }
}
