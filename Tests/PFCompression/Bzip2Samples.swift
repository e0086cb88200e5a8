import Foundation
import PFCompression
import PFCore

/// Writes bzip2 streams as asked, also ones that no compressor would make.
struct Bzip2Stream {
  private(set) var bytes: [UInt8] = []
  private var bitCount = 0
  private var checksum: UInt32 = 0
  /// What the blocks decode to.
  private(set) var decoded: [UInt8] = []

  static let blockMagic = 0x3141_5926_5359
  static let endMagic = 0x1772_4538_5090

  init(level: Int = 9) {
    bits(0x425A68, 24)
    bits(0x30 + level, 8)
  }

  mutating func bits(_ value: Int, _ width: Int) {
    for index in (0..<width).reversed() {
      if bitCount & 7 == 0 { bytes.append(0) }
      bytes[bytes.count - 1] |= UInt8(value >> index & 1) << UInt8(7 - bitCount & 7)
      bitCount += 1
    }
  }

  /// What may differ from what a compressor writes.
  struct Options {
    var isRandomised = false
    var origin: Int?
    var checksum: UInt32?
    /// Of the widths of codes: by code, then by symbol.
    var widths: [[Int]]?
    /// Codes in turn.
    var codeCount = 2
    var selectorCount: Int?
    var hasEnd = true
  }

  /// A block that holds `plain`.
  mutating func block(_ plain: [UInt8], _ options: Options = Options()) {
    let (column, origin) = Self.sortedColumn(of: Self.packRuns(plain))
    block(column: column, origin: origin, decoding: plain, options)
  }

  /// A block of which the last column of the sorted rotations is given.
  mutating func block(
    column: [UInt8], origin: Int, decoding plain: [UInt8], _ options: Options = Options()
  ) {
    let known = (0...255).filter { column.contains(UInt8($0)) }.map { UInt8($0) }
    let symbols = Self.symbols(of: column, list: known) + (options.hasEnd ? [known.count + 1] : [])
    let symbolCount = known.count + 2
    let codeCount = options.widths?.count ?? options.codeCount
    let same = Int.bitWidth - (symbolCount - 1).leadingZeroBitCount
    let widths =
      options.widths
      ?? [[Int]](repeating: [Int](repeating: same, count: symbolCount), count: codeCount)

    let sum = options.checksum ?? Self.checksum(of: plain)
    checksum = (checksum << 1 | checksum >> 31) ^ sum
    decoded += plain
    bits(Self.blockMagic, 48)
    bits(Int(sum), 32)
    bits(options.isRandomised ? 1 : 0, 1)
    bits(options.origin ?? origin, 24)
    let ranges = (0..<16).map { range in known.contains { Int($0) >> 4 == range } }
    for range in ranges { bits(range ? 1 : 0, 1) }
    for range in 0..<16 where ranges[range] {
      for byte in 0..<16 { bits(known.contains(UInt8(range << 4 | byte)) ? 1 : 0, 1) }
    }
    bits(codeCount, 3)

    let groups = max(1, (symbols.count + 49) / 50)
    let selectorCount = options.selectorCount ?? groups
    bits(selectorCount, 15)
    var order = Array(0..<codeCount)
    for group in 0..<selectorCount {
      let place = order.firstIndex(of: group % codeCount) ?? 0
      bits((1 << place - 1) << 1, place + 1)
      order.insert(order.remove(at: place), at: 0)
    }
    for widths in widths {
      bits(widths[0], 5)
      var width = widths[0]
      for next in widths {
        while width != next {
          bits(next > width ? 2 : 3, 2)
          width += next > width ? 1 : -1
        }
        bits(0, 1)
      }
    }
    let codes = widths.map { Self.codes($0) }
    for (index, symbol) in symbols.enumerated() {
      let code = codes[index / 50 % codeCount][symbol]
      bits(code.value, code.width)
    }
  }

