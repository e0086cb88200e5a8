/// Copies of an LZ77 decoder, whose source may be the bytes that the same copy has just written.
///
/// Unsafe precondition of all: `1 <= distance`, the source begins `distance` bytes before the
/// target, and the target is writable for the count and 32 bytes more.
enum MatchCopy {
  /// Copies `count` bytes from `distance` bytes back.
  @inline(__always)
  static func copy(to target: UnsafeMutableRawPointer, distance: Int, count: Int) {
    guard distance >= 16 else { return unsafe extendPattern(to: target, distance, count) }
    unsafe copyAhead(source(of: target, distance), to: target, count: count)
  }

  /// Copies `count` bytes from 16 or more before `target`, or from elsewhere: in ascending vectors,
  /// each of which reads only what is written. The source is readable for 31 bytes more, too.
  @inline(__always)
  static func copyAhead(
    _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, count: Int
  ) {
    unsafe copyVector(source, to: target, at: 0)
    guard count > 16 else { return }
    unsafe copyVector(source, to: target, at: 16)
    var done = 32
    while done < count {
      unsafe copyVector(source, to: target, at: done)
      unsafe copyVector(source, to: target, at: done &+ 16)
      done &+= 32
    }
  }

  /// Copies `count` bytes of the input, exactly.
  ///
  /// Some processors move strings at a tenth of their speed where the target is less than 64 bytes
  /// further in its page than the source (Zen 3: 1.5 instead of 16 GB/s), as it happens to be in
  /// one of 64 copies: those are made in parts, for which the C library uses vectors.
  /// SAFETY: both sides hold `count` bytes; no slack is needed.
  @inline(__always)
  static func copyLiterals(
    _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, count: Int
  ) {
    let isSlow = (UInt(bitPattern: target) &- UInt(bitPattern: source)) & 4095 < 64
    guard isSlow, count > 2048 else {
      unsafe target.copyMemory(from: source, byteCount: count)
      return
    }
    unsafe copyInParts(source, to: target, count: count)
  }

  @inline(never)
  private static func copyInParts(
    _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, count: Int
  ) {
    var done = 0
    while done < count {
      let part = min(count &- done, 2048)
      unsafe (target + done).copyMemory(from: source + done, byteCount: part)
      done &+= part
    }
  }

  /// Where a copy to `target` begins.
  @inline(__always)
  static func source(
    of target: UnsafeMutableRawPointer, _ distance: Int
  ) -> UnsafeRawPointer {
    unsafe UnsafeRawPointer(target + (0 &- distance))
  }

  /// Continues the pattern of `distance` (below 16) bytes that ends at `target`.
  ///
  /// Sixteen bytes of it are made in registers: from memory, each load would span several stores
  /// that are still on their way, and wait for them.
  @inline(__always)
  static func extendPattern(to target: UnsafeMutableRawPointer, _ distance: Int, _ count: Int) {
    let source = unsafe source(of: target, distance)
    var low = unsafe source.loadUnaligned(as: UInt64.self)
    var high: UInt64
    if distance > 8 {
      let bits = UInt64((distance &- 8) &<< 3)
      high = unsafe source.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
      high = (high & ((1 &<< bits) &- 1)) | (low &<< bits)
    } else {
      // SAFETY: `1 <= distance <= 8`, within the tables.
      let repeater = unsafe patternRepeater[unchecked: distance]
      let turn = unsafe patternTurn[unchecked: distance]
      let bits = UInt64(distance &<< 3)
      let mask = UInt64.max &>> (64 &- bits)
      low &= mask
      high = (((low &>> turn) | (low &<< (bits &- turn))) & mask) &* repeater
      low &*= repeater
    }
    let vector = SIMD2<UInt64>(low, high)
    let step = unsafe patternStep[unchecked: distance]
    var done = 0
    repeat {
      unsafe target.storeBytes(of: vector, toByteOffset: done, as: SIMD2<UInt64>.self)
      done &+= step
    } while done < count
  }

  /// Repeats the low `distance` (1 to 8) bytes of `pattern` over a word; the others are zero.
  @inline(__always)
  static func repeated(_ pattern: UInt64, _ distance: Int) -> UInt64 {
    // SAFETY: `distance` is within the table.
    unsafe pattern &* patternRepeater[unchecked: distance]
  }

  /// Copies the 8 bytes at `offset`.
  @inline(__always)
  static func copyWord(
    _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, at offset: Int
  ) {
    let word = unsafe source.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    unsafe target.storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
  }

  /// Copies the 16 bytes at `offset`.
  @inline(__always)
  static func copyVector(
    _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, at offset: Int
  ) {
    let vector = unsafe source.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
    unsafe target.storeBytes(of: vector, toByteOffset: offset, as: SIMD16<UInt8>.self)
  }

  /// By distance: the factor that repeats so many low bytes over a word.
  private static let patternRepeater: InlineArray<9, UInt64> = [
    0, 0x0101_0101_0101_0101, 0x0001_0001_0001_0001, 0x0001_0000_0100_0001, 0x0000_0001_0000_0001,
    0x0000_0100_0000_0001, 0x0001_0000_0000_0001, 0x0100_0000_0000_0001, 1,
  ]
  /// By distance: how far the pattern has turned after a word, in bits (`8 % distance * 8`).
  private static let patternTurn: InlineArray<9, UInt64> = [0, 0, 0, 16, 0, 24, 16, 8, 0]
  /// By distance: its largest multiple up to 16, where the pattern may be stored again.
  private static let patternStep: InlineArray<16, Int> = [
    16, 16, 16, 15, 16, 15, 12, 14, 16, 9, 10, 11, 12, 13, 14, 15,
  ]
}
