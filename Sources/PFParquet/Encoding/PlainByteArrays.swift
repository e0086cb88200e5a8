internal import PFCore

/// A walk over PLAIN byte arrays: a length of four bytes, then the bytes (Encodings.md, "Plain").
///
/// SAFETY: whoever makes one promises that the bytes outlive it. It reads only inside them.
@unsafe struct PlainByteArrays {
  private let base: UnsafeRawPointer
  private let byteCount: Int
  private(set) var offset: Int

  init(_ bytes: UnsafeRawBufferPointer, offset: Int) {
    unsafe base = bytes.baseAddress ?? Buffer.empty.address
    unsafe byteCount = bytes.count
    unsafe self.offset = offset
  }

  var current: UnsafeRawPointer { unsafe base + offset }
  var remaining: Int { unsafe byteCount &- offset }

  /// Reads the length of the next value, which is then known to be there.
  @inline(__always)
  mutating func nextLength() throws(DecodingError) -> Int {
    guard unsafe remaining >= 4 else {
      throw unsafe .truncated(offset: offset, needed: 4 - remaining)
    }
    let length = unsafe Int(base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    unsafe offset &+= 4
    guard unsafe length <= remaining else {
      throw unsafe .truncated(offset: offset, needed: length - remaining)
    }
    return length
  }

  @inline(__always)
  mutating func skip(_ length: Int) { unsafe offset &+= length }

  mutating func next() throws(DecodingError) -> UnsafeRawBufferPointer {
    let length = try unsafe nextLength()
    defer { unsafe skip(length) }
    return unsafe UnsafeRawBufferPointer(start: current, count: length)
  }
}
