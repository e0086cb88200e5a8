import PFCSV
import Testing

@Suite struct `byte masks` {
  @Test(arguments: [UInt64(1), 2, 3, 4])
  func `the vector form and its portable twin agree`(seed: UInt64) {
    var random = Seeded(seed)
    let alphabet: [UInt8] = [0x2C, 0x22, 0x0A, 0x0D, 0x00, 0x80, 0xFF, 0x7F, 0x41, 0xAC, 0xA2]
    for _ in 0..<2000 {
      let bytes = (0..<64).map { _ in random.pick(alphabet) }
      for byte in alphabet {
        let masks = ByteMasks.masks(of: byte, in: bytes)
        let expected = bytes.enumerated().reduce(UInt64(0)) {
          $1.element == byte ? $0 | 1 << UInt64($1.offset) : $0
        }
        #expect(masks.vector == expected)
        #expect(masks.portable == expected)
        let feed = ByteMasks.masks(of: 0x0A, in: bytes).portable
        #expect(ByteMasks.mask(of: byte, or: 0x0A, in: bytes) == expected | feed)
      }
    }
  }

  @Test(arguments: [UInt64(5), 6])
  func `the parity of a prefix counts its bits`(seed: UInt64) {
    var random = Seeded(seed)
    for _ in 0..<1000 {
      let bits = random.next() & random.next()
      var parity: UInt64 = 0
      var expected: UInt64 = 0
      for index in 0..<64 {
        parity ^= bits >> UInt64(index) & 1
        expected |= parity << UInt64(index)
      }
      #expect(ByteMasks.prefixParity(bits) == expected)
    }
  }
}
