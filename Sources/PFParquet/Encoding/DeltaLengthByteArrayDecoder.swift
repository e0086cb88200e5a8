internal import PFCore

/// Byte arrays: all lengths as deltas, then all bytes (Encodings.md, "Delta-length byte array").
@safe final class DeltaLengthByteArrayDecoder: ByteArrayDecoder {
  private let lengths: DeltaBinaryPackedDecoder
  private let base: UnsafeRawPointer
  private let byteCount: Int
  /// The bytes of the next value.
  private var offset: Int
  private let ahead = LengthBlock()

  /// - Parameter limit: the most values that there can be.
  init(_ bytes: UnsafeRawBufferPointer, limit: Int) throws(DecodingError) {
    unsafe base = bytes.baseAddress ?? Buffer.empty.address
    byteCount = bytes.count
    lengths = try unsafe DeltaBinaryPackedDecoder(bytes, width: 4, limit: limit)
    offset = try lengths.endOffset()
  }

  var valueCount: Int { lengths.valueCount }
  var valuesLeft: Int { lengths.valuesLeft + ahead.count }

  func lengthsAhead() throws(DecodingError) -> UnsafeBufferPointer<Int32> {
    if ahead.count == 0 {
      let next = try unsafe UnsafeBufferPointer(
        ahead.fill(from: lengths, count: lengths.valuesLeft))
      // Lengths that are there may claim bytes that are not.
      let sum = try unsafe Self.sum(next)
      guard sum <= byteCount - offset else {
        throw .truncated(offset: offset, needed: sum - (byteCount - offset))
      }
    }
    return unsafe UnsafeBufferPointer(ahead.values)
  }

  /// - Throws: `.invalidValue` when one is negative.
  private static func sum(_ lengths: UnsafeBufferPointer<Int32>) throws(DecodingError) -> Int {
    var sum = 0
    var signs: Int32 = 0
    for index in 0..<lengths.count {
      let length = unsafe lengths[index]
      sum &+= Int(length)
      signs |= length
    }
    guard signs >= 0 else { throw .invalidValue(offset: 0) }
    return sum
  }

  /// The bytes of the next `count` values and those behind them in the page; moves past the values.
  ///
  /// - Precondition: `count` lengths are ahead.
  func take(_ count: Int) throws(DecodingError) -> (bytes: UnsafeRawBufferPointer, used: Int) {
    let used = try unsafe Self.sum(UnsafeBufferPointer(ahead.values.extracting(..<count)))
    let bytes = unsafe UnsafeRawBufferPointer(start: base + offset, count: byteCount - offset)
    ahead.advance(count)
    offset += used
    return unsafe (bytes, used)
  }

  func decode(
    _ count: Int, into target: UnsafeMutableRawPointer, capacity: Int
  ) throws(DecodingError) {
    let (bytes, used) = try unsafe take(count)
    guard used <= capacity else { throw .outOfMemory(byteCount: used) }
    if used > 0, let source = bytes.baseAddress {
      unsafe target.copyMemory(from: source, byteCount: used)
    }
  }
}

/// Lengths that are decoded ahead of the bytes they belong to.
@safe final class LengthBlock {
  private static let capacity = 2048
  private let start: UnsafeMutablePointer<Int32>
  private var position = 0
  private(set) var count = 0

  init() { unsafe start = .allocate(capacity: Self.capacity) }

  deinit { unsafe start.deallocate() }

  /// The lengths that are not used yet. Valid until the next call of `fill`.
  var values: UnsafeMutableBufferPointer<Int32> {
    unsafe UnsafeMutableBufferPointer(start: start + position, count: count)
  }

  /// Takes the next `wanted` lengths, or as many as it holds. Precondition: those before are used.
  func fill(
    from lengths: DeltaBinaryPackedDecoder, count wanted: Int
  ) throws(DecodingError) -> UnsafeMutableBufferPointer<Int32> {
    let more = min(wanted, Self.capacity)
    try unsafe lengths.decode(more, into: UnsafeMutableRawPointer(start))
    (position, count) = (0, more)
    return unsafe values
  }

  func advance(_ used: Int) {
    precondition(used >= 0 && used <= count, "lengths that are not there")
    position += used
    count -= used
  }
}
