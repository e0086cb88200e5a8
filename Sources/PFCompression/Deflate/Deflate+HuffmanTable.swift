extension Deflate {
  /// What a table says of the next bits: 32 bits, of which the low eight count the bits to take.
  ///
  /// - A literal (bit 31): the byte in bits 16 to 23, the code's width in bits 0 to 7.
  /// - A length or distance: its base in bits 16 to 31, the code's width in bits 8 to 11, and with
  ///   the extra bits in bits 0 to 7.
  /// - A link to a second table (bits 14 and 15): its start in bits 16 to 29, its width in bits 8
  ///   to 11, the width of the first table in bits 0 to 7.
  /// - The end of the block (bits 13 and 15), or a symbol that must not come (bit 15 alone).
  ///
  /// In a second table, widths count only the bits behind those of the first.
  enum Entry {
    static let literal: UInt32 = 1 << 31
    static let special: UInt32 = 1 << 15
    static let link: UInt32 = special | 1 << 14
    static let endOfBlock: UInt32 = special | 1 << 13
    static let invalid: UInt32 = special

    static func isLiteral(_ entry: UInt32) -> Bool { Int32(bitPattern: entry) < 0 }
  }

  /// The three codes of a block, and how their tables are shaped.
  enum Code {
    case literals
    case distances
    case codeLengths

    /// Bits that the first table decodes at once.
    var width: Int {
      switch self {
      case .literals: 11
      case .distances: 8
      case .codeLengths: 7
      }
    }

    /// The most entries that the first and all second tables can have: for a complete code of 288
    /// or 32 symbols of at most 15 bits, as counted over all such codes; 7 bits need no second.
    var capacity: Int {
      switch self {
      case .literals: 2342
      case .distances: 402
      case .codeLengths: 128
      }
    }

    /// By symbol: the entry but for the code's width.
    var symbols: [UInt32] {
      switch self {
      case .literals: Self.literalSymbols
      case .distances: Self.distanceSymbols
      case .codeLengths: Self.codeLengthSymbols
      }
    }

    /// RFC 1951, section 3.2.5. Symbols 286 and 287 are of the fixed code, but must not come.
    private static let literalSymbols: [UInt32] =
      (0..<256).map { (byte: UInt32) in Entry.literal | byte << 16 } + [Entry.endOfBlock]
      + bases(
        from: 3,
        extra: [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5])
      + [258 << 16, Entry.invalid, Entry.invalid]

    /// RFC 1951, section 3.2.5. Symbols 30 and 31 are of the fixed code, but must not come.
    private static let distanceSymbols: [UInt32] =
      bases(from: 1, extra: (0..<30).map { (symbol: UInt32) in symbol < 4 ? 0 : symbol / 2 - 1 })
      + [Entry.invalid, Entry.invalid]

    /// RFC 1951, section 3.2.7: the width of a code, or what to repeat and the bits that say how
    /// often.
    private static let codeLengthSymbols: [UInt32] =
      (0..<16).map { (width: UInt32) in width << 16 } + [16 << 16 | 2, 17 << 16 | 3, 18 << 16 | 7]

    /// Entries of values that follow each other from `first` on, `1 << extra` of them a symbol.
    private static func bases(from first: UInt32, extra: [UInt32]) -> [UInt32] {
      var base = first
      return extra.map { bits in
        defer { base += 1 << bits }
        return base << 16 | bits
      }
    }
  }

  /// Memory of one decoder: the code's widths as read, and the tables made of them.
  ///
  /// SAFETY: owns its one allocation; all parts are initialised, and are used within it alone.
  @safe struct Tables: ~Copyable {
    private let memory: UnsafeMutableRawPointer
    /// The symbols in the order of their codes, while a table is made.
    private let order: UnsafeMutablePointer<UInt16>
    /// Room for `literalWidths` and `distanceWidths` of a block, back to back.
    let widths: UnsafeMutablePointer<UInt8>
    let literals: UnsafeMutablePointer<UInt32>
    /// The table of the code lengths is here too, until that of the distances takes its place.
    let distances: UnsafeMutablePointer<UInt32>
    /// Whether the tables are those of the fixed codes.
    private var isFixed = false

    static var widthCapacity: Int { 320 }

    init() {
      let literalSize = Code.literals.capacity * 4
      let distanceSize = Code.distances.capacity * 4
      let orderSize = 288 * 2
      let size = literalSize + distanceSize + orderSize + Self.widthCapacity
      unsafe memory = .allocate(byteCount: size, alignment: 64)
      unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
      unsafe literals = memory.bindMemory(to: UInt32.self, capacity: Code.literals.capacity)
      unsafe distances = (memory + literalSize)
        .bindMemory(to: UInt32.self, capacity: Code.distances.capacity)
      unsafe order = (memory + literalSize + distanceSize)
        .bindMemory(to: UInt16.self, capacity: 288)
      unsafe widths = (memory + literalSize + distanceSize + orderSize)
        .bindMemory(to: UInt8.self, capacity: Self.widthCapacity)
    }

    deinit { unsafe memory.deallocate() }

    /// The codes of RFC 1951, section 3.2.6.
    mutating func makeFixed() {
      guard !isFixed else { return }
      for symbol in 0..<288 {
        unsafe widths[symbol] = symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8
      }
      for symbol in 288..<320 { unsafe widths[symbol] = 5 }
      _ = make(.literals, firstWidth: 0, count: 288)
      _ = make(.distances, firstWidth: 288, count: 32)
      isFixed = true
    }

    /// Makes the table of `code`, the widths of which are `widths[firstWidth..<firstWidth + count]`
    /// and at most 15 (7 for code lengths).
    ///
    /// False for what is no prefix code. As with zlib, a code may be incomplete only where it is
    /// one of distances (or literals) with a single symbol of one bit, or with none: what has no
    /// symbol is refused when it comes.
    mutating func make(_ code: Code, firstWidth: Int, count: Int) -> Bool {
      isFixed = false
      let widths = unsafe UnsafePointer(self.widths) + firstWidth
      let table = unsafe code == .literals ? literals : distances

      var counts = InlineArray<16, Int>(repeating: 0)
      for symbol in 0..<count { counts[Int(unsafe widths[symbol] & 15)] += 1 }
      var longest = 15
      while longest > 0, counts[longest] == 0 { longest -= 1 }

      var free = 1
      for width in 1...15 {
        free = free << 1 - counts[width]
        guard free >= 0 else { return false }
      }
      guard free == 0 || (longest <= 1 && code != .codeLengths) else { return false }

      // The symbols in the order of their codes: by width, then by number.
      var starts = InlineArray<16, Int>(repeating: 0)
      for width in 1..<15 { starts[width + 1] = starts[width] + counts[width] }
      for symbol in 0..<count {
        let width = Int(unsafe widths[symbol] & 15)
        guard width > 0 else { continue }
        unsafe order[starts[width]] = UInt16(truncatingIfNeeded: symbol)
        starts[width] += 1
      }

      let symbols = code.symbols
      guard count <= symbols.count else { return false }
      guard free == 0 else {
        // At most the symbol of code 0.
        let known = longest == 1 ? symbols[Int(unsafe order[0])] &+ 0x101 : Entry.invalid | 1
        for index in 0..<(1 << code.width) {
          unsafe table[index] = index & 1 == 0 ? known : Entry.invalid | 1
        }
        return true
      }
      return unsafe fill(
        table, of: code, symbols: symbols.span, counts: counts, longest: longest)
    }

    /// Fills the table of a complete code.
    ///
    /// Codes are counted up with their bits reversed, as they stand in the input. The first table
    /// grows with the width: it doubles by copying itself.
    private func fill(
      _ table: UnsafeMutablePointer<UInt32>, of code: Code, symbols: Span<UInt32>,
      counts: InlineArray<16, Int>, longest: Int
    ) -> Bool {
      var counts = counts
      var word = 0
      var next = 0
      var size = 1
      var width = 0
      while width < min(code.width, longest) {
        width += 1
        // SAFETY: `size` doubles `code.width` times at most, to the size of the first table.
        unsafe (table + size).update(from: table, count: size)
        size <<= 1
        for _ in 0..<counts[width] {
          let symbol = Int(unsafe order[next])
          unsafe table[word] = symbols[symbol] &+ UInt32(truncatingIfNeeded: width) &* 0x101
          next += 1
          Self.increment(&word, width: width)
        }
      }
      while size < 1 << code.width {
        unsafe (table + size).update(from: table, count: size)
        size <<= 1
      }

      // Codes longer than that share second tables with those of the same first bits.
      let mask = size - 1
      var prefix = -1
      var start = 0
      var end = size
      while width < longest {
        width += 1
        while counts[width] > 0 {
          if word & mask != prefix {
            prefix = word & mask
            var bits = width - code.width
            var used = counts[width]
            while used < 1 << bits, code.width + bits < 15 {
              bits += 1
              used = used << 1 + counts[code.width + bits]
            }
            start = end
            end += 1 << bits
            guard end <= code.capacity else { return false }
            unsafe table[prefix] =
              Entry.link | UInt32(truncatingIfNeeded: start << 16 | bits << 8 | code.width)
          }
          let inner = width - code.width
          let symbol = Int(unsafe order[next])
          let entry = symbols[symbol] &+ UInt32(truncatingIfNeeded: inner) &* 0x101
          var index = start + word >> code.width
          while index < end {
            unsafe table[index] = entry
            index += 1 << inner
          }
          next += 1
          counts[width] -= 1
          Self.increment(&word, width: width)
        }
      }
      return true
    }

    /// The next code of `width` bits, all of which are reversed; the last one becomes 0.
    @inline(__always)
    private static func increment(_ word: inout Int, width: Int) {
      let flips = word ^ (1 &<< width &- 1)
      let top = flips == 0 ? 0 : 1 &<< (63 &- flips.leadingZeroBitCount)
      word = top == 0 ? 0 : word & (top &- 1) | top
    }
  }
}
