internal import PFCore

extension Bzip2 {
  /// A prefix code of the symbols: two for the digits of run lengths, one for each place in the list
  /// of bytes but the first, one for the end of the block.
  ///
  /// The first `log` bits of the input are looked up. Longer codes are found by their width: those
  /// of a width are numbers in a row, and smaller than what begins a longer code.
  @safe struct Code {
    static let maximumCount = 6
    static let maximumSelectorCount = 18002
    /// Symbols which one selector is for.
    static let groupSize = 50
    static let longest = 20
    static let log = 10
    static let entryCount = 1 << log

    /// What a symbol does: bits 0 to 3 are the width of its code, 0 for one that is longer than
    /// `log`; bit 4 is set in a digit of a run, bits 5 and 6 are its value, or 1; bits 7 to 15 are
    /// the place of the byte in the list.
    let entries: UnsafeMutablePointer<UInt16>
    /// The symbols with codes longer than `log`, the shortest first, as entries without a width.
    let sorted: UnsafeMutablePointer<UInt16>

    /// The place of a symbol that ends the block.
    static let end = 511

    /// The entry of `symbol` of `count`, without a width.
    static func meaning(_ symbol: Int, of count: Int) -> UInt16 {
      if symbol < 2 { return UInt16(symbol + 1) << 5 | 1 << 4 }
      return UInt16(symbol == count - 1 ? end : symbol - 1) << 7 | 1 << 5
    }

    /// Of codes longer than `log`, by width: what the first `longest` bits of the input are below,
    /// and what to add to the code to have its place in `sorted`.
    struct LongCodes {
      var limits = InlineArray<21, UInt32>(repeating: 0)
      var offsets = InlineArray<21, Int32>(repeating: 0)
    }

    /// Makes the tables for symbols of the given widths, 1 to 20; nil for what is no prefix code.
    ///
    /// Codes may be left over. Who meets one finds a width of 0, and nothing in `LongCodes`.
    func make(_ widths: Span<UInt8>) -> LongCodes? {
      var counts = InlineArray<21, Int>(repeating: 0)
      for symbol in widths.indices { counts[Int(widths[symbol])] += 1 }
      var free = 1
      for width in 1...Self.longest {
        free = free << 1 - counts[width]
        guard free >= 0 else { return nil }
      }

      var code = 0
      for width in 1...Self.log {
        code <<= 1
        guard counts[width] > 0 else { continue }
        for symbol in widths.indices where Int(widths[symbol]) == width {
          let entry = Self.meaning(symbol, of: widths.count) | UInt16(width)
          let shift = Self.log - width
          // SAFETY: the codes up to this width take at most all of the `1 << log` entries.
          unsafe (entries + code << shift).update(repeating: entry, count: 1 << shift)
          code += 1
        }
      }
      unsafe (entries + code).update(repeating: 0, count: Self.entryCount - code)

      var long = LongCodes()
      var place = 0
      for width in (Self.log + 1)...Self.longest {
        code <<= 1
        long.offsets[width] = Int32(place - code)
        if counts[width] > 0 {
          for symbol in widths.indices where Int(widths[symbol]) == width {
            // SAFETY: there are at most 258 symbols.
            unsafe sorted[place] = Self.meaning(symbol, of: widths.count)
            place += 1
            code += 1
          }
        }
        long.limits[width] = UInt32(code << (Self.longest - width))
      }
      return long
    }
  }
}
