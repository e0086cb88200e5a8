internal import PFCore

/// Prefix codes (RFC 7932, section 3) as tables of two levels.
///
/// An entry is a symbol in its upper half and the width of its code in the lowest byte. Of a code
/// that is longer than the root, the root's entry has the place of the second table instead, and
/// a width that is `rootBitCount` more than that table's.
enum BrotliPrefixCode {
  static let rootBitCount = 8
  private static let maximumBitCount = 15
  /// The largest alphabet: insert-and-copy lengths.
  static let maximumSymbolCount = 704

  /// The largest tables that complete codes of so many symbols need.
  static func capacity(symbolCount: Int) -> Int {
    switch symbolCount {
    case ...32: 402
    case ...256: 632
    case ...288: 662
    case ...544: 920
    default: 1080
    }
  }

  /// Reads a prefix code over `symbolCount` symbols and makes its table at `table`.
  ///
  /// Unsafe precondition: `table` has `capacity(symbolCount:)` entries, `lengths` room for
  /// `maximumSymbolCount`.
  /// - Throws: `.invalidValue`, `.truncated`.
  static func read(
    _ bits: inout BrotliBits, symbolCount: Int, table: UnsafeMutablePointer<UInt32>,
    lengths: UnsafeMutablePointer<UInt8>
  ) throws(DecodingError) {
    let skipped = bits.read(2)
    unsafe lengths.update(repeating: 0, count: max(symbolCount, 18))
    if skipped == 1 {
      try unsafe readSimple(&bits, symbolCount, lengths)
    } else {
      try unsafe readComplex(&bits, symbolCount, skipped, table, lengths)
    }
    guard !bits.isOverrun else { throw bits.truncated() }
    unsafe makeTable(lengths, symbolCount, at: table)
  }

  /// Section 3.4.
  private static func readSimple(
    _ bits: inout BrotliBits, _ symbolCount: Int, _ lengths: UnsafeMutablePointer<UInt8>
  ) throws(DecodingError) {
    let count = bits.read(2) + 1
    let width = Int.bitWidth - (symbolCount - 1).leadingZeroBitCount
    var symbols: [4 of Int] = [0, 0, 0, 0]
    for index in 0..<count {
      symbols[index] = bits.read(width)
      guard symbols[index] < symbolCount else { throw bits.invalid() }
      for before in 0..<index {
        guard symbols[before] != symbols[index] else { throw bits.invalid() }
      }
    }
    // The length of the only symbol is no matter: its code has no bits.
    let widths: [4 of UInt8] =
      switch count {
      case 1, 2: [1, 1, 0, 0]
      case 3: [1, 2, 2, 0]
      default: bits.read(1) == 0 ? [2, 2, 2, 2] : [1, 2, 3, 3]
      }
    for index in 0..<count { unsafe lengths[symbols[index]] = widths[index] }
  }

  /// Section 3.5.
  private static func readComplex(
    _ bits: inout BrotliBits, _ symbolCount: Int, _ skipped: Int,
    _ table: UnsafeMutablePointer<UInt32>, _ lengths: UnsafeMutablePointer<UInt8>
  ) throws(DecodingError) {
    // The code of the code lengths, whose table is built where the other one will be.
    var space = 32
    var used = 0
    for index in skipped..<18 where space > 0 {
      bits.refill()
      let length = readLengthOfLength(&bits)
      unsafe lengths[lengthOrder[index]] = length
      guard length > 0 else { continue }
      space -= 32 >> Int(length)
      used += 1
    }
    guard space == 0 || used == 1 else { throw bits.invalid() }
    unsafe makeTable(lengths, 18, at: table)
    unsafe lengths.update(repeating: 0, count: 18)

    var symbol = 0
    var left = 1 << maximumBitCount
    var previous: UInt8 = 8
    /// The run that the last symbol continued: what is repeated, and how often so far.
    var repeated: (length: UInt8, count: Int) = (0, 0)
    while symbol < symbolCount, left > 0 {
      bits.refill()
      let code = unsafe bits.symbol(table)
      if code < 16 {
        unsafe lengths[symbol] = UInt8(truncatingIfNeeded: code)
        symbol += 1
        repeated.count = 0
        if code != 0 {
          previous = UInt8(truncatingIfNeeded: code)
          left -= 1 << (maximumBitCount - code)
        }
        continue
      }
      let length = code == 16 ? previous : 0
      let width = code == 16 ? 2 : 3
      if repeated.length != length { repeated = (length, 0) }
      let before = repeated.count
      if before > 0 { repeated.count = (before - 2) << width }
      repeated.count += 3 + bits.take(width)
      let count = repeated.count - before
      guard count <= symbolCount - symbol else { throw bits.invalid() }
      unsafe (lengths + symbol).update(repeating: length, count: count)
      symbol += count
      if length != 0 { left -= count << (maximumBitCount - Int(length)) }
    }
    guard left == 0 else { throw bits.invalid() }
  }

