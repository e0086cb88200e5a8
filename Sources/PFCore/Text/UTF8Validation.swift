/// Checks that bytes are UTF-8 (Unicode, table 3-7, "Well-Formed UTF-8 Byte Sequences").
package enum UTF8Validation {
  /// What valid bytes hold.
  package enum Content { case ascii, multibyte }

  /// Checks `byteCount` bytes at `start`.
  ///
  /// SAFETY: the caller promises that they are readable.
  /// - Throws: `.invalidValue` with the offset of the first ill-formed sequence.
  @discardableResult
  package static func check(
    _ start: UnsafeRawPointer, byteCount: Int
  ) throws(DecodingError) -> Content {
    let head = unsafe asciiPrefix(start, byteCount: byteCount)
    if head == byteCount { return .ascii }
    try unsafe checkMultibyte(start, from: head, byteCount: byteCount)
    return .multibyte
  }

  /// Where the first ill-formed sequence among `byteCount` bytes begins; nil where there is none.
  ///
  /// SAFETY: as `check`.
  package static func firstWrong(_ start: UnsafeRawPointer, byteCount: Int) -> Int? {
    do throws(DecodingError) {
      try unsafe check(start, byteCount: byteCount)
      return nil
    } catch { return error.offset }
  }

  /// The length of the leading run of ASCII, or a little less.
  private static func asciiPrefix(_ start: UnsafeRawPointer, byteCount: Int) -> Int {
    var offset = 0
    while byteCount &- offset >= 64 {
      var seen = unsafe start.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
      unsafe seen |= start.loadUnaligned(fromByteOffset: offset &+ 16, as: SIMD16<UInt8>.self)
      unsafe seen |= start.loadUnaligned(fromByteOffset: offset &+ 32, as: SIMD16<UInt8>.self)
      unsafe seen |= start.loadUnaligned(fromByteOffset: offset &+ 48, as: SIMD16<UInt8>.self)
      let words = unsafe unsafeBitCast(seen, to: SIMD2<UInt64>.self)
      if (words[0] | words[1]) & 0x8080_8080_8080_8080 != 0 { return offset }
      offset &+= 64
    }
    while offset < byteCount, unsafe start.load(fromByteOffset: offset, as: UInt8.self) < 0x80 {
      offset &+= 1
    }
    return offset
  }

  private static func checkMultibyte(
    _ start: UnsafeRawPointer, from first: Int, byteCount: Int
  ) throws(DecodingError) {
    let bytes = unsafe start.assumingMemoryBound(to: UInt8.self)
    var offset = first
    while offset < byteCount {
      if byteCount &- offset >= 8,
        unsafe start.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
          & 0x8080_8080_8080_8080 == 0
      {
        offset &+= 8
        continue
      }
      let lead = unsafe bytes[offset]
      if lead < 0x80 {
        offset &+= 1
        continue
      }
      let length: Int
      var low: UInt8 = 0x80
      var high: UInt8 = 0xBF
      switch lead {
      case 0xC2...0xDF: length = 2
      case 0xE0: (length, low) = (3, 0xA0)
      case 0xED: (length, high) = (3, 0x9F)
      case 0xE1...0xEF: length = 3
      case 0xF0: (length, low) = (4, 0x90)
      case 0xF1...0xF3: length = 4
      case 0xF4: (length, high) = (4, 0x8F)
      default: throw .invalidValue(offset: offset)
      }
      guard length <= byteCount &- offset else { throw .invalidValue(offset: offset) }
      let second = unsafe bytes[offset &+ 1]
      guard second >= low, second <= high else { throw .invalidValue(offset: offset) }
      for index in 2..<max(2, length) {
        guard unsafe bytes[offset &+ index] & 0xC0 == 0x80 else {
          throw .invalidValue(offset: offset)
        }
      }
      offset &+= length
    }
  }
}
