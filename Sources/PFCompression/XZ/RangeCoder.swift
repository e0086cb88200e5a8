extension XZ {
  /// The range coder: bits, each by the probability that it is 0, which is then adapted.
  ///
  /// Those that come in no order (literals, trees) are decoded without branches; the two
  /// probabilities that can be next are loaded before it is known which one it is.
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
      normalize()
      let bound = (range &>> 11) &* probability
      // All bits set for 0, none for 1. The compiler makes conditional moves of what follows.
      // SAFETY: a `Bool` is a byte, 0 or 1.
      let mask = unsafe 0 &- UInt32(unsafeBitCast(code < bound, to: UInt8.self))
      let rest = code &- bound
      range = (bound & mask) | ((range &- bound) & ~mask)
      code = (code & mask) | (rest & ~mask)
      // Rounded as the two ways above do.
      let change = Int32(bitPattern: probability &+ ((0 &- 2017) & mask)) &>> 5
      unsafe place.pointee = UInt16(
        truncatingIfNeeded: probability &- UInt32(bitPattern: change))
      return Int(truncatingIfNeeded: 1 &+ mask)
    }

    /// A step down a tree, on to the probability of the place that is next.
    @inline(__always)
    private mutating func step(
      _ places: UnsafeMutablePointer<UInt16>, _ symbol: inout Int, _ probability: inout UInt32
    ) {
      let zero = unsafe UInt32(places[symbol &* 2])
      let one = unsafe UInt32(places[symbol &* 2 &+ 1])
      let bit = unsafe blindBit(places + symbol, probability)
      symbol = symbol &* 2 &+ bit
      let mask = UInt32(truncatingIfNeeded: bit &- 1)
      probability = (zero & mask) | (one & ~mask)
    }

    /// A symbol of 3 bits, the highest first, with a bit set above it.
    ///
    /// WHY no loop, here and below: the compiler puts branches into one.
    @inline(__always)
    mutating func tree3(_ places: UnsafeMutablePointer<UInt16>) -> Int {
      var symbol = 1
      var probability = unsafe UInt32(places[1])
      unsafe step(places, &symbol, &probability)
      unsafe step(places, &symbol, &probability)
      return unsafe symbol &* 2 &+ blindBit(places + symbol, probability)
    }

    /// A symbol of 6 bits.
    @inline(__always)
    mutating func tree6(_ places: UnsafeMutablePointer<UInt16>) -> Int {
      var symbol = 1
      var probability = unsafe UInt32(places[1])
      unsafe step(places, &symbol, &probability)
      unsafe step(places, &symbol, &probability)
      unsafe step(places, &symbol, &probability)
      unsafe step(places, &symbol, &probability)
      unsafe step(places, &symbol, &probability)
      return unsafe symbol &* 2 &+ blindBit(places + symbol, probability)
    }

    /// A symbol of 8 bits.
    @inline(__always)
    mutating func tree8(_ places: UnsafeMutablePointer<UInt16>) -> Int {
      var symbol = 1
      var probability = unsafe UInt32(places[1])
      unsafe step(places, &symbol, &probability)
      unsafe step(places, &symbol, &probability)
      unsafe step(places, &symbol, &probability)
      unsafe step(places, &symbol, &probability)
      unsafe step(places, &symbol, &probability)
      unsafe step(places, &symbol, &probability)
      unsafe step(places, &symbol, &probability)
      return unsafe symbol &* 2 &+ blindBit(places + symbol, probability)
    }

    /// A step of `tree8(_:foretold:)`.
    @inline(__always)
    private mutating func step(
      _ places: UnsafeMutablePointer<UInt16>, _ symbol: inout Int, foretold: inout Int,
      _ offset: inout Int
    ) {
      foretold &<<= 1
      let bitAhead = foretold & offset
      let place = unsafe places + (offset &+ bitAhead &+ symbol)
      let bit = unsafe blindBit(place, UInt32(place.pointee))
      symbol = symbol &* 2 &+ bit
      // As long as they are the same, the tree is that of the bit ahead.
      let mask = bit &- 1
      offset = ((offset ^ bitAhead) & mask) | (bitAhead & ~mask)
    }

    /// A symbol of 8 bits that `foretold` is a guess of: its bits choose among three trees.
    @inline(__always)
    mutating func tree8(_ places: UnsafeMutablePointer<UInt16>, foretold: Int) -> Int {
      var (symbol, offset, foretold) = (1, 0x100, foretold)
      unsafe step(places, &symbol, foretold: &foretold, &offset)
      unsafe step(places, &symbol, foretold: &foretold, &offset)
      unsafe step(places, &symbol, foretold: &foretold, &offset)
      unsafe step(places, &symbol, foretold: &foretold, &offset)
      unsafe step(places, &symbol, foretold: &foretold, &offset)
      unsafe step(places, &symbol, foretold: &foretold, &offset)
      unsafe step(places, &symbol, foretold: &foretold, &offset)
      unsafe step(places, &symbol, foretold: &foretold, &offset)
      return symbol
    }

    /// A symbol of `width` bits, the lowest first.
    @inline(__always)
    mutating func reversedTree(_ places: UnsafeMutablePointer<UInt16>, _ width: Int) -> Int {
      var symbol = 1
      var value = 0
      for index in 0..<width {
        let bit = unsafe blindBit(places + symbol, UInt32(places[symbol]))
        symbol = symbol &* 2 &+ bit
        value |= bit &<< index
      }
      return value
    }

    /// A symbol of 4 bits, the lowest first.
    @inline(__always)
    mutating func reversedTree4(_ places: UnsafeMutablePointer<UInt16>) -> Int {
      let first = unsafe blindBit(places + 1, UInt32(places[1]))
      let second = unsafe blindBit(places + (2 &+ first), UInt32(places[2 &+ first]))
      let two = 4 &+ first &* 2 &+ second
      let third = unsafe blindBit(places + two, UInt32(places[two]))
      let three = two &* 2 &+ third
      let fourth = unsafe blindBit(places + three, UInt32(places[three]))
      return first | second &<< 1 | third &<< 2 | fourth &<< 3
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
      return unsafe tree8(places + LZMALayout.longLengths) &- 256 &+ 18
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
