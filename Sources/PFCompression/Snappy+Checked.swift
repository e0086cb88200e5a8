package import PFCore

extension Snappy {
  /// The safe twin of `decompress`: spans alone, one element after the other, same results.
  package static func decompressChecked(
    _ input: Span<UInt8>, into output: inout MutableSpan<UInt8>, byteCount: Int
  ) throws(DecodingError) {
    precondition(byteCount >= 0 && byteCount <= output.count, "the output region is too small")
    var reader = ByteReader(input)
    guard try readPreamble(&reader) == byteCount else { throw .invalidValue(offset: 0) }
    var target = output._mutatingExtracting(first: byteCount)
    try decodeChecked(input, into: &target, from: Position(read: reader.offset, written: 0))
  }

  /// Where both sides stand between two elements.
  struct Position {
    var read: Int
    var written: Int
  }

  /// Decodes the elements of `input` from `position` on and fills `output` to its end.
  static func decodeChecked(
    _ input: Span<UInt8>, into output: inout MutableSpan<UInt8>, from position: Position
  ) throws(DecodingError) {
    var written = position.written
    var read = position.read
    while read < input.count {
      let start = read
      let element = try Element(of: input, at: &read)
      guard written < output.count else { throw .invalidValue(offset: start) }
      guard element.distance <= written else { throw .invalidValue(offset: start) }
      guard element.count <= output.count - written else {
        throw .limitExceeded(
          offset: start, declared: written + element.count, limit: output.count)
      }
      if element.distance == 0 {
        for index in 0..<element.count { output[written + index] = input[read + index] }
        read += element.count
      } else {
        for index in written..<(written + element.count) {
          output[index] = output[index - element.distance]
        }
      }
      written += element.count
    }
    guard written == output.count else { throw .truncated(offset: input.count, needed: 1) }
  }

  /// One element (format_description.txt, section 2): a literal has distance 0.
  private struct Element {
    var count: Int
    var distance: Int

    /// Reads the tag and what belongs to it; a literal's bytes are there, but not passed.
    init(of input: Span<UInt8>, at read: inout Int) throws(DecodingError) {
      let start = read
      let tag = Int(input[start])
      let upper = tag >> 2
      read += 1

      func number(_ width: Int) throws(DecodingError) -> Int {
        let left = input.count - read
        guard width <= left else { throw .truncated(offset: input.count, needed: width - left) }
        var value = 0
        for index in 0..<width { value |= Int(input[read + index]) << (8 * index) }
        read += width
        return value
      }

      switch tag & 3 {
      case 0:
        count = upper < 60 ? upper + 1 : try number(upper - 59) + 1
        distance = 0
        let left = input.count - read
        guard count <= left else { throw .truncated(offset: input.count, needed: count - left) }
        return
      case 1:
        count = 4 + (upper & 7)
        distance = try number(1) | (tag >> 5) << 8
      case 2:
        count = upper + 1
        distance = try number(2)
      default:
        count = upper + 1
        distance = try number(4)
      }
      guard distance > 0 else { throw .invalidValue(offset: start) }
    }
  }
}
