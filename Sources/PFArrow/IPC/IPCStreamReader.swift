public import PFCore

/// Reads an Arrow IPC stream from memory (Arrow columnar format, "IPC Streaming Format").
///
/// Buffers of the batches share the input's memory where it is aligned for them. Everything that
/// the stream says is checked against the bytes there are.
public final class IPCStreamReader: RecordBatchSource {
  /// The schema that the stream starts with.
  public let schema: Schema
  private let input: Buffer
  private var offset: Int
  private let fields: [IPCField]
  private let isPreviousVersion: Bool
  /// The fields that dictionaries belong to, and the dictionaries read, by id.
  private let dictionaryFields: [Int64: IPCField]
  private var dictionaries: [Int64: ArrowArray] = [:]

  /// A reader that has read the schema of the stream in `input`.
  ///
  /// - Throws: `.malformed` and `.inconsistent` with the offset of the message where the stream
  ///   breaks the format; `.unsupported` with the name of what this version lacks.
  public init(_ input: Buffer) throws(ReadError) {
    if input.startsWithFileMagic {
      throw ReadError(.unsupported(feature: "the Arrow IPC file format (this reads streams)"))
    }
    var offset = 0
    guard let message = try IPCMessage(in: input, offset: &offset) else {
      throw ReadError(.malformed(.truncated(offset: 0, needed: 8)))
    }
    guard message.kind == .schema else {
      throw ReadError(.inconsistent("the stream does not start with a schema"))
    }
    let (fields, metadata) = try message.located { () throws(ReadError) in
      try IPCSchemaReader.read(message.header)
    }
    self.input = input
    self.offset = offset
    self.fields = fields
    isPreviousVersion = message.version == IPCFormat.previousVersion
    schema = Schema(fields.map(\.field), metadata: metadata)
    var dictionaryFields: [Int64: IPCField] = [:]
    Self.collect(fields, into: &dictionaryFields)
    self.dictionaryFields = dictionaryFields
  }

  private static func collect(_ fields: [IPCField], into found: inout [Int64: IPCField]) {
    for field in fields {
      if let id = field.dictionaryID { found[id] = field }
      collect(field.children, into: &found)
    }
  }

  /// The next batch; nil at the end of the stream.
  ///
  /// - Throws: as `init`.
  public func next() throws(ReadError) -> RecordBatch? {
    while let message = try IPCMessage(in: input, offset: &offset) {
      let batch = try message.located { () throws(ReadError) in try read(message) }
      if let batch { return batch }
    }
    return nil
  }

  /// The batch of a record batch message; nil for a dictionary, which is kept.
  private func read(_ message: IPCMessage) throws(ReadError) -> RecordBatch? {
    switch message.kind {
    case .recordBatch:
      var reader = try batchReader(message.header, body: message.body)
      var columns: [ArrowArray] = []
      for field in fields {
        let column = try reader.read(field)
        guard column.length == reader.rowCount else {
          throw ReadError(
            .inconsistent(
              "column \"\(field.field.name)\" has \(column.length) slots in a batch of "
                + "\(reader.rowCount) rows"))
        }
        columns.append(column)
      }
      return RecordBatch(schema: schema, columns: columns, rowCount: reader.rowCount)
    case .dictionaryBatch:
      try readDictionary(message)
      return nil
    case .schema: throw ReadError(.inconsistent("the stream has a second schema"))
    case .tensor, .sparseTensor: throw ReadError(.unsupported(feature: "Arrow IPC tensors"))
    }
  }

  private func readDictionary(_ message: IPCMessage) throws(ReadError) {
    let (id, data, isDelta): (Int64, FlatTable?, Bool)
    do throws(DecodingError) {
      (id, data, isDelta) = (
        try message.header.integer(0, default: 0), try message.header.table(1),
        try message.header.bool(2)
      )
    } catch { throw ReadError(error) }
    guard !isDelta else { throw ReadError(.unsupported(feature: "Arrow IPC delta dictionaries")) }
    guard let data else { throw ReadError(.inconsistent("a dictionary batch has no data")) }
    guard let field = dictionaryFields[id] else {
      throw ReadError(.inconsistent("no field has the dictionary \(id)"))
    }
    var reader = try batchReader(data, body: message.body)
    dictionaries[id] = try reader.read(field.valueType, children: field.children)
  }

