extension Deflate.Inflater {
  /// Bytes of output behind `limit` with which the fast loop runs up to it: three literals, a match
  /// of 258, and what the last vector of a copy writes too much.
  static var outputSlack: Int { 320 }

  /// Bytes of input that an iteration may read.
  private static var inputSlack: Int { 16 }

  /// The hot loop: literals and matches, as long as neither end is near.
  ///
  /// Stops before the end of the block and what else is for `decodeSymbols` to judge; false when a
  /// distance is malformed. `output.count` may end above `output.limit`, never above its capacity.
  ///
  /// SAFETY: an iteration starts with `inputSlack` readable bytes at `next` and loads twice at most,
  /// moving by seven; it starts with `outputSlack` writable bytes at `out`. Tables are indexed with
  /// as many bits as they were made for. Before every copy, `distance <= out - history`.
  ///
  /// `bitCount` counts in its low six bits only: entries are subtracted from it whole.
  @inline(never)
  static func decodeFast(
    _ reader: inout Deflate.BitReader, _ output: inout Deflate.Output,
    literals: UnsafePointer<UInt32>, distances: UnsafePointer<UInt32>
  ) -> Bool {
    let outputEnd = min(output.limit - 1, output.capacity - outputSlack)
    guard let input = unsafe reader.piece.baseAddress, reader.left >= inputSlack,
      output.count <= outputEnd
    else { return true }
    var next = unsafe input + reader.position
    let lastNext = unsafe next + (reader.left - inputSlack)
    var out = unsafe output.next
    let lastOut = unsafe output.start + outputEnd
    let history = unsafe output.start + output.history
    var bits = reader.bits
    var bitCount = UInt64(truncatingIfNeeded: reader.count)

    @inline(__always)
    func refill() {
      let word = unsafe next.loadUnaligned(as: UInt64.self)
      bits |= UInt64(littleEndian: word) &<< bitCount
      unsafe next += 7 &- Int(truncatingIfNeeded: (bitCount &>> 3) & 7)
      bitCount |= 56
    }
    @inline(__always)
    func literalEntry() -> UInt32 { unsafe literals[Int(truncatingIfNeeded: bits & 0x7FF)] }
    @inline(__always)
    func skip(_ entry: UInt32) {
      bits &>>= UInt64(entry)
      bitCount &-= UInt64(entry)
    }
    @inline(__always)
    func store(_ entry: UInt32) {
      unsafe out.storeBytes(of: UInt8(truncatingIfNeeded: entry &>> 16), as: UInt8.self)
      unsafe out += 1
    }
    @inline(__always)
    func value(_ entry: UInt32, _ taken: UInt64) -> Int {
      let field = taken & (1 &<< UInt64(entry) &- 1)
      return Int(entry &>> 16) &+ Int(truncatingIfNeeded: field &>> UInt64(entry &>> 8))
    }

    defer {
      bitCount &= 63
      reader.bits = bits & (1 &<< bitCount &- 1)
      reader.count = Int(truncatingIfNeeded: bitCount)
      reader.position = unsafe UnsafeRawPointer(next) - input
      output.count = unsafe out - output.start
    }

    refill()
    var entry = literalEntry()
    while unsafe next <= lastNext && out <= lastOut {
      var taken = bits
      var takenCount = bitCount
      if Deflate.Entry.isLiteral(entry) {
        skip(entry)
        store(entry)
        entry = literalEntry()
        if Deflate.Entry.isLiteral(entry) {
          skip(entry)
          store(entry)
          entry = literalEntry()
          if Deflate.Entry.isLiteral(entry) {
            skip(entry)
            store(entry)
            entry = literalEntry()
            refill()
            continue
          }
        }
        taken = bits
        takenCount = bitCount
      }
      // 34 bits are left at least.
      var length: Int
      if entry & Deflate.Entry.special == 0 {
        skip(entry)
        length = value(entry, taken)
      } else {
        guard entry & Deflate.Entry.link == Deflate.Entry.link else { break }
        bits &>>= 11
        bitCount &-= 11
        let inner = Int(truncatingIfNeeded: bits & (1 &<< UInt64(entry &>> 8 & 15) &- 1))
        entry = unsafe literals[Int(entry &>> 16) &+ inner]
        if Deflate.Entry.isLiteral(entry) {
          skip(entry)
          store(entry)
          entry = literalEntry()
          refill()
          continue
        }
        guard entry & Deflate.Entry.special == 0 else {
          bits = taken
          bitCount = takenCount
          break
        }
        length = value(entry, bits)
        skip(entry)
      }

      // 14 bits are left at least; a distance takes 28.
      refill()
      var distanceEntry = unsafe distances[Int(truncatingIfNeeded: bits & 0xFF)]
      if distanceEntry & Deflate.Entry.special != 0 {
        guard distanceEntry & Deflate.Entry.link == Deflate.Entry.link else {
          return false
        }
        skip(8)
        let inner = Int(
          truncatingIfNeeded: bits & (1 &<< UInt64(distanceEntry &>> 8 & 15) &- 1))
        distanceEntry = unsafe distances[Int(distanceEntry &>> 16) &+ inner]
      }
      let distance = value(distanceEntry, bits)
      skip(distanceEntry)
      guard unsafe distance <= out - history else { return false }

      // The next entry is looked up before the copy, which it does not depend on.
      entry = literalEntry()
      refill()
      unsafe copyMatch(to: out, distance: distance, length: length)
      unsafe out += length
    }
    return true
  }

