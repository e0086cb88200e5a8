/// XXH64 (xxHash_spec.md): the content checksum of Zstandard, the hash of Parquet's bloom filters.
package struct XXH64: Sendable {
  private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
  private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
  private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
  private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

  private let seed: UInt64
  private var lanes: SIMD4<UInt64>
  private var byteCount = 0
  /// What did not fill a stripe of 32 bytes yet: the first `byteCount % 32` bytes.
  private var tail = InlineArray<32, UInt8>(repeating: 0)

  /// The hash of no bytes.
  package init(seed: UInt64 = 0) {
    self.seed = seed
    lanes = SIMD4(
      seed &+ Self.prime1 &+ Self.prime2, seed &+ Self.prime2, seed, seed &- Self.prime1)
  }

  /// The hash of `bytes`.
  package static func hash(_ bytes: Span<UInt8>, seed: UInt64 = 0) -> UInt64 {
    var hash = XXH64(seed: seed)
    let rest = hash.consumeStripes(bytes)
    hash.byteCount = bytes.count
    return hash.finish(bytes.extracting(rest...))
  }

  /// The hash of the four bytes of `value`, the lowest first.
  @inlinable
  package static func hash(_ value: UInt32, seed: UInt64 = 0) -> UInt64 {
    avalanche(mix(seed &+ 0x27D4_EB2F_1656_67C5 &+ 4, value))
  }

  /// The hash of the eight bytes of `value`, the lowest first.
  @inlinable
  package static func hash(_ value: UInt64, seed: UInt64 = 0) -> UInt64 {
    avalanche(mix(seed &+ 0x27D4_EB2F_1656_67C5 &+ 8, value))
  }

  /// Appends `bytes`; any split of an input gives the same value.
  package mutating func update(_ bytes: Span<UInt8>) {
    var start = 0
    let held = byteCount & 31
    byteCount &+= bytes.count
    if held > 0 {
      start = min(32 - held, bytes.count)
      for index in 0..<start { tail[held + index] = bytes[index] }
      guard held + start == 32 else { return }
      let stripe = tail
      _ = consumeStripes(stripe.span)
    }
    start += consumeStripes(bytes.extracting(start...))
    for index in start..<bytes.count { tail[index - start] = bytes[index] }
  }

  /// The hash of all bytes so far.
  package var value: UInt64 { finish(tail.span.extracting(first: byteCount & 31)) }

  /// Mixes all whole stripes into the lanes; gives the bytes that it took.
  @inline(__always)
  private mutating func consumeStripes(_ bytes: Span<UInt8>) -> Int {
    let raw = RawSpan(_elements: bytes)
    var offset = 0
    var (a, b, c, d) = (lanes[0], lanes[1], lanes[2], lanes[3])
    while offset <= raw.byteCount - 32 {
      a = Self.round(a, Self.word(raw, offset))
      b = Self.round(b, Self.word(raw, offset + 8))
      c = Self.round(c, Self.word(raw, offset + 16))
      d = Self.round(d, Self.word(raw, offset + 24))
      offset += 32
    }
    lanes = SIMD4(a, b, c, d)
    return offset
  }

  /// The value, when `tail` are the bytes behind the last stripe.
  private func finish(_ tail: Span<UInt8>) -> UInt64 {
    var hash = seed &+ Self.prime5
    if byteCount >= 32 {
      hash =
        Self.rotate(lanes[0], 1) &+ Self.rotate(lanes[1], 7) &+ Self.rotate(lanes[2], 12)
        &+ Self.rotate(lanes[3], 18)
      for lane in 0..<4 {
        hash = (hash ^ Self.round(0, lanes[lane])) &* Self.prime1 &+ Self.prime4
      }
    }
    hash &+= UInt64(truncatingIfNeeded: byteCount)

    let raw = RawSpan(_elements: tail)
    var offset = 0
    while offset <= raw.byteCount - 8 {
      hash = Self.mix(hash, Self.word(raw, offset))
      offset += 8
    }
    if offset <= raw.byteCount - 4 {
      // SAFETY: checked against the span's bounds; every bit pattern is a UInt32.
      let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)
      hash = Self.mix(hash, UInt32(littleEndian: word))
      offset += 4
    }
    while offset < tail.count {
      hash ^= UInt64(tail[offset]) &* Self.prime5
      hash = Self.rotate(hash, 11) &* Self.prime1
      offset += 1
    }
    return Self.avalanche(hash)
  }

  @inline(__always)
  private static func word(_ bytes: RawSpan, _ offset: Int) -> UInt64 {
    // SAFETY: checked against the span's bounds; every bit pattern is a UInt64.
    UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  @inline(__always) @inlinable
  package static func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 {
    value &<< count | value &>> (64 &- count)
  }

  @inline(__always)
  private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
    rotate(lane &+ word &* prime2, 31) &* prime1
  }

  @inline(__always) @inlinable
  package static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
    let lane = rotate(word &* 0xC2B2_AE3D_27D4_EB4F, 31) &* 0x9E37_79B1_85EB_CA87
    return rotate(hash ^ lane, 27) &* 0x9E37_79B1_85EB_CA87 &+ 0x85EB_CA77_C2B2_AE63
  }

  @inline(__always) @inlinable
  package static func mix(_ hash: UInt64, _ word: UInt32) -> UInt64 {
    let lane = UInt64(word) &* 0x9E37_79B1_85EB_CA87
    return rotate(hash ^ lane, 23) &* 0xC2B2_AE3D_27D4_EB4F &+ 0x1656_67B1_9E37_79F9
  }

  @inline(__always) @inlinable
  package static func avalanche(_ hash: UInt64) -> UInt64 {
    var hash = (hash ^ hash &>> 33) &* 0xC2B2_AE3D_27D4_EB4F
    hash = (hash ^ hash &>> 29) &* 0x1656_67B1_9E37_79F9
    return hash ^ hash &>> 32
  }
}
