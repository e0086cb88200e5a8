internal import PFArrow
internal import PFCore

/// The growing values of one column in Arrow's layout, fed by pages.
///
/// For each stretch of a page: `append…` puts the values that are there densely behind the slots
/// that are done, then `spread` moves them to the valid slots and counts the stretch as done. A
/// subclass knows one layout; the classes are chosen once a column chunk, never per value.
class ColumnOutput {
  /// Slots that are done.
  final var slotCount = 0
  /// The slots that the array in the making is expected to have: a hint for memory.
  final var expectedSlotCount = 0
  /// The bytes that its values are expected to have where their lengths differ: such a hint, too.
  final var expectedByteCount = 0
  /// As much memory as may be set aside for them.
  final var plausibleByteCount = 0

  /// Bytes that the values of the array in the making have apart from their slots.
  var valueByteCount: Int { 0 }

  /// How many more values may be appended before the array must end; `byteCount` bytes of values
  /// are left in the page. Arrays with 32-bit offsets hold 2 GiB.
  func roomForValues(plainByteCount: Int) -> Int { .max }

  /// As `roomForValues(plainByteCount:)` for values of the dictionary.
  func roomForIndices() -> Int { .max }

  /// Whether the array should end with the row: a row of lists may span pages, so that room for
  /// what is left of it must be kept.
  var isHalfFull: Bool { false }

  /// Takes over the values of a dictionary page: `count` values PLAIN in `bytes`.
  func setDictionary(_ bytes: UnsafeRawBufferPointer, count: Int) throws(DecodingError) {}

  /// Appends `count` PLAIN values, with room for `slots` slots; returns the bytes taken.
  func appendPlain(
    _ bytes: UnsafeRawBufferPointer, count: Int, slots: Int, position: inout PlainPosition
  ) throws(DecodingError) {}

  /// Appends `count` values of the dictionary, with room for `slots` slots.
  func appendIndices(
    _ indices: inout RLEHybridReader, count: Int, slots: Int, scratch: IndexScratch
  ) throws(DecodingError) {}

  /// Appends the next `count` values of a decoder, with room for `slots` slots.
  func append(
    _ values: any FixedWidthDecoder, count: Int, slots: Int
  ) throws(DecodingError) {
    let (byteCount, overflow) = count.multipliedReportingOverflow(by: values.width)
    guard !overflow else { throw .outOfMemory(byteCount: .max) }
    let plain = try MutableBuffer.decoding(byteCount: byteCount)
    try unsafe values.decode(count, into: plain.start)
    var position = PlainPosition()
    try unsafe appendPlain(
      UnsafeRawBufferPointer(start: plain.start, count: byteCount), count: count, slots: slots,
      position: &position)
  }

  /// Appends the next `count` values of a decoder, with room for `slots` slots.
  ///
  /// - Precondition: as many lengths are ahead, or fewer values are left.
  func append(
    _ values: any ByteArrayDecoder, count: Int, slots: Int
  ) throws(DecodingError) {
    let lengths = try unsafe values.lengthsAhead()
    guard count <= lengths.count else { throw .truncated(offset: 0, needed: count) }
    var byteCount = 0
    for index in 0..<count { unsafe byteCount += Int(lengths[index]) }
    let bytes = try MutableBuffer.decoding(byteCount: byteCount)
    try unsafe values.decode(count, into: bytes.start, capacity: byteCount)
    let plainByteCount = byteCount + 4 * count
    let plain = try MutableBuffer.decoding(byteCount: plainByteCount)
    var (source, target) = unsafe (bytes.start, plain.start)
    for index in 0..<count {
      let length = unsafe lengths[index]
      unsafe target.storeBytes(of: length, as: Int32.self)
      unsafe (target + 4).copyMemory(from: source, byteCount: Int(length))
      unsafe source += Int(length)
      unsafe target += 4 + Int(length)
    }
    var position = PlainPosition()
    try unsafe appendPlain(
      UnsafeRawBufferPointer(start: plain.start, count: plainByteCount), count: count,
      slots: slots, position: &position)
  }

  /// Ends a stretch of `slots` slots, `values` of them valid by `bits` from bit `slotCount` on.
  func spread(values: Int, slots: Int, bits: UnsafePointer<UInt8>?) {}

  /// The array of all slots; the output begins anew.
  func finish(
    type: DataType, validity: Buffer?, nullCount: Int
  ) throws(DecodingError) -> ArrowArray {
    throw .invalidValue(offset: 0)
  }
}

/// How far the PLAIN values of a page have been read.
struct PlainPosition {
  var offset = 0
  /// Booleans are bits.
  var bit = 0
}

/// Room for the indices of one stretch.
@safe final class IndexScratch {
  static let capacity = 1024
  let indices: UnsafeMutablePointer<UInt32>

  init() { unsafe indices = .allocate(capacity: Self.capacity) }

  deinit { unsafe indices.deallocate() }
}
