internal import PFCore

/// Byte arrays that share a prefix with the value before them: prefix lengths as deltas, then the
/// suffixes (Encodings.md, "Delta Strings").
@safe final class DeltaByteArrayDecoder: ByteArrayDecoder {
  private let prefixes: DeltaBinaryPackedDecoder
  private let suffixes: DeltaLengthByteArrayDecoder
  /// The whole lengths of the values ahead.
  private let ahead = LengthBlock()
  /// The length of the last value ahead.
  private var lastLength = 0
  /// The value before the next one. Invariant: as long as that one's prefix, at least.
  private var previous: MutableBuffer

  /// - Parameter limit: the most values that there can be.
  init(_ bytes: UnsafeRawBufferPointer, limit: Int) throws(DecodingError) {
    prefixes = try unsafe DeltaBinaryPackedDecoder(bytes, width: 4, limit: limit)
    let end = try prefixes.endOffset()
    let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[end...])
    suffixes = try unsafe DeltaLengthByteArrayDecoder(rest, limit: limit)
    guard prefixes.valueCount == suffixes.valueCount else { throw .invalidValue(offset: end) }
    previous = try MutableBuffer.decoding(byteCount: ShortCopies.reach)
  }

  var valuesLeft: Int { suffixes.valuesLeft }

  func lengthsAhead() throws(DecodingError) -> UnsafeBufferPointer<Int32> {
    if ahead.count == 0 {
      let suffixLengths = try unsafe suffixes.lengthsAhead()
      let lengths = try unsafe ahead.fill(from: prefixes, count: suffixLengths.count)
      var last = lastLength
      for index in 0..<lengths.count {
        let prefix = unsafe Int(lengths[index])
        guard prefix >= 0, prefix <= last else { throw .invalidValue(offset: 0) }
        // No value is longer than all suffixes of the page together: 32 bits hold it.
        last = unsafe prefix + Int(suffixLengths[index])
        unsafe lengths[index] = Int32(truncatingIfNeeded: last)
      }
      lastLength = last
    }
    return unsafe UnsafeBufferPointer(ahead.values)
  }

  func decode(
    _ count: Int, into start: UnsafeMutableRawPointer, capacity: Int
  ) throws(DecodingError) {
    guard count > 0 else { return }
    let lengths = unsafe ahead.values
    let suffixLengths = try unsafe suffixes.lengthsAhead()
    let (suffixBytes, _) = try unsafe suffixes.take(count)
    var source = unsafe suffixBytes.baseAddress ?? UnsafeRawPointer(start)
    var sourceLeft = suffixBytes.count
    var target = unsafe start
    var left = capacity
    var before = unsafe UnsafeRawPointer(previous.start)
    var length = 0
    for index in 0..<count {
      length = unsafe Int(lengths[index])
      let suffix = unsafe Int(suffixLengths[index])
      let prefix = length &- suffix
      guard length <= left else { throw .outOfMemory(byteCount: length) }
      // SAFETY: `lengthsAhead` made sure of what is there to copy, the guard of the room for it.
      // Short copies reach further: in the page, in the room, and in `before`, which is in the
      // room in front of `target` or has spare bytes.
      if prefix <= ShortCopies.reach && suffix <= ShortCopies.reach
        && sourceLeft >= ShortCopies.reach && left >= 2 * ShortCopies.reach
      {
        unsafe ShortCopies.copy(prefix, from: before, to: target)
        unsafe ShortCopies.copy(suffix, from: source, to: target + prefix)
      } else {
        unsafe target.copyMemory(from: before, byteCount: prefix)
        unsafe (target + prefix).copyMemory(from: source, byteCount: suffix)
      }
      unsafe before = UnsafeRawPointer(target)
      unsafe target += length
      unsafe source += suffix
      left &-= length
      sourceLeft &-= suffix
    }
    ahead.advance(count)
    // The target may move or go before the next value comes.
    try previous.reserveForDecoding(length + ShortCopies.reach, keeping: 0)
    unsafe previous.start.copyMemory(from: before, byteCount: length)
  }
}

/// Copies of short strings in sizes of 32 bytes: lengths are noise to the branch predictor.
private enum ShortCopies {
  static let reach = 64

  /// Copies `length` bytes or more.
  ///
  /// SAFETY: `length <= reach`, `reach` bytes are readable and writable. The source may end in the
  /// target: what is behind it is then not wanted.
  @inline(__always)
  static func copy(
    _ length: Int, from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer
  ) {
    unsafe Vectors.copy(2, from: source, to: target)
    if length > 32 { unsafe Vectors.copy(2, from: source + 32, to: target + 32) }
  }
}
