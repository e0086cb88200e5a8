/// Finds separators with bit masks, 64 bytes at a time.
///
/// A separator is a delimiter or the last byte of a line end, outside of quotes. Which quotes open
/// and which close is told by their parity; that is right as long as quotes open fields, or stand
/// in pairs in quoted ones. The scan checks this and stops where it is not so: `ExactScan` then
/// goes on from the record's begin.
struct MaskScan {
  let delimiter: UInt8
  let quote: UInt8
  let hasQuote: Bool
  /// Whether a quote already is more than masks can tell.
  let stopsAtQuotes: Bool

  /// Where the scan goes on: all bits of the byte before.
  struct State {
    /// The next byte to look at.
    var position: Int
    /// All ones inside of quotes, else 0.
    var inside: UInt64 = 0
    /// 1 where the byte before is a separator, or nothing.
    var afterSeparator: UInt64 = 1
    /// 1 where the byte before is a quote.
    var afterQuote: UInt64 = 0
    /// Separators written.
    var count: Int
    /// Those of them that end a record.
    var recordEndCount = 0
    /// Line ends inside of quotes.
    var innerLineEndCount = 0
    /// All bytes seen, or-ed.
    var union = SIMD16<UInt8>(repeating: 0)

    /// Whether all bytes seen are ASCII.
    var isASCII: Bool {
      let words = unsafe unsafeBitCast(union, to: SIMD2<UInt64>.self)
      return (words[0] | words[1]) & 0x8080_8080_8080_8080 == 0
    }
  }

  init(_ dialect: CompiledDialect) {
    delimiter = dialect.delimiter[0]
    quote = UInt8(truncatingIfNeeded: dialect.quote)
    hasQuote = dialect.quote != CompiledDialect.none
    stopsAtQuotes = dialect.quotesNeedExactScan
  }

  /// Writes the positions of the separators up to `end`; false where masks cannot tell.
  ///
  /// SAFETY: the caller promises that 64 bytes behind `end` are readable, that the one at `end` is
  /// the next of the input or 0 behind its end, and room for `count + end - position + 64`
  /// positions at `output`.
  @unsafe func run(
    _ bytes: UnsafePointer<UInt8>, to end: Int, _ state: inout State,
    _ output: UnsafeMutablePointer<UInt32>
  ) -> Bool {
    var local = state
    defer { state = local }
    // What the loops leave alone is kept in the caller's copy: registers are few.
    var isKnown = true
    while isKnown, local.position &+ 64 <= end {
      // No lane counts beyond 255.
      let stop = min(end &- 63, local.position &+ 63 &* 64)
      var lineFeeds = SIMD16<UInt8>(repeating: 0)
      while isKnown, local.position < stop {
        unsafe isKnown = step(bytes, 64, &local, &lineFeeds, output)
      }
      let words = SIMD16<UInt16>(truncatingIfNeeded: lineFeeds)
      local.recordEndCount &+= Int(words.wrappedSum())
    }
    if isKnown, local.position < end {
      var unused = SIMD16<UInt8>(repeating: 0)
      unsafe isKnown = step(bytes, end &- local.position, &local, &unused, output)
    }
    return isKnown
  }

  /// One step of `count` bytes, from 1 to 64. Line feeds in whole blocks are counted in `counts`,
  /// and not among the ends of records.
  @inline(__always)
  private func step(
    _ bytes: UnsafePointer<UInt8>, _ count: Int, _ state: inout State,
    _ counts: inout SIMD16<UInt8>, _ output: UnsafeMutablePointer<UInt32>
  ) -> Bool {
    let start = unsafe bytes + state.position
    let block = unsafe Bytes64(start)
    let valid = ~UInt64(0) &>> UInt64(truncatingIfNeeded: 64 &- count)
    var separators = block.mask(of: delimiter, or: 0x0A) & valid
    state.union |= block.union
    if count == 64 {
      block.count(0x0A, in: &counts)
    } else {
      state.recordEndCount &+= (block.mask(of: 0x0A) & valid).nonzeroBitCount
    }

    if block.contains(0x0D, or: hasQuote ? quote : 0x0D) || state.inside != 0 {
      let lineFeeds = block.mask(of: 0x0A)
      var ends = lineFeeds & valid
      let returns = block.mask(of: 0x0D)
      if returns != 0 {
        let next: UInt64 = unsafe start[64] == 0x0A ? 1 &<< 63 : 0
        // A carriage return before a line feed is a part of its line end.
        let alone = returns & ~((lineFeeds &>> 1) | next) & valid
        if alone != 0 { state.recordEndCount &+= alone.nonzeroBitCount }
        ends |= alone
        separators |= alone
      }
      let quotes = hasQuote ? block.mask(of: quote) & valid : 0
      if quotes | state.inside != 0 {
        if quotes != 0, stopsAtQuotes { return false }
        let quoted = prefixParity(quotes) ^ state.inside
        separators &= ~quoted
        let inner = ends & quoted
        if inner != 0 {
          let innerCount = inner.nonzeroBitCount
          state.innerLineEndCount &+= innerCount
          state.recordEndCount &-= innerCount
        }
        let allowed =
          (separators &<< 1) | state.afterSeparator | (quotes &<< 1) | state.afterQuote
        if quotes & quoted & ~allowed != 0 { return false }
        state.inside = UInt64(bitPattern: Int64(bitPattern: quoted) &>> 63)
      }
      state.afterQuote = (quotes &>> UInt64(truncatingIfNeeded: count &- 1)) & 1
    } else {
      state.afterQuote = 0
    }
    state.afterSeparator = (separators &>> UInt64(truncatingIfNeeded: count &- 1)) & 1
    unsafe Self.write(separators, at: state.position, &state.count, output)
    state.position &+= count
    return true
  }

  /// Writes the positions of the set bits.
  ///
  /// WHY groups: a branch for each bit is mispredicted in most blocks; what is written behind the
  /// last bit is not used.
  @inline(__always)
  private static func write(
    _ mask: UInt64, at position: Int, _ count: inout Int,
    _ output: UnsafeMutablePointer<UInt32>
  ) {
    let total = mask.nonzeroBitCount
    let base = UInt32(truncatingIfNeeded: position)
    var rest = mask
    let target = unsafe output + count
    count &+= total
    unsafe write(8, &rest, base, target)
    guard total > 8 else { return }
    unsafe write(4, &rest, base, target + 8)
    var written = 12
    while written < total {
      unsafe write(4, &rest, base, target + written)
      written &+= 4
    }
  }

  @inline(__always)
  private static func write(
    _ count: Int, _ rest: inout UInt64, _ base: UInt32, _ target: UnsafeMutablePointer<UInt32>
  ) {
    for lane in 0..<count {
      unsafe target[lane] = base &+ lowestBit(rest)
      rest &= rest &- 1
    }
  }
}
