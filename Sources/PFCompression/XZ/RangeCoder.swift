extension XZ {
  /// The range coder: bits, each by the probability that it is 0, which is then adapted.
  ///
  /// Those that come in no order (literals, trees) are decoded without branches; the two
  /// probabilities that can be next are loaded, as a pair, before it is known which one it is.
  ///
  /// SAFETY: who makes one keeps the input readable while it is used, and calls no method with
  /// places that are not there.
  @safe struct RangeCoder {
    var range = UInt32.max
    var code: UInt32
    var source: UnsafeRawPointer

    /// Begins behind the first five bytes of `input`.
    init(_ input: UnsafeRawPointer) {
      unsafe code = UInt32(bigEndian: input.loadUnaligned(fromByteOffset: 1, as: UInt32.self))
      unsafe source = input + 5
    }

    @inline(__always)
    mutating func normalize() {
      if range < 1 << 24 {
        range &<<= 8
        code = unsafe code &<< 8 | UInt32(source.load(as: UInt8.self))
        unsafe source += 1
      }
    }

    /// As `normalize()`, without a branch: where bits come in no order, so do the bytes.
    ///
    /// The byte that is next is read in any case.
    /// WHY a choice and a mask: the compiler makes conditional moves of both in this form only.
    @inline(__always)
    private mutating func normalizeBlindly() {
      // SAFETY: a `Bool` is a byte, 0 or 1.
      let isLow = unsafe unsafeBitCast(range < 1 << 24, to: UInt8.self)
      let mask = 0 &- UInt32(isLow)
      let longer = unsafe code &<< 8 | UInt32(source.load(as: UInt8.self))
      range = range < 1 << 24 ? range &<< 8 : range
      code = (longer & mask) | (code & ~mask)
      unsafe source += Int(isLow)
    }

    /// A bit that is foreseeable.
    @inline(__always)
    mutating func bit(_ place: UnsafeMutablePointer<UInt16>) -> Bool {
      normalize()
      let probability = unsafe UInt32(place.pointee)
      let bound = (range &>> 11) &* probability
      if code < bound {
        range = bound
        unsafe place.pointee = UInt16(
          truncatingIfNeeded: probability &+ (2048 &- probability) &>> 5)
        return false
      }
      range &-= bound
      code &-= bound
      unsafe place.pointee = UInt16(truncatingIfNeeded: probability &- probability &>> 5)
      return true
    }

    /// A bit that is not: 1 or 0.
    @inline(__always)
    mutating func blindBit(_ place: UnsafeMutablePointer<UInt16>, _ probability: UInt32) -> Int {
      normalizeBlindly()
      let bound = (range &>> 11) &* probability
      // All bits set for 0, none for 1. The compiler makes conditional moves of what follows.
      // SAFETY: a `Bool` is a byte, 0 or 1.
      let mask = unsafe 0 &- UInt32(unsafeBitCast(code < bound, to: UInt8.self))
      range = (bound & mask) | ((range &- bound) & ~mask)
      // What is less than nothing is more than all.
      code = min(code, code &- bound)
      // Rounded as the two ways above do.
      let change = Int32(bitPattern: probability &+ ((0 &- 2017) & mask)) &>> 5
      unsafe place.pointee = UInt16(
        truncatingIfNeeded: probability &- UInt32(bitPattern: change))
      return Int(truncatingIfNeeded: 1 &+ mask)
    }

    /// The lower or the upper half of `pair`.
    ///
    /// WHY no choice between two loads: the compiler would load behind the choice.
    @inline(__always)
    private static func select(_ pair: UInt32, _ bit: Int) -> UInt32 {
      (pair &>> UInt32(truncatingIfNeeded: bit &<< 4)) & 0xFFFF
    }

    /// A step down a tree, on to the probability of the place that is next.
    @inline(__always)
    private mutating func step(
      _ places: UnsafeMutablePointer<UInt16>, _ symbol: inout Int, _ probability: inout UInt32
    ) -> Int {
      let pair = unsafe UnsafeRawPointer(places).loadUnaligned(
        fromByteOffset: symbol &* 4, as: UInt32.self)
      let bit = unsafe blindBit(places + symbol, probability)
      symbol = symbol &* 2 &+ bit
      probability = Self.select(pair, bit)
      return bit
    }

    /// A symbol of 3 bits.
    @inline(__always)
    mutating func tree3(_ places: UnsafeMutablePointer<UInt16>) -> Int {
      var symbol = 1
      var probability = unsafe UInt32(places[1])
      _ = unsafe step(places, &symbol, &probability)
      _ = unsafe step(places, &symbol, &probability)
      return unsafe symbol &* 2 &+ blindBit(places + symbol, probability)
    }

    /// A symbol of 6 bits.
    @inline(__always)
    mutating func tree6(_ places: UnsafeMutablePointer<UInt16>) -> Int {
      var symbol = 1
      var probability = unsafe UInt32(places[1])
      _ = unsafe step(places, &symbol, &probability)
      _ = unsafe step(places, &symbol, &probability)
      _ = unsafe step(places, &symbol, &probability)
      _ = unsafe step(places, &symbol, &probability)
      _ = unsafe step(places, &symbol, &probability)
      return unsafe symbol &* 2 &+ blindBit(places + symbol, probability)
    }

    /// A symbol of 8 bits.
    @inline(__always)
    mutating func tree8(_ places: UnsafeMutablePointer<UInt16>) -> Int {
      var symbol = 1
      var probability = unsafe UInt32(places[1])
      _ = unsafe step(places, &symbol, &probability)
      _ = unsafe step(places, &symbol, &probability)
      _ = unsafe step(places, &symbol, &probability)
      _ = unsafe step(places, &symbol, &probability)
      _ = unsafe step(places, &symbol, &probability)
      _ = unsafe step(places, &symbol, &probability)
      _ = unsafe step(places, &symbol, &probability)
      return unsafe symbol &* 2 &+ blindBit(places + symbol, probability)
    }

    /// A step of `tree8(_:foretold:)`, on to the probability of the place that is next.
    @inline(__always)
    private mutating func step(
      _ places: UnsafeMutablePointer<UInt16>, _ symbol: inout Int, foretold: inout Int,
      _ offset: inout Int, _ probability: inout UInt32
    ) {
      let bitAhead = foretold & offset
      let place = unsafe places + (offset &+ bitAhead &+ symbol)
      foretold &<<= 1
      // As long as they are the same, the tree is that of the bit ahead.
      let afterZero = offset ^ bitAhead
      let zero = unsafe UInt32(places[afterZero &+ (foretold & afterZero) &+ symbol &* 2])
      let one = unsafe UInt32(places[bitAhead &+ (foretold & bitAhead) &+ symbol &* 2 &+ 1])
      let bit = unsafe blindBit(place, probability)
      symbol = symbol &* 2 &+ bit
      let mask = bit &- 1
      offset = (afterZero & mask) | (bitAhead & ~mask)
      probability = Self.select(zero | one &<< 16, bit)
    }

    /// A symbol of 8 bits that `foretold` is a guess of: its bits choose among three trees.
    @inline(__always)
    mutating func tree8(_ places: UnsafeMutablePointer<UInt16>, foretold: Int) -> Int {
      var (symbol, offset, foretold) = (1, 0x100, foretold &<< 1)
      var probability = unsafe UInt32(places[offset &+ (foretold & offset) &+ symbol])
      unsafe step(places, &symbol, foretold: &foretold, &offset, &probability)
      unsafe step(places, &symbol, foretold: &foretold, &offset, &probability)
      unsafe step(places, &symbol, foretold: &foretold, &offset, &probability)
      unsafe step(places, &symbol, foretold: &foretold, &offset, &probability)
      unsafe step(places, &symbol, foretold: &foretold, &offset, &probability)
      unsafe step(places, &symbol, foretold: &foretold, &offset, &probability)
      unsafe step(places, &symbol, foretold: &foretold, &offset, &probability)
      let place = unsafe places + (offset &+ (foretold & offset) &+ symbol)
      return unsafe symbol &* 2 &+ blindBit(place, probability)
    }

    /// A symbol of `width` bits (1 to 5), the lowest first.
    @inline(__always)
    mutating func reversedTree(_ places: UnsafeMutablePointer<UInt16>, _ width: Int) -> Int {
      var symbol = 1
      var probability = unsafe UInt32(places[1])
      guard width > 1 else { return unsafe blindBit(places + symbol, probability) }
      var value = unsafe step(places, &symbol, &probability)
      guard width > 2 else { return unsafe value | blindBit(places + symbol, probability) &<< 1 }
      value |= unsafe step(places, &symbol, &probability) &<< 1
      guard width > 3 else { return unsafe value | blindBit(places + symbol, probability) &<< 2 }
      value |= unsafe step(places, &symbol, &probability) &<< 2
      guard width > 4 else { return unsafe value | blindBit(places + symbol, probability) &<< 3 }
      value |= unsafe step(places, &symbol, &probability) &<< 3
      return unsafe value | blindBit(places + symbol, probability) &<< 4
    }

    /// A symbol of 4 bits, the lowest first.
    @inline(__always)
    mutating func reversedTree4(_ places: UnsafeMutablePointer<UInt16>) -> Int {
      var symbol = 1
      var probability = unsafe UInt32(places[1])
      var value = unsafe step(places, &symbol, &probability)
      value |= unsafe step(places, &symbol, &probability) &<< 1
      value |= unsafe step(places, &symbol, &probability) &<< 2
      return unsafe value | blindBit(places + symbol, probability) &<< 3
    }

    /// A length: 2 to 273.
    @inline(__always)
    mutating func length(_ places: UnsafeMutablePointer<UInt16>, _ position: Int) -> Int {
      if unsafe !bit(places) {
        return unsafe tree3(places + (LZMALayout.shortLengths &+ position &<< 3)) &- 8 &+ 2
      }
      if unsafe !bit(places + 1) {
        return unsafe tree3(places + (LZMALayout.middleLengths &+ position &<< 3)) &+ 2
      }
      let (next, length) = unsafe Self.longLength(self, places + LZMALayout.longLengths)
      self = next
      return length
    }

    /// A length of 18 or more, and the coder behind it.
    ///
    /// WHY by value: what is lent to a call leaves its registers.
    @inline(never)
    private static func longLength(
      _ coder: RangeCoder, _ places: UnsafeMutablePointer<UInt16>
    ) -> (RangeCoder, Int) {
      var coder = coder
      let length = unsafe coder.tree8(places) &- 256 &+ 18
      return (coder, length)
    }

    /// A number of `count` bits, of which each is as likely as not.
    @inline(__always)
    mutating func directBits(_ count: Int) -> Int {
      var value = 0
      for _ in 0..<count {
        normalize()
        range &>>= 1
        let rest = code &- range
        // All bits set where `code < range`, which is below `1 << 31`.
        let mask = UInt32(bitPattern: Int32(bitPattern: rest) &>> 31)
        code = rest &+ (range & mask)
        value = value &* 2 &+ Int(truncatingIfNeeded: 1 &+ mask)
      }
      return value
    }
  }
}
