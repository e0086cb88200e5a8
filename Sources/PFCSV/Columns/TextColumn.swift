internal import PFArrow
internal import PFCore

/// Makes arrays of strings or bytes: the text of the fields as it is.
final class TextColumn: ColumnBuilder {
  private var offsets: MutableBuffer
  private var data: MutableBuffer
  private var dataCount = 0
  private var hasBegun = false

  /// The type that text of `target` is kept as while it is read; nil for what is no text.
  static func storedType(of target: DataType) -> DataType? {
    switch target {
    case .utf8, .largeUTF8, .utf8View: .utf8
    case .binary, .largeBinary, .binaryView: .binary
    case .dictionary(_, let value, _): storedType(of: value)
    default: nil
    }
  }

  /// Room behind the data, for copies of whole vectors.
  private static let slack = 64

  override init(
    _ type: DataType, _ context: FieldContext, stopsAtMisfit: Bool
  ) throws(AllocationError) {
    offsets = try MutableBuffer(byteCount: 0)
    data = try MutableBuffer(byteCount: 0)
    try super.init(type, context, stopsAtMisfit: stopsAtMisfit)
  }

  override func append(_ fields: ColumnFields) throws(AllocationError) -> Int {
    try makeRoom(for: fields)
    let bytes = unsafe fields.bytes
    let slowLengths = context.slowLengths
    let quote = context.quote
    let target = unsafe data.start.assumingMemoryBound(to: UInt8.self)
    let ends = unsafe offsets.start.assumingMemoryBound(to: Int32.self) + (count &+ 1)
    var written = dataCount
    let checksText = repair != nil && type == .utf8
    let emptyIsNull = context.emptyIsNull
    // Those of up to 64 rows, from `firstNull` on.
    var nulls: UInt64 = 0
    var firstNull = 0
    // SAFETY: rows are those of the block, whose fields lie in its bytes together: there is room
    // for all of them and for a vector more (`makeRoom`). 64 bytes behind a field are readable.
    for row in 0..<fields.count {
      if row &- firstNull == 64 {
        if nulls != 0 { try validity.setNulls(nulls, from: count &+ firstNull) }
        (nulls, firstNull) = (0, row)
      }
      let begin = unsafe fields.begin(row)
      let end = unsafe fields.end(row)
      let length = end &- begin
      let field = unsafe bytes + begin
      if checksText, unsafe try !isText(field, length) {
        written &+= unsafe try takeNoText(
          fields, row, begin, end, to: target + written, room: data.capacity &- written)
        unsafe ends[row] = Int32(truncatingIfNeeded: written)
        continue
      }
      let isSlow = (slowLengths &>> UInt64(truncatingIfNeeded: min(length, 63))) & 1 != 0
      if !isSlow, unsafe UInt16(field.pointee) != quote {
        unsafe Self.copy(field, to: target + written, length)
        written &+= length
      } else if length == 0, begin != Int(fields.absentPosition) {
        if emptyIsNull { nulls |= 1 &<< UInt64(truncatingIfNeeded: row &- firstNull) }
      } else if let textCount = unsafe quoted(field, length, to: target + written) {
        written &+= textCount
      } else {
        switch unsafe try context.content(
          bytes, begin, end, absentPosition: fields.absentPosition)
        {
        case .null: try validity.setNull(count &+ row)
        case .text(let text, let textCount, _):
          unsafe Self.copy(text, to: target + written, textCount)
          written &+= textCount
        }
      }
      unsafe ends[row] = Int32(truncatingIfNeeded: written)
    }
    if nulls != 0 { try validity.setNulls(nulls, from: count &+ firstNull) }
    dataCount = written
    count += fields.count
    return fields.count
  }

  override func rollBack(to count: Int) {
    super.rollBack(to: count)
    // SAFETY: the offset of slot `count` is written, or there is none at all.
    if hasBegun {
      unsafe dataCount = Int(offsets.start.assumingMemoryBound(to: Int32.self)[count])
    }
  }

  override func finish() throws(AllocationError) -> ArrowArray {
    let bitmap = try validity.finish(count: count)
    let nullCount = validity.nullCount
    if !hasBegun { try offsets.fill(upTo: 4) }
    offsets.setByteCount((count + 1) * 4)
    data.setByteCount(dataCount)
    var doneOffsets = try MutableBuffer(byteCount: 0)
    var doneData = try MutableBuffer(byteCount: 0)
    swap(&doneOffsets, &offsets)
    swap(&doneData, &data)
    return ArrowArray(
      type: type, length: count, nullCount: nullCount,
      buffers: [bitmap, doneOffsets.freeze(), doneData.freeze()])
  }

