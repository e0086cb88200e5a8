internal import PFArrow
internal import PFCore

/// Makes arrays of bytes of one length: the bytes of the fields as they are.
final class FixedBinaryColumn: ColumnBuilder {
  private let width: Int
  private var values: MutableBuffer

  init(width: Int, _ context: FieldContext, stopsAtMisfit: Bool) throws(AllocationError) {
    self.width = width
    values = try MutableBuffer(byteCount: 0)
    try super.init(
      .fixedSizeBinary(byteWidth: width), context, stopsAtMisfit: stopsAtMisfit)
  }

  override func append(_ fields: ColumnFields) throws(AllocationError) -> Int {
    values.setByteCount(count * width)
    // The width is a claim of the caller, so that no more is made than there are records.
    try values.reserve(bytes(of: count + fields.count))
    for row in 0..<fields.count {
      // SAFETY: the row is one of the block, whose field lies in the window.
      let content = unsafe try context.content(
        fields.bytes, fields.begin(row), fields.end(row), absentPosition: fields.absentPosition)
      let slot = try bytes(of: count + row)
      switch unsafe content {
      case .text(let text, width, _):
        // SAFETY: there is room for all rows.
        unsafe (values.start + slot).copyMemory(from: text, byteCount: width)
        continue
      case .null: try validity.setNull(count + row)
      case .text:
        guard try take(misfit: row) else {
          count += row
          return row
        }
      }
      // SAFETY: as above.
      unsafe (values.start + slot).initializeMemory(as: UInt8.self, repeating: 0, count: width)
    }
    count += fields.count
    return fields.count
  }

  private func bytes(of slots: Int) throws(AllocationError) -> Int {
    let (byteCount, overflow) = slots.multipliedReportingOverflow(by: width)
    guard !overflow else { throw AllocationError(byteCount: .max) }
    return byteCount
  }

  override func finish() throws(AllocationError) -> ArrowArray {
    let bitmap = try validity.finish(count: count)
    let nullCount = validity.nullCount
    values.setByteCount(count * width)
    var done = try MutableBuffer(byteCount: 0)
    swap(&done, &values)
    return ArrowArray(
      type: type, length: count, nullCount: nullCount, buffers: [bitmap, done.freeze()])
  }
}
