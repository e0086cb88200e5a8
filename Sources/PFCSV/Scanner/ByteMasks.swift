internal import Builtin

/// 64 bytes of input, compared with single bytes all at once.
///
/// WHY Builtin: a comparison of Swift's SIMD types does not lower to the two instructions that give
/// its bits (compare, move mask) but to a hundred. `PortableBytes64` is the same in plain Swift; a
/// test holds the two against each other.
struct Bytes64 {
  private let a, b, c, d: SIMD16<UInt8>

  /// SAFETY: the caller promises 64 readable bytes.
  @inline(__always)
  init(_ start: UnsafePointer<UInt8>) {
    let raw = unsafe UnsafeRawPointer(start)
    unsafe a = raw.loadUnaligned(as: SIMD16<UInt8>.self)
    unsafe b = raw.loadUnaligned(fromByteOffset: 16, as: SIMD16<UInt8>.self)
    unsafe c = raw.loadUnaligned(fromByteOffset: 32, as: SIMD16<UInt8>.self)
    unsafe d = raw.loadUnaligned(fromByteOffset: 48, as: SIMD16<UInt8>.self)
  }

  /// Bit `i` says whether byte `i` is `byte`.
  @inline(__always)
  func mask(of byte: UInt8) -> UInt64 {
    let wanted = SIMD16<UInt8>(repeating: byte)
    return Self.joined(
      Self.bits(a, wanted), Self.bits(b, wanted), Self.bits(c, wanted), Self.bits(d, wanted))
  }

  /// Bit `i` says whether byte `i` is `first` or `second`.
  @inline(__always)
  func mask(of first: UInt8, or second: UInt8) -> UInt64 {
    let (one, two) = (SIMD16<UInt8>(repeating: first), SIMD16<UInt8>(repeating: second))
    return Self.joined(
      Self.bits(a, one, two), Self.bits(b, one, two), Self.bits(c, one, two),
      Self.bits(d, one, two))
  }

  /// Adds one to a lane for each of its four bytes that is `byte`.
  @inline(__always)
  func count(_ byte: UInt8, in lanes: inout SIMD16<UInt8>) {
    let wanted = SIMD16<UInt8>(repeating: byte)
    // What is equal is -1.
    lanes = (lanes &- Self.equal(a, wanted) &- Self.equal(b, wanted))
    lanes = (lanes &- Self.equal(c, wanted) &- Self.equal(d, wanted))
  }

  @inline(__always)
  private static func equal(_ left: SIMD16<UInt8>, _ right: SIMD16<UInt8>) -> SIMD16<UInt8> {
    var result = SIMD16<UInt8>()
    result._storage._value = Builtin.sext_Vec16xInt1_Vec16xInt8(
      Builtin.cmp_eq_Vec16xInt8(left._storage._value, right._storage._value))
    return result
  }

  /// Whether one of the bytes is `first` or `second`.
  @inline(__always)
  func contains(_ first: UInt8, or second: UInt8) -> Bool {
    let (one, two) = (SIMD16<UInt8>(repeating: first), SIMD16<UInt8>(repeating: second))
    return Self.anyOf(a, b, c, d, one, two)
  }

  /// The bytes or-ed together, lane by lane.
  @inline(__always)
  var union: SIMD16<UInt8> { (a | b) | (c | d) }

  @inline(__always)
  private static func bits(_ left: SIMD16<UInt8>, _ right: SIMD16<UInt8>) -> UInt16 {
    UInt16(
      Builtin.bitcast_Vec16xInt1_Int16(
        Builtin.cmp_eq_Vec16xInt8(left._storage._value, right._storage._value)))
  }

  @inline(__always)
  private static func bits(
    _ bytes: SIMD16<UInt8>, _ one: SIMD16<UInt8>, _ two: SIMD16<UInt8>
  ) -> UInt16 {
    UInt16(
      Builtin.bitcast_Vec16xInt1_Int16(
        Builtin.or_Vec16xInt1(
          Builtin.cmp_eq_Vec16xInt8(bytes._storage._value, one._storage._value),
          Builtin.cmp_eq_Vec16xInt8(bytes._storage._value, two._storage._value))))
  }

