internal import PFCore

/// The prefix code of literals (RFC 8878, section 4.2): its description and its decoding tables.
///
/// Both tables are looked up with the next 11 bits. The single one gives a symbol, as
/// `symbol << 8 | width`. The double one gives as many symbols as fit 11 bits, one or two, as
/// `second << 24 | first << 16 | count << 8 | width`.
@safe struct HuffmanTable {
  /// The longest code, and the width of a look-up.
  static let log = 11
  static let entryCount = 1 << log

  var singles: UnsafeMutablePointer<UInt16>
  var doubles: UnsafeMutablePointer<UInt32>
  /// One byte for each of 256 symbols.
  var weights: UnsafeMutablePointer<UInt8>
  /// The symbols, those of the smallest weight first.
  var sorted: UnsafeMutablePointer<UInt8>
  /// By weight: how many symbols have it. 13 numbers.
  var weightCounts: UnsafeMutablePointer<Int>
  /// States of the weights' own code.
  var states: UnsafeMutablePointer<UInt64>
  /// 1024 words.
  var pairs: UnsafeMutablePointer<UInt32>
  var scratch: FSETable.Scratch

  /// Reads a description (section 4.2.1) and makes the single table of it.
  ///
  /// SAFETY: the eight bytes before those of `reader` are readable.
  func read(_ reader: inout ByteReader) throws(DecodingError) {
    let start = reader.offset
    let header = Int(try reader.readByte())
    let count: Int
    if header >= 128 {
      count = header - 127
      let bytes = try reader.readSpan(count: (count + 1) / 2)
      for index in 0..<count {
        let pair = bytes[index &>> 1]
        // SAFETY: `count` is at most 128.
        unsafe weights[index] = index & 1 == 0 ? pair &>> 4 : pair & 15
      }
    } else {
      var body = ByteReader(try reader.readSpan(count: header))
      do throws(DecodingError) {
        count = try readWeights(&body)
      } catch { throw error.shifted(by: start + 1) }
    }
    guard makeSingles(weightCount: count) else { throw .invalidValue(offset: start) }
  }

  private static let weightMeanings: [UInt64] = (0..<256).map { $0 << 32 }

