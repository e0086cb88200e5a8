import PFCompression
import PFCore

/// SplitMix64: the same numbers for the same seed everywhere.
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

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
  }
}

/// Writes Snappy elements as asked, also ones that no compressor would make.
struct SnappyStream {
  private(set) var elements: [UInt8] = []
  /// What the elements decode to, byte by byte as the specification says.
  private(set) var decoded: [UInt8] = []

  var bytes: [UInt8] { Self.preamble(decoded.count) + elements }

  static func preamble(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = count
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  /// `width`: bytes of the length that follow the tag; 0 keeps it in the tag (at most 60).
  mutating func literal(_ bytes: [UInt8], width: Int = 0) {
    let last = bytes.count - 1
    elements.append(UInt8((width == 0 ? last : 59 + width) << 2))
    elements += (0..<width).map { UInt8(truncatingIfNeeded: last >> (8 * $0)) }
    elements += bytes
    decoded += bytes
  }

  /// `width`: bytes of the offset, 1, 2 or 4.
  mutating func copy(distance: Int, count: Int, width: Int) {
    switch width {
    case 1: elements.append(UInt8((distance >> 8) << 5 | (count - 4) << 2 | 1))
    case 2: elements.append(UInt8((count - 1) << 2 | 2))
    default: elements.append(UInt8((count - 1) << 2 | 3))
    }
    elements += (0..<width).map { UInt8(truncatingIfNeeded: distance >> (8 * $0)) }
    for _ in 0..<count { decoded.append(decoded[decoded.count - distance]) }
  }

  /// A random stream of about `count` decoded bytes, rich in near and in overlapping copies.
  static func random(count: Int, using generator: inout SeededGenerator) -> SnappyStream {
    var stream = SnappyStream()
    while stream.decoded.count < count {
      let produced = stream.decoded.count
      guard produced > 0, UInt8.random(in: 0..<10, using: &generator) < 7 else {
        let long = UInt8.random(in: 0..<8, using: &generator) == 0
        let size = Int.random(in: 1...(long ? 300 : 20), using: &generator)
        stream.literal(generator.bytes(size), width: size > 60 ? (size > 256 ? 2 : 1) : 0)
        continue
      }
      let farthest = Bool.random(using: &generator) ? min(produced, 20) : produced
      let distance = Int.random(in: 1...farthest, using: &generator)
      let widths = distance < 2048 ? [1, 1, 2, 2, 4] : [2, 2, 4]
      let width = distance < 65536 ? widths.randomElement(using: &generator) ?? 2 : 4
      let most = width == 1 ? 11 : Bool.random(using: &generator) ? 64 : 12
      let size = Int.random(in: (width == 1 ? 4 : 1)...most, using: &generator)
      stream.copy(distance: distance, count: size, width: width)
    }
    return stream
  }
}

/// Both decoders on the same bytes, the fast one with each of the given slacks behind the output.
///
/// Returns nil where they disagree or where a byte behind the output region was touched.
func decompressEveryWay(
  _ input: [UInt8], byteCount: Int, slacks: [Int] = [0, 1, 40, Snappy.outputSlack]
) -> Result<[UInt8], DecodingError>? {
  var output = [UInt8](repeating: 0, count: byteCount)
  let expected: Result<[UInt8], DecodingError>
  do throws(DecodingError) {
    var target = output.mutableSpan
    try Snappy.decompressChecked(input.span, into: &target, byteCount: byteCount)
    expected = .success(output)
  } catch {
    expected = .failure(error)
  }

  for slack in slacks {
    var region = [UInt8](repeating: 0xA5, count: byteCount + slack + 16)
    let result: Result<[UInt8], DecodingError>
    do throws(DecodingError) {
      var whole = region.mutableSpan
      var target = whole._mutatingExtracting(first: byteCount + slack)
      try Snappy.decompress(input.span, into: &target, byteCount: byteCount)
      result = .success(Array(region[..<byteCount]))
    } catch {
      result = .failure(error)
    }
    guard result == expected else { return nil }
    guard region[(byteCount + slack)...].allSatisfy({ $0 == 0xA5 }) else { return nil }
  }
  return expected
}