  @inline(__always)
  private static func anyOf(
    _ a: SIMD16<UInt8>, _ b: SIMD16<UInt8>, _ c: SIMD16<UInt8>, _ d: SIMD16<UInt8>,
    _ one: SIMD16<UInt8>, _ two: SIMD16<UInt8>
  ) -> Bool {
    let (x, y) = (one._storage._value, two._storage._value)
    let first = Builtin.or_Vec16xInt1(
      Builtin.or_Vec16xInt1(
        Builtin.cmp_eq_Vec16xInt8(a._storage._value, x),
        Builtin.cmp_eq_Vec16xInt8(b._storage._value, x)),
      Builtin.or_Vec16xInt1(
        Builtin.cmp_eq_Vec16xInt8(c._storage._value, x),
        Builtin.cmp_eq_Vec16xInt8(d._storage._value, x)))
    let second = Builtin.or_Vec16xInt1(
      Builtin.or_Vec16xInt1(
        Builtin.cmp_eq_Vec16xInt8(a._storage._value, y),
        Builtin.cmp_eq_Vec16xInt8(b._storage._value, y)),
      Builtin.or_Vec16xInt1(
        Builtin.cmp_eq_Vec16xInt8(c._storage._value, y),
        Builtin.cmp_eq_Vec16xInt8(d._storage._value, y)))
    return UInt16(Builtin.bitcast_Vec16xInt1_Int16(Builtin.or_Vec16xInt1(first, second))) != 0
  }

  @inline(__always)
  private static func joined(_ a: UInt16, _ b: UInt16, _ c: UInt16, _ d: UInt16) -> UInt64 {
    UInt64(a) | UInt64(b) &<< 16 | UInt64(c) &<< 32 | UInt64(d) &<< 48
  }
}

/// 16 bytes, compared at once.
struct Bytes16 {
  let lanes: SIMD16<UInt8>

  /// SAFETY: the caller promises 16 readable bytes.
  @inline(__always)
  init(_ start: UnsafePointer<UInt8>) {
    unsafe lanes = UnsafeRawPointer(start).loadUnaligned(as: SIMD16<UInt8>.self)
  }

  /// Bit `i` says whether byte `i` is `byte`.
  @inline(__always)
  func mask(of byte: UInt8) -> UInt16 {
    let wanted = SIMD16<UInt8>(repeating: byte)
    return UInt16(
      Builtin.bitcast_Vec16xInt1_Int16(
        Builtin.cmp_eq_Vec16xInt8(lanes._storage._value, wanted._storage._value)))
  }
}

/// What `Bytes64` gives, eight bytes at a time and without vectors.
struct PortableBytes64 {
  private let words: SIMD8<UInt64>

  /// SAFETY: the caller promises 64 readable bytes.
  init(_ start: UnsafePointer<UInt8>) {
    unsafe words = UnsafeRawPointer(start).loadUnaligned(as: SIMD8<UInt64>.self)
  }

  /// As `Bytes64.mask(of:)`.
  func mask(of byte: UInt8) -> UInt64 {
    var mask: UInt64 = 0
    for index in 0..<8 {
      let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
      let difference = UInt64(littleEndian: words[index]) ^ (0x0101_0101_0101_0101 &* UInt64(byte))
      // The high bit of each byte that is zero, exactly.
      let zeros = ~(((difference & low) &+ low) | difference | low)
      // Gathers the eight high bits into one byte.
      let bits = ((zeros &>> 7) &* 0x0102_0408_1020_4080) &>> 56
      mask |= bits &<< UInt64(truncatingIfNeeded: index &* 8)
    }
    return mask
  }
}

/// Bit `i` of the result is the parity of bits `0...i`: whether byte `i` lies behind an odd number
/// of quotes.
@inline(__always)
func prefixParity(_ bits: UInt64) -> UInt64 {
  var bits = bits
  bits ^= bits &<< 1
  bits ^= bits &<< 2
  bits ^= bits &<< 4
  bits ^= bits &<< 8
  bits ^= bits &<< 16
  bits ^= bits &<< 32
  return bits
}

/// The index of the lowest set bit; any number where none is set.
///
/// WHY Builtin: `trailingZeroBitCount` is 64 for no bits, which takes an instruction more for each.
@inline(__always)
func lowestBit(_ bits: UInt64) -> UInt32 {
  UInt32(truncatingIfNeeded: UInt64(Builtin.int_cttz_Int64(bits._value, true._value)))
}
