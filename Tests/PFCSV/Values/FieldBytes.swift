import PFCSV
import Testing

/// Calls `body` with a field and, behind it, exactly the bytes that parsers may load.
///
/// The answer must not depend on what stands there: it is asked for with digits, marks, letters and
/// zeros behind the field, and nil is an issue.
@safe func read<T: Equatable>(
  _ field: [UInt8], _ body: (UnsafePointer<UInt8>, Int) -> T?,
  sourceLocation: SourceLocation = #_sourceLocation
) -> T? {
  var first: T??
  for filler in [UInt8(ascii: "7"), UInt8(ascii: "."), 0, 0xFF] {
    let bytes = field + [UInt8](repeating: filler, count: DigitWords.slack)
    let value = unsafe bytes.withUnsafeBufferPointer { buffer -> T? in
      guard let start = buffer.baseAddress else { return nil }
      return unsafe body(start, field.count)
    }
    if let first, first != value {
      Issue.record("bytes behind the field count", sourceLocation: sourceLocation)
    }
    first = .some(value)
  }
  return first ?? nil
}

/// The same with text.
@safe func read<T: Equatable>(
  _ text: String, _ body: (UnsafePointer<UInt8>, Int) -> T?,
  sourceLocation: SourceLocation = #_sourceLocation
) -> T? {
  read(Array(text.utf8), body, sourceLocation: sourceLocation)
}

/// Lends the first `count` bytes of an array to be written.
@safe func lend<T, E: Error>(
  _ bytes: inout [UInt8], _ count: Int, _ body: (UnsafeMutableRawBufferPointer) throws(E) -> T
) throws(E) -> T {
  var whole = bytes.mutableSpan
  var span = whole._mutatingExtracting(first: count)
  return try unsafe span.withUnsafeMutableBytes(body)
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every run.
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

/// How many random cases a test takes: few where the compiler does not optimise.
func sampleCount(_ count: Int) -> Int {
  #if DEBUG
    count / 200
  #else
    count
  #endif
}
