package import PFCore

extension Deflate {
  /// Decompresses `input`, a raw stream and whatever follows it, into `output`, in the place of what
  /// it holds.
  ///
  /// The buffer grows with what was decompressed (and has room for four times the input from the
  /// start); it has `slack` bytes of room behind it at the end. Its content is unspecified on
  /// failure.
  /// - Throws: as `decompress(_:limit:)`, and `.outOfMemory`.
  package static func decompress(
    _ input: Span<UInt8>, into output: inout MutableBuffer, limit: Int, slack: Int
  ) throws(DecodingError) {
    output.setByteCount(0)
    let expected = input.count.multipliedReportingOverflow(by: 4)
    try output.reserveForDecompression(
      min(limit, expected.overflow ? input.count : expected.partialValue), slack: outputSlack)
    try unsafe input.withUnsafeBytes { source throws(DecodingError) in
      var reader = BitReader()
      unsafe reader.supply(source)
      var decoder = Decoder(.openEnded)
      var history = 0
      while true {
        // Made anew after each growth: the bytes may have moved.
        var target = unsafe Output(
          start: output.start, capacity: output.capacity, count: output.byteCount,
          limit: min(limit, output.capacity - outputSlack), history: history)
        let pause = try decoder.run(&reader, &target)
        history = target.history
        output.setByteCount(target.count)
        guard target.count <= limit, pause != .needsOutput || target.count < limit else {
          throw .limitExceeded(
            offset: reader.offset, declared: max(target.count, limit + 1), limit: limit)
        }
        guard pause == .needsOutput else { break }
        let capacity = output.capacity
        try output.reserveForDecompression(min(limit, 2 * capacity), slack: outputSlack)
      }
      try decoder.finish(reader)
    }
    try output.reserveForDecompression(output.byteCount, slack: slack)
  }
}