  /// Whether a field is UTF-8, which is so in quotes and out of them alike.
  ///
  /// SAFETY: as `append`.
  @unsafe private func isText(
    _ field: UnsafePointer<UInt8>, _ length: Int
  ) throws(AllocationError) -> Bool {
    do throws(DecodingError) {
      unsafe try UTF8Validation.check(field, byteCount: length)
      return true
    } catch { return false }
  }

  /// Takes a field that is no UTF-8: repaired, or as a misfit. Gives the bytes that were written.
  ///
  /// SAFETY: as `append`; `room` bytes at `target` are writable.
  @unsafe private func takeNoText(
    _ fields: ColumnFields, _ row: Int, _ begin: Int, _ end: Int,
    to target: UnsafeMutablePointer<UInt8>, room: Int
  ) throws(AllocationError) -> Int {
    guard repair == .replace else {
      misfits.append(row)
      try validity.setNull(count + row)
      return 0
    }
    switch unsafe try context.content(
      fields.bytes, begin, end, absentPosition: fields.absentPosition)
    {
    case .null:
      try validity.setNull(count + row)
      return 0
    case .text(let text, let textCount, _):
      let repaired = unsafe Array(
        String(decoding: UnsafeBufferPointer(start: text, count: textCount), as: UTF8.self).utf8)
      guard repaired.count <= room else { throw AllocationError(byteCount: repaired.count) }
      for (index, byte) in repaired.enumerated() { unsafe target[index] = byte }
      return repaired.count
    }
  }

  private func makeRoom(for fields: ColumnFields) throws(AllocationError) {
    if !hasBegun {
      let rows = max(expectedCount, fields.count) + 1
      try offsets.reserve(rows * 4)
      // SAFETY: there is room for one offset.
      unsafe offsets.start.storeBytes(of: 0, as: Int32.self)
      // The bytes of the column are a share of those of the block.
      var total = 0
      for row in 0..<fields.count { unsafe total += fields.end(row) - fields.begin(row) }
      let scale = Double(rows) / Double(max(1, fields.count))
      try data.reserve(Int(Double(total) * scale) + fields.byteCount / 8 + Self.slack)
      hasBegun = true
    }
    // Bytes beyond those in use need not survive.
    offsets.setByteCount((count + 1) * 4)
    try offsets.reserve((count + 1 + fields.count) * 4)
    data.setByteCount(dataCount)
    var total = 0
    // A byte that is no text becomes three bytes.
    let growth = repair == .replace ? 3 : 1
    if dataCount + fields.byteCount * growth + Self.slack > data.capacity {
      for row in 0..<fields.count { unsafe total += fields.end(row) &- fields.begin(row) }
      total *= growth
      try data.reserve(dataCount + total + Self.slack)
    }
  }

  /// Copies the text of a quoted field, doubled quotes as one; nil where it may be null or has text
  /// behind its quoting.
  ///
  /// SAFETY: as `append`.
  @unsafe @inline(__always)
  private func quoted(
    _ field: UnsafePointer<UInt8>, _ length: Int, to target: UnsafeMutablePointer<UInt8>
  ) -> Int? {
    guard length >= 2, unsafe UInt16(field.pointee) == context.quote,
      unsafe UInt16(field[length &- 1]) == context.quote, context.allowsPlainQuoted(length &- 2)
    else { return nil }
    let quote = UInt8(truncatingIfNeeded: context.quote)
    let text = unsafe field + 1
    let count = length &- 2
    var read = 0
    var written = 0
    // No more is written than was read, and a vector.
    while read < count {
      let block = unsafe Bytes16(text + read)
      let left = count &- read
      let valid: UInt16 = left >= 16 ? .max : (1 &<< UInt16(truncatingIfNeeded: left)) &- 1
      let quotes = block.mask(of: quote) & valid
      unsafe UnsafeMutableRawPointer(target + written).storeBytes(
        of: block.lanes, as: SIMD16<UInt8>.self)
      if quotes == 0 {
        let step = min(16, left)
        read &+= step
        written &+= step
        continue
      }
      let before = quotes.trailingZeroBitCount
      read &+= before
      guard read &+ 1 < count, unsafe text[read &+ 1] == quote, context.mayDoubleQuotes else {
        return nil
      }
      // The first of the two is copied already.
      read &+= 2
      written &+= before &+ 1
    }
    return written
  }

  /// SAFETY: `count` bytes and a vector more are readable and writable.
  @unsafe @inline(__always)
  static func copy(
    _ source: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>, _ count: Int
  ) {
    let (from, to) = unsafe (UnsafeRawPointer(source), UnsafeMutableRawPointer(target))
    if count <= 16 {
      unsafe to.storeBytes(of: from.loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
    } else {
      unsafe to.copyMemory(from: from, byteCount: count)
    }
  }
}
