internal import PFCore

/// Where the fields of a block of records are: as many for each record.
///
/// Field `column` of record `row` begins behind the byte `befores[row * stride + column]` and ends
/// before the byte `ends[…]`; those of the last column of lines that end in two bytes are apart.
@safe struct FieldTable {
  // SAFETY: they point into `Positions` that live and do not grow while the table is in use.
  @unsafe let bytes: UnsafePointer<UInt8>
  private let befores: UnsafePointer<UInt32>
  private let ends: UnsafePointer<UInt32>
  private let lastEnds: UnsafePointer<UInt32>?
  private let stride: Int
  let recordCount: Int
  /// Bytes of the block, and so the most that its fields have together.
  let byteCount: Int
  /// Where fields that are missing are said to be.
  let absentPosition: UInt32

  @unsafe init(
    bytes: UnsafePointer<UInt8>, befores: UnsafePointer<UInt32>, ends: UnsafePointer<UInt32>,
    lastEnds: UnsafePointer<UInt32>?, stride: Int, recordCount: Int, byteCount: Int,
    absentPosition: UInt32
  ) {
    unsafe self.bytes = bytes
    unsafe self.befores = befores
    unsafe self.ends = ends
    unsafe self.lastEnds = lastEnds
    self.stride = stride
    self.recordCount = recordCount
    self.byteCount = byteCount
    self.absentPosition = absentPosition
  }

  /// The fields of one column. Precondition: there is such a column.
  func column(_ index: Int) -> ColumnFields {
    precondition(index >= 0 && index < stride, "no such column")
    let isLast = unsafe index == stride - 1 && lastEnds != nil
    return unsafe ColumnFields(
      bytes: bytes, befores: befores + index, beforeStride: stride,
      ends: (isLast ? lastEnds : nil) ?? ends + index, endStride: isLast ? 1 : stride,
      count: recordCount, byteCount: byteCount, absentPosition: absentPosition)
  }

  /// The fields of a column that is missing in all records, of which `absent` is the one; they are
  /// of use until the next call.
  func absentColumn(_ absent: AbsentField) -> ColumnFields {
    let (before, end) = unsafe absent.place(at: absentPosition)
    return unsafe ColumnFields(
      bytes: bytes, befores: before, beforeStride: 0, ends: end, endStride: 0, count: recordCount,
      byteCount: byteCount, absentPosition: absentPosition)
  }

  /// The first `count` records. Precondition: there are as many.
  func prefix(_ count: Int) -> FieldTable {
    precondition(count >= 0 && count <= recordCount, "no such records")
    return unsafe FieldTable(
      bytes: bytes, befores: befores, ends: ends, lastEnds: lastEnds, stride: stride,
      recordCount: count, byteCount: byteCount, absentPosition: absentPosition)
  }
}

/// A place for the field that stands for all that are missing.
final class AbsentField {
  // Positions before and behind it.
  private var places: MutableBuffer

  init() throws(AllocationError) {
    places = try MutableBuffer(byteCount: 8)
    try places.fill(upTo: 8)
  }

  /// Pointers to the positions of an empty field at `position`.
  ///
  /// SAFETY: they point into memory of the object.
  @unsafe fileprivate func place(
    at position: UInt32
  ) -> (before: UnsafePointer<UInt32>, end: UnsafePointer<UInt32>) {
    let start = unsafe places.start.assumingMemoryBound(to: UInt32.self)
    unsafe start[0] = position &- 1
    unsafe start[1] = position
    return unsafe (UnsafePointer(start), UnsafePointer(start + 1))
  }
}

/// The fields of one column in a block of records.
@safe struct ColumnFields {
  // SAFETY: as `FieldTable`.
  @unsafe let bytes: UnsafePointer<UInt8>
  private let befores: UnsafePointer<UInt32>
  private let beforeStride: Int
  private let ends: UnsafePointer<UInt32>
  private let endStride: Int
  let count: Int
  let byteCount: Int
  let absentPosition: UInt32

  @unsafe init(
    bytes: UnsafePointer<UInt8>, befores: UnsafePointer<UInt32>, beforeStride: Int,
    ends: UnsafePointer<UInt32>, endStride: Int, count: Int, byteCount: Int,
    absentPosition: UInt32
  ) {
    unsafe self.bytes = bytes
    unsafe self.befores = befores
    self.beforeStride = beforeStride
    unsafe self.ends = ends
    self.endStride = endStride
    self.count = count
    self.byteCount = byteCount
    self.absentPosition = absentPosition
  }

  /// Where field `row` begins.
  ///
  /// SAFETY: the caller promises `0 <= row < count`.
  @unsafe @inline(__always)
  func begin(_ row: Int) -> Int { Int(unsafe befores[row &* beforeStride] &+ 1) }

  /// Where field `row` ends.
  ///
  /// SAFETY: the caller promises `0 <= row < count`.
  @unsafe @inline(__always)
  func end(_ row: Int) -> Int { Int(unsafe ends[row &* endStride]) }
}
