/// SHA-256 (FIPS 180-4), as .xz files may hold it and checkpoints of workflows need it.
package struct SHA256 {
  private var state: InlineArray<8, UInt32> = [
    0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB,
    0x5BE0_CD19,
  ]

  /// The 32 bytes of the digest of `bytes`.
  package static func digest(of bytes: Span<UInt8>) -> [UInt8] {
    var hash = SHA256()
    var offset = 0
    while offset <= bytes.count - 64 {
      hash.append(bytes.extracting(offset..<offset + 64))
      offset += 64
    }
    // Section 5.1.1: a bit that is set, zeros, the size in bits.
    let left = bytes.count - offset
    var last = [UInt8](repeating: 0, count: left < 56 ? 64 : 128)
    for index in 0..<left { last[index] = bytes[offset + index] }
    last[left] = 0x80
    for index in 0..<8 {
      last[last.count - 1 - index] = UInt8(truncatingIfNeeded: (bytes.count * 8) >> (8 * index))
    }
    for start in stride(from: 0, to: last.count, by: 64) {
      hash.append(last.span.extracting(start..<start + 64))
    }
    return (0..<32).map { UInt8(truncatingIfNeeded: hash.state[$0 / 4] >> UInt32(24 - $0 % 4 * 8)) }
  }

  /// Section 6.2.2, for a block of 64 bytes.
  private mutating func append(_ block: Span<UInt8>) {
    var words = InlineArray<64, UInt32>(repeating: 0)
    for index in 0..<16 {
      for byte in 0..<4 { words[index] = words[index] << 8 | UInt32(block[index * 4 + byte]) }
    }
    for index in 16..<64 {
      let (old, new) = (words[index - 15], words[index - 2])
      let first = Self.rotate(old, 7) ^ Self.rotate(old, 18) ^ old >> 3
      let second = Self.rotate(new, 17) ^ Self.rotate(new, 19) ^ new >> 10
      words[index] = words[index - 16] &+ first &+ words[index - 7] &+ second
    }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    for index in 0..<64 {
      let mixed = Self.rotate(e, 6) ^ Self.rotate(e, 11) ^ Self.rotate(e, 25)
      let choice = e & f ^ ~e & g
      let first = h &+ mixed &+ choice &+ Self.constants[index] &+ words[index]
      let other = Self.rotate(a, 2) ^ Self.rotate(a, 13) ^ Self.rotate(a, 22)
      let majority = a & b ^ a & c ^ b & c
      (h, g, f, e) = (g, f, e, d &+ first)
      (d, c, b, a) = (c, b, a, first &+ other &+ majority)
    }
    for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= word }
  }

  private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
    word &>> count | word &<< (32 &- count)
  }

  /// Section 4.2.2: of the first 64 primes, the cube roots' first 32 bits behind the point.
  private static let constants: InlineArray<64, UInt32> = {
    var constants = InlineArray<64, UInt32>(repeating: 0)
    var count = 0
    var number: UInt32 = 2
    while count < 64 {
      defer { number += 1 }
      guard (2..<number).allSatisfy({ number % $0 != 0 }) else { continue }
      // The greatest root with `root³ <= number << 96`.
      var root: UInt64 = 0
      for bit in (0..<36).reversed() {
        let next = UInt128(root | 1 << UInt64(bit))
        if next * next * next <= UInt128(number) << 96 { root = UInt64(next) }
      }
      constants[count] = UInt32(truncatingIfNeeded: root)
      count += 1
    }
    return constants
  }()
}