  /// Ends the stream and gives its bytes.
  mutating func end(checksum other: UInt32? = nil) -> [UInt8] {
    bits(Self.endMagic, 48)
    bits(Int(other ?? checksum), 32)
    return bytes
  }

  /// The highest bit first, bit by bit.
  static func checksum(of bytes: [UInt8]) -> UInt32 {
    var crc = UInt32.max
    for byte in bytes {
      crc ^= UInt32(byte) << 24
      for _ in 0..<8 { crc = crc << 1 ^ (crc >> 31 == 1 ? 0x04C1_1DB7 : 0) }
    }
    return ~crc
  }

  /// Four bytes that are the same, then how many more there are.
  static func packRuns(_ plain: [UInt8]) -> [UInt8] {
    var packed: [UInt8] = []
    var index = 0
    while index < plain.count {
      var count = 1
      while count < 259, index + count < plain.count, plain[index + count] == plain[index] {
        count += 1
      }
      packed += [UInt8](repeating: plain[index], count: min(count, 4))
      if count >= 4 { packed.append(UInt8(count - 4)) }
      index += count
    }
    return packed
  }

  /// The last bytes of all rotations in order, and the place of `bytes` itself.
  static func sortedColumn(of bytes: [UInt8]) -> (column: [UInt8], origin: Int) {
    let count = bytes.count
    let doubled = bytes + bytes
    let rows = (0..<count).sorted { first, second in
      for index in 0..<count where doubled[first + index] != doubled[second + index] {
        return doubled[first + index] < doubled[second + index]
      }
      return first < second
    }
    return (
      rows.map { bytes[($0 + count - 1) % count] }, rows.firstIndex(of: 0) ?? 0
    )
  }

  /// What a column says, by its definition: `count` steps from row to row.
  static func rotation(of column: [UInt8], origin: Int) -> [UInt8] {
    let rows = column.indices.sorted {
      column[$0] == column[$1] ? $0 < $1 : column[$0] < column[$1]
    }
    var row = origin
    return column.map { _ in
      defer { row = rows[row] }
      return column[rows[row]]
    }
  }

  /// Places in the list of bytes, the first ones as the digits of their number.
  private static func symbols(of column: [UInt8], list known: [UInt8]) -> [Int] {
    var list = known
    var symbols: [Int] = []
    var run = 0
    func endRun() {
      while run > 0 {
        symbols.append(run & 1 == 1 ? 0 : 1)
        run = (run - 1) >> 1
      }
    }
    for byte in column {
      let place = list.firstIndex(of: byte) ?? 0
      if place == 0 {
        run += 1
        continue
      }
      endRun()
      symbols.append(place + 1)
      list.insert(list.remove(at: place), at: 0)
    }
    endRun()
    return symbols
  }

  /// Codes of ascending width, counted up.
  static func codes(_ widths: [Int]) -> [(value: Int, width: Int)] {
    var next = 0
    var codes = widths.map { (0, $0) }
    for width in 1...20 {
      next <<= 1
      for symbol in widths.indices where widths[symbol] == width {
        codes[symbol] = (next, width)
        next += 1
      }
    }
    return codes
  }

  /// The widths of a complete code of `count >= 2` symbols, by splitting leaves at random.
  static func randomWidths(_ count: Int, using generator: inout SeededGenerator) -> [Int] {
    var leaves = [0]
    while leaves.count < count {
      // Mostly the leaf that was split last, so that the code gets deep.
      let index =
        Bool.random(using: &generator)
        ? leaves.count - 1 : leaves.indices.randomElement(using: &generator) ?? 0
      guard leaves[index] < 20 else { continue }
      leaves[index] += 1
      leaves.append(leaves[index])
    }
    return leaves.shuffled(using: &generator)
  }
}

/// A file of Tests/Fixtures/bzip2.
func bzip2Fixture(_ name: String) throws -> [UInt8] {
  let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  return try [UInt8](Data(contentsOf: tests.appending(path: "Fixtures/bzip2/\(name).bz2")))
}
