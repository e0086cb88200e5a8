public import PFArrow
public import PFCore

/// What stands before the record of a message that is no file.
public enum AvroFraming: String, Sendable, CaseIterable {
  /// Nothing: the record alone.
  case none
  /// The bytes C3 01 and the 64-bit fingerprint of the writer's schema, little-endian (Avro
  /// specification, "Single-object encoding").
  case singleObject = "single_object"
  /// A zero byte and the number of the writer's schema in a registry, 32 bits, big-endian
  /// (Confluent wire format).
  case confluent

  /// The bytes before the record.
  var byteCount: Int {
    switch self {
    case .none: 0
    case .singleObject: 10
    case .confluent: 5
    }
  }
}

/// Messages of one record each, which carry no schema but at most the number of one.
public struct AvroMessages: Sendable {
  /// How many there are.
  public let count: Int
  private let framing: AvroFraming
  /// All bytes, and `Cursor.slack` more.
  private let bytes: Buffer
  /// Where each message begins, and where the last ends.
  private let offsets: [Int]

  /// Messages in memory.
  ///
  /// - Throws: `.outOfMemory`.
  public init(_ messages: [[UInt8]], framing: AvroFraming) throws(ReadError) {
    let total = messages.reduce(0) { $0 + $1.count }
    var offsets = [0]
    offsets.reserveCapacity(messages.count + 1)
    do throws(AllocationError) {
      var bytes = try MutableBuffer(byteCount: total + Cursor.slack)
      for message in messages {
        bytes.append(message.span)
        offsets.append(bytes.byteCount)
      }
      try bytes.fill(upTo: total + Cursor.slack)
      self.bytes = bytes.freeze()
    } catch { throw ReadError(error) }
    self.offsets = offsets
    self.framing = framing
    count = messages.count
  }

