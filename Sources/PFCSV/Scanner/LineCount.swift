/// Counts physical lines: line feeds, carriage returns, and pairs of them as one.
enum LineCount {
  /// The line ends in `count` bytes; a carriage return that is the last byte counts.
  ///
  /// SAFETY: the caller promises `count` readable bytes, and 64 behind them.
  @unsafe static func lineEnds(_ bytes: UnsafePointer<UInt8>, count: Int) -> Int {
    var total = 0
    var position = 0
    var afterReturn: UInt64 = 0
    while position < count {
      let block = unsafe Bytes64(bytes + position)
      let left = count &- position
      let valid = left >= 64 ? ~UInt64(0) : (1 &<< UInt64(truncatingIfNeeded: left)) &- 1
      let feeds = block.mask(of: 0x0A) & valid
      let returns = block.mask(of: 0x0D) & valid
      // A line feed behind a carriage return is counted already.
      total &+= (returns | (feeds & ~((returns &<< 1) | afterReturn))).nonzeroBitCount
      afterReturn = returns &>> 63
      position &+= 64
    }
    return total
  }
}
