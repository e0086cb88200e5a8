/// Operations on bitmaps behind raw pointers: bit `i` is bit `i % 8` of byte `i / 8`.
///
/// SAFETY, for all of them: the caller promises that every byte that holds a named bit is
/// readable, or writable for a target. No other byte is touched.
package enum Bits {
  /// Sets bits `start ..< start + count`.
  package static func set(_ target: UnsafeMutablePointer<UInt8>, start: Int, count: Int) {
    guard count > 0 else { return }
    let (first, last) = (start >> 3, (start + count - 1) >> 3)
    let head = UInt8(truncatingIfNeeded: 0xFF << (start & 7))
    let tail = UInt8(truncatingIfNeeded: 0xFF >> (7 - ((start + count - 1) & 7)))
    if first == last {
      unsafe target[first] |= head & tail
      return
    }
    unsafe target[first] |= head
    unsafe (target + first + 1).update(repeating: 0xFF, count: last - first - 1)
    unsafe target[last] |= tail
  }

  /// Clears bits `start ..< start + count`.
  package static func clear(_ target: UnsafeMutablePointer<UInt8>, start: Int, count: Int) {
    guard count > 0 else { return }
    let (first, last) = (start >> 3, (start + count - 1) >> 3)
    let head = UInt8(truncatingIfNeeded: 0xFF << (start & 7))
    let tail = UInt8(truncatingIfNeeded: 0xFF >> (7 - ((start + count - 1) & 7)))
    if first == last {
      unsafe target[first] &= ~(head & tail)
      return
    }
    unsafe target[first] &= ~head
    unsafe (target + first + 1).update(repeating: 0, count: last - first - 1)
    unsafe target[last] &= ~tail
  }

  /// The `count` bits from `start` in the low bits of a word. Precondition: `0 <= count <= 64`.
  @inline(__always)
  package static func word(_ source: UnsafePointer<UInt8>, start: Int, count: Int) -> UInt64 {
    guard count > 0 else { return 0 }
    let shift = UInt64(truncatingIfNeeded: start & 7)
    let bytes = unsafe UnsafeRawPointer(source) + (start >> 3)
    let needed = (start & 7 + count + 7) >> 3
    var low: UInt64 = 0
    if needed >= 8 {
      unsafe low = bytes.loadUnaligned(as: UInt64.self) >> shift
      if needed > 8 {
        unsafe low |= UInt64(bytes.load(fromByteOffset: 8, as: UInt8.self)) << (64 - shift)
      }
    } else {
      for index in 0..<needed {
        unsafe low |=
          UInt64(bytes.load(fromByteOffset: index, as: UInt8.self))
          << UInt64(truncatingIfNeeded: index * 8)
      }
      low >>= shift
    }
    return count == 64 ? low : low & ((1 << UInt64(truncatingIfNeeded: count)) - 1)
  }

  /// Writes the low `count` bits of `word` from bit `start` on, where the target's bits are 0.
  @inline(__always)
  private static func or(
    _ word: UInt64, into target: UnsafeMutablePointer<UInt8>, start: Int, count: Int
  ) {
    var rest = word
    var position = start
    var left = count
    while left > 0 {
      let room = min(8 - position & 7, left)
      let bits = UInt8(truncatingIfNeeded: rest & ((1 << UInt64(truncatingIfNeeded: room)) - 1))
      unsafe target[position >> 3] |= bits << UInt8(truncatingIfNeeded: position & 7)
      rest >>= UInt64(truncatingIfNeeded: room)
      position += room
      left -= room
    }
  }

  /// Copies `count` bits over bits of the target that are 0, and counts the set ones.
  package static func copy(
    _ source: UnsafePointer<UInt8>, start sourceStart: Int,
    to target: UnsafeMutablePointer<UInt8>, start targetStart: Int, count: Int
  ) -> Int {
    var done = 0
    var ones = 0
    // A byte border in the target first, then whole words.
    let head = min(count, (8 - targetStart & 7) & 7)
    if head > 0 {
      let bits = unsafe word(source, start: sourceStart, count: head)
      ones += bits.nonzeroBitCount
      unsafe or(bits, into: target, start: targetStart, count: head)
      done = head
    }
    while count - done >= 64 {
      let bits = unsafe word(source, start: sourceStart + done, count: 64)
      ones += bits.nonzeroBitCount
      unsafe UnsafeMutableRawPointer(target + (targetStart + done) >> 3)
        .storeBytes(of: bits, as: UInt64.self)
      done += 64
    }
    if done < count {
      let bits = unsafe word(source, start: sourceStart + done, count: count - done)
      ones += bits.nonzeroBitCount
      unsafe or(bits, into: target, start: targetStart + done, count: count - done)
    }
    return ones
  }

  /// The set bits among `start ..< start + count`.
  package static func count(_ source: UnsafePointer<UInt8>, start: Int, count: Int) -> Int {
    var ones = 0
    var done = 0
    while done < count {
      let take = min(64, count - done)
      unsafe ones += word(source, start: start + done, count: take).nonzeroBitCount
      done += take
    }
    return ones
  }
}