  /// Copies `length <= 258` bytes from `distance` before `out`, and less than 32 bytes too many.
  @inline(__always)
  private static func copyMatch(to out: UnsafeMutableRawPointer, distance: Int, length: Int) {
    let source = unsafe UnsafeRawPointer(out) - distance
    if distance >= 16 {
      unsafe copy(source, to: out, at: 0, as: SIMD16<UInt8>.self)
      guard length > 16 else { return }
      unsafe copy(source, to: out, at: 16, as: SIMD16<UInt8>.self)
      var done = 32
      while done < length {
        unsafe copy(source, to: out, at: done, as: SIMD16<UInt8>.self)
        done &+= 16
      }
    } else if distance >= 8 {
      unsafe copy(source, to: out, at: 0, as: UInt64.self)
      var done = 8
      while done < length {
        unsafe copy(source, to: out, at: done, as: UInt64.self)
        done &+= 8
      }
    } else {
      // A word of the pattern, made in a register: it may be stored again at each multiple of the
      // distance.
      let mask = UInt64.max &>> UInt64(64 &- distance &<< 3)
      let pattern =
        unsafe (source.loadUnaligned(as: UInt64.self) & mask)
        &* repeaters[unchecked: distance]
      let step = unsafe steps[unchecked: distance]
      var done = 0
      repeat {
        unsafe out.storeBytes(
          of: SIMD2(pattern, pattern), toByteOffset: done, as: SIMD2<UInt64>.self)
        done &+= step
      } while done < length
    }
  }

  @inline(__always)
  private static func copy<T: BitwiseCopyable>(
    _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, at offset: Int, as: T.Type
  ) {
    let value = unsafe source.loadUnaligned(fromByteOffset: offset, as: T.self)
    unsafe target.storeBytes(of: value, toByteOffset: offset, as: T.self)
  }

  /// By distance: the factor that repeats so many low bytes over a word.
  private static let repeaters: InlineArray<8, UInt64> = [
    0, 0x0101_0101_0101_0101, 0x0001_0001_0001_0001, 0x0001_0000_0100_0001, 0x0000_0001_0000_0001,
    0x0000_0100_0000_0001, 0x0001_0000_0000_0001, 0x0100_0000_0000_0001,
  ]
  /// By distance: how far from one store of the word to the next the pattern is the same.
  private static let steps: InlineArray<8, Int> = [0, 16, 16, 6, 16, 5, 6, 7]
}