  /// The fixed code of section 3.5: 00, 0111, 011, 10, 01 and 1111 for 0 to 5, as their bits come
  /// from the right.
  private static func readLengthOfLength(_ bits: inout BrotliBits) -> UInt8 {
    switch bits.take(2) {
    case 0: 0
    case 1: 4
    case 2: 3
    default: bits.take(1) == 0 ? 2 : bits.take(1) == 0 ? 1 : 5
    }
  }

  private static let lengthOrder: [18 of Int] = [
    1, 2, 3, 4, 0, 5, 17, 6, 16, 7, 8, 9, 10, 11, 12, 13, 14, 15,
  ]

  /// Makes the table of the canonical code with these lengths (section 3.2), which is complete, or
  /// has one symbol.
  ///
  /// SAFETY: `capacity(symbolCount:)` is what complete codes of 15 bits at most can fill; a code
  /// of one symbol fills the root.
  private static func makeTable(
    _ lengths: UnsafeMutablePointer<UInt8>, _ symbolCount: Int,
    at table: UnsafeMutablePointer<UInt32>
  ) {
    var counts = [16 of Int](repeating: 0)
    for symbol in 0..<symbolCount { counts[Int(unsafe lengths[symbol] & 15)] &+= 1 }
    var starts = [16 of Int](repeating: 0)
    for length in 1..<15 { starts[length + 1] = starts[length] &+ counts[length] }
    let usedCount = symbolCount &- counts[0]
    var sorted = [704 of UInt16](repeating: 0)
    for symbol in 0..<symbolCount {
      let length = Int(unsafe lengths[symbol] & 15)
      guard length > 0 else { continue }
      sorted[starts[length]] = UInt16(truncatingIfNeeded: symbol)
      starts[length] &+= 1
    }
    let rootSize = 1 << rootBitCount
    guard usedCount > 1 else {
      unsafe table.update(repeating: UInt32(sorted[0]) << 16, count: rootSize)
      return
    }

    /// The next code, its first bit lowest.
    var code = 0
    func advance(_ length: Int) {
      var bit = 1 &<< (length &- 1)
      while code & bit != 0 { bit &>>= 1 }
      code = (code & (bit &- 1)) | bit
    }
    var next = 0
    for length in 1...rootBitCount {
      for _ in 0..<counts[length] {
        let entry = UInt32(sorted[next]) << 16 | UInt32(length)
        for index in stride(from: code, to: rootSize, by: 1 << length) {
          unsafe table[index] = entry
        }
        next &+= 1
        advance(length)
      }
    }

    var start = 0
    var size = rootSize
    var end = rootSize
    var root = -1
    for length in (rootBitCount + 1)...maximumBitCount {
      for left in stride(from: counts[length], to: 0, by: -1) {
        if code & (rootSize - 1) != root {
          root = code & (rootSize - 1)
          var width = length
          var open = (1 << (width - rootBitCount)) - left
          while open > 0, width < maximumBitCount {
            width += 1
            open = open << 1 - counts[width]
          }
          start = end
          size = 1 << (width - rootBitCount)
          end += size
          unsafe table[root] = UInt32(start) << 16 | UInt32(width)
        }
        let entry = UInt32(sorted[next]) << 16 | UInt32(length - rootBitCount)
        for index in stride(
          from: code >> rootBitCount, to: size, by: 1 << (length - rootBitCount))
        {
          unsafe table[start + index] = entry
        }
        next &+= 1
        advance(length)
      }
    }
  }
}
