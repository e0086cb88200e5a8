import PFCompression
import PFCore

/// Writes LZ4 sequences as asked, also ones that no compressor would make.
struct LZ4Block {
  private(set) var bytes: [UInt8] = []
  /// What the sequences decode to, byte by byte as the specification says.
  private(set) var decoded: [UInt8] = []

  /// What was decoded before this block, for matches that reach back there.
  init(after history: [UInt8] = []) { decoded = history }

  private static func more(_ length: Int) -> [UInt8] {
    guard length >= 15 else { return [] }
    return [UInt8](repeating: 255, count: (length - 15) / 255) + [UInt8((length - 15) % 255)]
  }

  mutating func sequence(_ literals: [UInt8], distance: Int, count: Int) {
    bytes.append(UInt8(min(literals.count, 15) << 4 | min(count - 4, 15)))
    bytes += Self.more(literals.count) + literals
    bytes += [UInt8(truncatingIfNeeded: distance), UInt8(distance >> 8)]
    bytes += Self.more(count - 4)
    decoded += literals
    for _ in 0..<count { decoded.append(decoded[decoded.count - distance]) }
  }

  /// The last sequence.
  mutating func end(_ literals: [UInt8]) {
    bytes.append(UInt8(min(literals.count, 15) << 4))
    bytes += Self.more(literals.count) + literals
    decoded += literals
  }

  /// A random block of about `count` decoded bytes, rich in near and in overlapping matches.
  static func random(
    count: Int, after history: [UInt8] = [], using generator: inout SeededGenerator
  ) -> LZ4Block {
    var block = LZ4Block(after: history)
    while block.decoded.count < history.count + count {
      let long = UInt8.random(in: 0..<10, using: &generator)
      let literals = generator.bytes(
        Int.random(in: 0...(long == 0 ? 600 : long < 3 ? 16 : 5), using: &generator))
      let farthest = min(block.decoded.count + literals.count, 65535)
      guard farthest > 0 else { continue }
      let near = Bool.random(using: &generator) ? min(farthest, 20) : farthest
      block.sequence(
        literals, distance: Int.random(in: 1...near, using: &generator),
        count: Int.random(in: 4...(long == 9 ? 900 : long > 6 ? 40 : 8), using: &generator))
    }
    block.end(generator.bytes(Int.random(in: 0...40, using: &generator)))
    return block
  }
}

extension LZ4 {
  /// Both decoders on the same bytes, the fast one with several slacks behind the output.
  ///
  /// Returns nil where they disagree or where a byte behind the output region was touched.
  static func decompressEveryWay(
    _ input: [UInt8], byteCount: Int, slacks: [Int] = [0, 1, 40, outputSlack]
  ) -> Result<[UInt8], DecodingError>? {
    let expected = intoRegion(byteCount, slack: 0) { target throws(DecodingError) in
      try decompressChecked(input.span, into: &target, byteCount: byteCount)
    }
    for slack in slacks {
      let result = intoRegion(byteCount, slack: slack) { target throws(DecodingError) in
        try decompress(input.span, into: &target, byteCount: byteCount)
      }
      guard result == expected else { return nil }
    }
    return expected
  }
}

/// What `decode` leaves in a region of `byteCount + slack` bytes; nil when it leaves the region.
func intoRegion(
  _ byteCount: Int, slack: Int,
  _ decode: (inout MutableSpan<UInt8>) throws(DecodingError) -> Void
) -> Result<[UInt8], DecodingError>? {
  var region = [UInt8](repeating: 0xA5, count: byteCount + slack + 16)
  let result: Result<[UInt8], DecodingError>
  do throws(DecodingError) {
    var whole = region.mutableSpan
    var target = whole._mutatingExtracting(first: byteCount + slack)
    try decode(&target)
    result = .success(Array(region[..<byteCount]))
  } catch {
    result = .failure(error)
  }
  return region[(byteCount + slack)...].allSatisfy { $0 == 0xA5 } ? result : nil
}
