internal import PFCore

/// Collects which slots of a column hold a value. The bitmap is made with the first null: most
/// columns that may hold nulls hold none.
struct ValidityBuilder: ~Copyable {
  private(set) var count = 0
  private(set) var nullCount = 0
  private var bitmap: MutableBuffer?

  /// The bitmap, when there are nulls. Valid until the next append.
  var bits: UnsafeMutablePointer<UInt8>? {
    switch bitmap {
    case .some(let made): unsafe made.start.assumingMemoryBound(to: UInt8.self)
    case .none: nil
    }
  }

  mutating func appendValid(_ more: Int) throws(DecodingError) {
    if bitmap != nil {
      try grow(to: count + more)
      if let bits = unsafe bits { unsafe Bits.set(bits, start: count, count: more) }
    }
    count += more
  }

  mutating func appendNulls(_ more: Int) throws(DecodingError) {
    guard more > 0 else { return }
    try grow(to: count + more)
    count += more
    nullCount += more
  }

  /// Appends `more` bits of `source`, from bit `start` on.
  ///
  /// SAFETY: those bits are readable.
  mutating func appendBits(
    _ source: UnsafePointer<UInt8>, start: Int, count more: Int
  ) throws(DecodingError) {
    if bitmap == nil {
      if unsafe Bits.count(source, start: start, count: more) == more {
        count += more
        return
      }
    }
    try grow(to: count + more)
    guard let bits = unsafe bits else { return }
    let ones = unsafe Bits.copy(source, start: start, to: bits, start: count, count: more)
    count += more
    nullCount += more - ones
  }

  /// Makes the bitmap long enough for `slots`; new bits are 0, but those of slots that came before
  /// the bitmap was made are 1.
  private mutating func grow(to slots: Int) throws(DecodingError) {
    let byteCount = (slots + 7) >> 3
    if bitmap == nil {
      var made = try MutableBuffer.decoding(byteCount: max(byteCount, 64))
      try made.fillForDecoding(upTo: byteCount)
      unsafe Bits.set(made.start.assumingMemoryBound(to: UInt8.self), start: 0, count: count)
      bitmap = consume made
    } else {
      try bitmap?.fillForDecoding(upTo: byteCount)
    }
  }

  /// The bitmap, nil without nulls; the builder begins anew.
  mutating func finish() -> (bitmap: Buffer?, nullCount: Int) {
    let nulls = nullCount
    count = 0
    nullCount = 0
    guard let made = bitmap.take() else { return (nil, 0) }
    return (made.freeze(), nulls)
  }
}

extension MutableBuffer {
  /// As `init(byteCount:)`, with the error of decoders.
  static func decoding(byteCount: Int) throws(DecodingError) -> MutableBuffer {
    do throws(AllocationError) {
      return try MutableBuffer(byteCount: byteCount)
    } catch { throw .outOfMemory(byteCount: error.byteCount) }
  }

  /// As `reserve`, with the error of decoders. Declares the first `written` bytes in use before,
  /// as these alone move along.
  mutating func reserveForDecoding(
    _ byteCount: Int, keeping written: Int
  ) throws(DecodingError) {
    setByteCount(written)
    do throws(AllocationError) {
      try reserve(byteCount)
    } catch { throw .outOfMemory(byteCount: error.byteCount) }
  }

  /// As `fill(upTo:)` with zeros, with the error of decoders.
  mutating func fillForDecoding(upTo end: Int) throws(DecodingError) {
    do throws(AllocationError) {
      try fill(upTo: end)
    } catch { throw .outOfMemory(byteCount: error.byteCount) }
  }
}
