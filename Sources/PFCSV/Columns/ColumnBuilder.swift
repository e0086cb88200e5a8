internal import PFArrow
internal import PFCore

/// Makes the array of one column, block by block.
class ColumnBuilder {
  let type: DataType
  let context: FieldContext
  /// Slots so far.
  final var count = 0
  /// Slots that are likely to come in all, for the first allocation.
  final var expectedCount = 0
  final var validity = LazyValidity()
  /// Rows of the last block that are no values of the type. They are null.
  final var misfits: [Int] = []
  /// Whether the first misfit ends the block.
  let stopsAtMisfit: Bool
  /// What is done with bytes that are no UTF-8, where values have to be; nil where there are none
  /// in the block.
  final var repair: Repair?

  /// What is done with bytes that are no text.
  enum Repair {
    /// They become U+FFFD.
    case replace
    /// The field is a misfit.
    case reject
  }

  init(
    _ type: DataType, _ context: FieldContext, stopsAtMisfit: Bool
  ) throws(AllocationError) {
    self.type = type
    self.context = context
    self.stopsAtMisfit = stopsAtMisfit
  }

  /// Appends the fields of a block; gives how many, fewer than there are only where a misfit has
  /// to end it.
  func append(_ fields: ColumnFields) throws(AllocationError) -> Int {
    preconditionFailure("each builder has its own")
  }

  /// Forgets all slots from `count` on.
  func rollBack(to count: Int) {
    validity.rollBack(to: count, from: self.count)
    self.count = count
  }

  /// The array of all slots. The builder is then of no use.
  func finish() throws(AllocationError) -> ArrowArray {
    preconditionFailure("each builder has its own")
  }

  /// Notes a misfit, whose slot becomes null; false where the block ends.
  final func take(misfit row: Int) throws(AllocationError) -> Bool {
    if stopsAtMisfit { return false }
    misfits.append(row)
    try validity.setNull(count + row)
    return true
  }
}

/// Takes nulls only.
final class NullColumn: ColumnBuilder {
  init(_ context: FieldContext, stopsAtMisfit: Bool) throws(AllocationError) {
    try super.init(.null, context, stopsAtMisfit: stopsAtMisfit)
  }

  override func append(_ fields: ColumnFields) throws(AllocationError) -> Int {
    let emptyIsNull = context.emptyIsNull
    for row in 0..<fields.count {
      // SAFETY: the row is one of the block, and its field lies in the window.
      if emptyIsNull, unsafe fields.begin(row) == fields.end(row) { continue }
      let content = unsafe try context.content(
        fields.bytes, fields.begin(row), fields.end(row), absentPosition: fields.absentPosition)
      if case .text = unsafe content {
        guard !stopsAtMisfit else { return row }
        misfits.append(row)
      }
    }
    count += fields.count
    return fields.count
  }

  override func finish() throws(AllocationError) -> ArrowArray {
    ArrowArray(type: .null, length: count, nullCount: count, buffers: [])
  }
}
