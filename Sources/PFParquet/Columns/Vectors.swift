/// Copies of short strings in vectors of 16 bytes.
enum Vectors {
  /// Copies `16 * count` bytes.
  ///
  /// SAFETY: as many readable and writable bytes; the ranges do not overlap.
  @inline(__always)
  static func copy(
    _ count: Int, from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer
  ) {
    for vector in 0..<count {
      let bytes = unsafe source.loadUnaligned(
        fromByteOffset: vector &* 16, as: SIMD16<UInt8>.self)
      unsafe target.storeBytes(of: bytes, toByteOffset: vector &* 16, as: SIMD16<UInt8>.self)
    }
  }
}
