/// The 64-bit xxHash: Parquet's Bloom filters (with seed 0) and the checksum of Zstandard frames.
///
/// Specification: github.com/Cyan4973/xxHash, `doc/xxhash_spec.md`, "XXH64 Algorithm Description".
package enum XXH64 {
  private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
  private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
  private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
  private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

  /// The hash of `bytes`.
  ///
  /// - Complexity: O(`bytes.count`), 32 bytes a step.
  package static func hash(_ bytes: Span<UInt8>, seed: UInt64 = 0) -> UInt64 {
    let raw = RawSpan(_elements: bytes)
    let count = raw.byteCount
    var offset = 0
    var hash: UInt64
    if count >= 32 {
      var a = seed &+ prime1 &+ prime2
      var b = seed &+ prime2
      var c = seed
      var d = seed &- prime1
      while offset <= count &- 32 {
        a = round(a, word(raw, at: offset))
        b = round(b, word(raw, at: offset &+ 8))
        c = round(c, word(raw, at: offset &+ 16))
        d = round(d, word(raw, at: offset &+ 24))
        offset &+= 32
      }
      hash = rotate(a, 1) &+ rotate(b, 7) &+ rotate(c, 12) &+ rotate(d, 18)
      hash = merge(merge(merge(merge(hash, a), b), c), d)
    } else {
      hash = seed &+ prime5
    }
    hash &+= UInt64(count)

    while offset <= count &- 8 {
      hash = rotate(hash ^ round(0, word(raw, at: offset)), 27) &* prime1 &+ prime4
      offset &+= 8
    }
    if offset <= count &- 4 {
      // Checked against the bounds of the span; every bit pattern is a UInt32.
      let half = unsafe raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)
      hash =
        rotate(hash ^ UInt64(UInt32(littleEndian: half)) &* prime1, 23) &* prime2 &+ prime3
      offset &+= 4
    }
    while offset < count {
      hash = rotate(hash ^ UInt64(bytes[offset]) &* prime5, 11) &* prime1
      offset &+= 1
    }

    hash = (hash ^ hash >> 33) &* prime2
    hash = (hash ^ hash >> 29) &* prime3
    return hash ^ hash >> 32
  }

  @inline(__always)
  private static func word(_ raw: RawSpan, at offset: Int) -> UInt64 {
    // Checked against the bounds of the span; every bit pattern is a UInt64.
    UInt64(littleEndian: unsafe raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  @inline(__always)
  private static func rotate(_ value: UInt64, _ bits: UInt64) -> UInt64 {
    value &<< bits | value &>> (64 &- bits)
  }

  @inline(__always)
  private static func round(_ accumulator: UInt64, _ word: UInt64) -> UInt64 {
    rotate(accumulator &+ word &* prime2, 31) &* prime1
  }

  @inline(__always)
  private static func merge(_ hash: UInt64, _ accumulator: UInt64) -> UInt64 {
    (hash ^ round(0, accumulator)) &* prime1 &+ prime4
  }
}
