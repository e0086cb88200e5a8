package import PFCore

extension LZ4 {
  /// The safe twin of `decompress`: spans alone, one sequence after the other, same results.
  package static func decompressChecked(
    _ input: Span<UInt8>, into output: inout MutableSpan<UInt8>, byteCount: Int
  ) throws(DecodingError) {
    precondition(byteCount >= 0 && byteCount <= output.count, "the output region is too small")
    var target = output._mutatingExtracting(first: byteCount)
    var position = Position(read: 0, written: 0)
    try decodeChecked(input, into: &target, history: 0, from: &position)
    guard position.written == byteCount else { throw .truncated(offset: input.count, needed: 1) }
  }

  /// Where both sides stand between two sequences.
  struct Position {
    var read: Int
    var written: Int
  }

  /// Decodes the sequences of the block `input` from `position` on, up to its end.
  ///
  /// Matches may reach back to `history`. Nothing is written behind the end of `output`.
  static func decodeChecked(
    _ input: Span<UInt8>, into output: inout MutableSpan<UInt8>, history: Int,
    from position: inout Position
  ) throws(DecodingError) {
    var read = position.read
    var written = position.written

    /// Continues a length that the token gives as `nibble`.
    func length(_ nibble: Int) throws(DecodingError) -> Int {
      guard nibble == 15 else { return nibble }
      var sum = nibble
      while true {
        guard read < input.count else { throw .truncated(offset: read, needed: 1) }
        let byte = Int(input[read])
        read += 1
        sum += byte  // cannot overflow: 255 for a byte of input
        if byte < 255 { return sum }
      }
    }

    while true {
      let start = read
      guard read < input.count else { throw .truncated(offset: read, needed: 1) }
      let token = Int(input[read])
      read += 1

      let literalCount = try length(token >> 4)
      let left = input.count - read
      guard literalCount <= left else {
        throw .truncated(offset: input.count, needed: literalCount - left)
      }
      guard literalCount <= output.count - written else {
        throw .limitExceeded(
          offset: start, declared: written + literalCount, limit: output.count)
      }
      for index in 0..<literalCount { output[written + index] = input[read + index] }
      read += literalCount
      written += literalCount
      if read == input.count { break }  // the last sequence has literals only

      guard input.count - read >= 2 else { throw .truncated(offset: input.count, needed: 1) }
      let distance = Int(input[read]) | Int(input[read + 1]) << 8
      read += 2
      let matchCount = try length(token & 15) + 4
      guard distance > 0, distance <= written - history else {
        throw .invalidValue(offset: start)
      }
      guard matchCount <= output.count - written else {
        throw .limitExceeded(offset: start, declared: written + matchCount, limit: output.count)
      }
      for index in written..<(written + matchCount) { output[index] = output[index - distance] }
      written += matchCount
    }
    position = Position(read: read, written: written)
  }
}
