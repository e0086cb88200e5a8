import PFCompression
import PFCore

/// Arbitrary bytes: the decoder of whole inputs and the stream give the same bytes, or both an
/// error, for pieces of every size and with or without slack behind the output. The number
/// of bytes chooses the sizes of the pieces.
@c(LLVMFuzzerTestOneInput)
public func fuzzZstandard(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  guard let start = unsafe start else { return 0 }
  // A copy of its own, so that the sanitizer sees a read past the end.
  let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  let limit = 1 << 20

  let expected = try? Zstandard.decompress(input.span, limit: limit)
  let size = expected?.count ?? 5000
  guard let workspace = try? Zstandard.Workspace() else { return 0 }
  for slack in [0, 9, Zstandard.outputSlack] {
    var output = [UInt8](repeating: 0, count: size + slack)
    var isDecoded = true
    do throws(DecodingError) {
      var target = output.mutableSpan
      try Zstandard.decompress(input.span, into: &target, byteCount: size, workspace: workspace)
    } catch { isDecoded = false }
    // Without a limit of the size, an input may have been refused for that alone.
    guard let expected else { continue }
    precondition(isDecoded && output[..<size] == expected[...], "the forms disagree")
  }

  let stream = decompressPieces(
    input, of: 1 + count % 97, into: 1 + count * 7 % 5000, limit: limit)
  precondition(stream == nil || stream == expected, "the stream disagrees")
  return 0
}

/// Nil for an error, which a large window is for a stream alone, and above `limit`.
private func decompressPieces(
  _ input: [UInt8], of inputCount: Int, into outputCount: Int, limit: Int
) -> [UInt8]? {
  guard let stream = try? Zstandard.Stream() else { return nil }
  var output: [UInt8] = []
  var piece = [UInt8](repeating: 0, count: outputCount)
  var read = 0
  do throws(DecodingError) {
    while output.count <= limit {
      let end = min(read + inputCount, input.count)
      var target = piece.mutableSpan
      let progress = try stream.decompress(input.span.extracting(read..<end), into: &target)
      read += progress.read
      output += piece[..<progress.written]
      guard read == input.count, progress.written < outputCount else { continue }
      try stream.finish()
      return output
    }
  } catch {}
  return nil
}
