package import PFCore

extension Table {
  /// The table with columns of strings and of bytes in other layouts.
  ///
  /// A column stays as it is where `types`, by column, has nil or a type of other values, or one
  /// that its values do not fit.
  ///
  /// - Throws: `AllocationError` when there is no memory.
  package func inLayouts(_ types: [DataType?]) throws(AllocationError) -> Table {
    var fields = schema.fields
    var columns = schema.fields.indices.map { index in batches.map { $0.columns[index] } }
    var changes = false
    for (index, type) in types.enumerated() {
      guard let type, type != fields[index].type else { continue }
      var arrays: [ArrowArray] = []
      for array in columns[index] {
        guard let changed = try array.inLayout(of: type) else { break }
        arrays.append(changed)
      }
      guard arrays.count == batches.count, fields[index].type.canBe(type) else { continue }
      fields[index].type = type
      columns[index] = arrays
      changes = true
    }
    guard changes else { return self }
    let schema = Schema(fields, metadata: schema.metadata)
    return Table(
      schema: schema,
      batches: batches.enumerated().map { index, batch in
        RecordBatch(schema: schema, columns: columns.map { $0[index] }, rowCount: batch.rowCount)
      })
  }
}

/// The batches of a source with strings and bytes in other layouts.
package final class LayoutSource: RecordBatchSource {
  package let schema: Schema
  private let source: any RecordBatchSource

  /// Columns of `source` in the layouts that `types` has for them; nil, and types of other values,
  /// leave a column as it is.
  package init(_ source: any RecordBatchSource, _ types: [DataType?]) {
    self.source = source
    var fields = source.schema.fields
    for (index, type) in types.enumerated() {
      if let type, fields[index].type.canBe(type) { fields[index].type = type }
    }
    schema = Schema(fields, metadata: source.schema.metadata)
  }

  package func next() throws(ReadError) -> RecordBatch? {
    guard let batch = try source.next() else { return nil }
    var columns = batch.columns
    for (index, field) in schema.fields.enumerated() where columns[index].type != field.type {
      do throws(AllocationError) {
        if let column = try columns[index].inLayout(of: field.type) {
          columns[index] = column
          continue
        }
      } catch { throw ReadError(error) }
      throw ReadError(
        .inconsistent("a batch of the column has more than \(field.type) holds"),
        at: .init(column: field.name))
    }
    return RecordBatch(schema: schema, columns: columns, rowCount: batch.rowCount)
  }
}

extension DataType {
  /// Whether values are text (`true`) or bytes, in any layout; nil for other types.
  var holdsText: Bool? {
    switch self {
    case .utf8, .largeUTF8, .utf8View: true
    case .binary, .largeBinary, .binaryView: false
    default: nil
    }
  }

  /// Whether values of this type, also behind a dictionary, are those of `target`.
  fileprivate func canBe(_ target: DataType) -> Bool {
    if case .dictionary(_, let value, _) = target {
      return holdsText != nil && holdsText == value.holdsText
    }
    guard let isText = target.holdsText else { return false }
    if case .dictionary(_, let value, _) = self { return value.holdsText == isText }
    return holdsText == isText
  }
}

extension ArrowArray {
  /// The same strings or bytes in the layout of `target`, behind a dictionary or no more; nil where
  /// that is another kind of values, or cannot hold as many bytes.
  ///
  /// Views share the bytes.
  ///
  /// - Throws: `AllocationError` when there is no memory.
  package func inLayout(of target: DataType) throws(AllocationError) -> ArrowArray? {
    guard target != type else { return self }
    guard type.canBe(target) else { return nil }
    switch target {
    case .utf8, .binary: return try withOffsets(target, Int32.self)
    case .utf8View, .binaryView: return try withViews(target)
    case .dictionary: return try dictionaryEncoded(as: target)
    default: return try withOffsets(target, Int64.self)
    }
  }

  private func withOffsets<T: FixedWidthInteger & BitwiseCopyable>(
    _ target: DataType, _: T.Type
  ) throws(AllocationError) -> ArrowArray? {
    var byteCount = 0
    for slot in 0..<length { byteCount += bytes(at: slot)?.count ?? 0 }
    guard T(exactly: byteCount) != nil else { return nil }
    var offsets = try MutableBuffer(byteCount: (length + 1) * MemoryLayout<T>.size)
    var data = try MutableBuffer(byteCount: byteCount)
    offsets.append(T(0))
    for slot in 0..<length {
      if let value = bytes(at: slot) { data.append(value) }
      offsets.append(T(data.byteCount))
    }
    let (bitmap, nulls) = try valueValidity()
    return ArrowArray(
      type: target, length: length, nullCount: nulls,
      buffers: [bitmap, offsets.freeze(), data.freeze()])
  }

  private func withViews(_ target: DataType) throws(AllocationError) -> ArrowArray? {
    let values = dictionary ?? self
    let isViews = values.type == .utf8View || values.type == .binaryView
    let data = isViews ? Array(values.buffers.dropFirst(2)) : [values.buffers[2]]
    // Offsets of views have 32 bits.
    guard data.allSatisfy({ ($0?.byteCount ?? 0) <= Int(Int32.max) }) else { return nil }
    var views = try MutableBuffer(byteCount: length * 16)
    for slot in 0..<length {
      guard let (array, index) = resolve(slot) else {
        views.append(SIMD4<UInt32>.zero)
        continue
      }
      if isViews {
        views.append(array.elements(of: SIMD4<UInt32>.self)[array.offset + index])
      } else {
        let (buffer, range) = array.byteRange(at: index)
        views.append(Self.view(of: buffer.bytes.extracting(range), offset: range.lowerBound))
      }
    }
    let (bitmap, nulls) = try valueValidity()
    return ArrowArray(
      type: target, length: length, nullCount: nulls, buffers: [bitmap, views.freeze()] + data)
  }

  /// A view of bytes that lie at `offset` of the first data buffer.
  private static func view(of bytes: Span<UInt8>, offset: Int) -> SIMD4<UInt32> {
    var words = SIMD4<UInt32>(UInt32(truncatingIfNeeded: bytes.count), 0, 0, 0)
    let isInline = bytes.count <= View.inlineByteCount
    for index in 0..<(isInline ? bytes.count : 4) {
      words[1 + index / 4] |= UInt32(bytes[index]) << UInt32(index % 4 * 8)
    }
    if !isInline { words[3] = UInt32(truncatingIfNeeded: offset) }
    return words
  }

  /// Which slots have a value, from bit 0 on: a dictionary may have nulls as well.
  func valueValidity() throws(AllocationError) -> (bitmap: Buffer?, nullCount: Int) {
    guard nullCount > 0 || dictionary.map({ $0.nullCount > 0 }) == true else { return (nil, 0) }
    var bytes = try MutableBuffer(byteCount: (length + 7) >> 3)
    var nulls = 0
    for start in stride(from: 0, to: length, by: 8) {
      var byte: UInt8 = 0
      for slot in start..<min(start + 8, length) {
        if resolve(slot) == nil { nulls += 1 } else { byte |= 1 << UInt8(slot - start) }
      }
      bytes.append(byte)
    }
    return nulls == 0 ? (nil, 0) : (bytes.freeze(), nulls)
  }
}
