internal import PFCore

/// Reads the arrays of one `RecordBatch` of Message.fbs; its nodes and buffers are in the order of
/// a walk over the fields, each before its children.
struct IPCBatchReader {
  let rowCount: Int
  private let body: Buffer
  private let dictionaries: [Int64: ArrowArray]
  private let isPreviousVersion: Bool
  private var nodes: ArraySlice<(Int64, Int64)>
  private var ranges: ArraySlice<(Int64, Int64)>
  private var variadicCounts: ArraySlice<Int64>

  /// - Throws: `.unsupported` for a compressed body; `.malformed`, `.inconsistent`.
  init(
    _ table: FlatTable, body: Buffer, dictionaries: [Int64: ArrowArray], isPreviousVersion: Bool
  ) throws(ReadError) {
    let length: Int64
    let compression: Int8?
    do throws(DecodingError) {
      length = try table.integer(0, default: 0)
      (nodes, ranges) = (try table.pairs(1)[...], try table.pairs(2)[...])
      compression = try table.table(3).map { (codec) throws(DecodingError) in
        try codec.integer(0, default: 0)
      }
      variadicCounts = (try table.integers(4, of: Int64.self) ?? [])[...]
    } catch { throw ReadError(error) }
    if let compression {
      let name = compression == 0 ? "LZ4" : compression == 1 ? "Zstandard" : "codec \(compression)"
      throw ReadError(.unsupported(feature: "a compressed Arrow IPC body (\(name))"))
    }
    guard let rowCount = Int(exactly: length), rowCount >= 0, rowCount <= ArrowArray.maximumLength
    else {
      throw ReadError(.inconsistent("a batch has \(length) rows"))
    }
    self.rowCount = rowCount
    self.body = body
    self.dictionaries = dictionaries
    self.isPreviousVersion = isPreviousVersion
  }

  /// The array of a field.
  mutating func read(_ field: IPCField) throws(ReadError) -> ArrowArray {
    guard let id = field.dictionaryID else {
      return try read(field.field.type, children: field.children)
    }
    guard let dictionary = dictionaries[id] else {
      throw ReadError(.inconsistent("dictionary \(id) is used before it comes"))
    }
    guard dictionary.type == field.valueType else {
      throw ReadError(.inconsistent("fields of different types share dictionary \(id)"))
    }
    return try read(field.field.type, children: [], dictionary: dictionary)
  }

  /// The array of a type whose children are those of `children`.
  mutating func read(
    _ type: DataType, children fields: [IPCField], dictionary: ArrowArray? = nil
  ) throws(ReadError) -> ArrowArray {
    guard let node = nodes.popFirst() else {
      throw ReadError(.inconsistent("a batch has fewer nodes than its schema"))
    }
    guard let length = Int(exactly: node.0), length >= 0, node.1 >= 0, node.1 <= node.0 else {
      throw ReadError(.inconsistent("a node has \(node.0) slots and \(node.1) nulls"))
    }
    if isPreviousVersion, case .union = type {
      throw ReadError(.unsupported(feature: "unions of Arrow IPC metadata version 4"))
    }
    var buffers: [Buffer?] = []
    for index in 0..<type.bufferCount {
      let buffer = try nextBuffer()
      // Without nulls the bitmap may be left out.
      buffers.append(index == 0 && type.hasValidity && node.1 == 0 ? nil : buffer)
    }
    if type.isView {
      guard let count = variadicCounts.popFirst(), count >= 0, count <= ranges.count else {
        throw ReadError(.inconsistent("a view column has no valid count of data buffers"))
      }
      for _ in 0..<count { buffers.append(try nextBuffer()) }
    }
    var children: [ArrowArray] = []
    for field in fields { children.append(try read(field)) }
    return try ArrowArray(
      checking: type, length: length, buffers: buffers, children: children,
      dictionary: dictionary)
  }

  private mutating func nextBuffer() throws(ReadError) -> Buffer {
    guard let (offset, byteCount) = ranges.popFirst() else {
      throw ReadError(.inconsistent("a batch has fewer buffers than its schema"))
    }
    guard offset >= 0, byteCount >= 0, offset <= body.byteCount,
      byteCount <= body.byteCount - Int(offset)
    else {
      throw ReadError(
        .inconsistent(
          "a buffer of \(byteCount) bytes at \(offset) lies outside a body of \(body.byteCount)"))
    }
    return body.slice(offset: Int(offset), byteCount: Int(byteCount))
  }
}
