/// Decodes literals from streams of prefix codes (RFC 8878, section 4.2.2).
extension HuffmanTable {
  /// Decodes `count` symbols of one stream. False when it does not hold exactly so many.
  ///
  /// SAFETY: the `byteCount` bytes from `source` on and the eight before are readable, `target` is
  /// writable for `count` bytes.
  func decodeStream(
    _ source: UnsafeRawPointer, byteCount: Int, into target: UnsafeMutablePointer<UInt8>,
    count: Int
  ) -> Bool {
    guard let bits = unsafe BackwardBits(source, count: byteCount) else { return false }
    return unsafe Self.finish(bits, singles, target, target + count)
  }

  /// Decodes `count` symbols of four streams, each of a fourth of the symbols (rounded up).
  ///
  /// SAFETY: as `decodeStream`.
  func decodeFourStreams(
    _ source: UnsafeRawPointer, byteCount: Int, into target: UnsafeMutablePointer<UInt8>,
    count: Int, inPairs: Bool
  ) -> Bool {
    let segment = (count &+ 3) / 4
    guard byteCount >= 10, count >= 6 else { return false }
    // The jump table: the sizes of the first three streams.
    let jumps = unsafe UInt64(littleEndian: source.loadUnaligned(as: UInt64.self))
    let size0 = Int(jumps & 0xFFFF)
    let size1 = Int(jumps &>> 16 & 0xFFFF)
    let size2 = Int(jumps &>> 32 & 0xFFFF)
    let size3 = byteCount &- 6 &- size0 &- size1 &- size2
    let start0 = unsafe source + 6
    let start1 = unsafe start0 + size0
    let start2 = unsafe start1 + size1
    let start3 = unsafe start2 + size2
    guard size3 > 0,
      let bits0 = unsafe BackwardBits(start0, count: size0),
      let bits1 = unsafe BackwardBits(start1, count: size1),
      let bits2 = unsafe BackwardBits(start2, count: size2),
      let bits3 = unsafe BackwardBits(start3, count: size3)
    else { return false }
    let end = unsafe target + count
    var streams = unsafe FourStreams(
      bits0: bits0, bits1: bits1, bits2: bits2, bits3: bits3, target0: target,
      target1: target + segment, target2: target + 2 * segment, target3: target + 3 * segment)
    let (end0, end1, end2) = unsafe (streams.target1, streams.target2, streams.target3)
    if inPairs {
      unsafe Self.decodePairs(&streams, doubles, end0, end1, end2, end)
    } else {
      unsafe Self.decodeSingles(&streams, singles, end)
    }
    return unsafe Self.finish(streams.bits0, singles, streams.target0, end0)
      && Self.finish(streams.bits1, singles, streams.target1, end1)
      && Self.finish(streams.bits2, singles, streams.target2, end2)
      && Self.finish(streams.bits3, singles, streams.target3, end)
  }

  /// Where four streams stand, and where their next symbols go.
  @unsafe private struct FourStreams {
    var bits0, bits1, bits2, bits3: BackwardBits
    var target0, target1, target2, target3: UnsafeMutablePointer<UInt8>
  }

  /// A stream in one register: the next bits at the top, and behind the last loaded one a mark.
  @inline(__always)
  private static func marked(_ bits: BackwardBits) -> UInt64 {
    unsafe (bits.word | 1) &<< UInt64(truncatingIfNeeded: 64 &- bits.left)
  }

  /// Loads a stream anew, less what was taken since.
  @inline(__always)
  private static func reload(_ bits: inout UInt64, _ position: inout UnsafeRawPointer) {
    let taken = bits.trailingZeroBitCount
    unsafe position -= taken &>> 3
    bits =
      (UInt64(littleEndian: unsafe position.loadUnaligned(as: UInt64.self)) | 1)
      &<< UInt64(truncatingIfNeeded: taken & 7)
  }

  @inline(__always)
  private static func unmark(
    _ bits: UInt64, _ position: UnsafeRawPointer, _ stream: inout BackwardBits
  ) {
    // A byte that was taken comes along where all 64 bits are left: `left` is never above 63.
    let taken = bits.trailingZeroBitCount
    unsafe stream.position = taken == 0 ? position + 1 : position
    unsafe stream.word = UInt64(littleEndian: stream.position.loadUnaligned(as: UInt64.self))
    unsafe stream.left = taken == 0 ? 56 : 64 &- taken
  }

  @inline(__always)
  private static func single(
    _ bits: inout UInt64, _ table: UnsafeMutablePointer<UInt16>,
    _ target: UnsafeMutablePointer<UInt8>, _ index: Int
  ) {
    let entry = unsafe table[Int(truncatingIfNeeded: bits &>> 53)]
    bits = bits &<< UInt64(truncatingIfNeeded: entry & 0xFF)
    unsafe target[index] = UInt8(truncatingIfNeeded: entry &>> 8)
  }