  private func batchReader(
    _ table: FlatTable, body: Buffer
  ) throws(ReadError) -> IPCBatchReader {
    try IPCBatchReader(
      table, body: body, dictionaries: dictionaries, isPreviousVersion: isPreviousVersion)
  }
}

/// One message: its header, and its body as a part of the input.
struct IPCMessage {
  let version: Int16
  let kind: IPCMessageKind
  let header: FlatTable
  let body: Buffer
  private let metadataOffset: Int

  /// The message at `offset`, which is moved behind it; nil at the end of the stream.
  init?(in input: Buffer, offset: inout Int) throws(ReadError) {
    let start = offset
    var reader = ByteReader(input.bytes.extracting(start..<input.byteCount))
    guard reader.remaining > 0 else { return nil }
    do throws(DecodingError) {
      // Writers before version 0.15 had no continuation mark.
      var length: UInt32 = try reader.readLittleEndian()
      if length == IPCFormat.continuation { length = try reader.readLittleEndian() }
      guard length > 0 else {
        offset = input.byteCount
        return nil
      }
      let byteCount = Int(length)
      guard byteCount <= reader.remaining else {
        throw .truncated(offset: reader.offset, needed: byteCount - reader.remaining)
      }
      metadataOffset = start + reader.offset
      try reader.skip(byteCount)
      let metadata = FlatBytes(input.slice(offset: metadataOffset, byteCount: byteCount))
      let (version, number, header, bodyByteCount): (Int16, UInt8, FlatTable?, Int64)
      do throws(DecodingError) {
        let root = try metadata.root()
        (version, number) = (try root.integer(0, default: 0), try root.integer(1, default: 0))
        (header, bodyByteCount) = (try root.table(2), try root.integer(3, default: 0))
      } catch { throw error.shifted(by: metadataOffset - start) }
      guard version == IPCFormat.version || version == IPCFormat.previousVersion,
        let kind = IPCMessageKind(rawValue: number), let header,
        let bodyByteCount = Int(exactly: bodyByteCount), bodyByteCount >= 0
      else { throw .invalidValue(offset: metadataOffset - start) }
      guard bodyByteCount <= reader.remaining else {
        throw .truncated(offset: reader.offset, needed: bodyByteCount - reader.remaining)
      }
      body = input.slice(offset: start + reader.offset, byteCount: bodyByteCount)
      (self.version, self.kind, self.header) = (version, kind, header)
      offset = start + reader.offset + bodyByteCount
    } catch { throw ReadError(error, base: start) }
  }

  /// Runs `body`; an error of it counts from the start of the input.
  func located<T>(_ body: () throws(ReadError) -> T) throws(ReadError) -> T {
    do throws(ReadError) { return try body() } catch {
      if case .malformed(let error) = error.reason { throw ReadError(error, base: metadataOffset) }
      throw error.at(ReadError.Place(offset: metadataOffset))
    }
  }
}

extension Buffer {
  /// Whether this is the start of a file of the format, not of a stream.
  fileprivate var startsWithFileMagic: Bool {
    let magic = Array("ARROW1".utf8)
    return byteCount >= magic.count && magic.indices.allSatisfy { bytes[$0] == magic[$0] }
  }
}

extension Table {
  /// The table in an Arrow IPC stream.
  ///
  /// - Throws: as `IPCStreamReader`; `.cancelled` once `cancellation` is raised.
  public init(
    ipcStream input: Buffer, cancellation: CancellationToken? = nil
  ) throws(ReadError) {
    try self.init(reading: try IPCStreamReader(input), cancellation: cancellation)
  }
}
