public import PFCore

/// GZIP (RFC 1952): members one after the other, each a DEFLATE stream with a header, a CRC-32 and
/// its size; Parquet's GZIP codec, and files that end in `.gz`.
///
/// All fields of the header are passed, its checksum is checked where there is one. Zeros may stand
/// behind a member; anything else that is no member is refused.
public enum Gzip {
  /// Bytes past the decompressed size which, when the output region has them, let all elements
  /// take the fast path. They hold rubbish afterwards. With fewer, only the last bytes are slower.
  public static let outputSlack = Deflate.outputSlack

  /// Decompresses all members of `input` into a new array of at most `limit` bytes.
  ///
  /// - Throws: `.truncated` when the last member does not end, `.invalidValue` at what is malformed
  ///   or behind a checksum that is wrong, `.limitExceeded` when there are more than `limit` bytes.
  public static func decompress(
    _ input: Span<UInt8>, limit: Int = .max
  ) throws(DecodingError) -> [UInt8] {
    try Deflate.decompress(input, frame: .gzip, limit: limit)
  }

  /// Decompresses `input`, which must hold exactly `byteCount` bytes, to the start of `output`.
  ///
  /// Shapes: `output.count >= byteCount`; with `outputSlack` more, every element takes the fast
  /// path. All of `output` may be overwritten, also on failure.
  /// - Throws: as `decompress(_:limit:)`; `.truncated` when there are fewer than `byteCount` bytes.
  public static func decompress(
    _ input: Span<UInt8>, into output: inout MutableSpan<UInt8>, byteCount: Int
  ) throws(DecodingError) {
    try Deflate.decompress(input, frame: .gzip, into: &output, byteCount: byteCount)
  }

  /// `decompress(_:into:byteCount:)` over raw memory, for output that is not initialised yet.
  ///
  /// Unsafe precondition: both regions are valid for the call and do not overlap.
  package static func decompress(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, byteCount: Int
  ) throws(DecodingError) {
    try unsafe Deflate.decompress(input, frame: .gzip, into: output, byteCount: byteCount)
  }
}

/// The header of a GZIP member (RFC 1952, section 2.3), read byte by byte.
struct GzipHeader {
  private enum Field {
    case fixed
    case extraSize
    case extra
    case name
    case comment
    case checksum
    case end
  }

  private var field = Field.fixed
  /// Bytes read of the field, and its size where the field before told it.
  private var index = 0
  private var extraSize = 0
  private var flags = 0
  private var storedChecksum: UInt32 = 0
  private var crc32 = CRC32()

  /// Takes the first byte, which was read to see whether there is another member.
  mutating func begin(_ byte: Int, offset: Int) throws(DecodingError) {
    try append(byte, offset: offset)
  }

  /// Reads to the end of the header; false when the input ends before.
  mutating func read(_ reader: inout Deflate.BitReader) throws(DecodingError) -> Bool {
    while true {
      passAbsentFields()
      guard field != .end else { return true }
      guard let byte = reader.take(8) else { return false }
      try append(byte, offset: reader.offset)
    }
  }

  /// The flags say which fields there are: bit 1 the header's checksum, 2 an extra field, 3 a name,
  /// 4 a comment.
  private mutating func passAbsentFields() {
    if field == .extraSize, flags & 4 == 0 { field = .name }
    if field == .extra, index == extraSize { go(to: .name) }
    if field == .name, flags & 8 == 0 { field = .comment }
    if field == .comment, flags & 16 == 0 { field = .checksum }
    if field == .checksum, flags & 2 == 0 { field = .end }
  }

  private mutating func go(to next: Field) {
    field = next
    index = 0
  }

  private mutating func append(_ byte: Int, offset: Int) throws(DecodingError) {
    let sum = crc32.value
    let bytes: InlineArray<1, UInt8> = [UInt8(truncatingIfNeeded: byte)]
    crc32.update(bytes.span)
    index += 1
    switch field {
    case .fixed:
      switch index {
      case 1: guard byte == 0x1F else { throw .invalidValue(offset: offset) }
      case 2: guard byte == 0x8B else { throw .invalidValue(offset: offset) }
      case 3: guard byte == 8 else { throw .invalidValue(offset: offset) }
      case 4:
        guard byte < 32 else { throw .invalidValue(offset: offset) }
        flags = byte
      default: break  // time, extra flags, operating system
      }
      if index == 10 { go(to: .extraSize) }
    case .extraSize:
      extraSize |= byte << (8 * (index - 1))
      if index == 2 { go(to: .extra) }
    case .extra: break
    case .name: if byte == 0 { go(to: .comment) }
    case .comment: if byte == 0 { go(to: .checksum) }
    case .checksum:
      if index == 1 {
        storedChecksum = UInt32(truncatingIfNeeded: byte) | (sum & 0xFFFF) << 16
      } else {
        let stored = storedChecksum & 0xFF | UInt32(truncatingIfNeeded: byte) << 8
        guard stored == storedChecksum >> 16 else { throw .invalidValue(offset: offset) }
        go(to: .end)
      }
    case .end: break
    }
  }
}
