internal import PFCore

/// Levels as bytes: a schema that is nested deeper than 127 levels is refused before.
enum LevelDecoding {
  /// The bits that levels up to `maximum` take (Encodings.md, "Run Length Encoding / Bit-Packing
  /// Hybrid").
  static func bitWidth(of maximum: Int) -> Int { Int.bitWidth - maximum.leadingZeroBitCount }

  /// Writes the next `count` levels to `target`.
  ///
  /// SAFETY: room for `count` bytes at `target`; a width of 8 bits at most.
  /// - Throws: `.invalidValue` for a level above `maximum`; what the reader throws.
  static func read(
    _ count: Int, from reader: inout RLEHybridReader, maximum: UInt8,
    into target: UnsafeMutablePointer<UInt8>
  ) throws(DecodingError) {
    var done = 0
    while done < count {
      switch try unsafe reader.next(limit: count - done) {
      case .repeated(let level, let run):
        guard level <= UInt32(maximum) else { throw .invalidValue(offset: 0) }
        unsafe (target + done).update(
          repeating: UInt8(truncatingIfNeeded: level), count: run)
        done += run
      case .packed(let source, let byteCount, let start, let run):
        try unsafe unpack(
          source, byteCount: byteCount, bitWidth: reader.bitWidth, start: start, count: run,
          maximum: maximum, into: target + done)
        done += run
      }
    }
  }

  /// Unpacks levels `start ..< start + count` of a bit-packed run to bytes.
  ///
  /// SAFETY: `byteCount` readable bytes at `source` that hold those levels of `bitWidth` bits
  /// (1...8); room for `count` bytes at `target`.
  /// - Throws: `.invalidValue` for a level above `maximum`.
  static func unpack(
    _ source: UnsafeRawPointer, byteCount: Int, bitWidth: Int, start: Int, count: Int,
    maximum: UInt8, into target: UnsafeMutablePointer<UInt8>
  ) throws(DecodingError) {
    unsafe unpack(
      source, byteCount: byteCount, bitWidth: bitWidth, start: start, count: count, into: target)
    // Where every pattern of the bits is a level, none is too large.
    guard maximum & (maximum &+ 1) != 0 else { return }
    var largest: UInt8 = 0
    for index in 0..<count { largest = unsafe max(largest, target[index]) }
    guard largest <= maximum else { throw .invalidValue(offset: 0) }
  }

  private static func unpack(
    _ source: UnsafeRawPointer, byteCount: Int, bitWidth: Int, start: Int, count: Int,
    into target: UnsafeMutablePointer<UInt8>
  ) {
    let bytes = unsafe source.assumingMemoryBound(to: UInt8.self)
    var index = 0
    // Up to the next group of eight, which starts on a byte.
    while index < count, (start + index) & 7 != 0 {
      unsafe target[index] = UInt8(
        truncatingIfNeeded: Bits.word(bytes, start: (start + index) * bitWidth, count: bitWidth))
      index += 1
    }
    // Whole groups, as long as a load of 8 bytes stays inside.
    let group = (start + index) >> 3
    let loadable = byteCount < 8 ? 0 : (byteCount - 8) / bitWidth + 1
    let groupCount = min((count - index) >> 3, max(0, loadable - group))
    if groupCount > 0 {
      unsafe unpackGroups(
        source + group * bitWidth, bitWidth: bitWidth, count: groupCount,
        into: UnsafeMutableRawPointer(target + index))
      index += groupCount * 8
    }
    while index < count {
      unsafe target[index] = UInt8(
        truncatingIfNeeded: Bits.word(bytes, start: (start + index) * bitWidth, count: bitWidth))
      index += 1
    }
  }

  /// WHY halves: eight values are spread over the bytes of a word in three steps, each of which
  /// moves the upper half of every lane, for any width and without a table.
  private static func unpackGroups(
    _ source: UnsafeRawPointer, bitWidth: Int, count: Int, into target: UnsafeMutableRawPointer
  ) {
    let width = UInt64(truncatingIfNeeded: bitWidth)
    let quads = lanes(of: 4 * width, every: 32)
    let pairs = lanes(of: 2 * width, every: 16)
    let singles = lanes(of: width, every: 8)
    var input = unsafe source
    for group in 0..<count {
      var word = unsafe input.loadUnaligned(as: UInt64.self)
      word = (word & quads.low) | ((word & quads.high) << (32 &- 4 &* width))
      word = (word & pairs.low) | ((word & pairs.high) << (16 &- 2 &* width))
      word = (word & singles.low) | ((word & singles.high) << (8 &- width))
      unsafe target.storeBytes(of: word, toByteOffset: group &* 8, as: UInt64.self)
      unsafe input += bitWidth
    }
  }

  /// In each pair of lanes of `spacing` bits: the `width` lowest bits, and the `width` next ones.
  private static func lanes(of width: UInt64, every spacing: UInt64) -> (low: UInt64, high: UInt64)
  {
    let ones: UInt64 = (1 << width) &- 1
    var low: UInt64 = 0
    var shift: UInt64 = 0
    while shift < 64 {
      low |= ones << shift
      shift += 2 * spacing
    }
    return (low, low << width)
  }
}
