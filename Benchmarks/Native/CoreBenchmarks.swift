internal import PFCore

/// Cases of `PFCore`.
let coreBenchmarks = [
  Benchmark(
    name: "core/uleb128/bytes=1-10/64Ki", amount: uleb128Count, unit: .millions,
    allocationLimit: 0
  ) {
    let bytes = encodedIntegers(count: uleb128Count)
    return {
      var reader = ByteReader(bytes.span)
      var sum: UInt64 = 0
      for _ in 0..<uleb128Count { sum &+= try reader.readULEB128() }
      return Int(truncatingIfNeeded: sum)
    }
  }
]

private let uleb128Count = 64 * 1024

/// Unsigned LEB128 integers of every length from one byte to ten, in seeded random order.
private func encodedIntegers(count: Int) -> [UInt8] {
  var random = SeededGenerator(seed: 7)
  var bytes: [UInt8] = []
  for _ in 0..<count {
    var rest = random.next() >> UInt64.random(in: 0..<64, using: &random)
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }
  return bytes
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same data on every run.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
