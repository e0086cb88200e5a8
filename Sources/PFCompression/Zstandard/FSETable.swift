internal import PFCore

/// Finite state entropy tables (RFC 8878, section 4.1).
///
/// An entry is a word: bits 0–7 how many bits the next state takes, bits 8–63 what the symbol
/// means (`meanings`, see there) with the baseline of the next state added at bit 16.
enum FSETable {
  /// The widest table: 2^9 states.
  static let maximumLog = 9

  /// Memory for making a table.
  @unsafe struct Scratch {
    /// 256 probabilities. -1 stands for "less than 1".
    var counts: UnsafeMutablePointer<Int16>
    /// 256 next states.
    var next: UnsafeMutablePointer<UInt16>
    /// One symbol for each state, and 8 more bytes.
    var symbols: UnsafeMutablePointer<UInt8>
  }

  /// What a table description says besides the probabilities.
  struct Description {
    var log: Int
    var symbolCount: Int
  }

  /// Reads a table description (section 4.1.1) into `scratch.counts`.
  ///
  /// - Throws: `.truncated`; `.limitExceeded` for a table above `maximumLog`; `.invalidValue` when
  ///   there are more than `maximumSymbolCount` symbols or the probabilities do not add up.
  static func readDescription(
    _ reader: inout ByteReader, maximumLog: Int, maximumSymbolCount: Int, scratch: Scratch
  ) throws(DecodingError) -> Description {
    let start = reader.offset
    let bytes = reader.bytes.extracting(start...)
    let raw = RawSpan(_elements: bytes)
    var bit = 0

    /// The 32 bits from `bit` on, zeros behind the end.
    func peek() -> Int {
      let byte = bit &>> 3
      if byte <= raw.byteCount - 8 {
        // SAFETY: checked against the span's bounds; every bit pattern is a UInt64.
        let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: byte, as: UInt64.self)
        return Int(UInt32(truncatingIfNeeded: UInt64(littleEndian: word) &>> UInt64(bit & 7)))
      }
      var word = 0
      for index in 0..<5 where byte + index < bytes.count {
        word |= Int(bytes[byte + index]) &<< (8 * index)
      }
      return Int(UInt32(truncatingIfNeeded: word &>> (bit & 7)))
    }

    let log = 5 + (peek() & 15)
    bit = 4
    guard log <= maximumLog else {
      throw .limitExceeded(offset: start, declared: log, limit: maximumLog)
    }
    let counts = unsafe scratch.counts
    var symbol = 0
    var remaining = 1 << log
    while remaining > 0 {
      guard symbol < maximumSymbolCount, bit <= bytes.count &* 8 else { break }
      // A value of 0...remaining + 1; the lowest ones take one bit less.
      let width = Int.bitWidth &- (remaining &+ 1).leadingZeroBitCount
      let threshold = 1 &<< (width &- 1)
      let shortCount = threshold &* 2 &- 1 &- (remaining &+ 1)
      let bits = peek()
      var value = bits & (threshold &- 1)
      if value < shortCount {
        bit &+= width &- 1
      } else {
        value = bits & (threshold &* 2 &- 1)
        if value >= threshold { value &-= shortCount }
        bit &+= width
      }
      let count = value &- 1
      // SAFETY: `symbol < maximumSymbolCount <= 256`.
      unsafe counts[symbol] = Int16(truncatingIfNeeded: count)
      symbol &+= 1
      remaining &-= abs(count)
      guard count == 0 else { continue }
      var more: Int
      repeat {
        more = peek() & 3
        bit &+= 2
        guard more <= maximumSymbolCount &- symbol else {
          throw .invalidValue(offset: start + bit / 8)
        }
        for _ in 0..<more {
          unsafe counts[symbol] = 0
          symbol &+= 1
        }
      } while more == 3 && bit <= bytes.count &* 8
    }
    try reader.skip((bit + 7) / 8)
    guard remaining == 0 else { throw .invalidValue(offset: start) }
    return Description(log: log, symbolCount: symbol)
  }

  /// Makes the decoding table of the probabilities in `scratch.counts` (section 4.1.1).
  ///
  /// SAFETY: `table` holds `1 << log` entries, `meanings` one word for each symbol; the absolute
  /// probabilities add up to `1 << log`, as `readDescription` has checked.
  static func build(
    _ table: UnsafeMutablePointer<UInt64>, _ description: Description,
    meanings: Span<UInt64>, scratch: Scratch
  ) {
    let (log, symbolCount) = (description.log, description.symbolCount)
    let counts = unsafe scratch.counts
    let next = unsafe scratch.next
    let size = 1 &<< log
    let mask = size &- 1

    // Symbols of less than 1 sit at the end; all others are laid out in a row first.
    var high = size
    var filled = 0
    let row = unsafe scratch.symbols
    for symbol in 0..<symbolCount {
      let count = unsafe Int(counts[symbol])
      if count == -1 {
        high &-= 1
        unsafe table[high] = UInt64(symbol)
        unsafe next[symbol] = 1
        continue
      }
      unsafe next[symbol] = UInt16(truncatingIfNeeded: count)
      let word = UInt64(symbol) &* 0x0101_0101_0101_0101
      var done = 0
      while done < count {
        // SAFETY: `filled + count <= size`, and 8 bytes more are there.
        unsafe UnsafeMutableRawPointer(row + filled + done).storeBytes(of: word, as: UInt64.self)
        done &+= 8
      }
      filled &+= count
    }

    // The spread over the states goes in steps through all of them.
    let step = (size &>> 1) &+ (size &>> 3) &+ 3
    var position = 0
    if high == size {
      for index in 0..<size {
        unsafe table[position] = UInt64(row[index])
        position = (position &+ step) & mask
      }
    } else {
      for index in 0..<filled {
        unsafe table[position] = UInt64(row[index])
        repeat { position = (position &+ step) & mask } while position >= high
      }
    }

    for state in 0..<size {
      let symbol = unsafe Int(truncatingIfNeeded: table[state])
      let number = unsafe Int(next[symbol])
      unsafe next[symbol] = UInt16(truncatingIfNeeded: number &+ 1)
      let width = log &- (63 &- number.leadingZeroBitCount)
      let baseline = (number &<< width) &- size
      // SAFETY: the caller's promise: a meaning for each symbol.
      unsafe table[state] =
        meanings[unchecked: symbol] | UInt64(truncatingIfNeeded: width)
        | UInt64(truncatingIfNeeded: baseline) &<< 16
    }
  }
}