  /// Messages that lie one behind the other; they are copied.
  ///
  /// - Parameters:
  ///   - start: The first byte.
  ///   - offsets: Where each message begins from there, and where the last ends.
  ///   - framing: What stands before each record.
  /// - Throws: `.inconsistent` for offsets that fall; `.outOfMemory`.
  /// - SAFETY: the caller promises so many readable bytes as the last offset says.
  @unsafe package init(
    copying start: UnsafeRawPointer?, offsets: [Int], framing: AvroFraming
  ) throws(ReadError) {
    let first = offsets.first ?? 0
    guard first >= 0, zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 }) else {
      throw ReadError(.inconsistent("the offsets of messages fall"))
    }
    let total = (offsets.last ?? 0) - first
    do throws(AllocationError) {
      var bytes = try MutableBuffer(byteCount: total + Cursor.slack)
      if total > 0, let start = unsafe start {
        unsafe bytes.start.copyMemory(from: start + first, byteCount: total)
      } else if total > 0 {
        throw AllocationError(byteCount: total)
      }
      bytes.setByteCount(total)
      try bytes.fill(upTo: total + Cursor.slack)
      self.bytes = bytes.freeze()
    } catch { throw ReadError(error) }
    self.offsets = offsets.map { $0 - first }
    self.framing = framing
    count = max(0, offsets.count - 1)
  }

  /// The values of an array of bytes.
  ///
  /// - Throws: `.inconsistent` for a null or an array of another type; `.outOfMemory`.
  public init(_ array: ArrowArray, framing: AvroFraming) throws(ReadError) {
    guard array.nullCount == 0 else {
      throw ReadError(.inconsistent("messages are null, and a null is no record"))
    }
    var messages: [[UInt8]] = []
    messages.reserveCapacity(array.length)
    for index in 0..<array.length {
      guard case .binary(let bytes) = array[index] else {
        throw ReadError(.inconsistent("messages are \(array.type), not bytes"))
      }
      messages.append(bytes)
    }
    try self.init(messages, framing: framing)
  }

  /// One message of several.
  private init(_ messages: AvroMessages, _ index: Int) {
    framing = messages.framing
    bytes = messages.bytes
    offsets = Array(messages.offsets[index...(index + 1)])
    count = 1
  }

  /// The numbers of the schemas that the messages were written with, each once, in their order; one
  /// 0 where messages carry none.
  ///
  /// - Throws: `.inconsistent` with the message that is framed otherwise.
  public func schemaIDs() throws(ReadError) -> [UInt64] {
    var ids: [UInt64] = []
    var known: Set<UInt64> = []
    for index in 0..<count {
      let id = try schemaID(index)
      if known.insert(id).inserted { ids.append(id) }
    }
    return ids
  }

  /// Where a message is: one alone has no place.
  private func place(ofMessage index: Int, offset: Int? = nil) -> ReadError.Place {
    .init(offset: offset, message: count > 1 ? index : nil)
  }

  private func schemaID(_ index: Int) throws(ReadError) -> UInt64 {
    let message = bytes.slice(
      offset: offsets[index], byteCount: offsets[index + 1] - offsets[index])
    let head = message.bytes
    func wrong(_ what: String) -> ReadError {
      ReadError(.inconsistent(what), at: place(ofMessage: index, offset: 0))
    }
    switch framing {
    case .none: return 0
    case .singleObject:
      guard head.count >= framing.byteCount, head[0] == 0xC3, head[1] == 0x01 else {
        throw wrong("the message does not begin with the bytes C3 01 and a fingerprint")
      }
      return (2..<10).reversed().reduce(0) { $0 << 8 | UInt64(head[$1]) }
    case .confluent:
      guard head.count >= framing.byteCount, head[0] == 0 else {
        throw wrong("the message does not begin with a zero byte and the number of a schema")
      }
      return (1..<5).reduce(0) { $0 << 8 | UInt64(head[$1]) }
    }
  }

  /// The records as a table, a row for each message.
  ///
  /// - Parameters:
  ///   - readerSchema: What to read all as; nil for the schema of the first message.
  ///   - columns: The columns, by dotted path; nil for all.
  ///   - unionLayout: What a union of several types becomes.
  ///   - schema: The schema of a number that `schemaIDs` gives; asked once for each.
  /// - Returns: The table.
  /// - Throws: `ReadError` with the message, where there are several, and the offset in it; what
  ///   `schema` throws.
  public func table(
    as readerSchema: AvroSchema? = nil, columns: [String]? = nil,
    unionLayout: AvroReadOptions.UnionLayout = .dense,
    schema: (_ id: UInt64) throws(ReadError) -> AvroSchema
  ) throws(ReadError) -> Table {
    var machines: [UInt64: Machine] = [:]
    var target = readerSchema
    var compiled: (root: ColumnNode, schema: Schema, columns: Columns)?
    var batches: [RecordBatch] = []
    /// The first message of the batch in the making.
    var first = 0
    for index in 0..<count {
      do throws(ReadError) {
        let id = try schemaID(index)
        let machine: Machine
        if let known = machines[id] {
          machine = known
        } else {
          let writer = try schema(id)
          if target == nil { target = writer }
          let (program, root, fields) = try ProgramCompiler.compile(
            writer: writer, reader: target, columns: columns, unionLayout: unionLayout)
          do throws(AllocationError) {
            let shared =
              if let compiled { compiled.columns } else {
                try Columns(program, AllocationBudget(limit: memoryByteCount / 4 * 3))
              }
            if compiled == nil { compiled = (root, Schema(fields), shared) }
            machine = try Machine(program, shared)
          } catch { throw ReadError(error) }
          machines[id] = machine
        }
        let start = offsets[index] + framing.byteCount
        let end = offsets[index + 1]
        do throws(Machine.Failed) {
          // SAFETY: `Cursor.slack` bytes follow the last message.
          try unsafe machine.decode(
            bytes.address + start, byteCount: end - start, count: 1,
            expected: min(count - index, BlockGroup.fullRecordCount))
        } catch {
          throw ReadError(error, machine, at: framing.byteCount, in: .message)
        }
        if let compiled,
          compiled.columns.count(level: 0) == BlockGroup.fullRecordCount || index + 1 == count
        {
          batches.append(try compiled.columns.batch(compiled.root, compiled.schema))
          first = index + 1
        }
      } catch {
        // Texts are checked when all of a batch are there: which message has the bad one?
        guard case .invalidText = error.reason, first < index else {
          throw error.at(place(ofMessage: index))
        }
        for place in first...index {
          do throws(ReadError) {
            _ = try AvroMessages(self, place).table(
              as: target, columns: columns, unionLayout: unionLayout, schema: schema)
          } catch { throw error.at(self.place(ofMessage: place)) }
        }
        throw error
      }
    }
    if let compiled { return Table(schema: compiled.schema, batches: batches) }
    // Without a message there may be a schema all the same.
    guard let target else { return Table(schema: Schema([]), batches: []) }
    let fields = try ProgramCompiler.compile(
      writer: target, columns: columns, unionLayout: unionLayout
    ).fields
    return Table(schema: Schema(fields), batches: [])
  }

  /// The records as a table, all written with one schema.
  ///
  /// - Throws: as `table(as:columns:schema:)`.
  public func table(
    writtenAs schema: AvroSchema, as readerSchema: AvroSchema? = nil, columns: [String]? = nil
  ) throws(ReadError) -> Table {
    try table(as: readerSchema ?? schema, columns: columns) { (_) throws(ReadError) in schema }
  }
}
