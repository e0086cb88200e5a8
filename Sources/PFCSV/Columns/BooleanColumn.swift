internal import PFArrow
internal import PFCore

/// Makes arrays of truth values.
final class BooleanColumn: ColumnBuilder {
  private var bits: MutableBuffer

  init(_ context: FieldContext, stopsAtMisfit: Bool) throws(AllocationError) {
    bits = try MutableBuffer(byteCount: 0)
    try super.init(.boolean, context, stopsAtMisfit: stopsAtMisfit)
  }

  override func append(_ fields: ColumnFields) throws(AllocationError) -> Int {
    let wanted = (max(expectedCount, count + fields.count) + 7) / 8
    bits.setByteCount((count + 7) / 8)
    try bits.reserve(wanted)
    let target = unsafe bits.start.assumingMemoryBound(to: UInt8.self)
    let bytes = unsafe fields.bytes
    let words = context.words
    let (slowLengths, emptyIsNull) = (context.slowLengths, context.emptyIsNull)
    // Those of up to 64 rows, from `firstNull` on.
    var nulls: UInt64 = 0
    var firstNull = 0
    var pending: UInt8 = count & 7 == 0 ? 0 : unsafe target[count >> 3]
    // SAFETY: as `FixedWidthColumn`.
    for row in 0..<fields.count {
      if row &- firstNull == 64 {
        if nulls != 0 { try validity.setNulls(nulls, from: count &+ firstNull) }
        (nulls, firstNull) = (0, row)
      }
      let begin = unsafe fields.begin(row)
      let end = unsafe fields.end(row)
      let slot = count &+ row
      var value: Bool?
      if (slowLengths &>> UInt64(truncatingIfNeeded: min(end &- begin, 63))) & 1 == 0 {
        unsafe value = words.parse(bytes + begin, end &- begin)
      }
      if value == nil, emptyIsNull, begin == end {
        nulls |= 1 &<< UInt64(truncatingIfNeeded: row &- firstNull)
      } else if value == nil {
        switch unsafe try context.content(
          bytes, begin, end, absentPosition: fields.absentPosition)
        {
        case .null: try validity.setNull(slot)
        case .text(let text, let textCount, _):
          unsafe value = words.parse(text, textCount)
          if value == nil, try !take(misfit: row) {
            if slot & 7 != 0 { unsafe target[slot >> 3] = pending }
            if nulls != 0 { try validity.setNulls(nulls, from: count &+ firstNull) }
            count += row
            return row
          }
        }
      }
      pending |= (value == true ? 1 : 0) &<< UInt8(truncatingIfNeeded: slot & 7)
      if slot & 7 == 7 {
        unsafe target[slot >> 3] = pending
        pending = 0
      }
    }
    if nulls != 0 { try validity.setNulls(nulls, from: count &+ firstNull) }
    count += fields.count
    if count & 7 != 0 { unsafe target[count >> 3] = pending }
    return fields.count
  }

  override func rollBack(to count: Int) {
    super.rollBack(to: count)
    if count & 7 != 0 {
      // SAFETY: the byte was written.
      unsafe bits.start.assumingMemoryBound(to: UInt8.self)[count >> 3] &=
        (1 << UInt8(truncatingIfNeeded: count & 7)) - 1
    }
  }

  override func finish() throws(AllocationError) -> ArrowArray {
    let bitmap = try validity.finish(count: count)
    let nullCount = validity.nullCount
    bits.setByteCount((count + 7) / 8)
    var done = try MutableBuffer(byteCount: 0)
    swap(&done, &bits)
    return ArrowArray(
      type: .boolean, length: count, nullCount: nullCount, buffers: [bitmap, done.freeze()])
  }
}
