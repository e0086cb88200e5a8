import PFCompression
import PFCore

/// Arbitrary bytes in a frame that the first byte chooses: the exact form, with and without slack,
/// and the reader of pieces give the same bytes, or all an error.
@c(LLVMFuzzerTestOneInput)
public func fuzzGzip(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  guard let start = unsafe start, count > 0 else { return 0 }
  // A copy of its own, so that the sanitizer sees a read past the end.
  let whole = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  let frame: Deflate.Frame = whole[0] & 3 == 0 ? .raw : whole[0] & 3 == 1 ? .zlib : .gzip
  let input = Array(whole[1...])
  let limit = 1 << 20

  let pieces = decompress(input, frame, pieceSize: 1 + Int(whole[0] >> 2) * 5, limit: limit)
  guard pieces.count <= limit else { return 0 }
  for slack in [0, Deflate.outputSlack] {
    let exact = decompress(input, frame, byteCount: pieces.count, slack: slack)
    precondition(exact == pieces.bytes, "the forms disagree")
  }
  return 0
}

/// The bytes, or nil with how many there were before the error (or the limit).
private func decompress(
  _ input: [UInt8], _ frame: Deflate.Frame, pieceSize: Int, limit: Int
) -> (bytes: [UInt8]?, count: Int) {
  var reader = Deflate.StreamReader(frame)
  var bytes: [UInt8] = []
  do throws(DecodingError) {
    for start in stride(from: 0, to: input.count, by: pieceSize) {
      let piece = input.span.extracting(start..<min(start + pieceSize, input.count))
      var taken = 0
      while true {
        let batch = try reader.read(piece.extracting(taken...), taken: &taken)
        if batch.isEmpty { break }
        for index in batch.indices { bytes.append(batch[index]) }
        if bytes.count > limit { return (nil, bytes.count) }
      }
      precondition(taken == piece.count, "a piece was not used up")
    }
    try reader.finish()
    return (bytes, bytes.count)
  } catch {
    return (nil, bytes.count)
  }
}

private func decompress(
  _ input: [UInt8], _ frame: Deflate.Frame, byteCount: Int, slack: Int
) -> [UInt8]? {
  var output = [UInt8](repeating: 0, count: byteCount + slack)
  do throws(DecodingError) {
    var target = output.mutableSpan
    switch frame {
    case .raw, .openEnded:
      try Deflate.decompress(input.span, frame: frame, into: &target, byteCount: byteCount)
    case .zlib: try Zlib.decompress(input.span, into: &target, byteCount: byteCount)
    case .gzip: try Gzip.decompress(input.span, into: &target, byteCount: byteCount)
    }
    return Array(output[..<byteCount])
  } catch {
    return nil
  }
}
