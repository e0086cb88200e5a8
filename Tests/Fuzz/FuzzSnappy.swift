import PFCompression
import PFCore

/// Arbitrary bytes: both decoders give the same bytes or the same error, with and without slack
/// behind the output; what is compressed comes back. The first byte chooses the expected size.
@c(LLVMFuzzerTestOneInput)
public func fuzzSnappy(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  guard let start = unsafe start, count > 0 else { return 0 }
  // A copy of its own, so that the sanitizer sees a read past the end.
  let whole = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  let input = Array(whole[1...])

  // Mostly the size that the bytes declare, where that is a size to allocate.
  let declared = (try? Snappy.decompressedByteCount(of: input.span)) ?? 64
  let byteCount = whole[0] < 0xF0 ? min(declared, 1 << 20) : Int(whole[0])
  let expected = decompress(input, byteCount, slack: nil)
  for slack in [0, Snappy.outputSlack] {
    precondition(decompress(input, byteCount, slack: slack) == expected, "the decoders disagree")
  }

  let back = try? Snappy.decompress(Snappy.compress(whole.span).span)
  precondition(back == whole, "the round trip lost something")
  return 0
}

/// The fast decoder with `slack` bytes behind the output, or the checked one.
private func decompress(
  _ input: [UInt8], _ byteCount: Int, slack: Int?
) -> Result<[UInt8], DecodingError> {
  var output = [UInt8](repeating: 0, count: byteCount + (slack ?? 0))
  do throws(DecodingError) {
    var target = output.mutableSpan
    if slack == nil {
      try Snappy.decompressChecked(input.span, into: &target, byteCount: byteCount)
    } else {
      try Snappy.decompress(input.span, into: &target, byteCount: byteCount)
    }
    return .success(Array(output[..<byteCount]))
  } catch {
    return .failure(error)
  }
}
