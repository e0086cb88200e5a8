/// xxHash32 (xxhash_spec.md, section "XXH32"): the checksum of LZ4 frames.
package enum XXH32 {
  /// The hash of `bytes` with seed 0.
  package static func hash(_ bytes: Span<UInt8>) -> UInt32 {
    let raw = RawSpan(_elements: bytes)
    func lane(_ offset: Int) -> UInt32 {
      // SAFETY: checked against the span's bounds; every bit pattern is a UInt32.
      UInt32(littleEndian: unsafe raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
    var offset = 0
    var hash: UInt32
    if raw.byteCount >= 16 {
      var lanes = (prime1 &+ prime2, prime2, UInt32(0), 0 &- prime1)
      while offset <= raw.byteCount - 16 {
        lanes.0 = round(lanes.0, lane(offset))
        lanes.1 = round(lanes.1, lane(offset + 4))
        lanes.2 = round(lanes.2, lane(offset + 8))
        lanes.3 = round(lanes.3, lane(offset + 12))
        offset += 16
      }
      hash =
        rotate(lanes.0, 1) &+ rotate(lanes.1, 7) &+ rotate(lanes.2, 12) &+ rotate(lanes.3, 18)
    } else {
      hash = prime5
    }
    hash &+= UInt32(truncatingIfNeeded: raw.byteCount)
    while offset <= raw.byteCount - 4 {
      hash = rotate(hash &+ lane(offset) &* prime3, 17) &* prime4
      offset += 4
    }
    while offset < bytes.count {
      hash = rotate(hash &+ UInt32(bytes[offset]) &* prime5, 11) &* prime1
      offset += 1
    }
    hash = (hash ^ hash >> 15) &* prime2
    hash = (hash ^ hash >> 13) &* prime3
    return hash ^ hash >> 16
  }

  private static func round(_ accumulator: UInt32, _ lane: UInt32) -> UInt32 {
    rotate(accumulator &+ lane &* prime2, 13) &* prime1
  }

  private static func rotate(_ value: UInt32, _ count: UInt32) -> UInt32 {
    value &<< count | value &>> (32 &- count)
  }

  private static let prime1: UInt32 = 0x9E37_79B1
  private static let prime2: UInt32 = 0x85EB_CA77
  private static let prime3: UInt32 = 0xC2B2_AE3D
  private static let prime4: UInt32 = 0x27D4_EB2F
  private static let prime5: UInt32 = 0x1656_67B1
}