  /// Reads weights that are compressed themselves (section 4.2.1.2); gives how many.
  private func readWeights(_ reader: inout ByteReader) throws(DecodingError) -> Int {
    let description = try unsafe FSETable.readDescription(
      &reader, maximumLog: 6, maximumSymbolCount: 256, scratch: scratch)
    unsafe FSETable.build(
      states, description, meanings: Self.weightMeanings.span, scratch: scratch)
    let start = reader.offset
    let stream = try reader.readSpan(count: reader.remaining)
    // SAFETY: the description stands before the stream, and headers before it.
    let count: Int? = unsafe stream.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress,
        var bits = unsafe BackwardBits(base, count: bytes.count)
      else { return nil }
      return unsafe decodeWeights(&bits, log: description.log)
    }
    guard let count else { throw .invalidValue(offset: start) }
    return count
  }

  /// Two states take turns until one of them wants more bits than there are.
  private func decodeWeights(_ bits: inout BackwardBits, log: Int) -> Int? {
    guard unsafe bits.refill() else { return nil }
    var state = unsafe bits.read(log)
    var other = unsafe bits.read(log)
    guard unsafe bits.remaining >= 0 else { return nil }
    var count = 0
    while count < 255 {
      // SAFETY: states are below `1 << log`, as the table is built; `count < 255`.
      let entry = unsafe states[state]
      unsafe weights[count] = UInt8(truncatingIfNeeded: entry &>> 32)
      count &+= 1
      let width = Int(entry & 0xFF)
      guard unsafe bits.refill() else { return nil }
      if unsafe width > bits.remaining {
        guard count < 255 else { return nil }
        unsafe weights[count] = UInt8(truncatingIfNeeded: states[other] &>> 32)
        return count &+ 1
      }
      let next = Int((entry &>> 16) & 0xFFFF) &+ (unsafe bits.read(width))
      state = other
      other = next
    }
    return nil
  }

  /// Adds the last weight, which is not written, and lays the codes out (section 4.2.1.3).
  private func makeSingles(weightCount: Int) -> Bool {
    for weight in 0...12 { unsafe weightCounts[weight] = 0 }
    var total = 0
    for symbol in 0..<weightCount {
      let weight = unsafe Int(weights[symbol])
      guard weight <= Self.log else { return false }
      unsafe weightCounts[weight] &+= 1
      total &+= (1 &<< weight) &>> 1
    }
    guard total > 0 else { return false }
    let width = Int.bitWidth &- total.leadingZeroBitCount
    let rest = (1 &<< width) &- total
    guard width <= Self.log, rest & (rest &- 1) == 0 else { return false }
    let lastWeight = rest.trailingZeroBitCount &+ 1
    // SAFETY: there are at most 255 written weights, and `lastWeight <= width`.
    unsafe weights[weightCount] = UInt8(truncatingIfNeeded: lastWeight)
    unsafe weightCounts[lastWeight] &+= 1
    guard unsafe weightCounts[1] >= 2, unsafe weightCounts[1] & 1 == 0 else { return false }

    // The symbols by weight, in a counting sort.
    var next = InlineArray<13, Int>(repeating: 0)
    var sum = 0
    for weight in 1...12 {
      next[weight] = sum
      unsafe sum &+= weightCounts[weight]
    }
    for symbol in 0...weightCount {
      let weight = unsafe Int(weights[symbol])
      guard weight > 0 else { continue }
      unsafe sorted[next[weight]] = UInt8(truncatingIfNeeded: symbol)
      next[weight] &+= 1
    }

    // SAFETY: the weights add up to `1 << width`, so the codes fill the table exactly.
    var entry = 0
    var index = 0
    for weight in 1...width {
      let code = width &+ 1 &- weight
      let length = 1 &<< (Self.log &- code)
      for _ in 0..<(unsafe weightCounts[weight]) {
        let value = unsafe UInt16(sorted[index]) &<< 8 | UInt16(truncatingIfNeeded: code)
        unsafe Self.fill(singles + entry, length, with: value)
        entry &+= length
        index &+= 1
      }
    }
    return true
  }

  @inline(__always)
  private static func fill(_ target: UnsafeMutablePointer<UInt16>, _ count: Int, with value: UInt16)
  {
    if count < 4 {
      for index in 0..<count { unsafe target[index] = value }
      return
    }
    let word = UInt64(value) &* 0x0001_0001_0001_0001
    var index = 0
    repeat {
      unsafe UnsafeMutableRawPointer(target + index).storeBytes(of: word, as: UInt64.self)
      index &+= 4
    } while index < count
  }

  /// Makes the double table of the single one.
  ///
  /// All codes of one width are followed by the same bits, so what comes second is worked out once
  /// for each width and the first symbol added to a copy.
  func makeDoubles() {
    var entry = 0
    var pairsWidth = 0
    while entry < Self.entryCount {
      // SAFETY: each width is 1...11, so there are at most 1024 pairs, and the code at `entry`
      // fills the next `count` entries.
      let single = unsafe singles[entry]
      let width = Int(single & 0xFF)
      let count = 1 &<< (Self.log &- width)
      if width != pairsWidth {
        pairsWidth = width
        for index in 0..<count {
          let second = unsafe UInt32(singles[index &<< width])
          let both = (second & 0xFF) &+ UInt32(truncatingIfNeeded: width)
          unsafe pairs[index] =
            both <= UInt32(Self.log)
            ? (second &>> 8) &<< 24 | 2 &<< 8 | both
            : 1 &<< 8 | UInt32(truncatingIfNeeded: width)
        }
      }
      let first = UInt32(single &>> 8) &<< 16
      for index in 0..<count { unsafe doubles[entry &+ index] = pairs[index] | first }
      entry &+= count
    }
  }
}
