public import PFCore

/// The zlib format (RFC 1950): a DEFLATE stream with two bytes in front and an Adler-32 behind.
///
/// Preset dictionaries are refused. Zeros may follow; anything else is refused.
public enum Zlib {
  /// Decompresses `input` into a new array of at most `limit` bytes.
  ///
  /// - Throws: as `Gzip.decompress(_:limit:)`.
  public static func decompress(
    _ input: Span<UInt8>, limit: Int = .max
  ) throws(DecodingError) -> [UInt8] {
    try Deflate.decompress(input, frame: .zlib, limit: limit)
  }

  /// Decompresses `input`, which must hold exactly `byteCount` bytes, to the start of `output`.
  ///
  /// Shapes and errors are those of `Gzip.decompress(_:into:byteCount:)`.
  public static func decompress(
    _ input: Span<UInt8>, into output: inout MutableSpan<UInt8>, byteCount: Int
  ) throws(DecodingError) {
    try Deflate.decompress(input, frame: .zlib, into: &output, byteCount: byteCount)
  }

  /// Reads the two bytes of RFC 1950, section 2.2; false when the input ends before.
  ///
  /// The window that they declare (at most 32 KiB) is not held against distances, as in zlib.
  static func readHeader(_ reader: inout Deflate.BitReader) throws(DecodingError) -> Bool {
    guard let field = reader.take(16) else { return false }
    let method = field & 15
    let window = field >> 4 & 15
    let hasDictionary = field >> 13 & 1 == 1
    guard ((field & 0xFF) << 8 | field >> 8) % 31 == 0, method == 8, window <= 7, !hasDictionary
    else { throw .invalidValue(offset: reader.offset) }
    return true
  }
}

/// The checksum of RFC 1950, section 8.2.
struct Adler32 {
  private var low: UInt32 = 1
  private var high: UInt32 = 0

  var value: UInt32 { high << 16 | low }

  /// Appends `bytes`: sixteen a step, and as many steps between two divisions as fit 32 bits.
  mutating func update(_ bytes: Span<UInt8>) {
    var offset = 0
    while offset < bytes.count {
      let end = min(offset + 5552, bytes.count)
      while offset <= end - 16 {
        var sum: UInt32 = 0
        var weighted: UInt32 = 0
        for index in 0..<16 {
          let byte = UInt32(bytes[offset &+ index])
          sum &+= byte
          weighted &+= byte &* UInt32(truncatingIfNeeded: 16 &- index)
        }
        high &+= low &* 16 &+ weighted
        low &+= sum
        offset += 16
      }
      while offset < end {
        low &+= UInt32(bytes[offset])
        high &+= low
        offset += 1
      }
      low %= 65521
      high %= 65521
    }
  }
}