  /// The hot loop over the single table: five symbols of each stream a turn, which take at most 55
  /// bits. Stops near the end of a stream or of the symbols.
  ///
  /// SAFETY: a turn moves each position back by 7 bytes at most, which `steps` has counted, and
  /// writes five symbols of each stream, the fourth of which is the shortest.
  @inline(never)
  private static func decodeSingles(
    _ streams: inout FourStreams, _ table: UnsafeMutablePointer<UInt16>,
    _ end: UnsafeMutablePointer<UInt8>
  ) {
    var (position0, position1) = unsafe (streams.bits0.position, streams.bits1.position)
    var (position2, position3) = unsafe (streams.bits2.position, streams.bits3.position)
    var (bits0, bits1) = unsafe (marked(streams.bits0), marked(streams.bits1))
    var (bits2, bits3) = unsafe (marked(streams.bits2), marked(streams.bits3))
    var target0 = unsafe streams.target0
    let segment = unsafe streams.target1 - target0
    let last = unsafe end - 3 * segment
    while true {
      let steps = unsafe min(
        min(
          min(position0 - streams.bits0.start, position1 - streams.bits1.start),
          min(position2 - streams.bits2.start, position3 - streams.bits3.start)) / 7,
        (last - target0) / 5)
      guard steps > 0 else { break }
      let stop = unsafe target0 + 5 * steps
      repeat {
        let target1 = unsafe target0 + segment
        let target2 = unsafe target1 + segment
        let target3 = unsafe target2 + segment
        for index in 0..<5 {
          unsafe single(&bits0, table, target0, index)
          unsafe single(&bits1, table, target1, index)
          unsafe single(&bits2, table, target2, index)
          unsafe single(&bits3, table, target3, index)
        }
        unsafe reload(&bits0, &position0)
        unsafe reload(&bits1, &position1)
        unsafe reload(&bits2, &position2)
        unsafe reload(&bits3, &position3)
        unsafe target0 += 5
      } while unsafe target0 < stop
    }
    let count = unsafe target0 - streams.target0
    unsafe unmark(bits0, position0, &streams.bits0)
    unsafe unmark(bits1, position1, &streams.bits1)
    unsafe unmark(bits2, position2, &streams.bits2)
    unsafe unmark(bits3, position3, &streams.bits3)
    unsafe streams.target0 += count
    unsafe streams.target1 += count
    unsafe streams.target2 += count
    unsafe streams.target3 += count
  }

  @inline(__always)
  private static func pair(
    _ bits: inout UInt64, _ table: UnsafeMutablePointer<UInt32>,
    _ target: inout UnsafeMutablePointer<UInt8>
  ) {
    let entry = unsafe table[Int(truncatingIfNeeded: bits &>> 53)]
    bits = bits &<< UInt64(truncatingIfNeeded: entry & 0xFF)
    unsafe UnsafeMutableRawPointer(target).storeBytes(
      of: UInt16(truncatingIfNeeded: entry &>> 16).littleEndian, as: UInt16.self)
    unsafe target += Int(truncatingIfNeeded: entry &>> 8 & 0xFF)
  }

  /// The hot loop over the double table: as `decodeSingles`, with one or two symbols a look-up.
  ///
  /// SAFETY: as there; a turn writes at most ten bytes of each stream, before its end.
  @inline(never)
  private static func decodePairs(
    _ streams: inout FourStreams, _ table: UnsafeMutablePointer<UInt32>,
    _ end0: UnsafeMutablePointer<UInt8>, _ end1: UnsafeMutablePointer<UInt8>,
    _ end2: UnsafeMutablePointer<UInt8>, _ end3: UnsafeMutablePointer<UInt8>
  ) {
    var (position0, position1) = unsafe (streams.bits0.position, streams.bits1.position)
    var (position2, position3) = unsafe (streams.bits2.position, streams.bits3.position)
    var (bits0, bits1) = unsafe (marked(streams.bits0), marked(streams.bits1))
    var (bits2, bits3) = unsafe (marked(streams.bits2), marked(streams.bits3))
    var (target0, target1) = unsafe (streams.target0, streams.target1)
    var (target2, target3) = unsafe (streams.target2, streams.target3)
    while true {
      let steps = unsafe min(
        min(
          min(position0 - streams.bits0.start, position1 - streams.bits1.start),
          min(position2 - streams.bits2.start, position3 - streams.bits3.start)) / 7,
        min(min(end0 - target0, end1 - target1), min(end2 - target2, end3 - target3)) / 10)
      guard steps > 0 else { break }
      var step = steps
      repeat {
        for _ in 0..<5 {
          unsafe pair(&bits0, table, &target0)
          unsafe pair(&bits1, table, &target1)
          unsafe pair(&bits2, table, &target2)
          unsafe pair(&bits3, table, &target3)
        }
        unsafe reload(&bits0, &position0)
        unsafe reload(&bits1, &position1)
        unsafe reload(&bits2, &position2)
        unsafe reload(&bits3, &position3)
        step &-= 1
      } while step > 0
    }
    unsafe unmark(bits0, position0, &streams.bits0)
    unsafe unmark(bits1, position1, &streams.bits1)
    unsafe unmark(bits2, position2, &streams.bits2)
    unsafe unmark(bits3, position3, &streams.bits3)
    unsafe (streams.target0, streams.target1) = (target0, target1)
    unsafe (streams.target2, streams.target3) = (target2, target3)
  }

  /// Decodes what a stream still has to give, up to `end`. False unless it then is exhausted.
  @inline(never)
  private static func finish(
    _ stream: BackwardBits, _ table: UnsafeMutablePointer<UInt16>,
    _ from: UnsafeMutablePointer<UInt8>, _ end: UnsafeMutablePointer<UInt8>
  ) -> Bool {
    var stream = unsafe stream
    var target = unsafe from
    while unsafe target < end {
      guard unsafe stream.refill() else { return false }
      // 56 bits at least are there: five symbols.
      var bits = unsafe stream.word &<< UInt64(truncatingIfNeeded: 64 &- stream.left)
      let count = unsafe min(5, end - target)
      var taken = 0
      for index in 0..<count {
        let entry = unsafe table[Int(truncatingIfNeeded: bits &>> 53)]
        let width = Int(entry & 0xFF)
        bits = bits &<< UInt64(truncatingIfNeeded: width)
        taken &+= width
        unsafe target[index] = UInt8(truncatingIfNeeded: entry &>> 8)
      }
      unsafe stream.left &-= taken
      unsafe target += count
    }
    return unsafe stream.remaining == 0
  }
}
